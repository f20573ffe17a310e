"""Colours that stand beside each other are told apart by colour-blind eyes too, on light and on dark paper."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from cscwidgets.export.palette import PALETTE
from cscwidgets.views.plots.layers import SERIES
from cscwidgets.views.theme import ACCENT, PROBABILITY

# Machado, Oliveira & Fernandes 2009, IEEE TVCG 15, 1291, table 1, severity 1: of linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
SRGB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colours):
    values = np.array([to_rgb(colour) for colour in colours])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of linear RGB."""
    scaled = np.clip(rgb, 0, 1) @ SRGB.T / WHITE
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize(
    "colours", [SERIES, (*PALETTE, ACCENT, PROBABILITY[0], PROBABILITY[-1])], ids=["series", "own"]
)
def test_no_two_colours_look_alike(eyes, colours):
    seen = lab(linear(colours) @ np.array(EYES[eyes]).T)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)[np.triu_indices(len(colours), 1)]
    assert apart.min() > 15  # a difference of 2.3 is just seen beside each other


def test_every_colour_stands_out_from_both_papers():
    luminance = linear((*SERIES, *PALETTE)) @ SRGB[1]
    assert (1.05 / (luminance + 0.05)).min() > 2.2
    assert ((luminance + 0.05) / (linear(["#111111"]) @ SRGB[1] + 0.05)).min() > 2.2
