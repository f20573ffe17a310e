"""Rows of VOTables read many at a time are those that astropy reads, cell by cell."""

import base64
import io

import numpy as np
import pyarrow as pa
import pytest
from astropy.io.votable import parse_single_table
from astropy.table import MaskedColumn, Table
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.archive.answer import read_answer, table_of, to_qtable
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.votable import parse_votable
from cscwidgets.io.votable_rows import Columns, read_votable

# astropy writes characters beyond the basic plane into cells that are too narrow, and then cannot read them.
TEXT = st.text(st.characters(max_codepoint=0xD7FF, exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12)
COLUMNS = {
    "double": st.floats(width=64),
    "float": st.floats(width=32),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "short": st.integers(-(2**15), 2**15 - 1),
    "flag": st.booleans(),
    "text": TEXT,
}
KINDS = {"double": "f8", "float": "f4", "int": "i4", "long": "i8", "short": "i2", "flag": "?", "text": "U"}


def assert_same(one, other):
    assert one.colnames == other.colnames
    for name in one.colnames:
        first, second = (np.ma.asarray(getattr(table[name], "value", table[name])) for table in (one, other))
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(np.ma.getmaskarray(first), np.ma.getmaskarray(second))
        np.testing.assert_array_equal(first.compressed(), second.compressed())
        assert type(one[name]) is type(other[name])


@given(data=st.data())
@pytest.mark.parametrize("form", ["tabledata", "binary2"])
def test_tables_of_all_kinds_are_read_as_astropy_reads_them(form, data):
    rows = data.draw(st.integers(0, 6))
    table = Table()
    for name, values in COLUMNS.items():
        column = np.array(data.draw(st.lists(values, min_size=rows, max_size=rows)), KINDS[name])
        mask = data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
        # astropy passes over the null of a text in BINARY2.
        hidden = any(mask) and name in {"double", "float", "int", "text" if form == "tabledata" else ""}
        table[name] = MaskedColumn(column, mask=mask) if hidden else column
    document = io.BytesIO()
    table.write(document, format="votable", tabledata_format=form)
    content = document.getvalue()
    ours = to_qtable(table_of(read_answer(content, "it"), "it"))
    assert_same(ours, to_qtable(table_of(parse_votable(content), "it")))


def document(fields, rows):
    return f"<VOTABLE><RESOURCE><TABLE>{fields}<DATA><TABLEDATA>{rows}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"


NUMBER, NAME = '<FIELD name="n" datatype="double"/>', '<FIELD name="s" datatype="char" arraysize="*"/>'


@pytest.mark.parametrize(
    "rows",
    [
        "<TR><TD>1</TD><TD>a</TD></TR><TR><TD/><TD/></TR>",
        "<TR>\n <TD> 1.5 </TD> <TD>a b</TD>\n</TR>",
        "<TR><TD>NaN</TD><TD>a &lt; b &amp;amp; c</TD></TR>",
        "<TR><TD>+Inf</TD><TD>&#233;</TD></TR>",
        "<TR><TD>1</TD><TD><![CDATA[a <b> c]]></TD></TR>",
        "<TR><TD>1</TD><TD>two\n lines</TD></TR>",
        "<TR><TD>1</TD><TD>a<!-- not b --></TD></TR>",
        "<TR><TD>1</TD></TR>",
        "<TR><TD>1</TD><TD>a</TD><TD>b</TD></TR>",
        "<TR><TD></TD><TD>'quoted' \"twice\", with, commas</TD></TR>",
        '<TR ID="x"><TD>1</TD><TD>a</TD></TR>',
        "",
    ],
)
def test_what_is_written_in_other_ways_is_read_as_astropy_reads_it(rows):
    content = document(NUMBER + NAME, rows).encode()
    try:
        theirs = to_qtable(table_of(parse_votable(content), "it"))
    except Exception as error:  # noqa: BLE001 - whatever astropy raises
        with pytest.raises(type(error)):
            read_votable(content)
        return
    assert_same(to_qtable(table_of(read_votable(content), "it")), theirs)


def test_the_usual_is_read_many_at_a_time_and_damage_is_noticed():
    content = document(NUMBER + NAME, "<TR><TD>1</TD><TD>a</TD></TR>").encode()
    (table,) = read_votable(content).iter_tables()
    assert isinstance(table.array, Columns)
    assert isinstance(table.array.arrays[1], pa.ChunkedArray)
    with pytest.raises(Unreadable, match="holds 'one'"):
        read_votable(content.replace(b"<TD>1", b"<TD>one"))


@pytest.mark.parametrize("null", ["-9", "0"])
def test_whole_numbers_have_the_null_that_their_field_names(null):
    field = f'<FIELD name="n" datatype="int"><VALUES null="{null}"/></FIELD>'
    content = document(field, f"<TR><TD>{null}</TD></TR><TR><TD>5</TD></TR><TR><TD/></TR>").encode()
    ours = to_qtable(table_of(read_votable(content), "it"))
    theirs = parse_single_table(io.BytesIO(content)).to_table()
    assert ours["n"].mask.tolist() == theirs["n"].mask.tolist() == [True, False, True]


def test_cells_of_any_length_in_binary_rows():
    fields = NAME + NUMBER + NAME.replace('"s"', '"t"')
    row = b"\x00" + b"\x00\x00\x00\x03abc" + np.array(2.5, ">f8").tobytes() + b"\x00\x00\x00\x00"
    null = b"\xe0" + b"\x00\x00\x00\x00" + np.array(0.0, ">f8").tobytes() + b"\x00\x00\x00\x01x"
    stream = base64.b64encode(row + null + row).decode()
    content = (
        f"<VOTABLE><RESOURCE><TABLE>{fields}<DATA><BINARY2><STREAM encoding='base64'>{stream}</STREAM></BINARY2></DATA>"
        "</TABLE></RESOURCE></VOTABLE>"
    ).encode()
    ours = to_qtable(table_of(read_votable(content), "it"))
    (table,) = read_votable(content).iter_tables()
    assert isinstance(table.array, Columns)
    theirs = to_qtable(table_of(parse_votable(content), "it"))
    assert_same(ours[["n"]], theirs[["n"]])
    assert ours["s"].tolist() == ["abc", None, "abc"]
    with pytest.raises(Unreadable, match="break off"):
        read_votable(content.replace(stream.encode(), base64.b64encode(row[:-2])))


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "iso-8859-1", "utf-16", "us-ascii"])
def test_letters_are_read_in_the_encoding_that_the_document_declares(encoding):
    """In Latin-1, two letters may be the bytes of one in UTF-8."""
    name = "plain" if encoding == "us-ascii" else "Ã©ta"
    document = (
        f'<?xml version="1.0" encoding="{encoding}"?><VOTABLE version="1.3"><RESOURCE><TABLE>'
        '<FIELD name="n" datatype="unicodeChar" arraysize="*"/>'
        f"<DATA><TABLEDATA><TR><TD>{name}</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    ).encode(encoding)
    assert str(to_qtable(table_of(read_answer(document, "it"), "it"))["n"][0]) == name
