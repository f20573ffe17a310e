"""The client: regions, queries, tables, provenance, and catalogues to match with."""

import lazy_loader

# The client alone is needed at once: catalogues load on first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
