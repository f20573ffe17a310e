"""A deck shows one view at a time, each from when it is first shown, and closes all of them."""

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances

from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.deck import Deck
from cscwidgets.views.disposal import close_all


@pytest.fixture
def deck():
    views = {"One": ipywidgets.Box(), "Two": ipywidgets.Box()}
    made = Deck(views, unguarded, {"Two": "the second"}, {"Two": [ipywidgets.Checkbox()]})
    yield made
    close_all(made)


def test_a_view_enters_when_it_is_first_shown_and_stays(deck):
    one, two = deck.children
    assert (len(one.children), len(two.children)) == (1, 0)
    deck.switch.value = "Two"
    assert (len(one.children), len(two.children)) == (1, 1)


def test_the_others_are_behind_and_their_controls_gone(deck):
    one, two = deck.children
    assert ["csc-behind" in card._dom_classes for card in (one, two)] == [False, True]
    assert deck.bar.shown == (deck.switch,)
    deck.switch.value = "Two"
    assert ["csc-behind" in card._dom_classes for card in (one, two)] == [True, False]
    assert [type(control) for control in deck.bar.shown[1:]] == [ipywidgets.Checkbox]
    deck.switch.value = "One"
    assert "csc-behind" not in one._dom_classes


def test_buttons_say_what_their_views_are(deck):
    assert list(deck.switch.tooltips) == ["One", "the second"]


def test_views_never_shown_are_closed_too():
    before = set(_instances)
    close_all(
        Deck({"One": ipywidgets.Box(), "Two": ipywidgets.Text()}, unguarded, controls={"Two": [ipywidgets.Button()]})
    )
    assert set(_instances) == before
