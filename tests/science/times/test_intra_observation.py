"""Timing of real-format event files: which events count, and what is said of them."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets.errors import CscError
from cscwidgets.science.region_file import read_regions
from cscwidgets.science.times.events import read_events
from cscwidgets.science.times.intra_observation import SourceEvents, timing

from ...source_files import write_source_files


@pytest.fixture
def files(demo, eclipser):
    """Event and region files of the longest exposures with each instrument."""

    def of(instrument):
        rows = demo.detections(eclipser[0])
        rows = rows[np.char.strip(np.asarray(rows["instrument"], str)) == instrument]
        longest = rows[[int(np.argmax(rows["livetime"]))]]
        products = demo.products(longest, ("regevt", "reg"))
        found = dict(zip(map(str, products["kind"]), demo.fetch(products), strict=True))
        return longest[0], SourceEvents.separated(read_events(found["regevt"]), read_regions(found["reg"]))

    return of


def test_counts_and_exposure_are_the_tables(files):
    row, events = files("ACIS")
    found = timing(events.within(0.5, 7.0), width=2000)
    chosen = (events.source.energy >= 0.5) & (events.source.energy < 7.0)
    inside = events.source.good_time.contains(events.source.time)
    assert found.events == (chosen & inside).sum() > 50
    assert found.exposure == pytest.approx(events.source.good_time.total)
    # The live time also leaves out what the frames' transfer takes.
    assert 0.95 * found.exposure < row["livetime"].value <= found.exposure
    assert found.binned.counts.sum() == found.events
    assert found.blocks.edges[0] == found.binned.edges[0]
    assert (found.band, found.separated) == ((0.5, 7.0), True)
    assert timing(events, width=2000).band is None


def test_the_hrc_ignores_energies_and_says_so(files):
    _, events = files("HRC")
    assert len(events.source) > 0
    assert events.within(2.0, 3.0) is events
    assert timing(events.within(2.0, 3.0), width=2000).band is None
    # Also where the source has no event: none of the background's may be asked for its energy.
    none = SourceEvents(events.source[np.zeros(len(events.source), bool)], events.background, events.ratio)
    assert timing(none.within(2.0, 3.0), width=2000).band is None


def test_too_few_events_have_a_curve_and_no_tests(files):
    _, events = files("ACIS")
    one = SourceEvents(events.source[np.arange(len(events.source)) == 3])
    found = timing(one, width=1e4)
    assert (found.events, found.blocks, found.tests, found.separated) == (1, None, None, False)
    assert found.binned.counts.sum() == 1


def _in_pixels_of(path, tables, ra):
    """Give shapes of a region file the pixels of a tangential projection about another place, as stacks have them."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], [ra, -72.0]
    wcs.wcs.crpix, wcs.wcs.cdelt = [4096.5, 4096.5], [-0.492 / 3600, 0.492 / 3600]
    with fits.open(path, mode="update") as hdus:
        for name in tables:
            for axis, column in enumerate((2, 3)):
                for key, values in (("TCTYP", wcs.wcs.ctype), ("TCRVL", wcs.wcs.crval)):
                    hdus[name].header[f"{key}{column}"] = values[axis]
                for key, values in (("TCRPX", wcs.wcs.crpix), ("TCDLT", wcs.wcs.cdelt)):
                    hdus[name].header[f"{key}{column}"] = values[axis]
    return wcs


def test_regions_of_a_stack_choose_the_events_at_their_place_on_the_sky(tmp_path):
    """Against astropy's coordinates: pixels of two tangent points 1.5 arcmin apart are not the same."""
    write_source_files(tmp_path)
    events = read_events(tmp_path / "regevt3.fits")
    wcs = _in_pixels_of(tmp_path / "reg3.fits", ("SRCREG", "BKGREG"), 6.08)
    place = wcs.wcs_world2pix(*events.wcs.wcs_pix2world(4096, 4096, 1), 1)
    assert np.hypot(*(np.array(place) - 4096)) > 100
    with fits.open(tmp_path / "reg3.fits", mode="update") as hdus:
        hdus["SRCREG"].data["X"], hdus["SRCREG"].data["Y"] = place
    chosen = SourceEvents.separated(events, read_regions(tmp_path / "reg3.fits")).source
    sky = events.wcs.pixel_to_world(events.x - 1, events.y - 1)
    near = sky.separation(events.wcs.pixel_to_world(4095, 4095)).arcsec < 10 * 0.492
    assert near.sum() > 390
    np.testing.assert_array_equal(chosen.time, events.time[near])


def test_regions_in_two_kinds_of_pixels_are_refused(tmp_path):
    write_source_files(tmp_path)
    _in_pixels_of(tmp_path / "reg3.fits", ("SRCREG",), 6.08)
    _in_pixels_of(tmp_path / "reg3.fits", ("BKGREG",), 6.0)
    with pytest.raises(CscError, match="different sky pixels"):
        read_regions(tmp_path / "reg3.fits")
