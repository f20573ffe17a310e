"""The fields of view that reach the explorer's region: which, whose, what is missing, and what lies in them."""

import gzip

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from mocpy import MOC

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.stacks import stack_label
from cscwidgets.csc.links import observation_page
from cscwidgets.csc.products import Observation
from cscwidgets.demo.telescope.observations import stacks
from cscwidgets.errors import CscError
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.observing_log import LoggedObservation, times
from cscwidgets.state.workspace import Workspace

M33 = SkyCoord(23.462, 30.66, unit="deg")


@pytest.fixture
def state(warm_workspace):
    warm_workspace.explorer.search("M33", "12 arcmin")
    warm_workspace.explorer.settle()
    return warm_workspace.fields


def reaching(radius, centre=M33):
    """Stacks with a part in a circle, by the telescope itself, on a fine grid."""
    step = np.linspace(-1, 1, 61) * radius
    east, north = (part[np.hypot(*np.meshgrid(step, step)) <= radius] for part in np.meshgrid(step, step))
    ra, dec = centre.ra.deg + east / np.cos(centre.dec.rad), centre.dec.deg + north
    return [stack for stack in stacks() if any(one.sees(ra, dec).any() for one in stack.observations)]


def test_stacks_that_reach_the_region_are_those_that_the_telescope_pointed_there(state):
    assert state.found is None
    state.shown = "stacks"
    table = state.table
    expected = {stack.stack_id: stack for stack in reaching(0.2)}
    assert set(table["stack"]) == set(expected)
    assert len(set(table["stack"])) == len(table)
    for row in table:
        stack = expected[row["stack"]]
        assert row["exposure"].to_value(u.s) == pytest.approx(sum(one.exposure for one in stack.observations))
        assert row["obsids"].split() == [str(one.obsid) for one in stack.observations]
        assert abs(row["date"].cxcsec - min(one.start for one in stack.observations)) < 1
        assert row["instrument"].startswith(stack.instrument)
        first = stack.observations[0]
        assert (row["instrument"] == "ACIS-S") == (first.detector == "ACIS-235678")
    assert state.absent == {}
    radii = [one.outline.radius for one in state.found.fields]
    assert (np.diff(radii) > -1e-6).all()


def test_a_stack_near_the_region_that_does_not_reach_it_is_counted(warm_workspace):
    far = M33.directional_offset_by(90 * u.deg, 0.4 * u.deg)
    warm_workspace.explorer.search(far, 1 * u.arcmin)
    warm_workspace.explorer.settle()
    state = warm_workspace.fields
    state.shown = "stacks"
    assert set(state.table["stack"]) == {stack.stack_id for stack in reaching(1 / 60, far)}
    assert state.found.beyond > 0


def test_observations_are_listed_each_with_its_own(state):
    state.shown = "observations"
    table = state.table
    log = {(one.obsid, one.obi): (one, stack) for stack in reaching(0.2) for one in stack.observations}
    assert set(zip(table["obsid"].tolist(), table["obi"].tolist(), strict=True)) == set(log)
    for row in table:
        one, stack = log[row["obsid"], row["obi"]]
        assert (row["stack"], row["exposure"].value) == (stack.stack_id, one.exposure)
        assert abs(row["date"].cxcsec - one.start) < 1


def test_what_lies_at_a_place_is_listed_the_smallest_first(state):
    state.shown = "observations"
    state.settle()
    here = state.at(M33)
    seen = {one.obsid for stack in reaching(0.2) for one in stack.observations if one.sees(*place(M33))[0]}
    assert {field.observations[0].key.obsid for field in here} == seen
    assert here[0].instrument == "ACIS-S"
    assert here[-1].instrument == "HRC"
    assert state.at(SkyCoord(0, 0, unit="deg")) == []


def place(at):
    return np.array([at.ra.deg]), np.array([at.dec.deg])


def test_the_sources_of_a_field_are_selected(state):
    state.shown = "observations"
    state.settle()
    state.select("90003")
    table, selection = state.explorer.table, state.desk.selection
    observation = next(one for stack in stacks() for one in stack.observations if one.obsid == 90003)
    inside = observation.sees(np.asarray(table["ra"], float), np.asarray(table["dec"], float))
    assert selection.names == set(map(str, table["name"][inside]))
    assert 0 < inside.sum() < len(table)
    state.select("90001", "intersect")
    assert selection.names < set(map(str, table["name"][inside]))
    with pytest.raises(CscError, match="No field of view '1'"):
        state.select("1")


def test_the_coverage_map_is_that_of_all(state):
    state.shown = "stacks"
    moc = state.moc(12)
    assert isinstance(moc, MOC)
    table = state.explorer.table
    assert moc.contains_lonlat(u.Quantity(table["ra"], "deg"), u.Quantity(table["dec"], "deg")).mean() > 0.99
    whole = np.sum([stack.outline.moc(12).sky_fraction for stack in state.found.fields])
    assert 0.2 * whole < moc.sky_fraction < 0.7 * whole


def test_nothing_is_fetched_and_nothing_stands_while_it_is_off(state):
    with pytest.raises(CscError, match="They are not shown"):
        _ = state.table
    state.shown = "stacks"
    state.settle()
    state.place = M33
    state.shown = ""
    assert (state.found, state.place) == (None, None)
    assert state.at(M33) == []


def test_another_region_brings_its_own_and_an_answer_that_is_late_is_dropped(state):
    state.shown = "stacks"
    state.shown = "observations"
    state.settle()
    assert state.found.kind == "observations"
    state.explorer.search("M42", "5 arcmin")
    assert set(state.table["stack"]) == {
        stack.stack_id for stack in reaching(5 / 60, SkyCoord(83.822, -5.391, unit="deg"))
    }


def test_what_has_no_file_or_a_damaged_one_is_counted_and_told(demo, tmp_path):
    folder = demo.mirror("M33", tmp_path / "m33", "stkfov", radius="12 arcmin")
    gone, damaged, empty, *_ = sorted(folder.rglob("*fov3.fits*"))
    gone.unlink()
    whole = gzip.decompress(damaged.read_bytes()) if damaged.suffix == ".gz" else damaged.read_bytes()
    changed = whole.replace(b"TCTYP2", b"TCTYQ2")
    damaged.write_bytes(gzip.compress(changed) if damaged.suffix == ".gz" else changed)
    empty.write_bytes(b"")
    workspace = Workspace(ExplorerState(Archive(folder, cache=Cache(tmp_path / "cache"))))
    workspace.explorer.search("M33", "12 arcmin")
    workspace.explorer.settle()
    state = workspace.fields
    state.shown = "stacks"
    shown = set(state.table["stack"])
    names = ["_".join(path.name.split("_")[:2]).split("N0")[0] for path in (gone, damaged, empty)]
    assert set(state.absent) == set(names)
    assert "no field of view" in state.absent[names[0]]
    assert "world coordinates" in state.absent[names[1]]
    assert not shown & set(names)
    assert len(shown) + len(names) + state.found.beyond == len(demo.stacks("M33", radius="12 arcmin"))
    (message,) = (str(one) for one in workspace.desk.messages.entries if one.level == "warning")
    assert message.startswith("3 stacks near the region are not shown")


def test_what_the_archive_does_not_tell_stays_open():
    unknown = LoggedObservation(Observation(78, 0))
    assert (unknown.name, unknown.date, np.isnan(unknown.exposure)) == ("78", "", True)
    assert LoggedObservation(Observation(78, 2)).name == "78.2"
    dates = times([53000.0, np.nan])
    assert dates.mask.tolist() == [False, True]
    assert len(times([])) == 0


def test_names_are_short_enough_to_be_labels():
    assert stack_label("acisfJ0024069m720449_001") == "J0024−7204"
    assert stack_label("something else") == "something else"
    assert observation_page(635).endswith("obsid=635")
