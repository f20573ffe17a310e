"""A self-check for those who have a network: whether the catalogue is as this package expects it."""

import lazy_loader

# The steps load the client, the readers and pyvo: on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
