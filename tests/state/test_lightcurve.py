"""Light curves of the source in focus: fetched when looked at, in words where there are none, never another's."""

import threading

import numpy as np
import pyarrow as pa
import pytest

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.science.lightcurve import LightCurve
from cscwidgets.science.times.intra_observation import SourceEvents, Timing
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.lightcurve import LightCurveState
from cscwidgets.state.observed import Missing
from cscwidgets.state.source import SourceState


def wait(curves):
    curves.desk.tasks.wait(60)


def rows_by_key(curves):
    return {f"{row['obsid']}.{row['obi']}.{row['region_id']}": row for row in curves.source.detections}


def of_instrument(curves, instrument):
    return [key for key, made_with in curves.instruments.items() if made_with == instrument]


def test_every_observation_is_there_once_and_the_longest_is_chosen(focused):
    rows = rows_by_key(focused)
    assert list(focused.observations) == focused.longterm.keys
    assert focused.observations.keys() == rows.keys()
    longest = max((float(row["livetime"].value) for key, row in rows.items() if focused.instruments[key] == "ACIS"))
    (chosen,) = focused.chosen
    assert rows[chosen]["livetime"].value == pytest.approx(longest, rel=0.01)
    for key, words in focused.observations.items():
        assert f"ObsID {rows[key]['obsid']}" in words
        assert words.startswith(rows[key]["time"].isot[:10])


def test_nothing_is_fetched_while_nobody_looks(focused, demo):
    wait(focused)
    assert focused.curves == {}
    focused.of_events = True
    wait(focused)
    assert (focused.events, focused.timings) == ({}, {})
    assert demo.cache.size == 0


def test_curves_are_the_tables(focused):
    focused.active = True
    focused.chosen = tuple(of_instrument(focused, "ACIS"))
    wait(focused)
    assert focused.curves.keys() == set(focused.chosen)
    rows, compared = rows_by_key(focused), 0
    for key, curve in focused.curves.items():
        if isinstance(curve, Missing):
            assert np.ma.is_masked(rows[key]["var_prob_b"]) or not np.isfinite(rows[key]["var_prob_b"])
            assert "too weak" in curve.why
        else:
            assert f"{curve.header.obsid}.{curve.header.obi}.{curve.region_id}" == key
            assert curve.variability.probability == pytest.approx(rows[key]["var_prob_b"], rel=1e-12)
            compared += 1
    assert compared > 5
    assert focused.desk.messages.entries == ()


def test_a_detector_without_the_band_says_so(focused):
    focused.active = True
    hrc, acis = of_instrument(focused, "HRC")[0], two_acis(focused)[0]
    focused.chosen = (hrc, acis)
    wait(focused)
    # Beside the broad band the HRC's only one is shown, under its own name.
    assert (focused.curves[hrc].band, focused.curves[acis].band) == ("wide", "broad")
    focused.band = "h"
    wait(focused)
    assert focused.curves[hrc] == Missing("the HRC has no hard band, which is the ACIS's")
    focused.band = "w"
    wait(focused)
    assert focused.curves[hrc].band == "wide"
    assert focused.curves[acis] == Missing("the ACIS has no wide band, which is the HRC's")
    assert focused.longterm.band == "w"


def test_another_quantity_keeps_the_curves(focused):
    focused.active = True
    wait(focused)
    curves = focused.curves
    focused.quantity = "flux_aper"
    assert focused.curves is curves
    flux = {key: row["flux_aper_b"].value for key, row in rows_by_key(focused).items()}
    np.testing.assert_array_equal(focused.longterm.flux.value, [flux[key] for key in focused.longterm.keys])


def test_events_are_timed_with_the_settings(focused, demo):
    focused.active, focused.of_events = True, True
    wait(focused)
    (key,) = focused.chosen
    events, found = focused.events[key], focused.timings[key]
    assert isinstance(events, SourceEvents)
    kept = events.source.clean()
    assert found.events == ((kept.energy >= 0.5) & (kept.energy < 7.0)).sum()
    # The catalogue counts in the same energies and the same region.
    obsid, obi, region = key.split(".")
    here = f"obsid = {obsid} AND obi = {obi} AND region_id = {region}"
    counted = demo.query(f"SELECT cnts_aper_b FROM csc21.observation_source WHERE {here}")
    assert found.events == counted["cnts_aper_b"][0]
    focused.energies = (2.0, 7.0)
    focused.width = 500.0
    wait(focused)
    again = focused.timings[key]
    assert again.events == ((kept.energy >= 2.0) & (kept.energy < 7.0)).sum() < found.events
    assert again.band == (2.0, 7.0)
    np.testing.assert_allclose(np.diff(again.binned.edges)[:-1], 500.0)


def test_bins_that_no_plot_can_show_are_refused_in_words(focused):
    focused.active, focused.of_events, focused.width = True, True, 0.1
    wait(focused)
    (found,) = focused.timings.values()
    assert "too narrow" in found.why
    focused.width = 1000.0
    wait(focused)
    assert isinstance(focused.timings[focused.chosen[0]], Timing)


@pytest.fixture
def mirror(demo, eclipser, tmp_path):
    """A folder of the source with all its files, to be spoilt."""
    place = demo.query(f"SELECT ra, dec FROM csc21.master_source WHERE name = '{eclipser[0]}'")
    region = f'icrs; circle({place["ra"][0].value}, {place["dec"][0].value}, 1")'
    return demo.mirror(region, tmp_path / "mirror", ("lc", "regevt", "reg"), "bw")


@pytest.fixture
def spoilt(mirror, eclipser, tmp_path):
    """The state over that folder after something was done to files of given patterns."""

    def make(harm, *patterns):
        for pattern in patterns:
            found = [*(mirror / "products").rglob(pattern)]
            assert found, pattern
            for path in found:
                harm(path)
        curves = LightCurveState(SourceState(ExplorerState(Archive(mirror, cache=Cache(tmp_path / "again")))))
        curves.active = True
        curves.source.open(eclipser[0])
        wait(curves)
        return curves

    return make


def cut(path):
    path.write_bytes(path.read_bytes()[:500])


def two_acis(curves):
    """Two observations that have light curves: one to be spoilt, one to be shown all the same."""
    rows = rows_by_key(curves)
    order = sorted(of_instrument(curves, "ACIS"), key=lambda key: -rows[key]["livetime"].value)
    return order[0], order[1]


def test_a_damaged_file_is_words_for_its_observation_and_the_others_show(mirror, spoilt, focused):
    bad, good = two_acis(focused)
    curves = spoilt(cut, f"*{int(bad.split('.')[0]):05d}*lc3.fits.gz")
    curves.chosen = (bad, good)
    wait(curves)
    assert isinstance(curves.curves[good], LightCurve)
    assert isinstance(curves.curves[bad], Missing)
    assert len(curves.curves[bad].why) > 20
    assert "too weak" not in curves.curves[bad].why


def test_a_missing_file_is_words_and_a_missing_region_is_told(spoilt, focused):
    bad, good = two_acis(focused)
    obsids = [f"{int(key.split('.')[0]):05d}" for key in (bad, good)]
    curves = spoilt(lambda path: path.unlink(), f"*{obsids[0]}*regevt3.fits.gz", f"*{obsids[1]}*_reg3.fits.gz")
    curves.of_events, curves.chosen = True, (bad, good)
    wait(curves)
    assert curves.events[bad] == curves.timings[bad] == Missing("the archive has no event file of this detection")
    assert curves.events[good].background is None
    assert not curves.timings[good].separated


def test_a_region_file_that_does_not_come_is_no_region_file_left_out(spoilt, focused):
    bad, good = two_acis(focused)
    curves = spoilt(cut, f"*{int(bad.split('.')[0]):05d}*_reg3.fits.gz")
    curves.of_events, curves.chosen = True, (bad, good)
    wait(curves)
    # Without its regions, background would count as the source's.
    assert isinstance(curves.events[bad], Missing)
    assert curves.timings[good].separated


def pretend(source, name, rows, instrument=""):
    """Put some of a source's rows into the place of another source's."""
    rows = rows.copy()
    rows["name"] = [name] * len(rows)
    if instrument:
        rows["instrument"] = instrument
    with source.hold_trait_notifications():
        source.detections, source.name = rows, name


def test_a_source_without_detections_does_not_keep_the_last_ones_curve(focused):
    source = focused.source
    pretend(source, "SIM J000000.0+000000", source.detections[:0])
    assert focused.longterm is None
    assert (focused.chosen, focused.observations) == ((), {})
    assert focused.absent == "The archive has no detections of SIM J000000.0+000000."


def test_a_source_of_the_hrc_alone_is_shown_in_its_band(focused):
    source = focused.source
    rows = source.detections
    hrc = np.char.strip(np.asarray(rows["instrument"], str)) == "HRC"
    pretend(source, "SIM J000000.0+000001", rows[hrc])
    assert focused.band == focused.longterm.band == "w"
    assert focused.longterm.measured.all()
    pretend(source, "SIM J000000.0+000002", rows[~hrc])
    assert focused.band == focused.longterm.band == "b"
    assert source.explorer.desk.messages.entries == ()


@pytest.mark.parametrize("quantity", ["photflux_aper", "flux_aper"])
def test_every_band_can_be_compared(focused, quantity):
    focused.quantity = quantity
    for band in "hmsuwb":
        focused.band = band
        rows = rows_by_key(focused)
        values = [rows[key][f"{quantity}_{band}"].value for key in focused.longterm.keys]
        np.testing.assert_array_equal(focused.longterm.flux.value, values)
    assert focused.desk.messages.entries == ()


@pytest.fixture
def slow(demo, eclipser, tmp_path):
    """The state over an archive that waits with listing files."""

    class Slow(Archive):
        go, asked = threading.Event(), threading.Event()

        def products(self, *args, **kwargs):
            self.asked.set()
            assert self.go.wait(20)
            return super().products(*args, **kwargs)

    curves = LightCurveState(SourceState(ExplorerState(Slow("demo", cache=Cache(tmp_path / "slow")))))
    curves.source.open(eclipser[0])
    wait(curves)
    yield curves
    curves.desk.archive.go.set()


def test_a_late_answer_for_another_band_or_source_never_lands(slow):
    archive = slow.desk.archive
    slow.active = True
    assert archive.asked.wait(20)
    slow.active, slow.band = False, "s"
    archive.go.set()
    wait(slow)
    assert slow.curves == {}

    archive.go.clear()
    archive.asked.clear()
    slow.active = True
    assert archive.asked.wait(20)
    slow.active = False
    slow.source.name = "SIM J000000.0+000000"
    archive.go.set()
    wait(slow)
    assert slow.curves == {}


def test_timings_of_another_source_never_land(focused, monkeypatch):
    go, asked = threading.Event(), threading.Event()

    def slowly(events, low, high):
        asked.set()
        assert go.wait(20)
        return within(events, low, high)

    focused.active, focused.of_events = True, True
    wait(focused)
    assert focused.timings
    within = SourceEvents.within
    monkeypatch.setattr(SourceEvents, "within", slowly)
    focused.width = 300.0
    assert asked.wait(20)
    focused.active = False
    pretend(focused.source, "SIM J000000.0+000000", focused.source.detections)
    go.set()
    wait(focused)
    assert focused.timings == {}


def test_an_archive_of_sources_alone_is_told_without_an_error(tmp_path):
    folder = tmp_path / "sources"
    table = pa.table({"name": ["SIM J000400.0+010000"], "ra": [1.0], "dec": [1.0]})
    info = ArchiveInfo("Sources", "csc2.1", "csc21", "made for a test", True, "2026-01-01T00:00:00Z")
    write_folder(folder, {"master_source": table}, info)
    explorer = ExplorerState(Archive(folder))
    state = LightCurveState(SourceState(explorer))
    explorer.focus = "SIM J000400.0+010000"
    explorer.desk.tasks.wait(30)
    assert (state.source.name, len(state.source.detections)) == (explorer.focus, 0)
    assert (state.longterm, state.absent) == (None, f"The archive has no detections of {explorer.focus}.")
    assert explorer.desk.messages.entries == ()
