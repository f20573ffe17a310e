from .names import resolve
from .positions import position_of
from .region import Region
from .shapes import boundary, centre, contains
from .sphere import separation
from .target import read_region

__all__ = [
    "Region",
    "boundary",
    "centre",
    "contains",
    "position_of",
    "read_region",
    "resolve",
    "separation",
]
