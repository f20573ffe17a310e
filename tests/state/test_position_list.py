"""A list in the explorer: what was observed against MOCs of the outlines, limits against the maps' own coordinates."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from cscwidgets.archive.lists.answer import FOUND, NOT_OBSERVED, OBSERVED
from cscwidgets.demo.telescope.observations import stacks
from cscwidgets.errors import CscError
from cscwidgets.science.maps.field_of_view import read_field_of_view
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX
from cscwidgets.state.list_coverage import stacks_of
from cscwidgets.state.product_files import fetch_files
from cscwidgets.state.tasks import Task

FIELDS = SkyCoord([23.46, 83.82, 6.02, 164.05], [30.66, -5.39, -72.08, 57.2], unit="deg")


@pytest.fixture
def listed(warm_workspace):
    return warm_workspace.listed


@pytest.fixture(scope="module")
def places():
    rng = np.random.default_rng(4)
    around = FIELDS[rng.integers(0, 4, 600)].directional_offset_by(
        rng.uniform(0, 360, 600) * u.deg, rng.uniform(0, 0.9, 600) * u.deg
    )
    far = SkyCoord([200, 10, 0], [-60, 80, 90], unit="deg")
    return SkyCoord([*around.ra.deg, *far.ra.deg], [*around.dec.deg, *far.dec.deg], unit="deg")


def files_of(listed, kind, band="b"):
    stacks = stacks_of(listed.desk.archive.search_list(FIELDS, radius="1 arcsec"))
    stacks = sorted(set(stacks) | set(map(str, listed.desk.archive._stack_table["detect_stack_id"])))
    files, _ = fetch_files(
        listed.desk.archive, Table({"detect_stack_id": stacks}), kind, "it", Task("", ""), bands=band
    )
    return {str(stack): path for stack, path in files.items()}


def test_observed_and_not_is_what_the_outlines_say(listed, places):
    listed.search(places)
    listed.settle()
    answer = listed.answer
    assert set(answer["status"]) <= {FOUND, OBSERVED, NOT_OBSERVED}
    fields = {stack: read_field_of_view(path) for stack, path in files_of(listed, "stkfov").items()}
    assert len(fields) == 30
    mocs = {stack: field.moc(15) for stack, field in fields.items()}  # cells of 6 arcsec
    inside = np.array([moc.contains_skycoords(places) for moc in mocs.values()])
    edges = np.array([moc.contains_skycoords(places) for moc in (moc.contracted() for moc in mocs.values())])
    sure = np.all(inside == edges, axis=0)  # not within a cell of an edge
    without = np.asarray(answer["status"]) != FOUND
    assert np.count_nonzero(sure & without) > 500
    expected = np.where(inside.any(axis=0), OBSERVED, NOT_OBSERVED)
    rows = np.flatnonzero(sure & without)
    assert answer["status"][rows].tolist() == expected[rows].tolist()
    seen = [one.sees(places.ra.deg, places.dec.deg) for stack in stacks() for one in stack.observations]
    assert np.any(seen, axis=0)[rows].tolist() == (expected == OBSERVED)[rows].tolist()  # by the telescope itself
    for row in np.flatnonzero(sure).tolist():
        assert set(answer["stacks"][row].split()) == {
            stack for stack, one in zip(mocs, inside[:, row], strict=True) if one
        }


def test_limits_are_the_lowest_of_the_maps_pixels(listed, places):
    listed.search(places)
    listed.settle()
    listed.band = "s"
    listed.limits()
    listed.settle()
    answer = listed.answer
    lowest, by = np.full(len(places), np.inf), np.full(len(places), "", "U40")
    for stack, path in files_of(listed, "sensity", "s").items():
        with fits.open(path) as hdus:
            (image,) = [hdu for hdu in hdus if hdu.is_image and hdu.data is not None and "TRUE" in str(hdu.header)][-1:]
            wcs, values = WCS(image.header).celestial, image.data
        middle = wcs.pixel_to_world(values.shape[1] / 2, values.shape[0] / 2)
        x, y = (np.rint(axis) for axis in wcs.world_to_pixel(places))
        inside = (
            (middle.separation(places).deg < 2) & (x >= 0) & (y >= 0) & (x < values.shape[1]) & (y < values.shape[0])
        )
        rows = np.flatnonzero(inside)
        here = values[y[rows].astype(int), x[rows].astype(int)].astype(float)
        good = (here > 0) & (here < 1) & (here < lowest[rows])
        lowest[rows[good]], by[rows[good]] = here[good], stack
    without = (np.asarray(answer["status"]) != FOUND) & np.isfinite(lowest)
    assert np.count_nonzero(without) > 200
    assert answer["limit"].unit == PHOTON_FLUX
    np.testing.assert_allclose(answer["limit"].value, np.where(without, lowest, np.nan), rtol=1e-6)
    assert answer["limit_stack"][without].tolist() == by[without].tolist()
    assert set(answer["band"][without]) == {"s"}
    assert set(answer["level"][without]) == {"TRUE"}
    assert "with a limit in the soft band" in listed.words


def test_the_panels_work_on_the_sources_of_the_list(listed, places):
    explorer = listed.explorer
    explorer.search("M33", "3 arcmin")
    listed.settle()
    names = list(map(str, explorer.table["name"][:5]))
    listed.search([*names, names[0], "23.6 30.6", "?!"])
    listed.settle()
    assert sorted(explorer.table["name"]) == sorted(names)
    assert explorer.place == "list of 8"
    assert explorer.region.contains([23.6], [30.6]).all()
    assert explorer.provenance.simulated
    assert "hard_hm" in explorer.table.colnames
    assert listed.words == "6 found, 1 observed, 1 not understood; 1 repeats an earlier one"
    assert [len(ra) for _, ra, _ in listed.places] == [1]
    listed.look_at(2)
    assert explorer.focus == names[2]
    listed.look_at(6)
    assert (explorer.view.ra, explorer.view.dec) == (23.6, 30.6)
    explorer.search("M33", "3 arcmin")
    explorer.settle()
    assert listed.places == []  # the list is not what is shown


def test_a_list_all_over_the_sky_has_no_region(listed):
    listed.search(SkyCoord([0, 120, 240, 23.46], [0, 0, 0, 30.66], unit="deg"))
    listed.settle()
    assert listed.explorer.region is None
    assert len(listed.explorer.table) == 0
    assert listed.explorer.view.fov == 180


def test_lines_a_file_and_a_variable_can_be_written(listed, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("ra,dec\n23.46,30.66\n200,-60\n")
    for text in ("23.46 30.66\n200 -60", str(path), "mine"):
        listed.read(text, {"mine": Table.read(path)})
        listed.settle()
        assert listed.answer["ra"].value.tolist() == [23.46, 200]
        assert listed.answer["status"][1] == NOT_OBSERVED
    with pytest.raises(CscError, match="Nothing was written"):
        listed.read("  ", {})
    listed.read("missing.csv", {})
    with pytest.raises(CscError, match="no file"):
        listed.settle()
    with pytest.raises(CscError, match="not understood"):
        listed.read("10 10", {}, "12 kpc")


def test_one_that_is_cancelled_leaves_what_was_there(listed, places):
    listed.search(["23.46 30.66"])
    listed.settle()
    before = listed.answer
    listed.search(places)
    for task in listed.desk.tasks.running:
        task.cancel()
    listed.desk.tasks.wait(30)
    assert listed.answer is before
