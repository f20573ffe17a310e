"""Adaptive smoothing: bright spots stay as sharp as they are, and single photons are spread until some come together.

The idea is that of Ebeling, White & Rangarajan (2006, MNRAS 368, 65): a kernel for each pixel, just large enough. There
a pixel gathers what its kernel holds; here it spreads its own light, so that no light is made or lost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError

__all__ = ["kernel_scales", "smoothed_adaptively"]

Image = NDArray[np.float32]

_SMALLEST = 0.7  # pixels; a narrower Gaussian is sampled too coarsely to be one
_RATIO = 1.7
_REACH = 3.0  # sigma


def kernel_scales(largest: float) -> Floats:
    """The ladder of Gaussian scales: 0, which leaves a pixel as it is, then in equal ratios.

    Parameters
    ----------
    largest : float
        The last scale (sigma in pixels) is the first one not below it.

    Returns
    -------
    ndarray, shape (scales,)
        Sigma in pixels.

    Examples
    --------
    >>> from cscwidgets.science import images
    >>> images.kernel_scales(3).round(2)
    array([0.  , 0.7 , 1.19, 2.02, 3.44])
    """
    steps = int(np.ceil(np.log(max(largest, _SMALLEST) / _SMALLEST) / np.log(_RATIO) - 1e-9))
    return np.concatenate([[0.0], _SMALLEST * _RATIO ** np.arange(steps + 1)])


def smoothed_adaptively(
    counts: ArrayLike, least: float = 8.0, *, largest: float = 12.0, light: ArrayLike | None = None
) -> Image:
    """Smooth an image of counts, each pixel with the smallest kernel that has enough counts under it.

    Parameters
    ----------
    counts : array_like, shape (ny, nx)
        Photons in each pixel: they decide on the kernels.
    least : float
        Counts to be under a kernel. Under a Gaussian are as many as lie in 4 pi sigma^2 pixels of the density that it
        finds, which is what an even kernel of the same noise covers.
    largest : float
        Largest scale (sigma in pixels), see `kernel_scales`; it is used also where fewer counts are under it.
    light : array_like, shape (..., ny, nx), optional
        What to smooth with these kernels instead of the counts: images in several bands, or divided by an exposure.

    Returns
    -------
    ndarray of float32, shape of `light` or (ny, nx)
        Sums stay as they are, but for rounding.

    Raises
    ------
    CscError
        If the counts are no image of finite numbers from 0, `light` does not lie on the same pixels, or `least` or
        `largest` is not above 0.

    References
    ----------
    Ebeling, White & Rangarajan 2006, MNRAS 368, 65, where the kernels were chosen by their signal to noise.

    Examples
    --------
    >>> import numpy as np
    >>> from cscwidgets.science import images
    >>> counts = np.zeros((64, 64))
    >>> counts[32, 32] = 100  # a source
    >>> counts[10, 50] = 1  # a photon of the background
    >>> smooth = images.smoothed_adaptively(counts)
    >>> bool(smooth[32, 32] > 99), bool(smooth[10, 50] < 0.01), round(float(smooth.sum()), 3)
    (True, True, 101.0)
    """
    image = np.asarray(counts, dtype=np.float32)
    shining = image if light is None else np.asarray(light, dtype=np.float32)
    if image.ndim != 2 or not np.isfinite(image).all() or (image < 0).any():
        raise CscError("Nothing was smoothed", "the counts are no image of finite numbers from 0")
    if shining.shape[-2:] != image.shape or not np.isfinite(shining).all():
        raise CscError("Nothing was smoothed", "the light is not finite, or does not lie on the pixels of the counts")
    if not (least > 0 and 0 < largest < np.inf):
        raise CscError("Nothing was smoothed", f"{least:g} counts and a scale of {largest:g} are not both above 0")
    scales = kernel_scales(largest)
    step = _smallest_with(image, least, scales)
    flat = shining.reshape(-1, *image.shape)
    return np.stack([_spread(layer, step, scales) for layer in flat]).reshape(shining.shape)


def _smallest_with(image: Image, least: float, scales: Floats) -> Integers:
    """The number of the first scale with enough counts under its kernel, or of the last, for each pixel."""
    step = np.full(image.shape, len(scales) - 1)
    open_, smooth = image < least, image
    step[~open_] = 0
    # A Gaussian of a Gaussian is one: each step goes on from the one before with a narrow kernel.
    for number in range(1, len(scales) - 1):
        smooth = _gaussian(smooth, scales[number - 1], scales[number])
        found = open_ & (smooth * (4 * np.pi * scales[number] ** 2) >= least)
        step[found] = number
        open_ &= ~found
    return step


def _spread(light: Image, step: Integers, scales: Floats) -> Image:
    """Light spread by the scale of its own pixel: what is to be spread widest is spread most often."""
    spread = np.where(step == len(scales) - 1, light, 0)
    for number in range(len(scales) - 1, 0, -1):
        spread = _gaussian(spread, scales[number - 1], scales[number])
        spread += np.where(step == number - 1, light, 0)
    return spread


def _gaussian(image: Image, narrow: float, wide: float) -> Image:
    """An image of a Gaussian scale brought to a wider one; light does not leave at the edges."""
    return np.asarray(gaussian_filter(image, np.sqrt(wide**2 - narrow**2), mode="reflect", truncate=_REACH))
