"""Pages take turns, and all of them are closed."""

import ipywidgets
from ipywidgets.widgets.widget import _instances

from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.pages import Pages


def test_the_chosen_page_is_the_only_one_in_the_page():
    pages = {title: ipywidgets.HTML(title) for title in ("one", "two")}
    shown = Pages(pages, unguarded, {"two": "the second"})
    assert shown.children == (pages["one"],)
    shown.switch.value = "two"
    assert shown.children == (pages["two"],)
    assert list(shown.switch.tooltips) == ["one", "the second"]


def test_pages_that_are_not_shown_are_closed_too():
    before = set(_instances)
    shown = Pages({"one": ipywidgets.HTML(), "two": ipywidgets.HTML()}, unguarded)
    close_all(ipywidgets.VBox([shown.switch, shown]))
    assert set(_instances) == before
