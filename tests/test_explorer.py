"""The explorer as code uses it: no browser, the real demo behind it."""

import astropy.units as u
import ipywidgets
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from regions import CircleSkyRegion

from cscwidgets import Archive, Explorer
from cscwidgets.errors import NotFound
from cscwidgets.export.variable import VariableExists
from cscwidgets.views.disposal import parts_of


@pytest.fixture
def app(demo_folder):
    app = Explorer("M33", radius="20 arcmin", archive=demo_folder)
    yield app
    app.close()


def test_table_is_there_when_it_is_asked_for(app, demo_folder):
    table = app.table
    assert isinstance(table, QTable)
    stored = pq.read_table(demo_folder / "master_source.parquet", columns=["name", "ra", "dec"])
    sky = SkyCoord(stored["ra"].to_numpy(), stored["dec"].to_numpy(), unit="deg")
    inside = sky.separation(app.region.center) <= app.region.radius
    assert set(table["name"]) == set(np.array(stored["name"].to_pylist())[inside])
    assert app.region.radius == 20 * u.arcmin


def test_selection_by_name_is_live(app):
    names = [str(name) for name in app.table["name"][:4]]
    app.select(names[:2])
    app.select(names[2], mode="add")
    assert set(app.selected["name"]) == set(names[:3])
    app.undo()
    assert set(app.selected["name"]) == set(names[:2])
    app.redo()
    app.select(names[0], mode="remove")
    assert set(app.selected["name"]) == {names[1], names[2]}


def test_columns_labels_and_subsets_are_exported_from_code(app, tmp_path):
    names = [str(name) for name in app.table["name"][:3]]
    app.add_column("bw", "log10(flux_aper_b / flux_aper_w)", "Broad over wide")
    app.table["rank"] = np.arange(len(app.table))
    app.select(names[:2])
    app.label("AGN")
    app.label("star", names[2], "#112233")
    app.note(names[0], "look again")
    app.subset("bright", condition="flux_aper_b > 1e-14")
    app.subset("chosen")
    assert {*app._sources.widget._shown[-6:]} == {"rank", "bw", "label", "note", "bright", "chosen"}
    app.region = CircleSkyRegion(app.region.center, 25 * u.arcmin)
    table = app.table
    np.testing.assert_array_equal(table["bright"], table["flux_aper_b"].value > 1e-14)
    assert set(table["name"][table["chosen"]]) == set(names[:2])
    app.select(names)
    found = QTable.read(app.write(tmp_path / "mine.ecsv"))
    rows = {str(name): row for row, name in enumerate(found["name"])}
    assert [found["label"][rows[name]] for name in names] == ["AGN", "AGN", "star"]
    assert found["note"][rows[names[0]]] == "look again"
    assert found["bw"].info.description == "Broad over wide"
    with pytest.raises(NotFound):
        app.label("AGN", "SIM J000000.0+000000")
    app.remove_column("bw")
    assert "bw_lolim" not in app.table.colnames


def test_a_selection_survives_asking_anew(app):
    keep = app.table["name"][np.argmin(SkyCoord(app.table["ra"], app.table["dec"]).separation(app.region.center))]
    app.select(app.table["name"])
    app.region = CircleSkyRegion(app.region.center, 5 * u.arcmin)
    assert keep in app.selected["name"]
    assert len(app.selected) == len(app.table)
    app.region = "M42"
    assert len(app.selected) == 0
    app.region = CircleSkyRegion(SkyCoord(23.4621, 30.6599, unit="deg"), 5 * u.arcmin)
    assert len(app.selected) == len(app.table) > 0


def test_views_set_before_display_hold_what_was_set(app):
    names = [str(name) for name in app.table["name"][:3]]
    app.select(names)
    app.focus = names[0]
    assert app.focus == names[0]
    assert len(app.hardness.within.points._focused) == 2
    assert sorted(app.sky._layer.names[:3]) == sorted(names)
    assert len(app.sky._highlighted["slots"]) == 4 * len(names)


def test_export_and_write(app, tmp_path):
    app.select(app.table["name"][:5])
    exported = app.export("cscwidgets_test_export")
    assert len(exported) == 5
    with pytest.raises(VariableExists):
        app.export("cscwidgets_test_export")
    app.export("cscwidgets_test_export", overwrite=True)
    back = QTable.read(app.write(tmp_path / "five.ecsv"))
    assert list(back["name"]) == list(app.selected["name"])
    exported["ra"][0] = 0 * u.deg
    assert app.table["ra"].min() > 1 * u.deg  # the copy is the user's own


def test_an_empty_region_is_said(app):
    app.search("200 +80", "1 arcsec")
    assert len(app.table) == 0
    assert "No source" in app.messages[-1]
    assert len(app.selected) == 0


def test_an_explorer_takes_an_archive_of_ones_own(demo_folder):
    archive = Archive(demo_folder)
    app = Explorer("Lockman Hole", "12 arcmin", archive)
    assert len(app.table) > 10
    assert app._state.simulated
    app.close()


def test_closing_frees_every_widget(demo_folder):
    from ipywidgets.widgets.widget import _instances

    before = set(_instances)
    app = Explorer("M33", radius="3 arcmin", archive=demo_folder)
    app.wait(20)
    assert set(_instances) - before
    app.close()
    assert [type(_instances[key]).__name__ for key in set(_instances) - before] == []


@pytest.fixture
def tucanae(demo):
    app = Explorer("47 Tuc", radius="1 arcmin", archive=demo)
    app.wait(60)
    yield app
    app.close()


def test_one_source_from_its_name_to_its_curves(tucanae, eclipser):
    app = tucanae
    app.focus = eclipser[0]
    app.wait(60)
    assert eclipser[0] in app.source._card.value
    assert app.lightcurve.within.plots == []  # nobody looks yet
    app.show("light curves")
    app.wait(60)
    assert len(app.lightcurve.within.plots) == 1
    assert set(app.lightcurve.table["obsid"]) == set(app._state.desk.archive.detections(eclipser[0])["obsid"])
    assert app.messages == []


def test_a_pick_in_the_table_brings_a_source_into_focus(tucanae):
    app = tucanae
    first, second = (str(name) for name in app.table["name"][:2])
    app._sources._picked([first], None)
    assert app.focus == app.source._name.value == first
    app._sources._picked([first, second], None)
    assert app.focus == first
    assert set(app.selected["name"]) == {first, second}
    app.wait(60)
    assert first in app.source._card.value


def test_code_has_the_curve_of_the_source_it_names(tucanae, eclipser):
    app = tucanae
    app.focus = eclipser[0]
    table = app.lightcurve.table  # waits for the answer
    assert table.meta["name"] == eclipser[0]
    (curve,) = app.lightcurve.tables.values()
    assert len(curve) > 2
    with pytest.raises(NotFound, match=r"'SIM J000000.0\+000000' is not in the sources of Simulated demo sky"):
        app.focus = "SIM J000000.0+000000"
    assert app.focus == eclipser[0]
    assert app.lightcurve.table.meta["name"] == eclipser[0]


def test_the_review_brings_a_source_and_its_candidates_close(app):
    app.crossmatch.match("sim_optical", 2 * u.arcsec)
    table = app.crossmatch.table
    row = int(np.flatnonzero(np.asarray(table["candidates"]) > 0)[0])
    name = str(table["name"][row])
    app.crossmatch.review.visit(name)
    assert app.focus == name
    assert app.sky.target.separation(SkyCoord(table["ra"][row], table["dec"][row])).arcsec < 0.01
    assert 2 * 2 < app.sky.fov.to_value("arcsec") < 60
    listed = app.crossmatch.state.candidates(name)
    ra, dec = np.frombuffer(app.sky._candidates["positions"]).reshape(2, -1)
    objects = app.crossmatch.state.match.objects[listed["catalogue_row"]]
    assert SkyCoord(ra, dec, unit="deg").separation(SkyCoord(objects["ra"], objects["dec"])).arcsec.max() < 1e-6
    assert (len(app.sky._candidates["outlines"]), app.sky._candidates["best"]) == (len(listed) + 1, 0)
    app.crossmatch.state.decide(name, -1)
    assert app.sky._candidates["best"] == -1
    app.focus = None
    assert app.sky._candidates["positions"] == b""
    assert app.messages == []


def test_catalogues_are_offered_when_the_panel_is_first_seen(app):
    app.wait()
    assert app.crossmatch.state.offered == ()
    app.show("counterparts")
    app.wait()
    assert len(app.crossmatch.state.offered) > 2
    assert app.messages == []


def test_no_text_is_sent_letter_by_letter(app):
    """A button that is pressed while the kernel is busy would overtake the last letters."""
    everything = [app.widget, *(panel.widget for panel in app.panels.values())]
    fields = [part for whole in everything for part in parts_of(whole) if isinstance(part, ipywidgets.Text)]
    assert len(fields) >= 12
    assert [field for field in fields if field.continuous_update] == []


def test_it_says_in_one_line_what_it_shows(demo_folder):
    app = Explorer(archive=demo_folder)
    assert repr(app) == f"cscwidgets Explorer · {demo_folder} · nothing found yet"
    assert repr(app.hardness) == f"cscwidgets panel Hardness: nothing found yet, {demo_folder}"
    app.search("M33", "6 arcmin")
    found = f"{len(app.table):,} sources, complete, 0 selected"
    assert repr(app).startswith(f"SIMULATED · cscwidgets Explorer: M33, 6 arcmin · Simulated demo sky · {found}")
    assert app._repr_mimebundle_()["text/plain"] == repr(app)
    assert repr(app.hardness) == f"cscwidgets panel Hardness: M33, 6 arcmin, {demo_folder}"
    app.close()
