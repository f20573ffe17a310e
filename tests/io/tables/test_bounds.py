"""Tables of people's own are bounded before they are read, and never more than the file that was given."""

import io
import re
import time

import astropy.units as u
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.io.reading import Unreadable
from cscwidgets.io.tables.read import read_tables
from cscwidgets.io.yaml_headers import require_plain_unit, require_plain_yaml

LAUGHS = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))])
MERGES = "\n".join(
    ["m0: &m0 {k: v}", *(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 3)}]}}" for n in range(1, 25))]
)


@pytest.fixture
def table():
    return QTable({"name": ["a", "b"], "at": SkyCoord([1, 2], [3, 4], unit="deg"), "mag": [1.0, 2.0] * u.mag})


def _written(table, kind):
    buffer = io.BytesIO()
    if kind == "ascii.ecsv":
        text = io.StringIO()
        table.write(text, format=kind)
        return text.getvalue().encode()
    table.write(buffer, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize("header", [LAUGHS, MERGES])
def test_yaml_that_grows_is_refused_at_once(header):
    start = time.process_time()
    with pytest.raises(Unreadable, match="too often"):
        require_plain_yaml(header)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("a: &a [*a]", "refers to itself"),
        ("a: 1\n" * 500_000, "too long"),
        ("unit: 10**99999999 erg", "which is not a unit"),
    ],
)
def test_yaml_that_cannot_be_used_is_refused(header, words):
    with pytest.raises(Unreadable, match=words):
        require_plain_yaml(header)


def test_yaml_that_asks_for_objects_makes_none(tmp_path):
    text = _written(QTable({"a": [1]}), "ascii.ecsv").decode()
    mark = tmp_path / "made"
    evil = text.replace("# ---", f"# ---\n# meta: !!python/object/apply:pathlib.Path.touch [{mark}]")
    with pytest.raises(Exception, match="unable to parse yaml in meta header"):
        read_tables(evil.encode(), "t")
    assert not mark.exists()


@pytest.mark.parametrize("between", ["", "\n", " "])
def test_a_trap_in_the_header_of_an_ecsv_is_found_where_astropy_finds_it(between):
    text = _written(QTable({"a": [1] * u.m}), "ascii.ecsv").decode()
    evil = re.sub(r"\n# (.*unit: )m", rf"\n{between}# \g<1>10**99999999 erg", text)
    assert evil != text
    with pytest.raises(Unreadable, match="which is not a unit"):
        read_tables(evil.encode(), "t")


@pytest.mark.parametrize(
    "unit",
    ["10**99999999 erg", "10^99999999", "10+99999999 m", "10**(99999999)", "10 ** ( -99999999 )", "m" * 300],
)
def test_units_that_would_take_for_ever_are_none(unit):
    with pytest.raises(Unreadable, match="which is not a unit"):
        require_plain_unit(unit)


@pytest.mark.parametrize(
    "unit", ["erg / (s cm**2)", "10**-15 erg", "10+3 m", "J2000", "1000 km", "count s-1", "", None]
)
def test_units_that_people_write_pass(unit):
    require_plain_unit(unit)


def test_one_line_is_not_taken_for_a_file(tmp_path):
    (tmp_path / "secret.csv").write_text("ra,dec\n1,2\n")
    with pytest.raises(Unreadable, match="names no columns"):
        read_tables(str(tmp_path / "secret.csv").encode(), "t")
    (found,) = read_tables(
        f"# %ECSV 1.0\n# ---\n# datatype:\n# - {{name: a, datatype: string}}\na\n{tmp_path}/secret.csv\n".encode(), "t"
    )
    assert [column.name for column in found.columns] == ["a"]


def test_a_million_columns_are_refused_at_once():
    start = time.process_time()
    for before in (b"", b"ra,dec\n1,2\n", b"#"):
        with pytest.raises(Unreadable, match="1000001 columns"):
            read_tables(before + b"ra" + b",x" * 1_000_000 + b"\n", "t")
    assert time.process_time() - start < 1


def test_one_long_text_may_not_take_its_room_in_every_row():
    content = b"ra,note\n" + b"1,x\n" * 20_000 + b"2," + b"x" * 100_000 + b"\n"
    with pytest.raises(Unreadable, match=r"one of its lines has 100002 characters, and it would take 8\.0 GB"):
        read_tables(content, "t")
    assert read_tables(b"ra,note\n1,x\n2," + b"x" * 100_000 + b"\n", "t")[0].rows == 2


def _parquet(table, **said):
    buffer = io.BytesIO()
    metadata = {key.replace("__", "::"): value for key, value in said.items()}
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    return buffer.getvalue()


def test_a_parquet_file_may_not_say_that_its_texts_are_longer_than_memory():
    table = pa.table({"name": ["a"] * 1000})
    with pytest.raises(Unreadable, match="a text in name has 1000000000 characters"):
        read_tables(_parquet(table, table__len__name="1000000000"), "t")


def test_a_few_bytes_of_parquet_may_not_hold_more_than_memory():
    with pytest.raises(Unreadable, match="it says that it has 100000000 rows"):
        read_tables(_parquet(pa.table({"a": pa.nulls(100_000_000, pa.int8())})), "t")
    text = pa.table({"name": pa.array(["x" * 100_000] + ["a"] * 20_000)})
    with pytest.raises(Unreadable, match="a text in name has 100000 characters"):
        read_tables(_parquet(text), "t")


def test_yaml_in_parquet_is_looked_at():
    with pytest.raises(Unreadable, match="too often"):
        read_tables(_parquet(pa.table({"ra": [1.0]}), table_meta_yaml=LAUGHS), "t")


@pytest.mark.parametrize("layout", ["ascii.ipac", "ascii.fixed_width", "ascii.fixed_width_two_line"])
def test_blanks_that_align_a_wide_table_are_no_columns(layout):
    """The full master table, 515 columns (csc21.master_source), as astropy aligns it: lines have 7,000 blanks."""
    table = QTable({f"quantity_of_the_source_{number}": [1.5] for number in range(515)})
    content = io.StringIO()
    table.write(content, format=layout)
    (read,) = read_tables(content.getvalue().encode(), "wide.txt")
    assert len(read.columns) == 515
