"""Column knowledge against the service's own metadata and the catalogue's full-schema table."""

import csv

import pytest

from cscwidgets.archive.query import DEFAULT_COLUMNS, DETECTION_COLUMNS
from cscwidgets.csc.columns import TABLES, describe
from cscwidgets.csc.families import triple
from cscwidgets.io.units import vounit


@pytest.fixture
def listed(real):
    with (real / "reference" / "csc_columns.csv").open() as lines:
        return [
            (row["table"].split(".")[1], row["column"], row["dtype"].removesuffix("(*)"), row["unit"])
            for row in csv.DictReader(lines)
        ]


def test_master_columns_are_those_of_the_service_in_its_order(listed):
    assert list(TABLES["master_source"]) == [column for table, column, *_ in listed if table == "master_source"]


def test_types_and_units_are_the_services(listed):
    import astropy.units as u

    checked = 0
    for table, name, datatype, unit in listed:
        known = TABLES[table].get(name)
        if known is None or not datatype:
            continue
        assert known.datatype == datatype, name
        if unit and unit != "d":
            assert u.Unit(known.unit) == u.Unit(unit.replace("/s/cm**2", " s-1 cm-2")), name
            checked += 1
    assert checked > 300


def test_units_are_spelled_in_vounit():
    units = {column.unit for table in TABLES.values() for column in table.values()}
    assert len(units) > 10
    assert {unit for unit in units if vounit(unit) != unit} == set()


def test_columns_known_of_the_other_tables_are_there(listed):
    pointing = {"chipx_pnt", "chipy_pnt", "chip_id_pnt", "ao", "ascdsver", "caldbver", "crdate"}
    missing = {name for table, name, *_ in listed if name not in TABLES[table]}
    assert missing <= pointing


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b"),
        ("hard_hm", "hard_hm_lolim", "hard_hm_hilim"),
        ("powlaw_gamma", "powlaw_gamma_lolim", "powlaw_gamma_hilim"),
        ("flux_powlaw", "flux_powlaw_lolim", "flux_powlaw_hilim"),
        ("major_axis_w", "major_axis_lolim_w", "major_axis_hilim_w"),
        ("photflux_aper90_avg_u", "photflux_aper90_avg_lolim_u", "photflux_aper90_avg_hilim_u"),
    ],
)
def test_triples_name_real_columns(column, low, high):
    assert triple(column) == (column, low, high)
    assert {column, low, high} <= set(TABLES["master_source"])


def test_meaning_is_the_master_tables_unless_told():
    assert "longest" in describe("flux_aper_b").description
    assert describe("flux_aper_b", "observation_source").unit == describe("flux_aper_b").unit
    assert describe("no_such_column") is None


def test_columns_asked_for_unasked_are_the_services(listed):
    known = {(table, name) for table, name, *_ in listed}
    assert {("master_source", name) for name in DEFAULT_COLUMNS} <= known
    # The recorded answers are of ACIS observations: photon fluxes in the HRC's band are documented, not seen.
    unseen = {("observation_source", f"photflux_aper{end}_w") for end in ("", "_lolim", "_hilim")}
    assert {("observation_source", name) for name in DETECTION_COLUMNS} - unseen <= known
