"""The client: regions, queries, tables, provenance, and catalogues to match with."""

import lazy_loader

from cscwidgets.sky.target import read_region  # noqa: F401 - it was here before there was cscwidgets.sky

# Catalogues load on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
