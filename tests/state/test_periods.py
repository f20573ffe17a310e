"""The period search over the demo, where the true period is known."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from cscwidgets.science.photometry import Flux
from cscwidgets.science.time_system import TimeSystem
from cscwidgets.science.times.folding import phases
from cscwidgets.science.times.long_term_curve import long_term
from cscwidgets.state import periods
from cscwidgets.state.observed import Missing
from cscwidgets.state.periods import BETWEEN, METHODS, PeriodState


def wait(state):
    state.curves.desk.tasks.wait(60)


def messages(state):
    return [str(message) for message in state.curves.desk.messages.entries]


@pytest.fixture
def state(focused):
    """The events of the eclipsing source's best observation."""
    state = PeriodState(focused)
    focused.active = focused.of_events = True
    rows = {f"{row['obsid']}.{row['obi']}.{row['region_id']}": row for row in focused.source.detections}
    acis = [key for key, instrument in focused.instruments.items() if instrument == "ACIS"]
    focused.chosen = (max(acis, key=lambda key: rows[key]["src_cnts_aper_b"]),)
    wait(state)
    state.shortest, state.longest = 3000.0, 30_000.0
    return state


@pytest.mark.parametrize("method", METHODS)
def test_the_true_period_is_found_and_folded(state, eclipser, method):
    _, period = eclipser
    state.method = method
    state.search()
    wait(state)
    assert messages(state) == []
    good_time = state.events.good_time
    # Half of the width of a peak: 1 / span in frequency.
    assert 1 / state.period == pytest.approx(1 / period, abs=0.5 / (good_time.stop - good_time.start))
    assert state.periodogram.false_alarm() < 1e-3
    assert state.period == state.folded.period == state.periodogram.period
    # The eclipse is where no photon, or few, came: deeper than noise.
    assert state.folded.counts.sum() == len(state.events) > 100
    assert state.folded.counts.min() < 0.3 * state.folded.counts.mean()


def test_what_times_count_and_how_well_is_told(state):
    """Readouts of TIMEDEL: no faster signal than two of them is told from its aliases (Nyquist)."""
    assert state.clock == "Times are TT, not barycentred."
    (key,) = state.curves.chosen
    events = state.curves.events[key]
    header = replace(events.source.header, system=TimeSystem.BARYCENTRIC)
    source = replace(events.source, header=header, resolution=3.24104)
    background = replace(events.background, header=header)
    state.curves.events = {key: replace(events, source=source, background=background)}
    assert state.clock == "Times are TDB, barycentred, known to 3.24 s (TIMEDEL)."
    state.shortest = 5.0
    assert state.clock.endswith("(TIMEDEL): periods below 6.48 s are aliases.")
    state.key = BETWEEN
    assert state.clock == ""


def test_folding_at_a_typed_period_is_by_the_definition(state, eclipser):
    _, period = eclipser
    state.bins, state.period = 8, period
    events, folded = state.events, state.folded
    place = np.floor(8 * phases(events.time, period, folded.epoch)).astype(int)
    np.testing.assert_array_equal(folded.counts, np.bincount(place, minlength=8))
    assert folded.exposure.sum() == pytest.approx(events.good_time.total)
    state.period = 0.0
    assert state.folded is None


def test_energies_choose_the_events_and_forget_the_search(state):
    state.search()
    wait(state)
    everything = len(state.events)
    period = state.period
    state.curves.energies = (2.0, 7.0)
    assert 0 < len(state.events) < everything
    assert (state.events.energy >= 2.0).all()
    assert state.periodogram is None
    # The period stays: to see it in other colours is what one folds for.
    assert (state.period, state.folded.counts.sum()) == (period, len(state.events))


def test_the_hrc_has_no_energies_to_choose_by(state):
    hrc = next(key for key, instrument in state.curves.instruments.items() if instrument == "HRC")
    state.curves.chosen = (hrc,)
    wait(state)
    whole = len(state.events)
    state.curves.energies = (2.0, 2.1)
    assert len(state.events) == whole > 10


def test_another_observation_is_another_search_at_the_same_period(state, eclipser):
    state.period = eclipser[1]
    state.search()
    wait(state)
    first, period = state.key, state.period
    others = [key for key, made_with in state.curves.instruments.items() if made_with == "ACIS" and key != first]
    state.curves.chosen = (first, others[3])
    wait(state)
    assert (state.key, state.periodogram is None) == (first, False)
    state.key = others[3]
    assert state.periodogram is None
    assert (state.period, state.folded.counts.sum()) == (period, len(state.events))
    state.curves.chosen = ()
    assert (state.key, state.events, state.folded) == ("", None, None)


def test_another_source_has_no_period_yet(state, demo, eclipser):
    state.period = eclipser[1]
    name = demo.query(f"SELECT TOP 1 name FROM csc21.master_source WHERE name <> '{eclipser[0]}'")["name"][0]
    state.curves.source.open(str(name))
    wait(state)
    assert (state.period, state.folded) == (0.0, None)


def test_what_cannot_be_searched_is_one_message_each(state):
    guard = state.curves.desk.messages.guard
    wrong = [
        ({"shortest": 30_000.0, "longest": 3000.0}, "no such periods"),
        ({"shortest": 0.0}, "no such periods"),
        ({"shortest": 1e-5}, "frequencies would be needed"),
    ]
    for settings, words in wrong:
        state.set_trait("shortest", 3000.0)
        state.set_trait("longest", 30_000.0)
        for name, value in settings.items():
            setattr(state, name, value)
        before = len(messages(state))
        guard(state.search)()
        assert words in messages(state)[-1]
        assert len(messages(state)) == before + 1
    state.period = -5.0
    assert "-5.0" in messages(state)[-1]
    assert state.folded is None
    state.curves.chosen = ()
    guard(state.search)()
    assert "Nothing can be searched" in messages(state)[-1]
    assert state.periodogram is None


@pytest.mark.parametrize("method", METHODS)
def test_too_few_events_are_told_by_every_method(state, method):
    state.method = method
    state.curves.energies = (6.9, 7.0)
    assert len(state.events) < 10
    state.curves.desk.messages.guard(state.search)()
    wait(state)
    assert "too few" in messages(state)[-1]
    assert state.periodogram is None


@pytest.fixture
def slow(state, monkeypatch):
    """A search that waits in the middle, and what it does then."""
    go, asked, went_on = threading.Event(), threading.Event(), []

    def slowly(time, grid, good_time, *, progress):
        asked.set()
        assert go.wait(20)
        progress(0.5)
        went_on.append(True)
        return whole(time, grid, good_time, progress=progress)

    whole = periods.z_squared
    monkeypatch.setattr(periods, "z_squared", slowly)
    state.search()
    assert asked.wait(20)
    return go, went_on


def test_a_search_is_cancelled_at_once_and_ends_at_its_next_step(state, slow):
    go, went_on = slow
    (task,) = state.curves.desk.tasks.running
    started = time.monotonic()
    task.cancel()
    assert time.monotonic() - started < 0.5
    go.set()
    wait(state)
    assert (task.state, went_on) == ("cancelled", [])
    assert (state.periodogram, messages(state)) == (None, [])


def test_a_search_of_events_that_are_no_longer_chosen_never_lands(state, slow):
    go, went_on = slow
    state.curves.energies = (2.0, 7.0)
    go.set()
    wait(state)
    assert went_on
    assert (state.periodogram, state.period) == (None, 0.0)


def test_an_observation_without_events_is_passed_over(state):
    missing, there = "1.0.1", state.key
    state.curves.events = {missing: Missing("gone"), **state.curves.events}
    state.curves.chosen = (missing, there)
    assert state.key == there


def test_a_search_of_events_does_not_mind_another_band_of_the_fluxes(state, slow):
    go, _ = slow
    state.curves.quantity, state.curves.band = "flux_aper", "h"
    go.set()
    wait(state)
    assert state.period == state.periodogram.period > 0


@pytest.mark.real
def test_a_period_in_the_fluxes_of_all_observations_is_found(state, smc_table):
    """An injected period, at the times and with the errors of a real source."""
    curve = long_term(smc_table)
    turn = 2 * np.pi * curve.time / 37.4
    swing = 1 + 0.5 * np.sin(turn)
    flux = Flux(np.median(curve.flux.value) * swing, curve.flux.lower, curve.flux.upper)
    half = (curve.flux.upper - curve.flux.lower) / 2
    state.key = BETWEEN
    state.curves.longterm = replace(curve, flux=replace(flux, lower=flux.value - half, upper=flux.value + half))
    state.shortest, state.longest = 20.0, 200.0
    state.search()
    wait(state)
    assert messages(state) == []
    assert state.period == pytest.approx(37.4, rel=37.4 / np.ptp(curve.time))
    phased = np.cos(2 * np.pi * state.phased + 2 * np.pi * curve.time[0] / 37.4 - turn)
    assert phased.min() > 0.8
    # Other fluxes are another search; other energies of events are not.
    state.curves.energies = (2.0, 7.0)
    assert state.periodogram is not None
    state.curves.longterm = curve
    assert state.periodogram is None
