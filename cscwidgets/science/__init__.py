"""Pure numbers: what sources are, from tables and files, without an archive and without widgets."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
