"""Timing of real-format event files: which events count, and what is said of them."""

import numpy as np
import pytest

from cscwidgets.science.region_file import read_regions
from cscwidgets.science.times.events import read_events
from cscwidgets.science.times.intra_observation import SourceEvents, timing


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
