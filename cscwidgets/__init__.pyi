from . import doctor, export, science, sky
from .archive import Archive
from .explorer import Explorer

__all__ = ["Archive", "Explorer", "doctor", "export", "science", "sky"]

__version__: str
