from .citation import Citation
from .figure import PaperFigure
from .figure_file import describe_figure, write_figure
from .files import votable_text, write_table
from .hips import write_hips
from .region_files import source_regions, write_regions
from .sky_files import write_image, write_moc
from .variable import to_variable

__all__ = [
    "Citation",
    "PaperFigure",
    "describe_figure",
    "source_regions",
    "to_variable",
    "votable_text",
    "write_figure",
    "write_hips",
    "write_image",
    "write_moc",
    "write_regions",
    "write_table",
]
