"""Explore the Chandra Source Catalog from a Jupyter notebook."""

import lazy_loader

__version__ = "0.1.0"

# Widgets, the client and the numbers load on first use: importing the package stays cheap.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
