"""The version of the code that the demo's numbers follow from."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

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


@cache
def code_version() -> str:
    """A short hash of the code that the demo's numbers follow from."""
    sources = [*Path(__file__).parent.rglob("*.py"), *(Path(str(module.__file__)) for module in _USED), _CROSS_SECTIONS]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
