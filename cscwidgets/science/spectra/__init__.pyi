from .catalogue_fit import catalogue_fits
from .confidence import Contour, Interval
from .fit_result import FitResult
from .fluxes import Estimate
from .gaunt import bremsstrahlung, gaunt_factor
from .goodness import Goodness
from .grouping import SpectralBins, spectral_bins
from .models import SourceModel, source_model
from .posterior import Posterior
from .preview import Preview
from .statistic import Statistic
from .upper_limits import counts_limit, flux_limit

__all__ = [
    "Contour",
    "Estimate",
    "FitResult",
    "Goodness",
    "Interval",
    "Posterior",
    "Preview",
    "SourceModel",
    "SpectralBins",
    "Statistic",
    "bremsstrahlung",
    "catalogue_fits",
    "counts_limit",
    "flux_limit",
    "gaunt_factor",
    "source_model",
    "spectral_bins",
]
