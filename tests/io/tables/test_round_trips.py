"""What pandas, astropy, STILTS and our own ``csccli`` wrote comes back with every value, null and unit."""

import shutil
import subprocess
import warnings

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st

from cscwidgets.archive.provenance import Provenance
from cscwidgets.export.files import FORMATS, write_table
from cscwidgets.io.tables.cells import typed
from cscwidgets.io.tables.read import read_tables
from cscwidgets.io.units import read_unit

STILTS = shutil.which("stilts")
# Words that are no numbers, flags or angles by themselves: a column of them is text for every reader.
words = st.text("abcxyzηñ #',;|", min_size=1, max_size=8).map(lambda text: " ".join(f"w{text}".split()))
columns = {
    "name": words,
    "ra": st.floats(0, 360, allow_subnormal=False),
    "flux": st.one_of(st.none(), st.floats(-1e30, 1e30, allow_subnormal=False)),
    "n": st.integers(-(2**53), 2**53),
    "flag": st.booleans(),
    "note": st.one_of(st.none(), words),
}
rows = st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=6)
UNITS = {"ra": "deg", "flux": "erg / (s cm2)"}


def _read(content):
    (table,) = read_tables(content, "t")
    return {column.name: column for column in table.columns}


def _values(column):
    values = typed(column.values)
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)
    return values.to_pylist()


def _assert_same(content, expected, *, units=False, text=str):
    read = _read(content)
    assert list(read) == list(columns)
    for name, column in read.items():
        wanted = [row[name] for row in expected]
        found = _values(column)
        if all(value is None for value in wanted):
            assert set(found) == {None}
        elif name in {"name", "note"}:
            assert [value if value is None else text(value) for value in found] == wanted, name
        else:
            assert found == wanted, name
        if units and name in UNITS:
            assert read_unit(column.unit) == u.Unit(UNITS[name])


def _table(expected):
    table = Table()
    for name in columns:
        values = [row[name] for row in expected]
        filling = {"flux": 0.0, "note": ""}.get(name)
        column = [filling if value is None else value for value in values]
        mask = [value is None for value in values]
        table[name] = MaskedColumn(column, mask=mask) if any(mask) else column
        table[name].unit = UNITS.get(name)
    return table


@given(rows, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from([",", ";", "\t", "|"]), st.booleans())
def test_what_pandas_wrote(expected, encoding, separator, index):
    frame = pd.DataFrame(expected, columns=list(columns))
    text = frame.to_csv(sep=separator, index=index)
    if index:
        text = text.replace(separator, "row" + separator, 1)
    content = text.encode(encoding)
    if index:
        assert _values(_read(content)["row"]) == list(range(len(expected)))
        content = frame.to_csv(sep=separator, index=False).encode(encoding)
    _assert_same(content, expected)


def _texts_fit(expected, banned):
    return all(not set(banned) & set(row[name] or "") for row in expected for name in ("name", "note"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def _written(table, kind, folder, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of "erg", and of what a format cannot keep
        table.write(folder / "t", format=kind, overwrite=True, **options)
    return (folder / "t").read_bytes()


# What the format itself, or astropy's writer of it, cannot keep: these marks in text, or units.
ASTROPY = {
    "ascii.basic": "", "ascii.commented_header": "#", "ascii.csv": "", "ascii.ecsv": "", "ascii.tab": "#",
    "ascii.fixed_width": "|", "ascii.ipac": "|ηñ", "votable": "", "fits": "ηñ", "parquet": "",
}  # fmt: skip
WITH_UNITS = {"ascii.ecsv", "ascii.ipac", "votable", "fits", "parquet"}


@pytest.mark.parametrize("kind", ASTROPY)
@settings(max_examples=25)
@given(expected=rows)
def test_what_astropy_wrote(folder, kind, expected):
    for row in expected:
        for name in ("name", "note"):
            row[name] = row[name] and "".join(mark for mark in row[name] if mark not in ASTROPY[kind]).strip()
    table = _table(expected)
    if kind == "ascii.ipac":
        table["flag"] = [str(flag) for flag in table["flag"]]  # it has no flags
    _assert_same(_written(table, kind, folder), expected, units=kind in WITH_UNITS)


@pytest.mark.parametrize("serialisation", ["tabledata", "binary", "binary2"])
def test_votables_of_every_serialisation(folder, serialisation):
    expected = [{"name": "wη", "ra": 1.5, "flux": None, "n": 7, "flag": True, "note": None}]
    content = _written(_table(expected), "votable", folder, tabledata_format=serialisation)
    _assert_same(content, expected, units=True)


@pytest.mark.parametrize("kind", ["fits", "ascii.ecsv", "parquet"])
def test_coordinates_and_times_that_astropy_wrote_become_degrees_and_days(folder, kind):
    time = Time(["2020-01-01T00:00:00", "2021-06-01T12:00:00"], scale="utc")
    table = QTable({"at": SkyCoord([1, 2], [3, 4], unit="deg"), "seen": time, "mag": [1.0, 2.0] * u.mag})
    read = _read(_written(table, kind, folder))
    assert [(name, column.unit) for name, column in read.items() if name != "seen"] == [
        *(("at.ra", "deg"), ("at.dec", "deg"), ("mag", "mag"))
    ]
    np.testing.assert_allclose(_values(read["at.dec"]), [3, 4])
    assert read["seen"].unit == "d"
    np.testing.assert_allclose(_values(read["seen"]), time.mjd, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({}, ""),
        ({"distance": [10, 20] * u.pc}, "distances"),
        ({"pm_ra_cosdec": [1, 2] * u.mas / u.yr, "pm_dec": [1, 2] * u.mas / u.yr}, "motions"),
    ],
)
def test_what_coordinates_have_beside_angles_is_not_lost_unsaid(folder, more, left):
    table = QTable({"at": SkyCoord([1, 2] * u.deg, [3, 4] * u.deg, **more)})
    (read,) = read_tables(_written(table, "ascii.ecsv", folder), "t")
    assert read.notes == ((f"of the coordinates at the {left} are left out",) if left else ())


@pytest.mark.stilts
@pytest.mark.skipif(STILTS is None, reason="stilts is not installed")
@pytest.mark.parametrize(
    "kind", ["csv", "ascii", "tst", "ipac", "votable", "fits-basic", "fits-plus", "ecsv", "parquet"]
)
def test_what_stilts_wrote(folder, kind):
    expected = [
        {"name": "wa b", "ra": 83.25, "flux": 1.5e-14, "n": 7, "flag": True, "note": "w,x"},
        {"name": "wc", "ra": 0.125, "flux": None, "n": -3, "flag": False, "note": None},
    ]
    (folder / "t.vot").write_bytes(_written(_table(expected), "votable", folder))
    command = [STILTS, "tcopy", "ifmt=votable", f"in={folder / 't.vot'}", f"ofmt={kind}", f"out={folder / 'out'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "No handler" in done.stderr:
        pytest.skip(f"this STILTS does not write {kind}")
    assert done.returncode == 0, done.stderr
    content = (folder / "out").read_bytes()
    _assert_same(content, expected, units=kind in {"ipac", "votable", "fits-basic", "fits-plus", "ecsv"})


@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending != ".csv"])
def test_our_own_exports_come_back_with_units_descriptions_and_where_they_are_from(ending, tmp_path):
    flux = [1e-14, np.nan] * u.Unit(UNITS["flux"])
    table = QTable({"name": ["SIM J1", "SIM J2"], "ra": [1.5, 2.5] * u.deg, "flux": flux})
    table["ra"].info.description = "Right ascension"
    table.meta["provenance"] = Provenance(
        release="CSC 2.1", service="here", query="SELECT 1", requested=9, returned=2, truncated=7, simulated=True
    )
    (read,) = read_tables(write_table(table, tmp_path / f"t{ending}").read_bytes(), f"t{ending}")
    assert [column.name for column in read.columns] == table.colnames
    assert [_values(column) for column in read.columns] == [["SIM J1", "SIM J2"], [1.5, 2.5], [1e-14, None]]
    assert read_unit(read.columns[2].unit) == table["flux"].unit
    assert read.columns[1].description == "Right ascension"
    assert (read.simulated, read.complete) == (True, False)
    assert "it says of itself that the service did not send all rows" in read.notes
    assert "SELECT 1" in str(read.meta)
