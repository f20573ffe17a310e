"""The three diagrams of counterparts: usual axes for any catalogue, the matched or all, one selection."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.export import PaperFigure
from cscwidgets.science.matches.counterparts import NO_COUNTERPART
from cscwidgets.science.matches.verdicts import Thresholds
from cscwidgets.views.matches.match_diagrams import MatchDiagrams, magnitudes, usual_axes

HARDNESS = {"hard_hs": [0.1], "flux_aper_b": [1e-15] * u.erg / u.s / u.cm**2, "separation": [0.1] * u.arcsec}


def columns(**others):
    return QTable({"name": ["x"], **HARDNESS, "p_match": [0.9], **others})


def mag(*values):
    return (values or (12.0,)) * u.mag


@pytest.fixture
def shown(orion):
    return MatchDiagrams(orion)


def plain(column):
    return np.asarray(np.ma.filled(np.ma.asarray(getattr(column, "unmasked", column).value, float), np.nan))


def points(diagram):
    return diagram.diagram.points.points


@pytest.mark.parametrize(
    ("bands", "colour_magnitude"),
    [
        (("Jmag", "e_Jmag", "Hmag", "Kmag"), ("Jmag - Kmag", "Kmag")),
        (("phot_g_mean_mag", "bp_rp"), ("bp_rp", "phot_g_mean_mag")),
        (("W1mag", "W1mag_err", "W2mag", "W3mag", "W4mag"), ("W1mag - W3mag", "W3mag")),
        (("2MASS J", "2MASS K"), ("`2MASS J` - `2MASS K`", "2MASS K")),
        (("V", "B-V"), ("B-V", "V")),
        (("R",), ("separation", "R")),
    ],
)
def test_usual_axes_of_catalogues(bands, colour_magnitude):
    table = columns(**{name: mag() for name in bands})
    colour, magnitude = colour_magnitude
    axes = usual_axes(table)
    assert axes == [(colour, "hard_hs"), (bands[0], "flux_aper_b"), (colour, magnitude)]


def test_without_magnitudes_there_is_the_separation():
    assert usual_axes(columns(flux=[1.0])) == [
        ("separation", "hard_hs"),
        ("separation", "flux_aper_b"),
        ("separation", "p_match"),
    ]
    assert usual_axes(QTable()) == [("", "")] * 3


def test_magnitudes_and_their_errors_are_told_apart():
    table = columns(
        Jmag=mag(), e_Jmag=mag(), Kmag_error=mag(), sigma_g=mag(), extinction=[0.1], both=[[1.0, 2.0]] * u.mag
    )
    assert magnitudes(table) == ["Jmag"]


def test_the_matched_are_drawn_in_all_three(shown, orion):
    table = orion.counterparts
    matched = np.asarray(table["verdict"]) == "matched"
    formulas = [("Jmag - Kmag", "hard_hs"), ("Jmag", "flux_aper_b"), ("Jmag - Kmag", "Kmag")]
    assert [diagram.formulas for diagram in shown.diagrams] == formulas
    j, k = plain(table["Jmag"]), plain(table["Kmag"])
    rows = matched & np.isfinite(j) & np.isfinite(k)
    x, y, value = points(shown.diagrams[2])
    np.testing.assert_allclose(x, (j - k)[rows])
    np.testing.assert_array_equal(y, k[rows])
    np.testing.assert_array_equal(value, np.asarray(table["p_match"], float)[rows])
    flux = table["flux_aper_b"].value
    limit = flux == 0  # the catalogue's upper limits stand where they are
    flux = np.where(limit, table["flux_aper_hilim_b"].value, flux)
    assert (matched & limit).any()
    rows = matched & np.isfinite(j) & (flux > 0)
    np.testing.assert_allclose(points(shown.diagrams[1])[1], np.log10(flux[rows]))


def test_all_with_candidates_on_request_and_bars_away(shown, orion):
    few = [len(points(diagram)[0]) for diagram in shown.diagrams]
    shown._only_matched.value = False
    table = orion.counterparts
    rows = (np.asarray(table["candidates"]) > 0) & np.isfinite(plain(table["Jmag"])) & np.isfinite(plain(table["Kmag"]))
    assert len(points(shown.diagrams[2])[0]) == rows.sum() > few[2]
    assert len(shown.diagrams[1].diagram.points.bars[0]) > 0
    shown._bars.value = False
    assert len(shown.diagrams[1].diagram.points.bars[0]) == 0


def test_bars_of_fluxes_and_magnitudes_are_the_tables(shown, orion):
    table = orion.counterparts
    flux, j = table["flux_aper_b"].value, plain(table["Jmag"])
    rows = (np.asarray(table["verdict"]) == "matched") & np.isfinite(j) & (flux > 0)
    limit = (np.asarray(table["verdict"]) == "matched") & np.isfinite(j) & (flux == 0)
    x, y = (along.reshape(-1, 3) for along in shown.diagrams[1].diagram.points.bars)
    up = x[:, 0] == x[:, 1]
    high = np.log10(table["flux_aper_hilim_b"].value[rows])
    np.testing.assert_allclose(y[up, 1], high[np.isfinite(high)])
    error = plain(table["e_Jmag"])[rows | limit]
    np.testing.assert_allclose((x[~up, 1] - x[~up, 0]) / 2, error)
    assert up.sum() == rows.sum() > 300
    assert (~up).sum() == rows.sum() + limit.sum()


def test_a_pick_in_one_is_ringed_in_all(shown, orion):
    k = points(shown.diagrams[2])[1]
    message = {"kind": "shape", "x": [-5, 5, 5, -5], "y": [0, 0, 11, 11], "mode": None}
    shown.diagrams[2].diagram.selector._handle_custom_msg(message, [])
    assert len(orion.explorer.desk.selection.names) == (k < 11).sum() > 10
    assert orion.explorer.desk.selection.clause.source == "Colour and magnitude"
    table = orion.counterparts
    chosen = np.isin(np.asarray(table["name"]), list(orion.explorer.desk.selection.names))
    for diagram in shown.diagrams[:1]:
        expected = chosen & np.isfinite(np.asarray(table["hard_hs"], float))
        assert len(diagram.diagram.points.marked[0]) == expected.sum()


def test_thresholds_and_decisions_redraw_and_keep_the_readers_axes(shown, orion):
    diagram = shown.diagrams[1]
    diagram._x.value, diagram._y.value = "Kmag", "significance"
    before = len(points(diagram)[0])
    orion.thresholds = Thresholds(0.99, 0.5)
    assert diagram.formulas == ("Kmag", "significance")
    matched = np.asarray(orion.counterparts["verdict"]) == "matched"
    assert len(points(diagram)[0]) == (matched & np.isfinite(plain(orion.counterparts["Kmag"]))).sum() < before
    orion.thresholds = Thresholds()
    matched = np.asarray(orion.counterparts["verdict"]) == "matched"
    name = str(orion.counterparts["name"][matched & np.isfinite(plain(orion.counterparts["Kmag"]))][0])
    orion.decide(name, NO_COUNTERPART)
    assert len(points(diagram)[0]) == before - 1


def test_a_wrong_formula_in_one_leaves_the_others(shown, orion):
    shown.diagrams[0]._x.value = "Jmag +"
    (message,) = orion.explorer.desk.messages.entries
    assert "'Jmag +' cannot be computed" in message.what
    before = len(points(shown.diagrams[2])[0])
    orion.thresholds = Thresholds(0.995, 0.5)
    assert 0 < len(points(shown.diagrams[2])[0]) < before
    assert len(points(shown.diagrams[0])[0]) == 0


def test_another_catalogue_has_other_axes(shown, orion):
    objects = QTable(orion.objects["designation", "RAJ2000", "DEJ2000", "errMaj", "Hmag"], meta={})
    objects.rename_column("errMaj", "pos_err")
    orion.catalogue = TableCatalogue(objects, "mine")
    assert all(len(points(diagram)[0]) == 0 for diagram in shown.diagrams)
    orion.run()
    orion.explorer.desk.tasks.wait(30)
    assert shown.diagrams[2].formulas == ("separation", "Hmag")
    assert all(len(points(diagram)[0]) > 100 for diagram in shown.diagrams)
    assert orion.explorer.desk.messages.entries == ()


def test_the_box_and_the_lasso(shown):
    shown._tool.value = "box"
    assert [diagram.diagram.selector.tool for diagram in shown.diagrams] == ["box"] * 3


def test_the_figure_has_all_three(shown):
    figure = PaperFigure(figsize=(14, 5))
    shown.draw(figure)
    for axes, diagram in zip(figure.axes[:-1], shown.diagrams, strict=True):
        np.testing.assert_array_equal(axes.collections[0].get_offsets(), np.column_stack(points(diagram)[:2]))
        assert (axes.get_xlim(), axes.get_ylim()) == diagram.diagram.ranges
