from .names import resolve
from .positions import position_of
from .region import describe_region, read_region
from .shapes import boundary, centre, contains
from .sphere import separation

__all__ = [
    "boundary",
    "centre",
    "contains",
    "describe_region",
    "position_of",
    "read_region",
    "resolve",
    "separation",
]
