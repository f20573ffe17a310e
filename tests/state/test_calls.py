"""The last action as one line of Python, which does the same."""

import astropy.units as u
import pytest
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from cscwidgets.archive import Cut
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.scripting import Scripting


@pytest.fixture
def app(warm_workspace):
    return Scripting(warm_workspace)


def test_nothing_was_done_at_first(app):
    assert app.call == ""


def test_a_search_is_said_as_it_was_written(app):
    app.search("M33", "3 arcmin")
    app.wait()
    assert app.call == 'app.search("M33", "3 arcmin")'
    names = app.table["name"].tolist()
    eval(app.call, {"app": app})
    assert app.table["name"].tolist() == names


def test_a_drawn_region_is_said_as_text_that_finds_the_same(app):
    app.search(CircleSkyRegion(SkyCoord(23.46, 30.66, unit="deg"), 3 * u.arcmin))
    names = app.table["name"].tolist()
    assert app.call.startswith('app.search("icrs; circle(23.46')
    eval(app.call, {"app": app})
    assert app.table["name"].tolist() == names != []


def test_a_pick_a_focus_and_a_query(app, warm_workspace):
    app.search("M33", "3 arcmin")
    app.wait()
    first, second = sorted(app.table["name"][:2].tolist())
    warm_workspace.desk.selection.publish("sky", [second, first], "new")
    assert app.call == f'app.select(["{first}", "{second}"])'
    warm_workspace.desk.selection.publish("table", [second], "remove")
    assert app.call == f'app.select(["{second}"], "remove")'
    app.undo()
    assert app.call == f'app.select(["{first}", "{second}"])'
    app.undo()
    assert not len(app.selected)
    eval(f'app.select(["{first}", "{second}"])', {"app": app})
    assert len(app.selected) == 2
    warm_workspace.explorer.look_at(first)
    assert app.call == f'app.focus = "{first}"'
    query = warm_workspace.query
    query.open()
    app.wait()
    query.cuts = (Cut("flux_aper_b", ">", 1e-14),)
    query.search()
    app.wait()
    assert app.call == (
        "app.query.search([], [Cut(column='flux_aper_b', comparison='>', value=1e-14, unit='')],"
        ' table="master_source")'
    )


def test_a_match_is_said_with_its_catalogue(app, warm_workspace):
    app.search("M42", "3 arcmin")
    app.wait()
    match = warm_workspace.crossmatch
    match.catalogue = find_catalogue("sim_infrared", app.archive)
    match.run()
    app.wait()
    assert app.call == 'app.crossmatch.match("sim_infrared", 3.0 * u.arcsec)'
