"""Code never computes with a failed answer: whatever it asks of an explorer raises what the question failed with."""

import threading
import time

import astropy.units as u
import pytest
import requests
from regions import CircleSkyRegion

from cscwidgets import Archive, Explorer
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.errors import (
    CscError,
    NotFound,
    QueryCancelled,
    QueryError,
    RegionError,
    ServiceUnreachable,
    SomeNotFound,
)
from cscwidgets.sky import names

NAMESPACE = "cscwidgets_failed"


@pytest.fixture
def no_network(monkeypatch):
    """Neither the CXC nor Sesame can be reached; what is in this process can."""

    def refuse(*args, **kwargs):
        raise requests.ConnectionError("Name or service not known")

    def unresolved(name):
        raise names.NoAnswer("it could not be reached")

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", refuse)
    monkeypatch.setattr(names, "look_up", unresolved)


@pytest.fixture
def app(demo):
    app = Explorer("47 Tuc", radius="1 arcmin", archive=demo)
    app.wait(60)
    yield app
    app.close()


def of_the_search(app, tmp_path):
    """All that follows from the search, by what it is called."""
    return {
        "table": lambda: app.table,
        "selected": lambda: app.selected,
        "region": lambda: app.region,
        "wait": app.wait,
        "select": lambda: app.select([]),
        "export": lambda: app.export(NAMESPACE),
        "write": lambda: app.write(tmp_path / "failed.ecsv"),
        "hardness": app.hardness.figure,
        "match": lambda: app.crossmatch.match("sim_optical"),
        "counterparts": lambda: app.crossmatch.table,
        "matched": lambda: app.crossmatch.matched,
        "counterparts written": lambda: app.crossmatch.write(tmp_path / "failed.fits"),
        "counterparts exported": lambda: app.crossmatch.export(NAMESPACE),
        "counterparts drawn": app.crossmatch.figure,
        "quality": app.crossmatch.quality_figure,
        "coverage": app.coverage.run,
        "mosaic": lambda: app.coverage.mosaic,
        "curve": lambda: app.coverage.curve,
        "counts": lambda: app.coverage.counts,
        "stacks": lambda: app.coverage.stacks,
        "histogram": app.coverage.histogram,
        "image": app.coverage.image,
        "coverage drawn": app.coverage.figure,
        "counts drawn": app.coverage.counts_figure,
    }


def test_a_search_without_a_network_raises_wherever_its_answer_is_asked_for(no_network, tmp_path):
    app = Explorer("M33", archive="csc2.1")
    for ask in of_the_search(app, tmp_path).values():
        with pytest.raises(ServiceUnreachable, match="could not be reached"):
            ask()
    assert list(tmp_path.iterdir()) == []
    assert len(app.messages) == 1
    app.close()


def test_a_failed_search_hides_the_region_before_from_code_and_leaves_it_to_the_eye(app, no_network, tmp_path):
    before = app.table
    app.crossmatch.match("sim_optical", 2 * u.arcsec)
    app.region = "no such object"
    asked = of_the_search(app, tmp_path)
    said = set()
    for ask in asked.values():
        with pytest.raises(RegionError, match="'no such object' could not be looked up") as told:
            ask()
        said.add(str(told.value))
    assert said == {app.messages[-1]}
    assert list(tmp_path.iterdir()) == []
    assert NAMESPACE not in app.workspace.namespace
    assert app._state.table is before
    assert len(app.sky._layer.names) == len(before)
    app.search("47 Tuc", "1 arcmin")
    assert len(app.table) == len(before)
    assert app.wait() is None


def test_a_panel_that_failed_does_not_fail_the_others(app):
    with pytest.raises(CscError, match="nowhere"):
        app.crossmatch.match("nowhere")
    app.crossmatch.state.find("nowhere at all")
    with pytest.raises(CscError, match="There is no catalogue 'nowhere at all'"):
        app.wait()
    with pytest.raises(CscError, match="There is no catalogue"):
        _ = app.crossmatch.table
    assert len(app.table) > 0
    assert app.hardness.figure()
    app.crossmatch.match("sim_optical", 2 * u.arcsec)
    assert len(app.crossmatch.table) == len(app.table)
    app.wait()


def test_files_that_cannot_be_fetched_are_told_to_code(app, eclipser, monkeypatch):
    app.focus = eclipser[0]
    app.wait(60)

    def refuse(self, *args, **kwargs):
        raise ServiceUnreachable("The archive could not be reached", "the connection was refused")

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "fetch", refuse)
        asked = (
            lambda: app.spectrum.spectra,
            app.spectrum.figure,
            lambda: app.spectrum.table,
            lambda: app.spectrum.result,
            app.spectrum.script,
            app.spectrum.fit,
            lambda: app.lightcurve.tables,
            app.lightcurve.figure,
            app.coverage.run,
        )
        for ask in asked[:-1]:
            with pytest.raises(ServiceUnreachable, match="could not be reached"):
                ask()
        assert len(app.lightcurve.table) > 0  # from the catalogue itself
        assert len(app.table) > 0
        app.coverage.run()
        with pytest.raises(ServiceUnreachable, match="could not be reached"):
            _ = app.coverage.curve
    assert len(app.spectrum.spectra) > 0
    assert len(app.lightcurve.tables) > 0


def test_a_fit_that_failed_is_told_until_another_succeeds(app, eclipser, monkeypatch):
    app.focus = eclipser[0]
    good = app.spectrum.fit("powerlaw")

    def fail(*args, **kwargs):
        raise CscError("The fit did not converge")

    with monkeypatch.context() as patch:
        patch.setattr("cscwidgets.science.fit.fit", fail)
        with pytest.raises(CscError, match="did not converge"):
            app.spectrum.fit()
        for ask in (lambda: app.spectrum.table, lambda: app.spectrum.result, app.spectrum.script, app.spectrum.figure):
            with pytest.raises(CscError, match="did not converge"):
                ask()
        assert app.spectrum.fitting.result is good  # what is shown stays
    app.spectrum.fit()
    assert len(app.spectrum.table) > 0


def test_a_source_that_cannot_be_opened_is_told_where_its_numbers_are_asked_for(app, eclipser, monkeypatch):
    app.focus = eclipser[0]
    other = next(str(name) for name in app.table["name"] if name != eclipser[0])

    def refuse(self, *args, **kwargs):
        raise ServiceUnreachable("The archive could not be reached")

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "query", refuse)
        app.focus = other
        for ask in (lambda: app.lightcurve.table, app.lightcurve.figure, lambda: app.spectrum.spectra):
            with pytest.raises(ServiceUnreachable):
                ask()
        assert len(app.table) > 0
    app.focus = other  # the same again: now it is there
    assert app.lightcurve.table.meta["name"] == other
    app.focus = None
    app.wait()


AT_ONCE = {
    "archive": lambda app: Explorer("M33", archive="csc9"),
    "folder": lambda app: Explorer("M33", archive="no/such/folder"),
    "no archive": lambda app: Explorer("M33", archive=42),
    "empty archive": lambda app: Archive(""),
    "target": lambda app: Explorer("icrs; circle(nowhere)", archive="demo"),
    "radius": lambda app: Explorer("M33", radius="abc", archive="demo"),
    "radius alone": lambda app: Explorer(radius="abc", archive="demo"),
    "search for nothing": lambda app: app.search(None),
    "search within": lambda app: app.search("M33", "abc"),
    "number": lambda app: app.search(42),
    "region": lambda app: setattr(app, "region", "annulus(10,20,1,2)"),
    "mode": lambda app: app.select(app.table["name"][:1], mode="bogus"),
    "names": lambda app: app.select(42),
    "unknown name": lambda app: app.select("unknown"),
    "unknown focus": lambda app: setattr(app, "focus", "x"),
    "focus on a number": lambda app: setattr(app, "focus", 42),
    "panel": lambda app: app.show("bogus"),
    "cone": lambda app: app.archive.cone(None),
}


@pytest.mark.parametrize("what", AT_ONCE)
def test_what_is_wrong_at_once_is_raised_at_once(app, what):
    before, selected = app.table, app._state.desk.selection.names
    with pytest.raises(CscError):
        AT_ONCE[what](app)
    assert app._state.desk.tasks.running == ()
    assert app.table is before
    assert app._state.desk.selection.names == selected
    assert app.focus is None


def test_what_is_typed_wrong_is_a_message(app):
    before = app.table
    target, radius = app.widget.children[2].children[:2]
    radius.value = "abc"
    assert "The radius 'abc' was not understood" in app.messages[-1]
    radius.value = "1 arcmin"
    target.value = "panda(1,2,3)"
    assert "panda" in app.messages[-1]
    app.source._name.value = "nobody"
    app._state.desk.tasks.wait(20)
    assert "nobody was not opened" in app.messages[-1]
    assert len(app.table) == len(before)


def test_an_archive_is_known_before_it_is_asked(tmp_path, demo_folder):
    with pytest.raises(CscError, match=r"no archive 'csc9'.*Use one of csc2.0, csc2.1, current, demo"):
        Archive("csc9")
    with pytest.raises(CscError, match="not an archive folder"):
        Archive(tmp_path)
    (tmp_path / "archive.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CscError, match="cannot be opened"):
        Archive(tmp_path)
    for name in ("csc2.1", "current", "demo", demo_folder, str(demo_folder)):
        Archive(name)


def test_asked_and_found_are_compared(app):
    names = [str(name) for name in app.table["name"][:3]]
    with pytest.raises(NotFound, match="None of 2 names is in the table") as told:
        app.select(["a", "b"])
    assert told.value.names == ("a", "b")
    with pytest.warns(SomeNotFound, match=r"1 of 4 names is not in the table: 'nobody'"):
        app.select([*names, "nobody"])
    assert set(app.selected["name"]) == set(names)
    app.select([])
    assert len(app.selected) == 0
    app.select(app.table[:2])
    assert len(app.selected) == 2


@pytest.mark.parametrize(
    "write",
    [
        lambda name: name.replace(" ", ""),
        str.lower,
        lambda name: name.replace(" ", "\N{NO-BREAK SPACE}"),
        lambda name: name.removeprefix("SIM "),
        lambda name: f'"{name}"',
        str.encode,
        lambda name: name.replace("-", "\N{MINUS SIGN}"),
    ],
)
def test_names_are_one_at_every_door_of_an_explorer(app, eclipser, write):
    name, text = eclipser[0], write(eclipser[0])
    app.select(text)
    assert list(app.selected["name"]) == [name]
    app.focus = text
    assert app.focus == name
    app.focus = None
    if isinstance(text, str):
        app.source._name.value = text
        assert app.focus == name
    app.search(text, "3 arcsec")
    assert name in app.table["name"]


def test_a_source_outside_of_the_table_may_be_looked_at(app, demo):
    elsewhere = str(demo.search("M33", radius="5 arcmin")["name"][0])
    app.focus = elsewhere.removeprefix("SIM ").lower()
    assert app.focus == elsewhere
    assert app.lightcurve.table.meta["name"] == elsewhere


def test_an_explorer_at_a_source_asks_no_resolver(no_network, demo, eclipser):
    app = Explorer(eclipser[0].replace("SIM ", "2CXO"), radius="3 arcsec", archive=demo)
    assert eclipser[0] in app.table["name"]
    app.close()


def test_a_cancelled_search_leaves_region_and_table_of_one_answer(app, demo):
    before, region = app.table, app.region
    go = threading.Event()

    class Slow:
        def __getattr__(self, name):
            return getattr(demo, name)

        def search(self, *args, **kwargs):
            go.wait(20)
            return demo.search(*args, **kwargs)

    app._state.desk.archive = Slow()
    app.region = "M33"
    (task,) = app._state.desk.tasks.running
    threading.Timer(0.3, task.cancel).start()
    with pytest.raises(QueryCancelled, match="Searching M33 was cancelled"):
        _ = app.table
    assert app.table is before
    assert app.region is region
    go.set()
    time.sleep(0.3)
    assert app.table is before


@pytest.mark.parametrize("maxrec", [-1, 1.5, "10", True, [1]])
def test_a_limit_that_is_none_is_refused(demo, maxrec):
    for ask in (
        lambda: demo.query("SELECT * FROM csc21.master_source", maxrec=maxrec),
        lambda: demo.search("M33", maxrec=maxrec),
    ):
        with pytest.raises(QueryError, match="no number of rows"):
            ask()


def test_no_rows_are_no_rows(demo):
    none = demo.query("SELECT name, ra FROM csc21.master_source", maxrec=0, quiet=True)
    assert (len(none), none.colnames) == (0, ["name", "ra"])
    found = demo.search("M33", radius="5 arcmin", maxrec=0, quiet=True)
    assert len(found) == 0
    assert found.meta["provenance"].requested > 0
    assert not found.meta["provenance"].complete
    with pytest.raises(QueryError, match="maxrec=0"):
        demo.search("M33", maxrec=0, complete=True)
    with pytest.raises(QueryError, match="no counterparts"):
        TapCatalogue("https://example.org/tap", "a.b", maxrec=0)


def test_an_exclusion_is_not_searched_as_its_opposite(app):
    hole = CircleSkyRegion(app.region.center, 1 * u.arcmin, meta={"include": False})
    with pytest.raises(RegionError, match="exclusion"):
        app.region = hole
