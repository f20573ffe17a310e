"""Plots have their room, or a sentence and what it offers have it."""

import ipywidgets
from ipywidgets.widgets.widget import _instances

from cscwidgets.views.disposal import close_all
from cscwidgets.views.plot_area import PlotArea


def test_plots_or_an_invitation():
    plots, button = [ipywidgets.Box(), ipywidgets.Box()], ipywidgets.Button()
    area = PlotArea(*plots)
    area.invite("Press <b>Search</b>.", button)
    assert not area.filled
    assert area.shown == (area.invitation,)
    assert area.invitation.children[-1] is button
    assert area.invitation.words == "<p>Press &lt;b&gt;Search&lt;/b&gt;.</p>"
    area.fill()
    assert area.filled
    assert area.shown == tuple(plots)
    area.fill(plots[1])
    assert area.shown == (plots[1],)


def test_what_was_ever_offered_is_closed_with_it():
    before = set(_instances)
    area = PlotArea(ipywidgets.Box())
    area.invite("Press.", ipywidgets.Button())
    area.invite("Wait.")
    area.fill()
    close_all(area)
    assert set(_instances) == before
