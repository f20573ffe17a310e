"""From values to colours: smoothing, cuts, stretch, colour map, and three bands as red, green and blue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from astropy.visualization import AsinhStretch, LinearStretch, LogStretch, SqrtStretch
from astropy.wcs import WCS
from numpy.typing import NDArray

from cscwidgets.arrays import Pixels
from cscwidgets.errors import CscError

from .sky_image import SkyImage

__all__ = ["COLOUR_MAPS", "STRETCHES", "Display", "SkyPicture", "picture"]

STRETCHES = {
    "asinh": AsinhStretch(0.05),
    "log": LogStretch(1000),
    "sqrt": SqrtStretch(),
    "linear": LinearStretch(),
}
"""By name; what each does to values between the cuts, from astropy."""

COLOUR_MAPS = ("inferno", "magma", "viridis", "cividis", "gray", "gray_r", "bone", "cubehelix")
"""Those that are offered; any of matplotlib's may be named."""

_STEPS = 1 << 16  # between the cuts; the stretch is computed once for each, not for each pixel
_TABLE = 1024  # steps of brightness
_FLAT = 1e-5  # relative difference below which there is one level, but for rounding


@dataclass(frozen=True, slots=True)
class Display:
    """How values are shown.

    Attributes
    ----------
    stretch : {"asinh", "log", "sqrt", "linear"}
        From the values between the cuts to brightness.
    low, high : float
        The percentiles that are black and white, of the pixels that are not 0: most of an X-ray image holds no photon.
    colour_map : str
        Of matplotlib; not for three bands.
    smoothing : float
        Sigma of a Gaussian, in pixels; 0 for none. What has no value lends none.
    cuts : tuple of float, optional
        The values that are black and white, in place of percentiles.
    """

    stretch: str = "asinh"
    low: float = 5.0
    high: float = 99.7
    colour_map: str = "inferno"
    smoothing: float = 0.0
    cuts: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.stretch not in STRETCHES:
            raise CscError(f"There is no stretch {self.stretch!r}", "", f"There are {', '.join(STRETCHES)}.")
        if not 0 <= self.low < self.high <= 100:
            raise CscError(
                "The image cannot be cut there", f"{self.low:g} and {self.high:g} are no two rising percentiles"
            )
        if self.cuts is not None and not self.cuts[0] < self.cuts[1]:
            raise CscError("The image cannot be cut there", f"{self.cuts[0]:g} and {self.cuts[1]:g} do not rise")
        if not 0 <= self.smoothing < np.inf:
            raise CscError("The image cannot be smoothed", f"sigma is {self.smoothing:g} pixels")


@dataclass(frozen=True, slots=True, eq=False)
class SkyPicture:
    """Colours on the sky.

    Attributes
    ----------
    rgba : ndarray of uint8, shape (ny, nx, 4)
        The first row is that of the least y; without opacity where there is no value.
    wcs : WCS
        Tangential, without distortions.
    cuts : tuple of (float, float)
        The values that are black and white, of each image.
    title, credit : str
        What it is, and whose.
    simulated : bool
        Whether no telescope took it.
    """

    rgba: NDArray[np.uint8]
    wcs: WCS
    cuts: tuple[tuple[float, float], ...] = ()
    title: str = ""
    credit: str = ""
    simulated: bool = False


def picture(images: Sequence[SkyImage], display: Display = Display()) -> SkyPicture:
    """One image through a colour map, or three as red, green and blue.

    Parameters
    ----------
    images : sequence of SkyImage
        One, or three on the same pixels.
    display : Display
        Smoothing, cuts and stretch, of each image by itself, and the colour map of one.

    Returns
    -------
    SkyPicture
        On the pixels of the images; SIMULATED if one of them is.

    Raises
    ------
    CscError
        If there is another number of images, they differ in shape, or there is no such colour map.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.wcs import WCS
    >>> from cscwidgets.science import images
    >>> ramp = images.SkyImage(np.arange(12, dtype=np.float32).reshape(3, 4), WCS(naxis=2))
    >>> shown = images.picture([ramp], images.Display("linear", 0, 100, "gray"))
    >>> shown.rgba[2, 3], shown.cuts
    (array([255, 255, 255, 255], dtype=uint8), ((1.0, 11.0),))
    """
    if len(images) not in (1, 3) or len({image.values.shape for image in images}) != 1:
        raise CscError("There is no picture", f"{len(images)} images are neither one nor three on the same pixels")
    smoothed = [_smoothed(image.values, display.smoothing) for image in images]
    cuts = tuple(_cuts(values, display) for values in smoothed)
    levels = _levels(display.stretch)
    if len(images) == 1:
        colours = _colours(display.colour_map)[levels].view(np.uint32)  # four bytes at once
        rgba = colours.ravel().take(_steps(smoothed[0], cuts[0])).view(np.uint8).reshape(*smoothed[0].shape, 4)
    else:
        rgba = np.empty((*smoothed[0].shape, 4), np.uint8)
        grey = (levels // (_TABLE // 256)).astype(np.uint8)
        for channel, (values, cut) in enumerate(zip(smoothed, cuts, strict=True)):
            rgba[..., channel] = grey.take(_steps(values, cut))
    rgba[..., 3] = 255
    known = np.logical_or.reduce([np.isfinite(values) for values in smoothed])
    if not known.all():
        rgba[~known] = 0
    title = " + ".join(dict.fromkeys(image.title for image in images))
    simulated = any(image.simulated for image in images)
    return SkyPicture(rgba, images[0].wcs, cuts, title, simulated=simulated)


def _smoothed(values: Pixels, sigma: float) -> Pixels:
    if sigma == 0:
        return values
    from scipy.ndimage import gaussian_filter, gaussian_filter1d  # noqa: PLC0415 (slow to import)

    known = np.isfinite(values)
    if known.all():  # what a pixel lacks at the edges is a product of what it lacks along each axis
        whole = gaussian_filter(values, sigma, mode="constant")
        for axis, length in enumerate(values.shape):
            weight = gaussian_filter1d(np.ones(length, np.float32), sigma, mode="constant")
            whole /= np.expand_dims(weight, 1 - axis)
        return np.asarray(whole)
    total = gaussian_filter(np.where(known, values, np.float32(0)), sigma, mode="constant")
    weight = gaussian_filter(known.astype(np.float32), sigma, mode="constant")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, total / weight, np.float32(np.nan))


def _cuts(values: Pixels, display: Display) -> tuple[float, float]:
    """The values that are black and white."""
    if display.cuts is not None:
        return display.cuts
    with np.errstate(invalid="ignore"):
        lit = values[np.isfinite(values) & (values != 0)]
    if not lit.size:
        return 0.0, 1.0
    low, high = (float(cut) for cut in np.percentile(lit, [display.low, display.high]))
    if high - low > _FLAT * abs(high):
        return low, high
    return min(0.0, low), high if high > 0 else low + 1.0


def _steps(values: Pixels, cuts: tuple[float, float]) -> NDArray[np.uint16]:
    """How far each pixel is from black to white."""
    low, high = cuts
    with np.errstate(invalid="ignore"):
        step = (values - np.float32(low)) * np.float32((_STEPS - 1) / (high - low))
    np.fmax(step, 0, out=step)  # also what has no value
    np.minimum(step, _STEPS - 1, out=step)
    return step.astype(np.uint16)


def _levels(stretch: str) -> NDArray[np.int64]:
    """The brightness of each step."""
    brightness = STRETCHES[stretch](np.linspace(0, 1, _STEPS), clip=True)
    return np.asarray(np.minimum((brightness * _TABLE).astype(np.int64), _TABLE - 1))


def _colours(name: str) -> NDArray[np.uint8]:
    """The colour of each step of brightness, shape (steps, 4)."""
    import matplotlib as mpl  # noqa: PLC0415 (slow to import)

    try:
        colour_map = mpl.colormaps[name]
    except KeyError:
        raise CscError(f"There is no colour map {name!r}", "", f"There are {', '.join(COLOUR_MAPS)}.") from None
    colours: NDArray[np.uint8] = colour_map(np.linspace(0, 1, _TABLE), bytes=True)
    return colours
