"""Figures compared with pictures of them that somebody looked at, as matplotlib compares its own."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.testing.compare import compare_images
from PIL import Image

from cscwidgets.export.journal import journal_style

BASELINES = Path(__file__).parent / "baselines"
TOLERANCE = 0.3
"""Root mean square of the differences of all pixels, of 255; none on the machine that made them."""

_DPI = 60
_RENEW = "python -m pytest tests/views/panels/test_written_figures.py --renew-figures"


@contextmanager
def pinned_style():
    """Everything that a figure's look depends on: matplotlib's defaults, the journals' style, its own DejaVu."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"text.hinting": "none", "backend": "agg"})
        with journal_style("AAS page"):
            yield


def assert_as_before(figure, name, folder, *, renew=False):
    """Compare a figure with its baseline, or make that anew; the picture and the difference are left in a folder.

    Letters differ between versions of matplotlib: with one that is older than the baseline's, the test is skipped.
    """
    baseline, drawn = BASELINES / f"{name}.png", folder / f"{name}.png"
    if renew:
        figure.savefig(baseline, dpi=_DPI)
        return
    with Image.open(baseline) as picture:
        made_by = re.search(r"\d+\.\d+", picture.info["Software"])[0]
    if tuple(map(int, mpl.__version__.split(".")[:2])) < tuple(map(int, made_by.split("."))):
        pytest.skip(f"the baselines are of matplotlib {made_by}, this is {mpl.__version__}")
    figure.savefig(drawn, dpi=_DPI)
    difference = compare_images(str(baseline), str(drawn), TOLERANCE)
    assert difference is None, f"{difference}\nLook at both; if the new one is right: {_RENEW}"
