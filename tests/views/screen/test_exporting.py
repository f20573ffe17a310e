"""The menu Export: figures and code of the panel in front, or of another."""

import pytest

from cscwidgets import Explorer
from cscwidgets.views.panel import Panel
from cscwidgets.views.screen.code_bar import CodeBar
from cscwidgets.views.screen.figure_bar import FigureBar


@pytest.fixture
def app(warm_demo):
    app = Explorer("47 Tuc", "1.5 arcmin", archive=warm_demo)
    app.wait()
    yield app
    app.close()


@pytest.fixture
def cells():
    return []


@pytest.fixture
def code(app, cells):
    others = {"Table and selection": app.script, "Last action": lambda: app.call}
    return CodeBar(app.workspace, app.panels, others, cells.append)


def test_code_is_that_of_the_panel_in_front(app, code, cells):
    assert code.what.value == "hardness"
    code._cell.click()
    assert cells == [app.hardness.script()]
    app.show("spectrum")
    assert code.what.value == "spectrum"
    code._cell.click()
    assert len(cells) == 1
    assert "o source is in focus" in app.messages[-1]
    code.what.value = "Table and selection"
    assert code.text() == app.script()
    code.what.value = "Last action"
    app.select(app.table["name"][:1])
    assert code.text() == f'app.select(["{app.table["name"][0]}"])'


def test_every_panel_but_those_without_can_be_handed_out(app, code):
    assert {name for _, name in code.what.options} >= {*app.panels}
    figures = FigureBar(app.workspace, app.panels, app.sky)
    assert [name for _, name in figures.what.options] == [
        *(name for name, kind in app.panels.kinds.items() if kind.figure is not Panel.figure),
        "sky",
    ]


def test_a_copy_button_that_asks_is_answered_even_where_there_is_nothing(app, code, monkeypatch):
    sent = []
    monkeypatch.setattr(code._copy, "send", lambda content, buffers=None: sent.append(content["text"]))
    code._copy._handle_custom_msg({"event_type": "text"}, [])
    code.what.value = "coverage"
    code._copy._handle_custom_msg({"event_type": "text"}, [])
    assert sent == [app.hardness.script(), ""]
    assert "o sensitivity maps were combined" in app.messages[-1]


def test_figures_of_a_panel_and_the_sky_are_written(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bar = FigureBar(app.workspace, app.panels, app.sky)
    assert (bar.what.value, bar._name.value) == ("hardness", "hardness")
    bar._go.click()
    assert (tmp_path / "hardness.pdf").read_bytes().startswith(b"%PDF")
    assert "written to hardness.pdf" in bar._done.value
    bar._go.click()
    assert "hardness.pdf" in app.messages[-1]  # it is there already
    bar.what.value, bar._kind.value, bar._width.value = "sky", ".svg", "A&A page"
    bar._go.click()
    svg = (tmp_path / "sky.svg").read_text()
    assert 'width="510.2' in svg  # 180 mm in points
    assert "<desc" in svg


def test_what_the_page_cannot_put_into_a_cell_is_said(app, monkeypatch):
    beside, sent = app._beside, []
    monkeypatch.setattr(beside, "send", lambda content, buffers=None: sent.append(content))
    beside._handle_custom_msg({"event_type": "code", "what": "query"}, [])
    (message,) = sent
    assert app.table.meta["provenance"].query in message["code"]
    compile(message["code"], "cell", "exec")
    beside._handle_custom_msg({"event_type": "insert", "inserted": True}, [])
    assert app.messages == []
    beside._handle_custom_msg({"event_type": "insert", "inserted": False}, [])
    assert "The code was not put into a cell" in app.messages[-1]
