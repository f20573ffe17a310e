"""The version of the code and libraries that the demo's numbers, and the bytes of its files, follow from."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import astropy
import numpy as np
import pyarrow as pa
import scipy

from cscwidgets.csc import bands, columns, detection_columns, families, master_columns
from cscwidgets.science import absorption, credible, hardness, masked, photometry, variability
from cscwidgets.science.images import adaptive_smoothing
from cscwidgets.science.spectra import gaunt

__all__ = ["code_version"]

_USED = (
    *(bands, columns, detection_columns, families, master_columns),
    *(absorption, adaptive_smoothing, credible, gaunt, hardness, masked, photometry, variability),
)
_CROSS_SECTIONS = Path(absorption.__file__).with_name("photoelectric.npz")


_LIBRARIES = (astropy, np, pa, scipy)


@cache
def code_version() -> str:
    """A short hash of the code and library versions that the demo follows from."""
    sources = [*Path(__file__).parent.rglob("*.py"), *(Path(str(module.__file__)) for module in _USED), _CROSS_SECTIONS]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.read_bytes())
    # Environments of other versions share a cache.
    digest.update(" ".join(library.__version__ for library in _LIBRARIES).encode())
    return digest.hexdigest()[:12]
