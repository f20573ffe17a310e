"""Adaptive smoothing: light stays, and stays where it is, against scipy's and astropy's plain Gaussians."""

import numpy as np
import pytest
from astropy.convolution import Gaussian2DKernel, convolve
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.images import kernel_scales, smoothed_adaptively


def sparse(seed, shape, mean):
    return np.random.default_rng(seed).poisson(mean, shape)


@given(st.integers(0, 2**32 - 1), st.tuples(st.integers(1, 70), st.integers(1, 70)), st.floats(0.001, 30))
def test_light_is_neither_made_nor_lost(seed, shape, mean):
    counts = sparse(seed, shape, mean)
    smooth = smoothed_adaptively(counts)
    assert smooth.shape == counts.shape
    assert smooth.sum(dtype=float) == pytest.approx(counts.sum(), rel=1e-4)
    assert (smooth >= 0).all()


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_it_turns_with_the_image(seed, side):
    counts = sparse(seed, (side, side), 0.2)
    turned = smoothed_adaptively(np.rot90(counts))
    np.testing.assert_allclose(turned, np.rot90(smoothed_adaptively(counts)), atol=1e-5)


@given(st.integers(0, 2**32 - 1))
def test_several_bands_are_smoothed_alike(seed):
    bands = np.random.default_rng(seed).poisson(0.1, (3, 40, 50))
    smooth = smoothed_adaptively(bands.sum(axis=0), light=bands)
    np.testing.assert_allclose(smooth.sum(axis=0), smoothed_adaptively(bands.sum(axis=0)), atol=1e-5)


def test_a_bright_pixel_stays_a_pixel():
    counts = np.zeros((50, 50))
    counts[20, 30] = 8
    np.testing.assert_array_equal(smoothed_adaptively(counts, 8), counts)


def test_a_lonely_photon_becomes_the_widest_gaussian():
    counts = np.zeros((101, 101))
    counts[50, 50] = 1
    sigma = kernel_scales(5)[-1]
    plain = convolve(counts, Gaussian2DKernel(sigma, x_size=81, y_size=81))
    smooth = smoothed_adaptively(counts, largest=5)
    np.testing.assert_allclose(smooth, plain, atol=0.02 * plain.max())
    rows, columns = np.mgrid[:101, :101]
    assert (smooth * (rows - 50) ** 2).sum() == pytest.approx(sigma**2, rel=0.03)
    assert (smooth * (columns - 50)).sum() == pytest.approx(0, abs=1e-4)


def test_more_counts_make_a_narrower_kernel():
    widths = []
    for density in (0.03, 0.1, 0.3, 1.0):
        counts = sparse(7, (200, 200), density)
        widths.append(smoothed_adaptively(counts, 10).std() / counts.mean())
    # Of an even sky the noise that is left is that of the counts under a kernel, however dense it is.
    assert max(widths) < 0.45
    assert smoothed_adaptively(sparse(7, (200, 200), 0.1), 100).std() < 0.5 * 0.1 * widths[1]


def test_a_source_s_light_stays_at_its_photons():
    rng = np.random.default_rng(3)
    counts = rng.poisson(0.02, (120, 120))
    photons = np.round(rng.normal(60, 0.6, (2, 300))).astype(int)
    np.add.at(counts, tuple(photons), 1)
    smooth = smoothed_adaptively(counts)
    rows, columns = np.mgrid[:120, :120]
    near = np.hypot(rows - 60, columns - 60) < 4
    assert smooth[near].sum() > 0.98 * counts[near].sum()
    centre = [(smooth * axis)[near].sum() / smooth[near].sum() for axis in (rows, columns)]
    np.testing.assert_allclose(centre, photons.mean(axis=1), atol=0.1)


def test_the_ladder_is_geometric():
    scales = kernel_scales(30)
    assert scales[0] == 0
    assert scales[-1] >= 30 > scales[-2]
    np.testing.assert_allclose(scales[2:] / scales[1:-1], scales[2] / scales[1])
    assert len(kernel_scales(0.1)) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"counts": [1, 2]}, "no image"),
        ({"counts": [[-1]]}, "no image"),
        ({"counts": [[np.nan]]}, "no image"),
        ({"counts": [[1]], "least": 0}, "not both above 0"),
        ({"counts": [[1]], "largest": np.inf}, "not both above 0"),
        ({"counts": [[1]], "light": [[1, 2]]}, "on the pixels"),
        ({"counts": [[1]], "light": [[np.inf]]}, "on the pixels"),
    ],
)
def test_what_cannot_be_smoothed(arguments, words):
    with pytest.raises(CscError, match=words):
        smoothed_adaptively(**arguments)
