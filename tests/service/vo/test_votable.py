"""Documents read back by astropy hold the same values, nulls, units and words."""

import io

import numpy as np
import pyarrow as pa
import pytest
from astropy.io.votable import parse, parse_single_table
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.io.adql.relations import Field
from cscwidgets.service.fields import field_of
from cscwidgets.service.vo.votable import error_document, text_columns, votable

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
COLUMNS = {
    "boolean": (pa.bool_(), st.booleans()),
    "byte": (pa.uint8(), st.integers(0, 255)),
    "short": (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    "int": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "long": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "float": (pa.float32(), st.floats(width=32, allow_nan=False)),
    "double": (pa.float64(), st.floats(allow_nan=False)),
    "ascii": (pa.string(), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)),
    "text": (pa.string(), TEXT.filter(lambda text: text.strip("\x00") == text and text.strip())),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    names = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=9, unique=True))
    size = draw(st.integers(0, 7))
    return pa.table(
        {
            name: pa.array(draw(st.lists(st.none() | COLUMNS[name][1], min_size=size, max_size=size)), COLUMNS[name][0])
            for name in names
        }
    )


def fields(table: pa.Table) -> list[Field]:
    return [field_of(column, "no_such_table") for column in table.schema]


@pytest.mark.parametrize("serialization", ["binary2", "tabledata"])
@given(table=tables())
def test_astropy_reads_what_was_written(serialization: str, table: pa.Table) -> None:
    document = b"".join(votable(table, fields(table), serialization=serialization))
    read = parse_single_table(io.BytesIO(document), verify="exception").array
    assert len(read) == table.num_rows
    for name in table.column_names:
        for expected, value, masked in zip(
            table[name].to_pylist(), np.ma.getdata(read[name]), np.ma.getmaskarray(read[name]), strict=True
        ):
            if pa.types.is_string(table.schema.field(name).type):
                # VOTable has no null strings: they are empty.
                assert str(value).strip() == (expected or "").strip()
            elif expected is None:
                assert masked
            else:
                assert not masked
                assert value == expected


def test_many_rows_join_over_chunks() -> None:
    count = 50_001
    table = pa.table({"i": pa.array(range(count), pa.int32()), "s": [f"s{i}" for i in range(count)]})
    read = parse_single_table(io.BytesIO(b"".join(votable(table, fields(table))))).array
    assert np.array_equal(read["i"].data, np.arange(count))
    assert read["s"][-1] == f"s{count - 1}"


def test_words_units_infos_and_overflow() -> None:
    table = pa.table(
        {"flux_aper_b": [1e-14], "photflux_aper_b": [1e-5], "nh_gal": [3.0], "src_area_b": [2.0], "acis_num": [1]}
    )
    described = [field_of(column, "master_source") for column in table.schema]
    infos = {"simulated": "true", "title": 'a "<b>" & \x00c'}
    document = parse(io.BytesIO(b"".join(votable(table, described, infos=infos, overflow=True, description="<x>"))))
    resource = document.resources[0]
    assert [(i.name, i.value) for i in resource.infos] == [
        ("QUERY_STATUS", "OK"),
        ("simulated", "true"),
        ("title", 'a "<b>" & c'),
        ("QUERY_STATUS", "OVERFLOW"),
    ]
    read = resource.tables[0].to_table()
    assert read["flux_aper_b"].unit.to_string() == "erg / (s cm2)"
    assert read["photflux_aper_b"].unit.to_string() == "ph / (s cm2)"
    assert read["nh_gal"].unit.to("cm-2") == pytest.approx(1e20)
    assert read["src_area_b"].unit.to_string() == "arcsec2"
    assert "energy flux" in read["flux_aper_b"].description
    assert resource.tables[0].get_field_by_id_or_name("flux_aper_b").ucd == "phot.flux;em.X-ray"


def test_error_document_carries_the_words() -> None:
    info = parse(io.BytesIO(error_document("no <such> column"))).resources[0].infos[0]
    assert (info.name, info.value, info.content) == ("QUERY_STATUS", "ERROR", "no <such> column")


def test_cells_as_text() -> None:
    table = pa.table({"b": [True, False, None], "d": [0.1, float("inf"), float("nan")], "t": pa.array([None, "x", ""])})
    assert text_columns(table, fields(table)) == [["T", "F", ""], ["0.1", "+Inf", ""], ["", "x", ""]]
