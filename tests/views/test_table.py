"""The kernel's half of the source table; how it looks is tested in tests/browser."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Column, MaskedColumn, QTable
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.state.messages import Messages
from cscwidgets.views.table import PAGE, SourceTable
from cscwidgets.views.table_columns import NULL, TableColumn


def small():
    table = QTable()
    table["name"] = ["c", "a", "b", "d"]
    table["flux"] = MaskedColumn([3e-15, 1e-14, 0.0, 2e-15], mask=[False, False, True, False], unit="erg s-1 cm-2")
    table["ra"] = [10.0, 20.0, 30.0, 40.0] * u.deg
    table["flag"] = [True, False, True, False]
    table["note"] = MaskedColumn(["x", "", "y", "z"], mask=[False, False, False, True])
    return table


def shown(table, **kwargs):
    widget = SourceTable()
    widget.show(table, **kwargs)
    return widget


def receive(widget, **message):
    widget._handle_custom_msg(message, [])


def test_shows_values_in_words_and_missing_ones_as_a_dash():
    widget = shown(small())
    assert widget._content["columns"] == ["name", "flux", "ra", "flag", "note"]
    assert widget._content["cells"][:2] == [
        ["c", "3.000e-15", "10.00000", "TRUE", "x"],
        ["a", "1.000e-14", "20.00000", "FALSE", NULL],
    ]
    assert [row[1] for row in widget._content["cells"]] == ["3.000e-15", "1.000e-14", NULL, "2.000e-15"]
    assert widget._columns[1] == {"name": "flux", "unit": "erg / (s cm2)", "description": "", "kind": "number"}


def test_columns_of_every_kind_are_shown():
    table = QTable()
    table["name"] = Column([b"a", b"b"])
    table["position"] = SkyCoord([10, 20], [-5, 5], unit="deg")
    table["time"] = Time([55000.0, 55001.5], format="mjd")
    table["pair"] = [[1.0, 2.0], [3.0, 4.0]]
    table["count"] = MaskedColumn([9007199254740993, 1], mask=[False, True])
    table["rounded"] = Column([1.23456, 2.0], format=".1f")
    cells = shown(table)._content["cells"]
    assert cells[0] == ["a", "00h40m00s -05d00m00s", "2009-06-18T00:00:00.000", "[1. 2.]", "9007199254740993", "1.2"]
    assert cells[1][4] == NULL


def test_limits_have_words_of_their_own():
    widget = shown(small(), format_cell=lambda column, row: "< 2e-15" if (column, row) == ("flux", 3) else None)
    assert [row[1] for row in widget._content["cells"]][-1] == "< 2e-15"


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (["flux", "asc"], ["d", "c", "a", "b"]),
        (["flux", "desc"], ["a", "c", "d", "b"]),
        (["name", "asc"], ["a", "b", "c", "d"]),
        (["name", "desc"], ["d", "c", "b", "a"]),
        (["note", "desc"], ["b", "c", "a", "d"]),
        (["note", "asc"], ["c", "b", "a", "d"]),
        (["flag", "asc"], ["a", "d", "c", "b"]),
        ([], ["c", "a", "b", "d"]),
    ],
)
def test_sorts_with_missing_values_last(sort, names):
    widget = shown(small())
    widget._sort = sort
    assert widget.view_names() == names
    assert widget._content["names"] == names


@given(st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), min_size=1, max_size=40), st.booleans())
def test_order_is_pythons_stable_sort(values, descending):
    column = TableColumn(QTable({"x": MaskedColumn([v or 0.0 for v in values], mask=[v is None for v in values])}), "x")
    order = column.order(np.arange(len(values)), descending=descending).tolist()
    present = sorted(
        (i for i, v in enumerate(values) if v is not None), key=lambda i: values[i] * (-1 if descending else 1)
    )
    assert order == present + [i for i, v in enumerate(values) if v is None]


@given(st.lists(st.sampled_from(["", "a", "B", "é", "zz", "10", "9"]), min_size=1, max_size=30), st.booleans())
def test_text_order_is_pythons_stable_sort(words, descending):
    column = TableColumn(QTable({"x": words}), "x")
    order = column.order(np.arange(len(words)), descending=descending).tolist()
    present = [i for i, word in enumerate(words) if word]
    present.sort(key=lambda i: words[i], reverse=descending)  # stable also in reverse
    assert order == present + [i for i, word in enumerate(words) if not word]


def test_filters_combine_and_a_wrong_one_is_named():
    widget = shown(small())
    widget._filters = {"flux": ">2.5e-15", "flag": "true"}
    assert widget.view_names() == ["c"]
    widget._filters = {"flux": "bright", "flag": "true"}
    assert widget.view_names() == ["c", "b"]
    assert "bright" in widget._status["errors"]["flux"]
    assert widget._status["filtered"] == 2


def test_what_is_written_beside_a_source_is_told_and_shown():
    table = QTable({"name": [f"s{i}" for i in range(250)], "x": np.arange(250.0)})
    widget = shown(table)
    widget._sort = ["x", "desc"]
    widget._page = 1
    told = []
    widget.on_edit(lambda *written: told.append(written))
    widget.edit({"label": ["AGN"]})
    for column in ("label", "x"):
        widget._receive(None, {"event_type": "edited", "name": "s7", "column": column, "text": "star"}, [])
    assert told == [("s7", "label", "star")]  # a value of the catalogue cannot be written
    table["label"] = ["star" if i == 149 else "" for i in range(250)]
    widget.renew(table, ["label"])
    assert widget._content["columns"] == ["name", "x", "label"]
    assert widget._content["cells"][0][2] == "star"
    widget.colour([("#111111", ["s149", "s3"]), ("#222222", ["s148"])])
    assert widget._status["colours"] == {"0": "#111111", "1": "#222222"}
    table.remove_column("label")
    widget.renew(table, [])
    assert widget._content["columns"] == ["name", "x"]
    assert widget._status["page"] == 1


def test_pages_and_counts():
    table = QTable({"name": [f"s{i:04d}" for i in range(4512)], "x": np.arange(4512.0)})
    widget = shown(table)
    widget.highlight(["s0101", "s0100", "elsewhere", "s0007"])
    widget._page = 1
    assert widget._content["names"] == [f"s{i:04d}" for i in range(PAGE, 2 * PAGE)]
    assert widget._status == {
        "page": 1,
        "pages": 46,
        "total": 4512,
        "filtered": 4512,
        "selected": 3,
        "colours": {},
        "marked": [0, 1],
        "errors": {},
    }
    widget._filters = {"x": "<50"}
    assert (widget._page, widget._status["pages"], widget._status["filtered"]) == (0, 1, 50)
    widget._filters, widget._only_selected = {}, True
    assert widget.view_names() == ["s0007", "s0100", "s0101"]
    widget.highlight(["s0300"])
    assert widget.view_names() == ["s0300"]


def test_a_new_table_keeps_wishes_that_still_apply():
    widget = shown(small(), columns=["name", "flux", "missing", "flag"])
    assert widget._shown == ["name", "flux", "flag"]
    widget.highlight(["late"])
    widget._sort, widget._filters = ["flux", "asc"], {"flag": "true", "note": "x"}
    table = small()["name", "flux", "flag"]
    table["name"] = ["c", "a", "b", "late"]
    widget.show(table)
    assert widget._shown == ["name", "flux", "flag"]
    assert widget._filters == {"flag": "true"}
    assert widget.view_names() == ["c", "b"]
    assert widget._status["selected"] == 1
    widget.show(QTable())
    assert (widget.view_names(), widget._status["total"], widget._shown) == ([], 0, [])


def test_picks_reach_the_callback_through_the_guard():
    messages = Messages()
    widget = SourceTable(guard=messages.guard)
    widget.show(small())
    picked = []
    widget.on_select(lambda names, mode: picked.append((names, mode)))
    receive(widget, event_type="rows_picked", names=["a"], mode="add")
    widget._sort = ["name", "asc"]
    receive(widget, event_type="all_picked", mode=None)
    assert picked == [(["a"], "add"), (["a", "b", "c", "d"], None)]
    widget.on_select(lambda names, mode: 1 / 0)
    receive(widget, event_type="rows_picked", names=["a"], mode=None)
    assert "division by zero" in messages.entries[-1].why


def test_a_table_without_names_is_refused():
    with pytest.raises(CscError, match="no column 'name'"):
        shown(QTable({"x": [1]}))


def test_a_hundred_thousand_rows_are_sorted_and_filtered_as_numpy_does():
    rng, n = np.random.default_rng(0), 100_000
    table = QTable({"name": [f"SIM J{i:06d}" for i in rng.permutation(n)], "x": rng.normal(size=n)})
    widget = shown(table)
    widget._sort = ["x", "desc"]
    np.testing.assert_array_equal(widget.view_names(), table["name"][np.argsort(-table["x"])])
    widget._filters = {"x": ">0", "name": "J00"}
    kept = (table["x"] > 0) & np.char.startswith(table["name"], "SIM J00")
    assert set(widget.view_names()) == set(table["name"][kept])
