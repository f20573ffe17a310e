"""The plots of a match draw its numbers: histograms that add up, chance as measured, curves at the cut."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord, search_around_sky
from astropy.table import QTable

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.matches.match_plots import ProbabilityPlot, SeparationPlot
from cscwidgets.views.plots.layers import Band, Line, Symbols

FLOOR = 0.05


@pytest.fixture
def separations(orion_match):
    plot = SeparationPlot(unguarded)
    plot.show(orion_match.match)
    return plot


@pytest.fixture
def probabilities(orion_match):
    plot = ProbabilityPlot(unguarded)
    plot.show(orion_match.match, 0.8)
    return plot


def bins(line):
    """Heights of a step curve."""
    return np.asarray(line.y)[::2]


def test_histograms_hold_every_candidate(separations, orion_match):
    candidates = orion_match.match.found.candidates
    every, best, _, _, _ = separations.plot.layers
    arcsec = candidates["separation"].to_value("arcsec")
    expected, edges = np.histogram(arcsec, 40, (0, 2))
    np.testing.assert_array_equal(bins(every), np.maximum(expected, FLOOR))
    np.testing.assert_allclose(np.unique(every.x), edges)
    expected = np.histogram(arcsec[np.asarray(candidates["match_flag"]) == 1], 40, (0, 2))[0]
    np.testing.assert_array_equal(bins(best), np.maximum(expected, FLOOR))
    assert separations.plot.ranges[0] == (0, 2)
    assert separations.plot.ranges[1][1] > bins(every).max()


def test_chance_grows_with_the_area_of_a_bin(separations, orion_match):
    false, used = orion_match.match.false, orion_match.match.found.counts["sources_used"]
    _, _, predicted, band, measured = separations.plot.layers
    assert (type(predicted), type(band)) == (Line, Band)
    edges = np.linspace(0, 2, 41)
    for line, per_source in ((predicted, false.chance_predicted), (measured, false.chance)):
        assert bins(line)[-1] == pytest.approx(per_source * used * (edges[-1] ** 2 - edges[-2] ** 2) / 4)
        assert (np.diff(bins(line)) >= 0).all()
    np.testing.assert_allclose((band.low + band.high)[-1] / 2, bins(measured)[-1])
    words = separations.words(orion_match.match)
    assert f"{false.chance:.3f} ± {false.chance_error:.3f} from {false.moved:,} moved sources" in words


def test_as_many_chance_candidates_as_the_sky_around_the_sources_has(orion_match):
    match = orion_match.match
    here = SkyCoord(match.sources["ra"], match.sources["dec"])
    there = SkyCoord(match.objects["RAJ2000"], match.objects["DEJ2000"])
    _, _, distance, _ = search_around_sky(here, there, 12 * u.arcsec)
    apart = (distance.arcsec > 4).sum() / len(here)  # nearer ones may belong to the source
    assert match.false.chance_predicted == pytest.approx(apart * 2**2 / (12**2 - 4**2), rel=0.1)
    # Those that come to lie on a real source do not count.
    closest = min(here.match_to_catalog_sky(here, nthneighbor=2)[1].min(), 2 * u.arcsec)
    moved = [here.directional_offset_by(angle * u.deg, 30 * u.arcsec) for angle in np.arange(22.5, 360, 45)]
    free = [places[places.match_to_catalog_sky(here)[1] > closest] for places in moved]
    near = sum(len(search_around_sky(places, there, 2 * u.arcsec)[0]) for places in free)
    assert match.false.moved == sum(map(len, free))
    assert match.false.chance == pytest.approx(near / match.false.moved, abs=1e-9)


def test_curves_are_those_of_the_false_matches(probabilities, orion_match):
    found, false = orion_match.match.found, orion_match.match.false
    number, completeness, purity, predicted, shifted, cut, *symbols = probabilities.plot.layers
    p_any = np.asarray(found.sources["p_any"])[np.asarray(found.sources["candidates"]) > 0]
    expected = np.histogram(p_any, 25, (0, 1))[0]
    np.testing.assert_allclose(bins(number) * expected.max(), expected)
    for line, name in (
        (completeness, "completeness"),
        (purity, "purity"),
        (predicted, "predicted"),
        (shifted, "shifted"),
    ):
        np.testing.assert_array_equal(line.y, getattr(false, name))
    assert list(cut.x) == [0.8, 0.8]
    assert all(isinstance(symbol, Symbols) for symbol in symbols)
    assert [float(symbol.y[0]) for symbol in symbols] == [false.completeness[80], false.purity[80]]
    best = found.sources[np.asarray(found.sources["p_any"]) >= 0.8]
    assert float(symbols[1].y[0]) == pytest.approx((best["p_any"] * best["p_i"].filled(0)).mean())


def test_words_say_what_the_cut_takes(probabilities, orion_match):
    match = orion_match.match
    taken = ((match.found.sources["p_any"] >= 0.8) & (match.found.sources["candidates"] > 0)).sum()
    words = probabilities.words(match, 0.8)
    assert f"At p_any ≥ 0.80: {taken:,} sources" in words
    assert f"{100 * match.false.completeness[80]:.1f}% of all counterparts" in words
    assert f"{100 * match.false.purity[80]:.1f}% of them right" in words
    assert f"{100 * match.false.shifted[80]:.2f} ± {100 * match.false.shifted_error[80]:.2f}%" in words


def test_nothing_is_drawn_of_no_match(separations, probabilities):
    separations.show(None)
    probabilities.show(None, 0.5)
    assert separations.plot.layers == probabilities.plot.layers == ()


@pytest.mark.parametrize("rows", [0, 3])
def test_a_match_of_few_or_none_is_in_plain_words(orion, rows):
    objects = QTable(orion.objects, meta={})
    far = np.argsort(objects["Kmag"])[:rows]
    orion.catalogue = TableCatalogue(objects[far], "few")
    orion.run()
    orion.explorer.desk.tasks.wait(30)
    assert orion.explorer.desk.messages.entries == ()
    separations, probabilities = SeparationPlot(unguarded), ProbabilityPlot(unguarded)
    for cut in (0.0, 0.8, 1.0):
        separations.show(orion.match)
        probabilities.show(orion.match, cut)
        words = separations.words(orion.match) + probabilities.words(orion.match, cut)
        assert "nan" not in words, words
        assert f"p_any ≥ {cut:.2f}: " in words
    assert "p_any ≥ 1.00: no source;" in words
