import numpy as np
import pytest

from cscwidgets.demo.simulation import region_events

BANDS = {"b": (0.5, 7.0), "s": (0.5, 1.2), "m": (1.2, 2.0), "h": (2.0, 7.0), "u": (0.2, 0.5)}


@pytest.fixture(scope="module")
def regions(tables):
    joined = tables["stack_observation_assoc"].join(
        tables["observation_source"], keys=["obsid", "obi", "region_id"], join_type="inner"
    )
    rows = joined.sort_by([("cnts_aper_b", "descending"), ("obsid", "ascending")]).to_pylist()
    acis = [row for row in rows if row["instrument"] == "ACIS"]
    hrc = [row for row in rows if row["instrument"] == "HRC"]
    return [*acis[5:2000:250], *hrc[:2]]


def test_events_of_a_region_are_the_counts_of_its_row(regions):
    for row in regions:
        events = region_events(row["detect_stack_id"], row["region_id"], row["obsid"], row["obi"])
        assert ((events.time >= row["gti_start"]) & (events.time <= row["gti_stop"])).all()
        assert (np.diff(events.time) >= 0).all()
        if row["instrument"] == "HRC":
            assert len(events.time) == row["cnts_aper_w"]
            continue
        for band, (low, high) in BANDS.items():
            inside = (events.energy >= low) & (events.energy < high)
            assert inside.sum() == row[f"cnts_aper_{band}"]


def test_events_are_the_same_when_asked_again(regions):
    row = regions[0]
    key = (row["detect_stack_id"], row["region_id"], row["obsid"], row["obi"])
    first, second = region_events(*key), region_events(*key)
    np.testing.assert_array_equal(first.time, second.time)
    np.testing.assert_array_equal(first.energy, second.energy)
    np.testing.assert_array_equal(first.source, second.source)


def test_unknown_regions_are_refused(regions):
    row = regions[0]
    with pytest.raises(KeyError):
        region_events(row["detect_stack_id"], 99_999, row["obsid"])
