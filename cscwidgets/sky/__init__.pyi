from .names import resolve
from .positions import position_of
from .region import Region
from .sphere import separation
from .target import read_region

__all__ = [
    "Region",
    "position_of",
    "read_region",
    "resolve",
    "separation",
]
