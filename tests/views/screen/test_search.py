"""The fields of the bar say what the sources are from, whoever asked for them, and asking goes by them."""

import numpy as np
import pytest
from regions import CircleSkyRegion

from cscwidgets.state.explorer import ExplorerState
from cscwidgets.views.screen.search import SearchBar


@pytest.fixture
def bar(demo):
    state = ExplorerState(demo, reraise=True)
    return SearchBar(state, "M33", "6 arcmin"), state


def fields(bar):
    return [one.value for one in bar.widgets[:2]]


def test_a_typed_name_stays_as_it_is(bar):
    bar, state = bar
    bar.widgets[2].click()
    state.desk.tasks.settle(timeout=30)
    assert fields(bar) == ["M33", "6 arcmin"]
    assert len(state.table)


@pytest.mark.parametrize(
    "drawn",
    [
        "icrs; circle(23.5, 30.7, 3')",
        "icrs; box(23.5, 30.65, 20', 10', 30)",
        "icrs; polygon(23.3,30.5,23.7,30.5,23.5,30.8)",
    ],
)
def test_what_is_drawn_is_written_and_can_be_asked_again(bar, drawn):
    bar, state = bar
    state.search(drawn)
    state.desk.tasks.settle(timeout=30)
    assert not state.desk.tasks.running
    before, names = state.region, state.names
    target, radius = fields(bar)
    assert target.startswith("icrs; ")
    assert radius == "6 arcmin"
    bar.widgets[2].click()
    state.desk.tasks.settle(timeout=30)
    assert state.region is not before
    assert state.names == names
    if isinstance(before.shape, CircleSkyRegion):
        assert state.region.radius == pytest.approx(before.radius)
    np.testing.assert_allclose(state.region.centre, before.centre)


def test_sources_of_no_region_leave_no_words(bar):
    bar, state = bar
    state.search("M33", "6 arcmin")
    state.desk.tasks.settle(timeout=30)
    state.show(state.table, "a list", None, "list")
    assert fields(bar) == ["", "6 arcmin"]
