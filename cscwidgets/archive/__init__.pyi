from .catalogues.catalogue import Catalogue
from .catalogues.cone_catalogue import ConeCatalogue
from .catalogues.file_catalogue import FileCatalogue
from .catalogues.finder import ArchiveCatalogue, find_catalogue
from .catalogues.table_catalogue import TableCatalogue
from .catalogues.tap_catalogue import TapCatalogue
from .catalogues.well_known import CATALOGUES
from .catalogues.xmatch_catalogue import XMatchCatalogue
from .client import Archive
from .cuts import Cut
from .provenance import Provenance

__all__ = [
    "CATALOGUES",
    "Archive",
    "ArchiveCatalogue",
    "Catalogue",
    "ConeCatalogue",
    "Cut",
    "FileCatalogue",
    "Provenance",
    "TableCatalogue",
    "TapCatalogue",
    "XMatchCatalogue",
    "find_catalogue",
]
