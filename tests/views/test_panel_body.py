"""A panel's body: plots or an invitation, settings at the side of either."""

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances

from cscwidgets.views.disposal import close_all
from cscwidgets.views.panel_body import PanelBody


@pytest.fixture
def parts():
    return {name: ipywidgets.HTML() for name in ("control", "plot", "settings", "foot", "offer")}


@pytest.fixture
def body(parts):
    made = PanelBody([parts["control"]], [parts["plot"]], settings=parts["settings"], foot=parts["foot"])
    yield made
    close_all(made)


def in_page(widget):
    return {widget}.union(*map(in_page, getattr(widget, "shown", getattr(widget, "children", ()))))


def seen(body, parts):
    return {name for name, part in parts.items() if part in in_page(body)}


def test_plots_with_all_there_is(body, parts):
    assert seen(body, parts) == {"control", "plot", "settings", "foot"}
    assert body.invitation == ""


def test_an_invitation_takes_the_place_of_the_plots(body, parts):
    body.invite("Do <this>.", parts["offer"])
    assert seen(body, parts) == {"offer"}
    assert body.invitation == "Do <this>."
    assert any("Do &lt;this&gt;." in getattr(part, "value", "") for part in in_page(body))
    body.invite("Do that.", parts["offer"], controls=True)
    assert seen(body, parts) == {"control", "settings", "offer"}
    body.fill()
    assert seen(body, parts) == {"control", "plot", "settings", "foot"}
    assert body.invitation == ""


def test_settings_are_folded_until_their_button_is_pressed(body, parts):
    assert parts["settings"].layout.display == "none"
    body.settings_button.value = True
    assert parts["settings"].layout.display == ""


def test_it_closes_what_it_does_not_show():
    before = set(_instances)
    body = PanelBody([], [ipywidgets.HTML()], settings=ipywidgets.HTML(), foot=ipywidgets.HTML())
    body.invite("Do this.", ipywidgets.Button())
    close_all(body)
    assert set(_instances) == before
