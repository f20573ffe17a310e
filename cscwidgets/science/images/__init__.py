"""Images of the sky: reading, counting photons, bringing to one grid, and showing in colours."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
