from . import export, science, sky
from .archive import Archive
from .explorer import Explorer

__all__ = ["Archive", "Explorer", "export", "science", "sky"]

__version__: str
