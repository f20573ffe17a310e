"""The client: regions, queries, tables, provenance."""

from cscwidgets.sky.region import read_region

from .client import Archive
from .provenance import Provenance

__all__ = ["Archive", "Provenance", "read_region"]
