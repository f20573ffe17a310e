"""The images of an explorer: which there are, what is shown, and that photons follow what is brushed."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from regions import CircleSkyRegion

from cscwidgets.csc.products import KINDS
from cscwidgets.errors import CscError
from cscwidgets.state.image_list import Effort
from cscwidgets.state.images import COLOUR, ImagesState

LOCKMAN = CircleSkyRegion(SkyCoord(164.05, 57.2, unit="deg"), 6 * u.arcmin)


@pytest.fixture
def images(warm_workspace) -> ImagesState:
    """Over a small region of the simulated Lockman Hole."""
    warm_workspace.explorer.search(LOCKMAN)
    settle(warm_workspace.images)
    return warm_workspace.images


def settle(state: ImagesState) -> None:
    state.desk.tasks.wait(120)


def find(state: ImagesState, kind: str, bands: str) -> None:
    state.kind, state.bands = kind, bands
    state.find()
    settle(state)


def show(state: ImagesState, kind: str, bands: str) -> None:
    find(state, kind, bands)
    state.show()
    settle(state)


def test_images_of_stacks_are_listed_with_their_observations(images):
    find(images, "stkecorrimg", COLOUR)
    found = images.found
    stacks = images.desk.archive.stacks(LOCKMAN)
    assert set(found.names) <= set(map(str, stacks["detect_stack_id"]))
    assert set(found.table["bands"]) == {"smh"}
    assert set(found.table["instrument"]) <= {"ACIS-I", "ACIS-S"}
    assert (found.table["exposure"] > 1 * u.ks).all()
    assert images.chosen == tuple(found.names[:1])
    assert len(found.files(images.chosen)) == 3


def test_an_image_in_colours_has_the_files_values(images):
    show(images, "stkecorrimg", COLOUR)
    shown = images.shown
    paths = images.desk.archive.fetch(images.found.files(images.chosen))
    for image, path in zip(
        shown.images, sorted(paths, key=lambda path: "smh".index(path.name.split("_")[2])), strict=True
    ):
        with fits.open(path) as hdus:
            np.testing.assert_array_equal(image.values, hdus[0].data)
            assert image.unit == "ph / (s cm2)"
    assert shown.picture.simulated
    assert "soft + medium + hard" in shown.words
    assert shown.picture.title == shown.words
    # The value at a place is that of the pixel astropy finds there.
    with fits.open(paths[0]) as hdus:
        wcs = WCS(hdus[0].header, fix=False)
        place = wcs.pixel_to_world(700, 650)
    assert shown.values_at(place)[0] == shown.images[0].values[650, 700]
    assert shown.value_words(place).startswith("s ")
    assert shown.value_words(SkyCoord(0, 0, unit="deg")) == ""


def test_photons_are_counted_and_counted_again(images):
    show(images, "evt", "b")
    shown = images.shown
    (events,) = shown.photons.lists
    everything = events.within(0.5, 7.0)
    assert shown.images[0].values.sum() == len(everything)
    assert shown.images[0].unit == "ct"
    middle = float(np.median(everything.time))
    images.times = (events.header.start, middle)
    settle(images)
    assert images.shown.images[0].values.sum() == np.count_nonzero(everything.time < middle)
    images.energies = (2.0, 7.0)
    settle(images)
    hard = events.within(2.0, 7.0)
    assert images.shown.images[0].values.sum() == np.count_nonzero(hard.time < middle)
    images.times = ()
    images.bands = COLOUR
    settle(images)
    counted = [image.values.sum() for image in images.shown.images]
    assert counted == [len(events.within(*ends)) for ends in ((0.5, 1.2), (1.2, 2.0), (2.0, 7.0))]


def test_what_is_brushed_in_a_spectrum_chooses_photons(images, warm_workspace):
    show(images, "evt", "b")
    warm_workspace.spectral_model.band = (1.0, 3.0)
    settle(images)
    (events,) = images.shown.photons.lists
    assert images.shown.images[0].values.sum() == len(events.within(1.0, 3.0))


def test_a_brushed_time_shows_the_photons_of_the_source(images, warm_workspace):
    source = str(warm_workspace.explorer.table["name"][0])
    warm_workspace.explorer.focus = source
    settle(images)
    curve = warm_workspace.lightcurve
    key = curve.chosen[0]
    curve.times = (0.0, 1e10)
    settle(images)
    assert images.kind == "regevt"
    assert [str(events.header.obsid) for events in images.shown.photons.lists] == [str(key.obsid)]
    counted = sum(image.values.sum() for image in images.shown.images)
    assert counted == len(images.shown.photons.lists[0].within(0.5, 7.0)) > 0


def test_other_colours_need_no_file(images):
    show(images, "stkecorrimg", "b")
    before = images.shown
    images.colour_map, images.smoothing = "gray", 3.0
    settle(images)
    assert images.shown.images is before.images
    assert (images.shown.picture.rgba[..., 0] == images.shown.picture.rgba[..., 1]).all()
    images.low = 99.95
    settle(images)
    assert "percentiles" in str(images.desk.messages.entries[-1])


def test_a_look_begins_as_its_kind_is_best_seen(images):
    show(images, "stkecorrimg", "b")
    images.smoothing = 4.0
    show(images, "stkecorrimg", "s")
    assert images.smoothing == 4.0
    show(images, "stkexpmap", "b")
    assert (images.stretch, images.low, images.high, images.smoothing) == ("linear", 0.0, 100.0, 0.0)


def test_any_fits_image_is_shown(images, tmp_path):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.cdelt, wcs.wcs.crval = ["GLON-CAR", "GLAT-CAR"], [-0.01, 0.01], [150, 0]
    path = tmp_path / "radio.fits"
    fits.PrimaryHDU(np.arange(400, dtype=np.float32).reshape(20, 20), wcs.to_header()).writeto(path)
    images.add(path)
    settle(images)
    assert images.shown.words == "radio.fits"
    assert not images.shown.picture.simulated
    images.add(tmp_path / "nothing.fits")
    settle(images)
    with pytest.raises(CscError, match="No such file"):
        images.settle()
    assert images.shown.words == "radio.fits"  # the last good one stays
    images.clear()
    assert images.shown is None


def test_without_a_region_or_source_there_is_nothing_to_list(warm_workspace):
    state = warm_workspace.images
    state.find()
    assert state.found is None
    with pytest.raises(CscError, match="None is chosen"):
        state.show()


def test_what_is_fetched_is_said_before(images):
    find(images, "stkecorrimg", COLOUR)
    archive = images.desk.archive
    assert Effort.of(archive, images.found.products, images.found.kind).files == 0  # nothing comes over a network

    class Remote:
        """An archive none of whose files are here."""

        def to_download(self, products):
            return products

    products = images.found.products[:2].copy()
    effort = Effort.of(Remote(), products, KINDS["stkecorrimg"])
    assert (effort.files, effort.size, effort.told) == (2, 140_000_000, False)
    products["size"] = [1_000_000, 3_000_000]
    effort = Effort.of(Remote(), products, KINDS["stkecorrimg"])
    assert (effort.size, effort.told, effort.seconds) == (4_000_000, True, 2.0)


def test_another_source_leaves_the_list_of_fields(images, warm_workspace):
    images.find()
    warm_workspace.source.detections = warm_workspace.source.detections.copy()
    settle(images)
    assert images.found is not None
    assert not images.desk.messages.entries
