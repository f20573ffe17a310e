"""Whatever a reader did, a session gives it back: random walks over the states of a workspace, field by field."""

import json

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cscwidgets.archive.cuts import Cut
from cscwidgets.csc.bands import BANDS
from cscwidgets.errors import CscError
from cscwidgets.science.matches.verdicts import Thresholds
from cscwidgets.state.diagrams import KINDS, MOST, SCALES
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.fit_settings import METHODS, STATISTICS
from cscwidgets.state.image_list import IMAGES
from cscwidgets.state.reopening import Reopening
from cscwidgets.state.selection import MODES
from cscwidgets.state.session import Session
from cscwidgets.state.session_file import SessionFile, write_session
from cscwidgets.state.shape import AREAS
from cscwidgets.state.workspace import KEPT, Workspace

PLACES = ("M33", "23.46 30.66", "icrs; box(23.5, 30.65, 20', 10', 30)", "icrs; polygon(23.3,30.5,23.7,30.5,23.5,30.8)")
WORDS = st.sampled_from(["good", "<b>bold</b>", "Ω ü 漢", "a'b\"c", "&amp;"])
NUMBERS = st.floats(0.01, 0.99)
FORMULAS = ("2 * flux_aper_b", "log10(flux_aper_b)", "flux_aper_b > 1e-14", "hard_hs - hard_ms")


def reopened(workspace, path):
    """The workspace of a file, with everything asked for again."""
    other = Workspace(ExplorerState(workspace.desk.archive, reraise=True))
    Reopening(other, SessionFile.read(path, KEPT)).start(fetch=True)
    other.desk.tasks.settle(timeout=60)
    return other


def saved(workspace, path):
    """The text of its session, which is written as well."""
    document = Session(workspace).document()
    write_session(path, document, overwrite=True)
    return json.loads(document)


def differences(before, after):
    """Fields of states that differ, with both values."""
    return {
        f"{state}.{name}": (value, after["states"][state][name])
        for state, kept in before["states"].items()
        for name, value in kept.items()
        if value != after["states"][state][name]
    }


class Walk(RuleBasedStateMachine):
    """A reader at an explorer over the demo, who saves and opens now and then."""

    archive, folder, actions = None, None, 0

    @initialize(place=st.sampled_from(PLACES))
    def begin(self, place):
        self.workspace = Workspace(ExplorerState(self.archive, reraise=True))
        self.explorer = self.workspace.explorer
        self.search(place)

    @invariant()
    def counted(self):
        Walk.actions += 1

    def some(self, share):
        return [str(name) for name in self.explorer.table["name"][share::7]]

    @rule(place=st.sampled_from(PLACES))
    def search(self, place):
        self.explorer.search(place, "6 arcmin")
        self.workspace.desk.tasks.settle(timeout=30)

    @rule(share=st.integers(0, 6), mode=st.sampled_from(MODES), origin=st.sampled_from(["sky", "table", "hardness"]))
    def select(self, share, mode, origin):
        self.workspace.desk.selection.publish(origin, self.some(share), mode)

    @rule(back=st.booleans(), mode=st.sampled_from(MODES))
    def step(self, back, mode):
        selection = self.workspace.desk.selection
        selection.mode = mode
        (selection.undo if back else selection.redo)()

    @rule(row=st.integers(0, 30))
    def focus(self, row):
        table = self.explorer.table
        if len(table):
            self.explorer.look_at(str(table["name"][row % len(table)]))
            self.workspace.desk.tasks.settle(timeout=30)

    @rule(share=st.integers(0, 6), words=WORDS)
    def write(self, share, words):
        own = self.explorer.own_columns
        own.label(self.some(share), words)
        for name in self.some(share)[:2]:
            own.annotations.note(name, words)

    @rule(name=st.sampled_from(["one", "two"]), formula=st.sampled_from(FORMULAS), words=WORDS)
    def compute(self, name, formula, words):
        self.explorer.own_columns.add(name, formula, words)

    @rule(kind=st.sampled_from(["f", "i", "U", "b"]))
    def assign(self, kind):
        table = self.explorer.table
        if len(table):
            table[f"mine_{kind}"] = np.arange(len(table)).astype("U9" if kind == "U" else kind)

    @rule(name=st.sampled_from(["soft", "hard"]), share=st.integers(0, 6), told=st.booleans())
    def subset(self, name, share, told):
        how = {"condition": "flux_aper_b > 1e-14"} if told else {"names": self.some(share)}
        self.explorer.own_columns.keep_subset(name, **how)

    @rule(front=st.sampled_from(["hardness", "spectrum"]), sky=NUMBERS, table=NUMBERS, folded=st.sampled_from(AREAS))
    def arrange(self, front, sky, table, folded):
        shape = self.workspace.shape
        shape.front, shape.sky, shape.table, shape.folded = front, sky, table, [folded]

    @rule(
        which=st.integers(0, MOST - 1),
        kind=st.sampled_from(KINDS),
        x=st.sampled_from(FORMULAS),
        scale=st.sampled_from(SCALES),
        count=st.integers(1, MOST),
    )
    def diagram(self, which, kind, x, scale, count):
        diagrams = self.workspace.diagrams
        choice = diagrams.diagrams[which]
        choice.kind, choice.x, choice.x_scale, diagrams.count = kind, x, scale, count

    @rule(radius=NUMBERS, none=NUMBERS, epoch=st.sampled_from([np.nan, 2015.5]), selected=st.booleans())
    def ask_for_counterparts(self, radius, none, epoch, selected):
        match = self.workspace.crossmatch
        match.find("sim_infrared")
        self.workspace.desk.tasks.settle(timeout=30)
        match.radius, match.epoch, match.only_selected = radius, epoch, selected
        match.thresholds = Thresholds(matched=1.0, none=none)

    @rule(band=st.sampled_from(list(BANDS)), threshold=st.sampled_from(["TRUE", "MARGINAL"]), nh=NUMBERS)
    def ask_for_coverage(self, band, threshold, nh):
        coverage = self.workspace.coverage
        coverage.band, coverage.threshold, coverage.nh = band, threshold, nh

    @rule(statistic=st.sampled_from(list(STATISTICS)), method=st.sampled_from(list(METHODS)), low=NUMBERS)
    def ask_for_fits(self, statistic, method, low):
        fitting = self.workspace.spectral_fit
        fitting.statistic, fitting.method = statistic, method
        fitting.model.choose("powerlaw+bbody")
        fitting.model.band = (low, 7.0)

    @rule(width=NUMBERS, alarm=NUMBERS, quantity=st.sampled_from(["photflux_aper", "flux_aper"]), first=st.booleans())
    def ask_for_curves(self, width, alarm, quantity, first):
        curves = self.workspace.lightcurve
        curves.width, curves.false_alarm, curves.quantity = width, alarm, quantity
        curves.chosen = tuple(curves.observations)[: 1 if first else 3]

    @rule(kind=st.sampled_from(list(IMAGES)), low=NUMBERS, smoothing=NUMBERS)
    def ask_for_images(self, kind, low, smoothing):
        images = self.workspace.images
        images.kind, images.low, images.smoothing = kind, low, smoothing

    @rule(value=NUMBERS, like=st.booleans())
    def cut(self, value, like):
        query = self.workspace.query
        query.open()
        self.workspace.desk.tasks.settle(timeout=30)
        query.cuts = (Cut("name", "like", "SIM%"),) if like else (Cut("significance", ">", value),)
        query.columns = ("flux_aper_s",)

    @rule()
    def save_and_open(self):
        before = saved(self.workspace, self.folder / "walk.csc.json")
        self.workspace = reopened(self.workspace, self.folder / "walk.csc.json")
        self.explorer = self.workspace.explorer
        after = json.loads(Session(self.workspace).document())
        assert not differences(before, after)
        for part in ("names", "sources", "archive", "panels"):
            assert before[part] == after[part], part
        assert not [one for one in self.workspace.desk.messages.entries if one.level == "error"]

    def teardown(self):
        if hasattr(self, "workspace"):
            self.save_and_open()


def walks(archive, folder, number, steps):
    Walk.archive, Walk.folder, Walk.actions = archive, folder, 0
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=number,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )


def test_a_session_gives_a_walk_back(demo, tmp_path):
    walks(demo, tmp_path, number=2, steps=25)


@pytest.mark.long
def test_a_session_gives_long_walks_back(demo, tmp_path):
    walks(demo, tmp_path, number=8, steps=250)
    assert Walk.actions > 200


def test_the_comparison_notices_what_is_lost(demo, tmp_path):
    workspace = Workspace(ExplorerState(demo))
    workspace.shape.folded = ["sky"]
    before = saved(workspace, tmp_path / "walk.csc.json")
    workspace.shape.folded = []
    assert differences(before, json.loads(Session(workspace).document())) == {"shape.folded": (["sky"], [])}


def test_nobody_knows_an_archive_that_is_gone(demo, tmp_path):
    workspace = Workspace(ExplorerState(demo))
    saved(workspace, tmp_path / "gone.csc.json")
    text = (tmp_path / "gone.csc.json").read_text().replace('"name":"demo"', '"name":"/nowhere/m33"')
    (tmp_path / "gone.csc.json").write_text(text)
    from cscwidgets import Explorer

    with pytest.raises(CscError, match=r"/nowhere/m33.*is not there.*archive="):
        Explorer.open(tmp_path / "gone.csc.json")
