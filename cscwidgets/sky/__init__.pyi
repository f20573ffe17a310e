from .names import resolve
from .positions import position_of
from .region import boundary, centre, contains, describe_region, read_region
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
