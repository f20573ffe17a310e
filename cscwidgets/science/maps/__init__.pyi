from .contour_lines import sky_contours
from .coverage_curve import CoverageCurve
from .detection_probability import DetectionThreshold, detection_curve
from .field_of_view import FieldOfView, FieldPolygon, read_field_of_view
from .flux_calibration import ENERGY_FLUX, SOFT_BAND, FluxCalibration, power_law_calibration
from .mosaic_image import ImageMosaic, image_mosaic
from .population import BrokenPowerLaw
from .reference_counts import REFERENCES, ReferenceCounts
from .sensitivity_map import PHOTON_FLUX, SensitivityMap, read_sensitivity_map
from .sky_mosaic import Mosaic

__all__ = [
    "ENERGY_FLUX",
    "PHOTON_FLUX",
    "REFERENCES",
    "SOFT_BAND",
    "BrokenPowerLaw",
    "CoverageCurve",
    "DetectionThreshold",
    "FieldOfView",
    "FieldPolygon",
    "FluxCalibration",
    "ImageMosaic",
    "Mosaic",
    "ReferenceCounts",
    "SensitivityMap",
    "detection_curve",
    "image_mosaic",
    "power_law_calibration",
    "read_field_of_view",
    "read_sensitivity_map",
    "sky_contours",
]
