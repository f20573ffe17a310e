"""Tables in text as spreadsheets, editors, services and people write them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.io.tables.read import read_tables

ROWS = {"name": ["o0", "o1"], "ra": ["23.46", "23.55"], "dec": ["30.63", "-30.72"]}
CSV = "name,ra,dec\no0,23.46,30.63\no1,23.55,-30.72\n"


def _read(text):
    (table,) = read_tables(text if isinstance(text, bytes) else text.encode(), "t")
    return table, {column.name: column.values.to_pylist() for column in table.columns}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_of_unicode(encoding):
    table, columns = _read(CSV.replace("o1", "\N{GREEK SMALL LETTER ETA} Car").encode(encoding))
    assert columns == ROWS | {"name": ["o0", "\N{GREEK SMALL LETTER ETA} Car"]}
    assert table.notes == ()


def test_what_is_not_unicode_is_said():
    table, columns = _read(CSV.replace("o1", "Muñoz 1").encode("latin-1"))
    assert columns["name"][1] == "Muñoz 1"
    assert "not in UTF-8" in table.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        CSV.replace(",", ";"),
        CSV.replace(",", "\t"),
        CSV.replace(",", "|"),
        CSV.replace(",", ", "),
        CSV.replace(",", "  "),
        CSV.replace("\n", "\r\n"),
        CSV.replace("\n", "\r"),
        CSV.replace("\n", "\n\n"),
        CSV.replace("\n", ",\n"),
        "# made by me\n" + CSV,
        "#" + CSV,
        "# mine\n#" + CSV.replace(",", "\t"),
        "#" + CSV.replace(",", "\t"),
        "# " + CSV.replace(",", " "),
        '"name","ra","dec"\n"o0","23.46","30.63"\n"o1","23.55","-30.72"\n',
        "name\tra\tdec\n-----\t-----\t-----\no0\t23.46\t30.63\no1\t23.55\t-30.72\n",
        "name\tra\tdec\n10S\t8N\tN\no0\t23.46\t30.63\no1\t23.55\t-30.72\n",
        "name,ra,dec\no0,23.46,30.63\nname,ra,dec\no1,23.55,-30.72\n",
    ],
)
def test_layouts_of_the_same_rows(text):
    assert _read(text)[1] == ROWS


def test_the_first_column_of_pandas_has_no_name():
    assert _read(",name,ra\n0,a,1\n1,b,2\n")[1] == {"column_1": ["0", "1"], "name": ["a", "b"], "ra": ["1", "2"]}


def test_names_of_rows_that_the_line_of_names_leaves_out():
    assert list(_read("name\tra\n1\ta\t5\n2\tb\t6\n")[1]) == ["column_1", "name", "ra"]


def test_a_table_without_names_keeps_its_first_row_and_says_so():
    table, columns = _read("o0,23.46,30.63\no1,23.55,30.72\n")
    assert columns["col2"] == ["23.46", "23.55"]
    assert "no line of names" in table.notes[0]


def test_decimal_commas_of_spreadsheets_are_read_and_said():
    table, columns = _read("name;ra;note\na;23,46;1,5 or so\nb;1;x\n")
    assert columns == {"name": ["a", "b"], "ra": ["23.46", "1"], "note": ["1,5 or so", "x"]}
    assert table.notes == ("decimal commas in ra were read as points",)


@pytest.mark.parametrize("word", ["NULL", "--", "null", "N/A", "INDEF", "---", "-", "...", "nil"])
def test_words_for_nothing_among_numbers_are_nulls_and_said(word):
    table, columns = _read(f"name,ra,dec\na,1.5,{word}\nb,{word},05 30 00\n")
    assert (columns["ra"], columns["dec"]) == (["1.5", None], [None, "05 30 00"])
    assert table.notes == (f"read as no value: {word!r} (2 cells)",)


def test_a_dash_among_words_is_a_word():
    assert _read("name,class\na,-\nb,QSO\n")[1]["class"] == ["-", "QSO"]


def test_what_may_stand_for_nothing_is_kept_and_said():
    table, columns = _read("name,flux\na,-999\nb,1\n")
    assert columns["flux"] == ["-999", "1"]
    assert table.notes == ("flux is -999 in 1 row, and kept so: the file does not say that it means none",)


VIZIER = """#
#   VizieR Astronomical Server vizier.cds.unistra.fr
#RESOURCE=yCat_9057
#Name: IX/57/csc2master
#Column\t_RAJ2000\t(F10.6)\tRight ascension (FK5) [ucd=pos.eq.ra]
#Column\t2CXO\t(a22)\tDesignation\t[ucd=meta.id;meta.main]

_RAJ2000\t2CXO
deg\t
----------\t----------------------
023.462364\tJ013350.8+303936
#Name: IX/57/other
#Column\tRAJ2000\t(A11)\tRight ascension\t[ucd=pos.eq.ra]
#Column\tFlux\t(E9.3)\tFlux\t[ucd=phot.flux]

RAJ2000\tFlux
"h:m:s"\tmW/m2
-----------\t---------
01 33 50.96\t1.0e-14
01 33 51.96\t2.0e-14
"""


def test_tables_of_vizier_come_with_units_ucds_and_descriptions_one_after_the_other():
    """The layout of asu-tsv, https://vizier.cds.unistra.fr/vizier/doc/asu-summary.htx."""
    first, second = read_tables(VIZIER.encode(), "t")
    assert [table.name for table in (first, second)] == ["IX/57/csc2master", "IX/57/other"]
    assert [column.name for column in first.columns] == ["_RAJ2000", "2CXO"]
    assert (first.columns[0].unit, first.columns[1].ucd) == ("deg", "meta.id;meta.main")
    assert [column.unit for column in second.columns] == ["h:m:s", "mW/m2"]
    assert second.columns[0].values.to_pylist() == ["01 33 50.96", "01 33 51.96"]


def test_the_catalogue_above_its_table_is_not_the_table():
    catalogue = "#Name: IX/57\n#Title: The catalogue\n#Table\tIX_57_csc2master:\n#Name: "
    (table,) = read_tables(VIZIER.partition("#Name: IX/57/other")[0].replace("#Name: ", catalogue).encode(), "t")
    assert table.name == "IX/57/csc2master"


def test_comments_among_rows_are_counted_and_texts_in_quotes_go_over_lines():
    table, columns = _read('# mine\nname,note\na,"x\n#y"\n# no row\nb,z\n')
    assert columns == {"name": ["a", "b"], "note": ["x\n#y", "z"]}
    assert table.notes == ("1 lines among the rows that begin with # are left out",)


def test_names_that_begin_with_a_hash_are_rows_where_nothing_is_commented():
    assert _read("name,ra\n#1,5\n#2,6\n")[1]["name"] == ["#1", "#2"]


CSCVIEW = (
    '#Column\tsepn\t(F9.2)\tDistance\t(.separation)\t["arcsec"]\t[pos.angDistance]\n'
    '#Column\tname\t(A22)\tSource name\t(master_source.name)\t[""]\t[meta.id]\n\n'
)


@pytest.mark.parametrize("names", ["sepn\tname", "#sepn\tname"])
def test_what_cscview_declares_of_columns_that_are_not_the_catalogue_s_is_kept(names):
    table, _ = _read(f"{CSCVIEW}{names}\n 1.5\t 2CXO J1\n")
    separation, name = table.columns
    assert (separation.unit, separation.ucd, separation.description) == ("arcsec", "pos.angDistance", "Distance")
    assert (separation.table, separation.column) == ("", "separation")
    assert (name.table, name.column, name.values.to_pylist()) == ("master_source", "name", ["2CXO J1"])


def test_names_that_differ_in_case_are_two():
    assert _read("name,b_Teff,B_Teff\na,1,2\n")[1] == {"name": ["a"], "b_Teff": ["1"], "B_Teff": ["2"]}


MRT = """Title: A table
Authors: Me
Table: Sources
================================================================================
Byte-by-byte Description of file: a.txt
--------------------------------------------------------------------------------
   Bytes Format Units   Label    Explanations
--------------------------------------------------------------------------------
   1-  5 A5     ---     Name     Name
   7-  8 I2     h       RAh      Hour of Right Ascension (J2000)
  10- 11 I2     min     RAm      Minute of Right Ascension (J2000)
  13- 17 F5.2   s       RAs      Second of Right Ascension (J2000)
      19 A1     ---     DE-      Sign of the Declination (J2000)
  20- 24 F5.1   mag     Vmag     ?=-99.9 Magnitude
--------------------------------------------------------------------------------
o0    01 33 50.96 +-99.9
o1    01 34 12.02 - 12.5
"""


def test_machine_readable_tables_with_their_declared_nulls():
    table, columns = _read(MRT)
    assert columns["RAs"] == [50.96, 12.02]
    assert columns["Vmag"] == [None, 12.5]
    assert {column.name: column.unit for column in table.columns}["Vmag"] == "mag"


@given(st.binary(max_size=300) | st.text("abc1.5,;\t|# \n\"-+'NS\\=", max_size=200).map(str.encode))
def test_whatever_it_is_it_is_refused_in_words_or_has_columns_of_one_length(content):
    with contextlib.suppress(CscError), reading("t cannot be read"):
        for table in read_tables(content, "t"):
            assert {len(column.values) for column in table.columns} <= {table.rows}


@pytest.mark.parametrize("first", ["[Fe/H],ra,dec", "[3.6],[4.5],ra", "[Fe/H]\tra\tdec"])
def test_a_column_whose_name_begins_with_a_bracket_is_no_json(first):
    delimiter = "\t" if "\t" in first else ","
    (table,) = read_tables(f"{first}\n{delimiter.join(['1.5', '2.5', '3.5'])}\n".encode(), "t.csv")
    assert [column.name for column in table.columns] == first.split(delimiter)


@pytest.mark.parametrize("content", ['[{"ra": 1.5}]', "[1.5, 2.5]", "[\n1, 2]", '{"ra": [1, 2]}', '["ra", "dec"]'])
def test_json_is_still_told(content):
    with pytest.raises(Unreadable, match="JSON"):
        read_tables(content.encode(), "t.json")


def test_points_beside_decimal_commas_may_be_groups_of_thousands_and_it_is_said():
    """As spreadsheets write in most of Europe: 1.234 is a thousand and more (CLDR, decimal and group of "de")."""
    (table,) = read_tables(b"name;ra;counts;z\nA;83,8;1.234;0.5\nB;83,9;12.345;0.25\n", "t.csv")
    assert "counts has points in place of commas: they were read as decimal points" in table.notes
    (table,) = read_tables(b"name;ra;z\nA;83,8;0.5\nB;83,9;0.25\n", "t.csv")
    assert table.notes == ("decimal commas in ra were read as points",)
