"""Layers of one's own on the sky: what the page is sent, what its clicks do, and the figure for the paper."""

import numpy as np
from astropy.table import Table
from matplotlib.colors import to_hex

from cscwidgets.views.screen.skypanel import SkyPanel
from cscwidgets.views.sky.layers import MAX_DRAWN
from cscwidgets.views.sky.marks import OwnLayerMark

TABLE = Table({"id": ["a", "b"], "ra": [23.40, 23.46], "dec": [30.60, 30.66], "mag": [12.0, 13.5]})


def test_the_page_is_sent_squares_and_the_row_that_was_clicked(warm_workspace):
    sky, layers = SkyPanel(warm_workspace, "").sky, warm_workspace.layers
    layers.add(TABLE, "mine", colour="#123456")
    [sent] = sky._own_layers
    assert (sent["name"], sent["colour"], sent["total"]) == ("mine", "#123456", 2)
    np.testing.assert_array_equal(np.frombuffer(sent["positions"]), [23.40, 23.46, 30.60, 30.66])
    assert sent["labels"] == b"a\0b"

    clicked = {"event_type": "own_row_clicked", "layer": "mine", "row": 1, "mode": None}
    sky._handle_custom_message(sky, clicked, [])
    assert layers["mine"].row == 1
    assert sky._own_row["title"] == "b"
    assert ["mag", "13.5"] in sky._own_row["values"]
    assert np.frombuffer(sky._own_layers[0]["chosen"], np.uint32).tolist() == [1]
    sky._handle_custom_message(sky, {"event_type": "own_row_left"}, [])
    assert sky._own_row == {}

    drawn = {"event_type": "drawn", "shape": "circle", "center": [23.40, 30.60], "radius": 0.01}
    sky._handle_custom_message(sky, {**drawn, "purpose": "select", "mode": "add"}, [])
    assert layers["mine"].chosen.tolist() == [0, 1]
    sky.close()


def test_of_too_many_rows_those_that_are_chosen_are_drawn():
    many = MAX_DRAWN + 500
    ra = np.linspace(0, 1, many)
    mark = OwnLayerMark("many", "#123456", ra, ra, [f"row {i}" for i in range(many)], np.array([many - 1]))
    sent = mark.state()
    rows = np.frombuffer(sent["rows"], np.uint32)
    assert len(rows) == MAX_DRAWN
    assert rows[-1] == many - 1
    assert sent["total"] == many


def test_the_figure_has_the_layer_in_its_colour_and_its_key(warm_workspace):
    sky = SkyPanel(warm_workspace, "").sky
    warm_workspace.layers.add(TABLE, "mine", colour="#123456")
    sky.target = "23.43 30.63"
    figure = sky.figure()
    [squares] = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    assert len(squares.get_xdata()) == 2
    assert to_hex(squares.get_markeredgecolor()) == "#123456"
    assert "mine" in [text.get_text() for text in figure.legends[0].get_texts()]
    sky.close()


def test_a_file_that_is_let_fall_on_the_sky_is_a_layer_and_a_damaged_one_a_message(warm_workspace):
    sky, layers, desk = SkyPanel(warm_workspace, "").sky, warm_workspace.layers, warm_workspace.desk
    content = b"id,ra,dec\na,23.4,30.6\nb,23.5,30.7\n"
    halves = [content[:20], content[20:]]

    def drop(name, parts, ticket="1"):
        for part, piece in enumerate(parts):
            told = {"event_type": "file_dropped", "ticket": ticket, "name": name, "part": part, "parts": len(parts)}
            sky._handle_custom_message(sky, told, [memoryview(piece)])
        desk.tasks.wait(20)

    drop("../../stars.csv", halves)
    assert layers.names == ["stars"]
    assert layers["stars"].ra.tolist() == [23.4, 23.5]
    drop("mine.reg", [b'icrs; circle(23.4, 30.6, 60")'])
    assert layers.names == ["stars", "mine"]
    drop("mine.csv", [b"\x00\x01\x02"])
    assert "mine.csv was not read" in str(desk.messages.entries[-1])
    sky._handle_custom_message(sky, {"event_type": "file_refused", "name": "big.fits", "why": "it is too large"}, [])
    assert "big.fits was not read. It is too large" in str(desk.messages.entries[-1])
    sky._handle_custom_message(
        sky, {"event_type": "file_dropped", "ticket": "9", "name": "x.csv", "part": 3, "parts": 4}, [memoryview(b"")]
    )
    assert "did not come whole" in str(desk.messages.entries[-1])
    assert layers.names == ["stars", "mine"]
    sky.close()
