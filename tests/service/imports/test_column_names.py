"""What other services and scripts call the catalogue's columns."""

from pathlib import Path

import pyarrow as pa
import pytest
from astropy.io import fits

from cscwidgets.csc.columns import TABLES
from cscwidgets.service.imports.column_names import family, named_columns
from cscwidgets.service.imports.readers import RawColumn, read_tables


def named(*names: str, **options: str) -> list[tuple[str, str, str]]:
    columns = [RawColumn(name, pa.array(["1"]), **options) for name in names]
    return [(item.table, item.name, item.side) for item in named_columns(columns)]


@pytest.mark.parametrize(
    ("written", "table", "name", "side"),
    [
        ("flux_aper_b", "", "flux_aper_b", ""),
        ("FLUX_APER_B", "", "flux_aper_b", ""),
        ("mstr_flux_aper_b", "master_source", "flux_aper_b", ""),
        ("stk_flux_aper_b", "stack_source", "flux_aper_b", ""),
        ("obi_flux_aper_b", "observation_source", "flux_aper_b", ""),
        ("flux_aper_b_mstr", "master_source", "flux_aper_b", ""),
        ("flux_aper_b_obs", "observation_source", "flux_aper_b", ""),
        ("m.flux_aper_b", "master_source", "flux_aper_b", ""),
        ("o.flux_aper_b", "observation_source", "flux_aper_b", ""),
        ("s.detect_stack_id", "stack_source", "detect_stack_id", ""),
        ("b.obsid", "stack_observation_assoc", "obsid", ""),
        ("master_source.flux_aper_b", "master_source", "flux_aper_b", ""),
        ("csc21.observation_source.flux_aper_b", "observation_source", "flux_aper_b", ""),
        ("master_source_flux_aper_b", "master_source", "flux_aper_b", ""),
        ("flux_aper_b.1", "", "flux_aper_b", ".1"),
        ("flux_aper_b_2", "", "flux_aper_b", "_2"),
        ("flux_aper_b_x", "", "flux_aper_b", "_x"),
        ("obi", "", "obi", ""),
        ("detect_stack_id", "", "detect_stack_id", ""),
        ("mass_2", "", "mass_2", ""),
        ("2MASS J", "", "_2MASS_J".lower(), ""),
    ],
)
def test_qualified_and_joined_names(written: str, table: str, name: str, side: str) -> None:
    assert named(written) == [(table, name, side)]


def test_columns_of_one_name_are_told_apart() -> None:
    assert named("flux_aper_b", "flux_aper_b") == [("", "flux_aper_b", ""), ("", "flux_aper_b", "#2")]


def test_csccli_declares_the_table_and_renames_the_column() -> None:
    options = {"table": "master_source", "column": "mstr_flux_aper_b"}
    assert named("mstr_flux_aper_b", **options) == [("master_source", "flux_aper_b", "")]
    assert named("separation", column="separation") == [("", "separation", "")]


def test_a_family_is_one_quantity() -> None:
    assert {family(name) for name in ("flux_aper_b", "flux_aper_lolim_h", "flux_aper_hilim_w")} == {"flux_aper"}
    assert family("flux_aper90_b") != family("flux_aper_b")


@pytest.mark.real
def test_all_columns_of_heasarc_s_table(real: Path) -> None:
    with fits.open(real / "tables" / "47tuc_heinke2005_x_csc_heasarc.fits") as hdus:
        names = [column.name.removeprefix("B_") for column in hdus[1].columns if column.name.startswith("B_")]
    assert {name for _, name, _ in named(*names)} == set(TABLES["master_source"])
    (nh,) = (item for item in named_columns([RawColumn(n, pa.array(["1"])) for n in names]) if item.name == "nh_gal")
    assert nh.raw.unit == "cm**-2"


@pytest.mark.real
def test_all_columns_of_vizier_s_table(real: Path) -> None:
    """VizieR's words hold the catalogue's names in brackets: its own names must lead to the same."""
    (raw,) = read_tables(real / "tables" / "vizier_csc2_gal.annot.xml")
    bare = [RawColumn(column.name, column.values, unit=column.unit) for column in raw.columns]
    of_bare = {item.raw.name: item.name for item in named_columns(bare) if item.table}
    assert of_bare["2CXO"] == "name"
    assert of_bare["Fluxb"] == "flux_aper_b"
    assert of_bare["PF90avgs"] == "photflux_aper90_avg_s"
    assert of_bare["GLAT"] == "gal_l"  # IX/57 has them the wrong way round: 342.863 is no latitude
    assert set(of_bare) == {column.name for column in raw.columns} - {"_RAJ2000", "_DEJ2000", "GLON"}
    for item in named_columns(raw.columns):
        if item.raw.name in of_bare:
            assert item.name == of_bare[item.raw.name], item.raw.name


def test_limits_of_vizier_s_new_table() -> None:
    written = named("2CXO", "RAICRS", "Fluxb", "b_Fluxb", "B_Fluxb", "HRhm", "b_HRhm", "GamPL", "B_GamPL")
    assert [name for _, name, _ in written] == [
        *("name", "ra", "flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b"),
        *("hard_hm", "hard_hm_lolim", "powlaw_gamma", "powlaw_gamma_hilim"),
    ]
