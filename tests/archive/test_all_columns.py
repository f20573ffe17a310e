"""Every column can be asked for and cut on: against astropy's reading of a real table, and over the demo."""

import csv

import astropy.units as u
import numpy as np
import pytest
from astropy.io import ascii as astropy_ascii

from cscwidgets import Archive
from cscwidgets.archive import Cut
from cscwidgets.csc.columns import TABLES
from cscwidgets.service.imports.importer import import_tables

MASTER = TABLES["master_source"]


@pytest.fixture(scope="module")
def real_archive(real, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pulsars") / "archive"
    import_tables([real / "tables" / "csc20_full_schema_137_pulsars.tsv"], folder)
    return Archive(folder)


@pytest.fixture(scope="module")
def read_by_astropy(real):
    """The same file as astropy's own reader of tab-separated tables has it, all cells as text."""
    text = (real / "tables" / "csc20_full_schema_137_pulsars.tsv").read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    names = [name.strip() for name in lines[0].split("\t")]
    converters = {name: [astropy_ascii.convert_numpy(str)] for name in names}
    return astropy_ascii.read(
        ["\t".join(names), *lines[1:]],
        format="tab",
        converters=converters,
        fill_values=[],
        quotechar="\0",
        guess=False,
        fast_reader=False,
    )


def numbers(column):
    return np.array([float(cell) if str(cell).strip() not in ("", "--") else np.nan for cell in column])


@pytest.mark.real
def test_all_515_columns_of_the_real_table_come_as_astropy_reads_them(real_archive, read_by_astropy):
    adql = real_archive.adql(None, "*")
    rows = real_archive.query(adql)
    assert set(MASTER) <= set(rows.colnames)
    assert len(MASTER) == 515
    order = {str(name).strip(): row for row, name in enumerate(read_by_astropy["name"])}
    rows = rows[np.argsort([order[name] for name in rows["name"]])]
    for name, column in MASTER.items():
        cells = [str(cell).strip() for cell in read_by_astropy[name]]
        got = rows[name]
        assert got.info.description
        if column.unit:
            assert got.unit == u.Unit(column.unit), name
        if column.datatype == "boolean":
            assert [str(value).upper() if value is not np.ma.masked else "" for value in got] == [
                cell.upper() for cell in cells
            ], name
        elif column.datatype == "char":
            assert ["" if value is np.ma.masked else str(value) for value in got] == cells, name
        elif name in ("ra", "dec"):
            continue  # sexagesimal in the file: astropy's angles are compared in the import's own tests
        else:
            plain = got.value if isinstance(got, u.Quantity) else np.ma.filled(np.ma.asarray(got, float), np.nan)
            np.testing.assert_allclose(plain, numbers(cells), rtol=1e-12, err_msg=name)


@pytest.mark.real
def test_a_cut_on_each_of_the_515_columns_keeps_what_astropy_says(real_archive, read_by_astropy):
    cuts, expected = [], []
    for name, column in MASTER.items():
        cells = [str(cell).strip() for cell in read_by_astropy[name]]
        values = numbers(cells) if column.datatype not in ("boolean", "char") and name not in ("ra", "dec") else None
        if name in ("ra", "dec"):  # sexagesimal in the file
            cuts.append(Cut(name, "is not null"))
            expected.append(len(cells))
        elif column.datatype == "boolean":
            cuts.append(Cut(name, "is true"))
            expected.append(sum(cell.upper() == "TRUE" for cell in cells))
        elif values is None:
            cuts.append(Cut(name, "=", cells[3]) if cells[3] else Cut(name, "is null"))
            expected.append(cells.count(cells[3]))
        elif np.isfinite(values).any():
            cuts.append(Cut(name, ">=", float(np.nanmedian(values))))
            expected.append(int(np.sum(values >= np.nanmedian(values))))
        else:
            cuts.append(Cut(name, "is null"))
            expected.append(len(values))
    columns = real_archive.schema().columns()
    counted = []
    for start in range(0, len(cuts), 40):  # each alone would be a query of its own
        cases = [f"SUM(CASE WHEN {cut.condition(columns)} THEN 1 ELSE 0 END)" for cut in cuts[start : start + 40]]
        named = ", ".join(f"{case} AS n{number}" for number, case in enumerate(cases))
        row = real_archive.query(f"SELECT {named} FROM csc21.master_source")[0]
        counted += [int(row[f"n{number}"]) for number in range(len(cases))]
    assert len(counted) == 515
    assert dict(zip(map(str, cuts), counted, strict=True)) == dict(zip(map(str, cuts), expected, strict=True))


def test_every_column_of_the_demo_can_be_chosen_and_cut_on(warm_demo):
    columns = warm_demo.schema().columns()
    assert list(columns) == list(MASTER)
    rows = warm_demo.search("M33", "*", radius="3 arcmin")
    assert [name for name in MASTER if name not in rows.colnames] == []
    conditions = [
        Cut(name, {"boolean": "is true", "char": "is null"}.get(one.datatype, ">"), 0) for name, one in columns.items()
    ]
    for start in range(0, len(conditions), 60):  # all in few queries: each is an alternative
        either = " OR ".join(f"({cut.condition(columns, 'm')})" for cut in conditions[start : start + 60])
        counted = warm_demo.count("M33", f"NOT ({either}) OR {either}", radius="3 arcmin")
        assert counted <= warm_demo.count("M33", radius="3 arcmin")
    gamma = np.ma.filled(np.ma.asarray(rows["powlaw_gamma"], float), np.nan)
    kept = warm_demo.search("M33", ["powlaw_gamma"], Cut("powlaw_gamma", ">", 1.5), radius="3 arcmin")
    assert set(kept["name"]) == set(rows["name"][gamma > 1.5])


@pytest.mark.real
def test_the_reference_has_the_units_and_words_of_the_real_list(real):
    with (real / "reference" / "csc_columns.csv").open(newline="") as lines:
        listed = [row for row in csv.DictReader(lines) if "master_source" in row["table"]]
    assert {row["column"] for row in listed} == set(MASTER)
