from .figure import PaperFigure
from .files import write_table
from .hips import write_hips
from .region_files import source_regions, write_regions
from .sky_files import write_image, write_moc
from .variable import to_variable

__all__ = [
    "PaperFigure",
    "source_regions",
    "to_variable",
    "write_hips",
    "write_image",
    "write_moc",
    "write_regions",
    "write_table",
]
