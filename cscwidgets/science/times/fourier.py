"""Fourier sums of irregular times on a regular grid of frequencies: fast, to a relative error of 1e-9.

Every time is spread over a few neighbouring cells of a fine regular grid with the kernel
exp(beta (sqrt(1 - z**2) - 1)), the grid is Fourier-transformed, and the kernel's own transform is divided out
(Barnett, Magland & af Klinteberg 2019, SIAM J. Sci. Comput. 41, C479).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

from cscwidgets.arrays import Floats

__all__ = ["fourier_sums"]

Complex = NDArray[np.complex128]

_CELLS = 12  # that one time is spread over
_BETA = 2.30 * _CELLS
_CHUNK = 1 << 17  # times at once: bounds the memory


def fourier_sums(time: Floats, first: float, step: float, number: int, weight: Floats | None = None) -> Complex:
    """Sums of weight * exp(2 pi i f t) over the times, at f = first, first + step, ...

    Parameters
    ----------
    time : ndarray, shape (n,)
    first, step : float
        Lowest frequency and distance of the frequencies.
    number : int
        How many frequencies.
    weight : ndarray, shape (n,), optional
        1 if left out.

    Returns
    -------
    ndarray of complex, shape (number,)
    """
    # The middle of the frequencies becomes frequency 0 of the transform.
    middle = number // 2
    fine = scipy.fft.next_fast_len(max(2 * number, 2 * _CELLS))
    grid = np.zeros(fine, dtype=np.complex128)
    for begin in range(0, len(time), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        strength = np.exp(2j * np.pi * ((first + middle * step) * time[part] % 1))
        if weight is not None:
            strength *= weight[part]
        place = time[part] * step % 1 * fine
        nearest = np.ceil(place - _CELLS / 2).astype(np.int64)
        for shift in range(_CELLS):
            cell = nearest + shift
            z = (cell - place) * (2 / _CELLS)
            spread = np.exp(_BETA * (np.sqrt(np.maximum(1 - z * z, 0)) - 1))
            cell %= fine
            grid.real += np.bincount(cell, strength.real * spread, minlength=fine)
            grid.imag += np.bincount(cell, strength.imag * spread, minlength=fine)
    wave = np.arange(number) - middle
    sums = scipy.fft.ifft(grid, norm="forward")[wave % fine]
    return np.asarray(sums / _kernel_transform(number, fine))


@lru_cache(maxsize=4)
def _kernel_transform(number: int, fine: int) -> Floats:
    """Fourier transform of the kernel at the wanted frequencies, by Gauss-Legendre quadrature."""
    frequency = (np.arange(number) - number // 2) / fine
    node, share = np.polynomial.legendre.leggauss(4 * _CELLS)
    height = np.exp(_BETA * (np.sqrt(1 - node**2) - 1)) * share * _CELLS / 2
    return np.asarray(np.cos(np.pi * _CELLS * np.outer(frequency, node)) @ height)
