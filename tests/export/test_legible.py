"""Words of figures: inside the figure, apart from each other, and the same words as before."""

import string
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from astropy.wcs import WCS
from hypothesis import given, settings

from cscwidgets.export import PaperFigure
from cscwidgets.export.journal import COLUMNS, journal_style

PLACE = "cscwidgets Explorer: circle 01 33 50.9 +30 39 36.7, radius 12.345 arcmin; polygon with many corners"


def shown_numbers(axis):
    labels = [*axis.get_majorticklabels(), *axis.get_minorticklabels()]
    return [label for label in labels if label.get_visible() and label.get_text()]


def are_apart(axis, along):
    """Whether no number of an axis touches another, by matplotlib's own extents."""
    boxes = [label.get_window_extent() for label in shown_numbers(axis)]
    return all(before[1] < after[0] for before, after in pairwise(sorted((b.min[along], b.max[along]) for b in boxes)))


def is_inside(words, box):
    extent = words.get_window_extent()
    return (extent.min >= box.min - 1).all() and (extent.max <= box.max + 1).all()


@given(
    low=st.floats(-1e4, 1e4),
    span=st.floats(1e-3, 1e3),
    width=st.floats(2.5, 8),
    words=st.text(string.ascii_letters + " ,=:", min_size=1, max_size=200),
)
@settings(max_examples=15)
def test_numbers_never_touch_and_titles_stay_inside(low, span, width, words):
    figure = PaperFigure(simulated=True, figsize=(width, 3))
    axes = figure.add_subplot(xlim=(low, low + span))
    words = " ".join(word[:12] for word in words.split())
    title = figure.suptitle(words, fontsize=8)
    figure.draw_without_rendering()
    assert title.get_text().split() == f"SIMULATED. {words}".split()
    assert are_apart(axes.xaxis, 0)
    assert are_apart(axes.yaxis, 1)
    extent = title.get_window_extent()
    assert extent.x0 >= -1
    assert extent.x1 <= figure.bbox.width + 1


@pytest.mark.parametrize("name", COLUMNS)
def test_in_a_journals_column(name):
    with journal_style(name):
        figure = PaperFigure(simulated=True, figsize=(11.5, 4.8))
        left, right = figure.beside(2)
        left.set(xlim=(-7.1, -6.9), xlabel=r"$\log\,p_\mathrm{min}$ [photon/s/cm²] " + 3 * "and many more words, ")
        left.set_ylabel(r"$\Omega(F > F_\mathrm{min})$ and words that are longer than the axes and the figure are high")
        right.set(xscale="log", xlim=(2e-8, 9e-7))
        right.set_title("2002-09-30  ObsID 90504, ACIS-0123, 0.5–7 keV, and of others too, all of them")
        right.set_yticks(np.linspace(0, 1, 90), [f"{one:.3f}" for one in np.linspace(0, 1, 90)])
        figure.suptitle(2 * PLACE)
    figure.draw_without_rendering()
    for axes in (left, right):
        assert are_apart(axes.xaxis, 0)
        assert are_apart(axes.yaxis, 1)
        assert len(shown_numbers(axes.xaxis)) >= 1
        assert all(is_inside(one, figure.bbox) for one in (axes.xaxis.label, axes.yaxis.label) if one.get_text())
    assert right.title.get_window_extent().width <= right.bbox.width + 1
    assert "\n" in figure.get_suptitle()
    assert r"$\Omega(F > F_\mathrm{min})$" in left.get_ylabel()  # a formula is never broken


def test_words_that_fit_stay_as_they_are():
    figure = PaperFigure(figsize=(8, 4))
    axes = figure.add_subplot(xlabel="energy, keV", title="Spectrum")
    numbers = [label.get_text() for label in axes.get_xticklabels()]
    figure.suptitle("SIM J002404.2-720457,  two blanks")
    figure.draw_without_rendering()
    assert figure.get_suptitle() == "SIM J002404.2-720457,  two blanks"
    assert (axes.get_xlabel(), axes.get_title()) == ("energy, keV", "Spectrum")
    assert [label.get_text() for label in axes.get_xticklabels()] == numbers


@pytest.mark.parametrize(("ra", "dec"), [(6.02, -72.08), (359.999, 0.0), (23.46, 30.66)])
@pytest.mark.parametrize("width", [2.0, 3.5, 7.0])
@pytest.mark.parametrize("size", [0.01, 0.3])
def test_right_ascensions_do_not_touch(ra, dec, width, size):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---TAN", "DEC--TAN"], [ra, dec], [50, 50]
    wcs.wcs.cdelt = [-size / 100, size / 100]
    figure = PaperFigure(figsize=(width, width))
    axes = figure.add_subplot(projection=wcs)
    axes.imshow(np.zeros((100, 100)))
    figure.draw_without_rendering()
    labels = axes.coords[0]._ticklabels
    boxes = sorted((box.x0, box.x1) for box in labels._axis_bboxes["b"])
    assert len(boxes) >= 1
    assert all(before[1] <= after[0] for before, after in pairwise(boxes))
