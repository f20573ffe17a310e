"""What an explorer leaves in a notebook that nobody looks at while it runs."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cscwidgets import Explorer
from cscwidgets.views import still
from cscwidgets.views.still_picture import draw_sky, side_by_side

CELLS = [
    "from cscwidgets import Explorer\napp = Explorer('47 Tuc', radius='2 arcmin', archive='demo')\napp",
    "app.wait(60)\napp.select(app.table['name'][:5])",
]


@pytest.mark.slow
def test_an_executed_notebook_holds_the_still(demo_folder, monkeypatch):
    monkeypatch.setenv("CSCWIDGETS_CACHE", str(demo_folder.parent))
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    (output,) = book.cells[0].outputs
    assert "47 Tuc" in output.data["text/plain"]
    assert "5 selected" in output.data["text/plain"]
    picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    assert picture.width > 1000


@pytest.mark.slow
def test_every_panel_has_a_figure_or_says_that_it_has_none(demo_folder):
    app = Explorer("47 Tuc", radius="1 arcmin", archive=demo_folder)
    app.wait(60)
    still = app._still
    for focus in ("", str(app.table["name"][0])):
        app._state.focus = focus
        for name in app.panels:
            app.show(name)
            app.wait(120)
            assert len(still._figures()) == 2, name
    app.close()


def test_sources_and_region_are_where_they_are(demo_folder):
    app = Explorer("47 Tuc", radius="1 arcmin", archive=demo_folder)
    table, region = app.table, app._state.region
    chosen = np.arange(len(table)) < 3
    figure = draw_sky(region, table["ra"], table["dec"], chosen, ["47 Tuc"], simulated=True)
    (axes,) = figure.axes
    edge = axes.lines[0].get_xydata()
    np.testing.assert_allclose(np.hypot(*edge.T), 1, rtol=1e-3)  # arcmin
    all_sources, rings = (one.get_offsets() for one in axes.collections)
    assert (np.hypot(*np.asarray(all_sources).T) <= 1.001).all()
    np.testing.assert_array_equal(np.asarray(rings), np.asarray(all_sources)[:3])
    assert axes.xaxis_inverted()  # east is left
    assert figure.get_suptitle().startswith("SIMULATED")
    assert side_by_side([figure]).startswith(b"\x89PNG")
    app.close()


def test_the_words_above_are_not_cut(demo_folder):
    app = Explorer("icrs; polygon(5.9,-72.1, 6.15,-72.1, 6.15,-72.05, 5.9,-72.05)", archive=demo_folder)
    app.wait(60)
    sky = app._still._figures()[0]
    sky.draw_without_rendering()
    title = sky.texts[0].get_window_extent()
    assert len(" ".join(app._still._words())) > 100
    assert title.x0 >= 0
    assert title.x1 <= sky.bbox.width
    app.close()


def test_no_picture_of_another_answer_stays(demo_folder, monkeypatch):
    outputs = []
    monkeypatch.setattr(still, "display", lambda *_, **__: None)
    monkeypatch.setattr(still, "update_display", lambda bundle, **_: outputs.append(bundle))
    app = Explorer("47 Tuc", radius="1 arcmin", archive=demo_folder)
    app.wait(60)
    app._still.show()
    app._still.refresh()
    assert "image/png" in outputs[-1]
    app.search("0 -30", "1 arcmin")
    app.wait(60)
    assert len(app.table) == 0
    app._still._due()
    assert "image/png" not in outputs[-1]
    assert "0 sources" in outputs[-1]["text/plain"]
    app.close()
