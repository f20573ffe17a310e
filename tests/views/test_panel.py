"""The register of panels: their order, their names, and those of other packages."""

import ipywidgets
import pytest

from cscwidgets import Explorer
from cscwidgets.errors import CscError, CscWarning
from cscwidgets.views import panel as register
from cscwidgets.views.panel import Panel, panel, registered_panels


@pytest.fixture(autouse=True)
def own_register(monkeypatch):
    registered_panels()
    monkeypatch.setattr(register, "_registered", dict(register._registered))


def a_panel(title, name, after=None):
    @panel(title, name=name, after=after)
    class Made(Panel):
        def __init__(self, workspace, sky):
            super().__init__(workspace, sky)
            self.visible = []
            self.widget = ipywidgets.HTML(title)

        def shown(self, visible):
            self.visible.append(visible)

    Made.__qualname__ = name
    return Made


def titles():
    return [one.title for one in registered_panels()]


def test_each_panel_follows_the_one_it_names():
    ours = ["Source", "Hardness", "Diagrams", "Light curves", "Spectrum", "Counterparts", "Sky coverage", "Images"]
    ours += ["Query"]
    assert titles() == ours
    a_panel("Last", "last")
    a_panel("Colours", "colours", after="Hardness")
    a_panel("Orphan", "orphan", after="What nobody has")
    assert titles() == [*ours[:2], "Colours", *ours[2:], "Last", "Orphan"]


def test_names_are_attributes_and_nobody_elses():
    with pytest.raises(CscError, match="no name of an attribute"):
        a_panel("Bad", "two words")
    a_panel("One", "one")
    with pytest.raises(CscError, match="There is no second panel 'spectrum'"):
        a_panel("Mine", "spectrum")


def test_a_panel_is_a_tab_an_attribute_and_is_told_when_it_is_seen(warm_demo):
    a_panel("Colours", "colours", after="Hardness")
    app = Explorer(archive=warm_demo)
    assert app.colours is app.panels["colours"]
    app.show("colours")
    app.show("spectrum")
    assert app.colours.visible == [True, False]
    assert (app.spectrum.state.active, app.lightcurve.state.active) == (True, False)
    app.show("light curves")
    assert (app.spectrum.state.active, app.lightcurve.state.active) == (False, True)
    app.close()
    assert app.colours.widget.comm is None


@pytest.mark.parametrize("name", ["table", "sky", "workspace", "panels", "widget"])
def test_a_panel_named_as_something_of_the_explorer_is_refused(warm_demo, name):
    a_panel("Mine", name)
    with pytest.raises(CscError, match=f"An explorer has something named '{name}'"):
        Explorer(archive=warm_demo)


def test_a_panel_without_numbers_says_so(workspace, sky):
    one = a_panel("Words", "words")(workspace, sky)
    with pytest.raises(CscError, match="The panel Words has no table"):
        _ = one.table
    with pytest.raises(CscError, match="The panel Words has no figure"):
        one.figure()


class Entry:
    """An entry point, as another package's metadata has it."""

    name, value = "colours", "elsewhere.colours"

    def __init__(self, load):
        self.load = load


def test_other_packages_register_panels(monkeypatch):
    def entries(group):
        return [Entry(lambda: a_panel("Elsewhere", "elsewhere"))] if group == "cscwidgets.panels" else []

    monkeypatch.setattr(register, "entry_points", entries)
    assert titles()[-1] == "Elsewhere"


def test_a_package_whose_panel_cannot_be_loaded_is_said(monkeypatch):
    def broken():
        raise ImportError("no module named elsewhere")

    monkeypatch.setattr(register, "entry_points", lambda group: [Entry(broken)])
    with pytest.warns(CscWarning, match="The panel colours .* was left out: ImportError: no module named elsewhere"):
        assert len(titles()) == 9
