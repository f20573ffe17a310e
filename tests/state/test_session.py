"""Sessions: what was fitted, matched and covered is the same again; damaged and hostile files change nothing."""

import json
import time
from pathlib import Path
from types import MappingProxyType

import astropy.units as u
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import cscwidgets
from cscwidgets import Archive, Explorer
from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable
from cscwidgets.science.fit import fit as science_fit
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.keeping import FLAG, Keeps
from cscwidgets.state.model_choice import ModelChoice
from cscwidgets.state.reopening import Reopening
from cscwidgets.state.scripts.spectrum import spectrum_code
from cscwidgets.state.session import Session
from cscwidgets.state.session_file import SessionFile, session_schema, write_session
from cscwidgets.state.session_versions import migrated
from cscwidgets.state.workspace import KEPT, Workspace

from .test_session_walk import differences, reopened, saved

PUBLISHED = Path(cscwidgets.__file__).parent / "state" / "session.schema.json"


@pytest.fixture
def worked(workspace):
    """A workspace in which somebody matched, covered and brushed."""
    explorer = workspace.explorer
    explorer.search("M33", "4 arcmin")
    workspace.desk.tasks.settle(timeout=60)
    explorer.look_at(str(explorer.table["name"][np.argmax(explorer.table["significance"])]))
    workspace.desk.selection.publish("sky", map(str, explorer.table["name"][:5]), "new")
    workspace.crossmatch.find("sim_infrared")
    workspace.desk.tasks.settle(timeout=60)
    workspace.crossmatch.run()
    workspace.coverage.run()
    workspace.desk.tasks.settle(timeout=120)
    match = workspace.crossmatch
    best = match.counterparts["name"][np.argsort(-match.counterparts["candidates"], kind="stable")][:2]
    match.decide(str(best[0]), -1)
    match.decide(str(best[1]), int(match.candidates(str(best[1]))["catalogue_row"][0]))
    workspace.coverage.flux = 1e-6
    workspace.fields.shown = "stacks"
    workspace.desk.tasks.settle(timeout=60)
    return workspace


@pytest.mark.slow
def test_everything_that_was_found_is_found_again(worked, tmp_path):
    before = saved(worked, tmp_path / "a.csc.json")
    again = reopened(worked, tmp_path / "a.csc.json")
    assert not differences(before, json.loads(Session(again).document()))
    assert again.crossmatch.decisions == worked.crossmatch.decisions
    assert len(again.crossmatch.decisions) == 2
    for name in ("p_any", "p_match", "separation"):
        np.testing.assert_array_equal(again.crossmatch.counterparts[name], worked.crossmatch.counterparts[name])
    np.testing.assert_array_equal(again.coverage.curve.area, worked.coverage.curve.area)
    assert again.coverage.flux == 1e-6
    np.testing.assert_array_equal(again.fields.table["stack"], worked.fields.table["stack"])


def test_a_fit_is_taken_up_where_it_ended(spectra, warm_workspace, tmp_path):
    pytest.importorskip("sherpa")
    spectra.chosen = spectra.chosen[:2]
    spectra.active = True
    workspace = warm_workspace
    fitting, tasks = workspace.spectral_fit, workspace.desk.tasks
    fitting.cross_normalisation = True
    fitting.model.choose(ModelChoice("powerlaw", "free", "phabs", "angr"))
    for ask in (lambda: None, fitting.fit, fitting.find_intervals, fitting.find_fluxes, fitting.find_goodness):
        ask()
        tasks.settle(timeout=120)
    before = saved(workspace, tmp_path / "a.csc.json")
    again = reopened(workspace, tmp_path / "a.csc.json")
    found = again.spectral_fit
    assert found.result.statistic == fitting.result.statistic
    for column in fitting.result.parameters.colnames:
        np.testing.assert_array_equal(found.result.parameters[column], fitting.result.parameters[column])
    assert (found.intervals, found.goodness) == (fitting.intervals, fitting.goodness)
    assert {name: one.value for name, one in found.fluxes.items()} == {
        name: one.value for name, one in fitting.fluxes.items()
    }
    assert not differences(before, json.loads(Session(again).document()))
    assert '"found": {' in spectrum_code(found).text  # it can be copied as code
    scripted = science_fit(list(found.model.preview.spectra), found.model.make(), **found.options)
    assert scripted.statistic == fitting.result.statistic
    found.find_intervals()  # it can be asked on
    tasks.settle(timeout=60)
    again.desk.tasks.settle(timeout=60)
    for name, interval in fitting.intervals.items():
        assert found.intervals[name].lower == pytest.approx(interval.lower, rel=1e-3, nan_ok=True)


def test_what_was_not_fetched_is_named_and_stays_in_the_session(worked, tmp_path):
    before = saved(worked, tmp_path / "a.csc.json")
    other = Workspace(ExplorerState(worked.desk.archive, reraise=True))
    session = Session(other)
    session.open(
        Reopening(other, SessionFile.read(tmp_path / "a.csc.json", KEPT)), tmp_path / "a.csc.json", fetch=False
    )
    other.desk.tasks.settle(timeout=60)
    assert other.crossmatch.match is None
    (message,) = other.desk.messages.entries
    assert "the match with sim_infrared; the sky coverage; the fields of view of stacks" in message.what
    assert not differences(before, json.loads(session.document()))
    message.offer.act()
    other.desk.tasks.settle(timeout=60)
    assert not other.desk.messages.entries
    assert len(other.crossmatch.match.sources) == len(worked.crossmatch.match.sources)
    assert not session.reopening.pending


def test_an_address_or_a_path_of_a_session_is_not_asked_unasked(workspace, tmp_path):
    workspace.explorer.search("M33", "1 arcmin")
    workspace.desk.tasks.settle(timeout=60)
    document = saved(workspace, tmp_path / "a.csc.json")
    document["states"]["crossmatch"] |= {"reference": "https://example.invalid/tap evil", "matched": 3}
    document["states"]["surveys"]["base"] = "https://example.invalid/hips"
    (tmp_path / "a.csc.json").write_text(json.dumps(document))
    other = Workspace(ExplorerState(workspace.desk.archive, reraise=True))
    Reopening(other, SessionFile.read(tmp_path / "a.csc.json", KEPT)).start()
    other.desk.tasks.settle(timeout=60)
    assert other.crossmatch.catalogue is None
    assert not other.surveys.base
    (message,) = other.desk.messages.entries
    assert "the survey at https://example.invalid/hips; the match with https://example.invalid/tap evil" in message.what


def test_sources_that_are_gone_are_named(workspace, tmp_path):
    workspace.explorer.search("M33", "3 arcmin")
    workspace.desk.tasks.settle(timeout=60)
    document = saved(workspace, tmp_path / "a.csc.json")
    document["names"][0] = "SIM J000000.0+000000"
    (tmp_path / "a.csc.json").write_text(json.dumps(document))
    again = reopened(workspace, tmp_path / "a.csc.json")
    (message,) = again.desk.messages.entries
    assert message.what.startswith("The archive answers otherwise than for the session: 1 of ")
    assert "SIM J000000.0+000000" in message.why


def test_values_of_code_are_kept_within_a_bound_and_others_are_named(workspace, tmp_path):
    explorer = workspace.explorer
    explorer.search("M33", "3 arcmin")
    workspace.desk.tasks.settle(timeout=60)
    table = explorer.table
    table["flux"] = np.where(np.arange(len(table)) % 2, np.nan, 1e-15) * u.erg / u.s / u.cm**2
    table["thing"] = np.array([object()] * len(table))
    document = saved(workspace, tmp_path / "a.csc.json")
    assert document["not kept"] == ["the column thing: it holds values of the kind Column"]
    again = reopened(workspace, tmp_path / "a.csc.json").explorer.table
    assert again["flux"].unit == table["flux"].unit
    np.testing.assert_array_equal(again["flux"].value, table["flux"].value)


def test_the_explorer_is_saved_after_each_change(demo, tmp_path, monkeypatch):
    monkeypatch.setattr("cscwidgets.state.session._PAUSE", 0.05)
    path = tmp_path / "m33.csc.json"
    app = Explorer("M33", "2 arcmin", archive=demo)
    app.wait(60)
    app.save(path, auto=True)
    app.workspace.coverage.band = "h"
    end = time.monotonic() + 10
    while json.loads(path.read_text())["states"]["coverage"]["band"] != "h":
        assert time.monotonic() < end
        time.sleep(0.02)
    app.close()
    with pytest.raises(CscError, match="A file of that name exists"):
        Explorer(archive=demo).save(path)
    with pytest.raises(CscError, match=r"A session ends in \.csc\.json"):
        app.save(tmp_path / "m33.json")


def test_panels_take_part_with_their_own_controls(demo, tmp_path):
    app = Explorer("M33", "2 arcmin", archive=demo)
    app.hardness.options["x"].value = "hs"
    app.spectrum.options["least"].value = 40
    app.show("spectrum")
    app.save(tmp_path / "a.csc.json")
    again = Explorer.open(tmp_path / "a.csc.json", demo)
    again.wait(60)
    assert again.workspace.shape.front == "spectrum"
    assert again.hardness.options["x"].value == "hs"
    assert again.spectrum.options["least"].value == 40
    assert again.panels.keep() == app.panels.keep()
    assert not again.messages


# The format


def test_the_published_schema_is_what_is_read():
    import jsonschema

    published = json.loads(PUBLISHED.read_text())
    assert published == json.loads(json.dumps(session_schema(KEPT)))
    jsonschema.Draft202012Validator.check_schema(published)


def test_an_old_session_goes_through_every_migration():
    made_up = {0: lambda old: {"states": {"shape": old["form"]}}, 1: lambda old: {**old, "seen": True}}
    assert migrated({"version": 0, "form": 1}, made_up, 2) == {"version": 2, "states": {"shape": 1}, "seen": True}
    with pytest.raises(Unreadable, match="there was no version -1"):
        migrated({"version": -1}, made_up, 2)
    with pytest.raises(Unreadable, match=r"version 3, and this cscwidgets reads versions up to 2"):
        migrated({"version": 3}, made_up, 2)


def test_a_state_keeps_what_it_declares():
    class Mine(Keeps):
        fields = MappingProxyType({"done": FLAG})
        done = True

    assert Mine().keep() == {"done": True}


# Damaged and hostile files


@pytest.fixture(scope="module")
def session_text(tmp_path_factory, demo_folder):
    """A session with something in most fields."""
    workspace = Workspace(ExplorerState(Archive(demo_folder), reraise=True))
    workspace.explorer.search("M33", "2 arcmin")
    workspace.desk.tasks.settle(timeout=60)
    names = [str(name) for name in workspace.explorer.table["name"]]
    own = workspace.explorer.own_columns
    own.label(names[:2], "good")
    own.add("one", "2 * flux_aper_b")
    own.keep_subset("some", names=names[:3])
    workspace.explorer.table["mine"] = np.arange(len(names))
    workspace.desk.selection.publish("sky", names[:2], "new")
    return Session(workspace).document()


def paths_of(document, at=()):
    yield at
    parts = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, part in parts:
        yield from paths_of(part, (*at, key))


def deep(levels):
    return "[" * levels + "]" * levels


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "__import__('os').system('true')",
            "../../../../etc/passwd",
            "\\\\host\\share",
            "x" * 100_000,
            10**400,
            -1,
            [],
            {},
            {"of_names": "!!!"},
            {"of_names": "////////"},
            [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],
            ["a"] * 2000,
        ]
    ),
)


@st.composite
def damaged(draw, text):
    """The bytes of a session of which something is wrong."""
    way = draw(st.sampled_from(["value", "value", "value", "key", "gone", "cut", "bytes", "deep"]))
    if way == "cut":
        return text.encode()[: draw(st.integers(0, len(text) - 1))]
    if way == "bytes":
        content, place = bytearray(text.encode()), draw(st.integers(0, len(text) - 1))
        content[place : place + 4] = draw(st.binary(min_size=4, max_size=4))
        return bytes(content)
    if way == "deep":
        return text.replace(
            '"panels":{', f'"panels":{{"x":{deep(draw(st.sampled_from([30, 900, 200_000])))},', 1
        ).encode()
    document = json.loads(text)
    path = draw(st.sampled_from([path for path in paths_of(document) if path]))
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if way == "value":
        holder[path[-1]] = draw(HOSTILE)
    elif isinstance(holder, dict) and way == "key":
        holder[draw(st.text(max_size=20))] = holder.pop(path[-1])
    else:
        del holder[path[-1]]
    return json.dumps(document, allow_nan=True).encode()


def refused_or_read(text, folder, data):
    """One clear error, or a session that is restored without any other; never anything else."""
    path = folder / "damaged.csc.json"
    path.write_bytes(data.draw(damaged(text)))
    try:
        return SessionFile.read(path, KEPT)
    except CscError as error:
        refused = str(error)
    assert refused.startswith(f"The session {path} was not opened.")
    assert len(refused) < 1200
    return None


@pytest.mark.parametrize("number", [200, pytest.param(2200, marks=pytest.mark.long)])
def test_a_damaged_session_is_one_error(session_text, tmp_path, number):
    @given(data=st.data())
    @settings(max_examples=number, deadline=None, derandomize=True, database=None)
    def tried(data):
        refused_or_read(session_text, tmp_path, data)

    tried()


@pytest.mark.parametrize("number", [15, pytest.param(1000, marks=pytest.mark.long)])
def test_what_was_changed_and_is_still_a_session_is_restored_or_named(session_text, tmp_path, demo, number):
    @given(data=st.data())
    @settings(max_examples=number, deadline=None, derandomize=True, database=None)
    def tried(data):
        session = refused_or_read(session_text, tmp_path, data)
        if session is not None:
            workspace = Workspace(ExplorerState(demo))
            Reopening(workspace, session).start(fetch=False)
            workspace.desk.tasks.wait(60)
            inside = [one for one in workspace.desk.messages.entries if "inside cscwidgets" in one.what]
            assert not inside, inside

    tried()


def test_a_newer_session_says_to_update(session_text, tmp_path):
    (tmp_path / "new.csc.json").write_text(session_text.replace('"version":1', '"version":7', 1))
    with pytest.raises(CscError, match=r"of version 7.*Update cscwidgets"):
        SessionFile.read(tmp_path / "new.csc.json", KEPT)


@pytest.mark.parametrize("name", ["//host/share/m33", "\\\\host\\share", "https://example.org/tap", "/etc"])
def test_an_archive_elsewhere_is_named_and_not_asked(session_text, tmp_path, name):
    document = json.loads(session_text)
    document["archive"]["name"] = name
    (tmp_path / "a.csc.json").write_text(json.dumps(document))
    with pytest.raises(CscError, match=r"Its archive.*Explorer.open"):
        Explorer.open(tmp_path / "a.csc.json")


def test_a_session_that_is_written_is_whole(tmp_path):
    path = write_session(tmp_path / "a.csc.json", "{}", overwrite=False)
    assert path.read_text() == "{}"
    assert [one.name for one in tmp_path.iterdir()] == ["a.csc.json"]
