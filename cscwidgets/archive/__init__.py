"""The client: regions, queries, tables, provenance."""

from .client import Archive
from .provenance import Provenance
from .region import read_region

__all__ = ["Archive", "Provenance", "read_region"]
