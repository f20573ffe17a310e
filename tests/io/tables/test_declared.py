"""Declarations in comments are of the columns that they name, whatever people did with the columns since."""

import pytest

from cscwidgets.io.tables.read import read_tables

# As search_csc writes them (CIAO's ahelp, "search_csc"), of two tables that both have a flux.
COMMENTS = (
    '#Column\tname\t(A22)\tSource\t(master_source.name)\t[""]\t[]\n'
    '#Column\tflux_aper_b\t(E9)\tFlux\t(master_source.flux_aper_b)\t["erg/s/cm**2"]\t[]\n'
    '#Column\tsignificance\t(F9)\tSignificance\t(master_source.significance)\t[""]\t[]\n'
    '#Column\tflux_aper_b\t(E9)\tFlux\t(observation_source.flux_aper_b)\t["erg/s/cm**2"]\t[]\n'
)


def _declared(names):
    text = COMMENTS + "\t".join(names) + "\n" + "\t".join(["1.5"] * len(names)) + "\n"
    (table,) = read_tables(text.encode(), "t.tsv")
    return [(column.table, column.column, column.unit) for column in table.columns]


NAME, NONE = ("master_source", "name", ""), ("", "", "")
SOURCE, DETECTION = (
    ("master_source", "flux_aper_b", "erg/s/cm**2"),
    ("observation_source", "flux_aper_b", "erg/s/cm**2"),
)
SIGNIFICANCE = ("master_source", "significance", "")


@pytest.mark.parametrize(
    ("names", "declared"),
    [
        (("name", "flux_aper_b", "significance", "flux_aper_b"), [NAME, SOURCE, SIGNIFICANCE, DETECTION]),
        (("significance", "flux_aper_b", "name", "flux_aper_b"), [SIGNIFICANCE, SOURCE, NAME, DETECTION]),
        # Both fluxes taken out and two columns added: as many as are declared, and others.
        (("name", "significance", "class", "period"), [NAME, SIGNIFICANCE, NONE, NONE]),
        # One of two fluxes left: the comments do not say which.
        (("name", "flux_aper_b", "significance"), [NAME, NONE, SIGNIFICANCE]),
    ],
)
def test_a_declaration_follows_its_name(names, declared):
    assert _declared(names) == declared
