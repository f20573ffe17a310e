from . import science
from .archive import Archive
from .explorer import Explorer

__all__ = ["Archive", "Explorer", "science"]

__version__: str
