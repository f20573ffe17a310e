"""What a fit may minimise, and how it may look for the minimum."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["METHODS", "STATISTICS"]

STATISTICS: Mapping[str, str] = MappingProxyType(
    {
        "auto": "statistic: by the counts",
        "wstat": "wstat: Poisson, background",
        "cstat": "cstat: Poisson",
        "chi2gehrels": "chi² (Gehrels' errors)",
        "chi2datavar": "chi² (data's variance)",
        "chi2modvar": "chi² (model's variance)",
        "chi2xspecvar": "chi² (XSPEC's variance)",
    }
)
"""What a fit may minimise, and what it is called."""

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "safe": "simplex, then Levenberg",
        "levmar": "Levenberg–Marquardt",
        "neldermead": "simplex (Nelder–Mead)",
        "moncar": "Monte Carlo (slow)",
    }
)
"""How it may look for the minimum."""
