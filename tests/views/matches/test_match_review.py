"""Review: from source to source in the table's order, what is listed is what is there, and decisions stick."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from astropy.time import Time

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.science.matches.verdicts import Thresholds
from cscwidgets.state.crossmatch import CrossmatchState
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.views.matches.match_review import MatchReview


@pytest.fixture
def state(tucanae):
    tucanae.thresholds = Thresholds(0.9, 0.1)
    return tucanae


@pytest.fixture
def review(state):
    return MatchReview(state)


def with_verdict(state, verdict):
    table = state.counterparts
    return [str(name) for name in table["name"][np.asarray(table["verdict"]) == verdict]]


def press(review, key):
    review._buttons[key].click()


def said(state):
    return [str(message) for message in state.explorer.desk.messages.entries]


def test_next_and_previous_go_round(review, state):
    waiting = with_verdict(state, "to review")
    assert review.names == waiting
    assert len(waiting) > 3
    seen = []
    for _ in range(len(waiting) + 1):
        press(review, "next")
        seen.append(state.explorer.focus)
    assert seen == [*waiting, waiting[0]]
    press(review, "previous")
    assert state.explorer.focus == waiting[-1]
    assert f"{len(waiting):,} of {len(waiting):,} sources" in review._words.value


def test_from_another_source_to_the_nearest_in_the_table(review, state):
    waiting = with_verdict(state, "to review")
    order = [str(name) for name in state.counterparts["name"]]
    at = order.index(waiting[1])
    state.explorer.focus = order[at - 1]
    press(review, "next")
    assert state.explorer.focus == waiting[1]
    state.explorer.focus = order[at + 1]
    press(review, "previous")
    assert state.explorer.focus == waiting[1]
    state.explorer.focus = "somewhere else"
    press(review, "next")
    assert state.explorer.focus == waiting[0]
    state.explorer.focus = ""
    press(review, "previous")
    assert state.explorer.focus == waiting[-1]


@pytest.mark.parametrize("verdict", ["matched", "none", "to review"])
def test_which_to_look_at(review, state, verdict):
    review._which.value = verdict
    assert review.names == with_verdict(state, verdict)
    review._which.value = ""
    assert len(review.names) == len(state.counterparts)
    review._which.value = "reviewed"
    assert review.names == []
    assert review._buttons["next"].disabled
    press(review, "next")
    assert "No source is reviewed" in said(state)[0]


def test_candidates_are_listed_with_their_numbers(review, state):
    name = with_verdict(state, "to review")[0]
    state.explorer.focus = name
    listed = state.candidates(name)
    assert len(review._candidate.options) == len(listed) > 0
    for (words, row), one in zip(review._candidate.options, listed, strict=True):
        assert row == one["catalogue_row"]
        parts = words.split("  ·  ")
        assert parts[0] == str(state.match.objects["source_id"][row])
        assert parts[1] == f"{one['separation'].to_value('arcsec'):.2f}″"
        assert parts[3] == f"p_i {one['p_i']:.3f}"
        assert parts[5].startswith("phot_g_mean_mag ")
        assert not any("ra_error" in part for part in parts)
    assert review._candidate.value == listed["catalogue_row"][0]
    p_any = float(state.counterparts["p_any"][np.asarray(state.counterparts["name"]) == name][0])
    assert f"{name}: to review; p_any {p_any:.3f}, {len(listed)} candidates" in review._words.value


def test_decisions_by_the_buttons(review, state):
    press(review, "next")
    name = state.explorer.focus
    assert review._buttons["undo"].disabled
    other = review._candidate.options[-1][1]
    review._candidate.value = other
    press(review, "take")
    assert state.decisions == {name: other}
    assert name in with_verdict(state, "matched")
    # The list is of those still to review, the source stays in sight.
    assert state.explorer.focus == name
    assert name not in review.names
    assert review._candidate.value == other
    assert "matched by you" in review._words.value
    press(review, "none")
    assert name in with_verdict(state, "none")
    assert "none by you" in review._words.value
    review._which.value = "reviewed"
    assert review.names == [name]
    press(review, "undo")
    assert state.decisions == {}
    assert name in with_verdict(state, "to review")
    assert said(state) == []


def test_a_source_without_candidates(review, state):
    table = state.counterparts
    name = str(table["name"][np.flatnonzero(np.asarray(table["candidates"]) == 0)[0]])
    state.explorer.focus = name
    assert review._candidate.options == ()
    assert "none; p_any" in review._words.value
    assert "0 candidates" in review._words.value
    assert review._buttons["take"].disabled
    assert not review._buttons["none"].disabled
    press(review, "take")
    assert "No candidate is chosen" in said(state)[0]
    assert state.decisions == {}


def test_another_match_shows_its_own(review, state):
    state.explorer.focus = with_verdict(state, "to review")[0]
    assert review._candidate.options != ()
    state.explorer.table = state.explorer.table[:5]
    assert review._candidate.options == ()
    assert review.names == []
    assert all(review._buttons[key].disabled for key in review._buttons)


def test_without_a_match_there_is_nothing_to_look_at(warm_demo):
    state = CrossmatchState(ExplorerState(warm_demo))
    review = MatchReview(state)
    state.explorer.focus = "SIM J000000.0+000000"
    assert all(review._buttons[key].disabled for key in review._buttons)
    review._which.value = ""
    press(review, "next")
    assert said(state) == ["There is nothing to look at. Nothing was matched."]


def test_more_candidates_than_are_listed_are_counted(state):
    state.radius = 20.0
    state.run()
    state.explorer.desk.tasks.wait(30)
    review = MatchReview(state)
    table = state.counterparts
    most = int(np.argmax(table["candidates"]))
    state.explorer.focus = str(table["name"][most])
    assert table["candidates"][most] > 12
    assert len(review._candidate.options) == 12
    assert f"{table['candidates'][most] - 12:,} more are not listed" in review._words.value
    # One that code has taken is listed wherever it stands.
    last = int(state.candidates(state.explorer.focus)["catalogue_row"][-1])
    state.decide(state.explorer.focus, last)
    assert review._candidate.value == last
    assert len(review._candidate.options) == 13


def test_columns_of_any_kind_do_not_matter(orion):
    """Coordinates, times and pairs of numbers have no unit of magnitudes, nor any."""
    objects = QTable({"pos_err": orion.objects["errMaj"], "Kmag": orion.objects["Kmag"]})
    objects["place"] = SkyCoord(orion.objects["RAJ2000"], orion.objects["DEJ2000"])
    objects["seen"] = Time(np.full(len(objects), 2000.0), format="jyear")
    objects["pair"] = np.ones((len(objects), 2)) * u.mag
    orion.catalogue = TableCatalogue(objects, "mine")
    orion.run()
    orion.explorer.desk.tasks.wait(30)
    review = MatchReview(orion)
    review._which.value = "matched"
    press(review, "next")
    (words, row), *_ = review._candidate.options
    parts = words.split("  ·  ")
    assert parts[0] == f"row {row}"
    assert len(parts) == 6
    assert parts[5] in (f"Kmag {orion.match.objects['Kmag'][row].value:.2f}", "no Kmag")
    assert said(orion) == []
