"""Cut-outs of a source: all on the same pixels, with the photons of its files."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from cscwidgets.science.times.events import read_events
from cscwidgets.state.cutouts import CutoutState


@pytest.fixture
def cutouts(warm_workspace, eclipser) -> CutoutState:
    """Of a bright source that was observed several times."""
    warm_workspace.explorer.focus = eclipser[0]
    state = warm_workspace.cutouts
    state.active = True
    state.desk.tasks.wait(120)
    return state


def test_pictures_of_an_archive_on_this_machine_come_by_themselves(cutouts):
    assert cutouts.wanted
    assert 1 < len(cutouts.cutouts) <= 6
    assert cutouts.missing == {}


def test_all_are_on_the_same_pixels_about_the_source(cutouts):
    made = cutouts.cutouts
    row = cutouts.source.row
    here = SkyCoord(float(row["ra"].value), float(row["dec"].value), unit="deg")
    assert len({one.image.values.shape for one in made}) == 1
    for one in made:
        rows, columns = one.image.values.shape
        middle = one.image.wcs.pixel_to_world((columns - 1) / 2, (rows - 1) / 2)
        assert middle.separation(here).arcsec < 1e-6
        assert {outline.background for outline in one.outlines} == {False, True}


def test_a_picture_holds_the_photons_of_its_file(cutouts):
    archive, key = cutouts.desk.archive, cutouts.chosen[0]
    made = cutouts.cutouts[0]
    rows = cutouts.source.detections
    own = rows[(rows["obsid"] == key.obsid) & (rows["region_id"] == key.region_id)]
    (path,) = archive.fetch(archive.products(own, "regevt"))
    events = read_events(path)
    if events.has_energies:
        events = events.within(0.5, 7.0)
    place = events.wcs.pixel_to_world(events.x - 1, events.y - 1)
    column, row = made.image.wcs.world_to_pixel(place)
    size = made.image.values.shape[0]
    inside = (column > -0.5) & (column < size - 0.5) & (row > -0.5) & (row < size - 0.5)
    assert made.counts == np.count_nonzero(inside)
    assert made.exposure == pytest.approx(events.good_time.total)


def test_nothing_is_fetched_while_nobody_looks(warm_workspace, eclipser):
    state = warm_workspace.cutouts
    warm_workspace.explorer.focus = eclipser[0]
    state.desk.tasks.wait(120)
    assert state.photons == {}
