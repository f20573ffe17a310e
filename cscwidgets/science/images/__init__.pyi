from .adaptive_smoothing import kernel_scales, smoothed_adaptively
from .colour_file import read_picture
from .combining import combined
from .cutout import cutout_grid, cutouts
from .display import COLOUR_MAPS, STRETCHES, Display, SkyPicture, picture
from .event_image import count_photons, photon_grid
from .image_file import read_image
from .reprojection import is_plain, on_one_grid
from .sky_image import SkyImage

__all__ = [
    "COLOUR_MAPS",
    "STRETCHES",
    "Display",
    "SkyImage",
    "SkyPicture",
    "combined",
    "count_photons",
    "cutout_grid",
    "cutouts",
    "is_plain",
    "kernel_scales",
    "on_one_grid",
    "photon_grid",
    "picture",
    "read_image",
    "read_picture",
    "smoothed_adaptively",
]
