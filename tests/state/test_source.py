"""The source in focus: what the archive says of it, and what happens on the way there."""

import threading

import numpy as np
import pytest

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.errors import NotFound, QueryError, ServiceUnreachable
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.source import SourceState
from cscwidgets.state.spectrum import SpectrumState


def test_a_source_is_all_the_archive_has_on_it(focused, demo, eclipser):
    source = focused.source
    assert source.name == source.row["name"] == eclipser[0]
    assert set(source.row.colnames) == set(demo.columns("master_source"))
    stored = demo.query(f"SELECT * FROM csc21.master_source WHERE name = '{eclipser[0]}'")
    assert source.row["flux_aper_b"] == stored["flux_aper_b"][0]
    direct = demo.detections(eclipser[0])
    np.testing.assert_array_equal(source.detections["photflux_aper_b"], direct["photflux_aper_b"])
    assert len(source.detections) == len(direct) > 10
    assert source.simulated
    assert source.release == demo.open()


@pytest.mark.parametrize("text", ["2CXO J000000.0+000000", "' OR '1'='1", "nobody"])
def test_a_name_that_is_not_there_is_one_message_and_the_last_source_stays(focused, eclipser, text):
    explorer = focused.source.explorer
    focused.source.open(text)
    explorer.desk.tasks.wait(20)
    (message,) = explorer.desk.messages.entries
    assert message.level == "error"
    assert message.what == f"{text} was not opened"
    assert "is not in the sources of Simulated demo sky" in message.why
    with pytest.raises(NotFound, match="was not opened"):
        focused.source.settle()
    assert focused.source.name == eclipser[0]


def test_nothing_is_opened_by_no_name(curves):
    curves.source.open("  ")
    assert curves.desk.tasks.running == ()
    assert curves.source.row is None
    assert not curves.source.simulated


@pytest.fixture
def flaky(demo, tmp_path):
    """An explorer's state over an archive that can be cut off, and the source's."""

    class Flaky(Archive):
        cut = False

        def query(self, *args, **kwargs):
            if self.cut:
                raise ServiceUnreachable("no network")
            return super().query(*args, **kwargs)

    explorer = ExplorerState(Flaky("demo", cache=Cache(tmp_path / "flaky")))
    return explorer, explorer.desk.archive, SourceState(explorer)


@pytest.mark.parametrize("way", ["clicked", "named", "another region"])
def test_a_source_that_failed_to_open_again_is_tried_again(flaky, eclipser, way):
    explorer, archive, source = flaky
    source.open(eclipser[0])
    source.settle()
    explorer.focus = ""
    archive.cut = True
    source.open(eclipser[0])
    with pytest.raises(ServiceUnreachable):
        source.settle()
    archive.cut = False
    with pytest.raises(ServiceUnreachable):
        source.settle()
    if way == "clicked":
        explorer.picked("table", eclipser[0], None)
    elif way == "named":
        source.show(eclipser[0])
    else:
        explorer.search("M33", "1 arcmin")
    source.settle()
    assert source.name == explorer.focus == eclipser[0]


@pytest.mark.parametrize("lost", ["rows", "columns", "all"])
def test_what_a_lost_answer_left_out_is_looked_at_when_it_comes(flaky, eclipser, monkeypatch, lost):
    explorer, archive, source = flaky
    spectra = SpectrumState(source)
    whole = type(archive).detections

    def detections(self, *args, **kwargs):
        rows = whole(self, *args, **kwargs)
        return {"rows": rows[:1], "columns": rows["obsid", "obi"], "all": rows["obsid", "obi"][:0]}[lost]

    with monkeypatch.context() as patch:
        patch.setattr(type(archive), "detections", detections)
        source.open(eclipser[0])
        source.settle()
    assert len(spectra.observations) == (1 if lost == "rows" else 0)
    explorer.focus = ""
    source.open(eclipser[0])
    source.settle()
    assert len(spectra.observations) == len(source.detections) > 10
    assert len(spectra.chosen) == 5
    spectra.chosen = spectra.chosen[:2]
    explorer.focus = ""
    source.open(eclipser[0])
    source.settle()
    assert len(spectra.chosen) == 2  # nothing new came: what was chosen stays


def test_a_source_without_a_name_is_one_error(flaky, eclipser, monkeypatch):
    explorer, archive, source = flaky
    query = type(archive).query

    def renamed(self, *args, **kwargs):
        rows = query(self, *args, **kwargs)
        for name in rows.colnames:
            rows.rename_column(name, f"new_{name}")
        return rows

    monkeypatch.setattr(type(archive), "query", renamed)
    source.open(eclipser[0])
    with pytest.raises(QueryError, match="no column name"):
        source.settle()
    (message,) = explorer.desk.messages.entries
    assert "cannot be used" in message.what


def test_what_is_not_there_is_not_asked_for_at_each_search(flaky):
    explorer, _, source = flaky
    source.open("nobody")
    for _ in range(3):
        explorer.search("M33", "1 arcmin")
        explorer.desk.tasks.wait(20)
    assert [message.what for message in explorer.desk.messages.entries if message.level == "error"] == [
        "nobody was not opened"
    ]


@pytest.fixture
def slow(demo, tmp_path):
    """A source's state over an archive that waits with the detections until it is told to go on."""

    class Slow(Archive):
        go, asked = threading.Event(), threading.Event()

        def detections(self, *args, **kwargs):
            self.asked.set()
            assert self.go.wait(20)
            return super().detections(*args, **kwargs)

    source = SourceState(ExplorerState(Slow("demo", cache=Cache(tmp_path / "slow"))))
    yield source
    source.explorer.desk.archive.go.set()


def test_an_answer_for_a_source_no_longer_in_focus_never_lands(slow, demo, eclipser):
    other = str(demo.query(f"SELECT TOP 1 name FROM csc21.master_source WHERE name <> '{eclipser[0]}'")["name"][0])
    shown = []
    slow.observe(lambda change: shown.append(change["new"]), "name")
    slow.open(eclipser[0])
    assert slow.explorer.desk.archive.asked.wait(20)
    slow.open(other)
    slow.explorer.desk.archive.go.set()
    slow.explorer.desk.tasks.wait(20)
    assert shown == [other]


def test_an_answer_after_the_focus_was_given_up_never_lands(slow, eclipser):
    slow.open(eclipser[0])
    assert slow.explorer.desk.archive.asked.wait(20)
    slow.explorer.focus = ""
    slow.explorer.desk.archive.go.set()
    slow.explorer.desk.tasks.wait(20)
    assert slow.name == ""
    assert slow.row is None
    assert slow.explorer.desk.messages.entries == ()
