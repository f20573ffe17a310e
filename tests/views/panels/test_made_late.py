"""A panel that is made when it is first looked at shows what one shows that followed everything."""

from __future__ import annotations

from typing import Any

import pytest
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances

pytest.importorskip("sherpa")
from cscwidgets import Explorer
from cscwidgets.archive.catalogues.finder import find_catalogue

MODEL = "IPY_MODEL_"


@pytest.fixture(scope="module")
def app(warm_demo, eclipser):
    """An explorer whose panels were all there from the start, after a journey through all of them."""
    app = Explorer(archive=warm_demo)
    assert len(list(app.panels.values())) == len(app.panels.made)
    app.search("47 Tuc", "3 arcmin")
    app.select(list(app.table["name"][:20]))
    app.focus = eclipser[0]
    workspace = app.workspace
    workspace.lightcurve.active = workspace.spectrum.active = True
    app.wait(60)
    workspace.lightcurve.band = "s"
    workspace.lightcurve.of_events = True
    app.wait(60)
    app.lightcurve.periods.search()
    app.spectrum.fit("powerlaw", band=(0.6, 6.0))
    app.spectrum.fitting.find_intervals(0.9)
    workspace.crossmatch.catalogue = find_catalogue("sim_optical", app.archive)
    workspace.crossmatch.run()
    workspace.coverage.run()
    app.wait(120)
    workspace.coverage.flux = 1e-15
    assert app.messages == []
    yield app
    app.close()


def seen(widget: Widget) -> Any:
    """All that the page is told of a widget, its parts in place of their names."""

    def unfolded(value: Any) -> Any:
        if isinstance(value, str) and value.startswith(MODEL):
            return seen(_instances[value.removeprefix(MODEL)])
        if isinstance(value, str) and value in _instances:
            return type(_instances[value]).__name__
        if isinstance(value, dict):
            return {key: unfolded(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [unfolded(one) for one in value]
        return bytes(value) if isinstance(value, memoryview) else value

    if "csc-behind" in getattr(widget, "_dom_classes", ()):
        return "not seen"
    return unfolded(widget.get_state())


def differences(early: Any, late: Any, path: str = "") -> list[str]:
    """Where two of them differ."""
    if isinstance(early, dict) and isinstance(late, dict) and early.keys() == late.keys():
        return [line for key in early for line in differences(early[key], late[key], f"{path}.{key}")]
    if isinstance(early, list) and isinstance(late, list) and len(early) == len(late):
        return [
            line
            for number, pair in enumerate(zip(early, late, strict=True))
            for line in differences(*pair, f"{path}[{number}]")
        ]
    return [] if early == late else [f"{path}: {str(early)[:200]} | {str(late)[:200]}"]


@pytest.mark.parametrize("name", ["source", "hardness", "lightcurve", "spectrum", "crossmatch", "coverage"])
def test_a_panel_made_late_shows_the_same_and_is_closed_whole(app, sky, name):
    before = set(_instances)
    late = app.panels.kinds[name](app.workspace, sky)
    assert differences(seen(app.panels[name].widget), seen(late.widget)) == []
    if name == "coverage":
        assert len(sky._overlay_messages) == 2
        assert sky._overlay_messages.keys() == app.sky._overlay_messages.keys()
    late.close()
    assert set(_instances) == before
