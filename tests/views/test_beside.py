"""The explorer beside the notebook: the kernel's half, without a page."""

import pytest

from cscwidgets import Explorer
from cscwidgets.views import beside
from cscwidgets.views.still import Still


@pytest.fixture
def shown(monkeypatch):
    """What was displayed below cells."""
    boxes = []
    monkeypatch.setattr(Still, "show", lambda _, widget=None: boxes.append(widget))
    return boxes


@pytest.fixture
def app(warm_demo, shown):
    app = Explorer(archive=warm_demo)
    yield app
    app.close()


def answer(app, **message):
    app._beside._handle_custom_msg({"event_type": "beside", **message}, [])


def test_without_a_page_a_box_waits_and_nothing_else(app, shown):
    app.show("beside")
    (box,) = shown
    assert [child.value for child in box.children] == [beside._WAITING]
    assert app._beside._asked
    app.select([])


def test_the_page_shows_it_beside(app, shown):
    app.show("Beside")
    app.show("beside")
    answer(app, shown=True)
    assert not app._beside._asked
    for box in shown:
        button, words = box.children
        assert button is app._beside
        assert words.value == beside._SHOWN
    answer(app, shown=True)  # of another page
    assert len(app._beside._boxes) == 2


def test_a_page_without_the_extension_shows_it_below_the_cell(app, shown):
    app.show("beside")
    answer(app, shown=False)
    words, whole = shown[0].children
    assert "no JupyterLab" in words.value
    assert whole is app.widget


def test_what_the_page_says_is_text(app, shown):
    app.show("beside")
    answer(app, shown=False, why="<b>gone</b>")
    assert shown[0].children[0].value == "&lt;b&gt;gone&lt;/b&gt;"


def test_other_titles_are_panels_still(app):
    app.show("spectrum")
    assert app.workspace.shape.front == "spectrum"


def test_the_page_is_told_of_the_explorer_until_it_is_closed(app, shown):
    assert app._beside._root == app.widget.model_id
    app.workspace.namespace["mine"] = app
    try:
        app._beside._state.refresh()
        assert app._beside._report["variable"] == "mine"
    finally:
        del app.workspace.namespace["mine"]
    app.show("beside")
    app.close()
    assert app._beside.comm is None
    assert shown[0].comm is None
