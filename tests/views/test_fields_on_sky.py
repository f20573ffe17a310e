"""The fields of view between the explorer's state and its sky, whichever is changed."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from cscwidgets import Explorer
from cscwidgets.errors import CscError


@pytest.fixture
def app(warm_demo):
    app = Explorer("M33", "12 arcmin", archive=warm_demo)
    app.wait()
    yield app
    app.close()


def receive(app, **message):
    app.sky._handle_custom_message(app.sky, message, [])


def test_the_switch_on_the_sky_is_that_of_the_state(app):
    assert app.sky._fields["labels"] == b""
    app.sky.fields = "observations"
    app.wait()
    assert app.fields.shown == "observations"
    shown = app.fields.found.fields
    assert app.sky._fields["labels"].decode().split("\0") == [one.label for one in shown]
    assert app.sky._fields["instruments"].decode().split("\0") == [one.instrument for one in shown]
    ends = np.frombuffer(app.sky._fields["ends"], np.uint32)
    ra, dec = np.frombuffer(app.sky._fields["positions"]).reshape(2, -1)
    assert ends[-1] == len(ra)
    first = shown[0].outline.polygons[0]
    np.testing.assert_array_equal(ra[: len(first.ra)], first.ra)
    assert (ra[len(first.ra)], dec[len(first.dec)]) == (first.ra[0], first.dec[0])
    assert np.isnan(ra[len(first.ra) + 1])
    app.fields.shown = ""
    assert app.sky.fields == ""
    assert app.sky._fields["labels"] == b""


def test_a_click_beside_all_sources_opens_a_card_and_its_button_selects(app):
    app.fields.shown = "stacks"
    app.wait()
    receive(app, event_type="place_clicked", place=[23.462, 30.66], beside=False)
    assert app.sky._card == {}
    receive(app, event_type="place_clicked", place=[23.462, 30.66], beside=True)
    card = app.sky._card
    here = app.fields.at(SkyCoord(23.462, 30.66, unit="deg"))
    assert [entry["name"] for entry in card["entries"]] == [one.name for one in here]
    assert [app.fields.found.fields[entry["row"]] for entry in card["entries"]] == here
    assert card["note"] == "SIMULATED"
    first = card["entries"][0]
    assert first["words"] == "ACIS-S · 52.0 ks · 2 observations"
    assert first["observations"][0] == {
        "name": "90003", "instrument": "ACIS-S", "date": "2000-08-30", "exposure": "43.0 ks", "page": "",
    }  # fmt: skip
    receive(app, event_type="field_chosen", name=first["name"], mode=None)
    assert 0 < len(app.selected) < len(app.table)
    receive(app, event_type="field_chosen", name="", mode=None)
    assert app.sky._card == {}
    receive(app, event_type="place_clicked", place=[0.0, 0.0], beside=True)
    assert app.sky._card == {}


def test_the_coverage_map_comes_and_goes(app):
    app.fields.shown = "stacks"
    app.wait()
    app.sky.covered = True
    assert app.fields.covered
    app.wait()
    cells = np.frombuffer(app.sky._coverage["positions"]).reshape(2, -1, 6)
    assert np.isnan(cells[..., 5]).all()
    np.testing.assert_array_equal(cells[..., 4], cells[..., 0])
    ra, dec = cells[..., :4].mean(axis=2)
    moc = app.fields.moc(11)
    assert moc.contains_lonlat(ra * u.deg, dec * u.deg).all()
    widest = np.ptp(cells[1, :, :4], axis=1).max() ** 2 / 2 * len(ra)
    assert moc.sky_fraction * 41253 < widest
    assert len(app.sky.figure().axes[0].collections[0].get_paths()) == len(ra)
    app.fields.shown = ""
    assert app.sky._coverage == {}


def test_a_coverage_map_that_was_asked_for_before_comes_with_its_fields(app):
    app.fields.covered = True
    app.fields.shown = "observations"
    app.wait(30)
    assert app.sky._coverage


def test_code_that_asks_for_a_table_of_nothing_is_told_how(app):
    with pytest.raises(CscError, match=r"fields\.shown"):
        _ = app.fields.table
