"""Maps of the limiting flux: mosaics, the area against flux, and number counts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
