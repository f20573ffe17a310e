"""Real and hand-written tables become archive folders; nothing is lost in silence."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits, votable
from astropy.table import MaskedColumn, Table

from cscwidgets import Archive
from cscwidgets.archive.folder import FolderError, read_info
from cscwidgets.csc.columns import TABLES
from cscwidgets.errors import CscError
from cscwidgets.service.database import Database
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.service.imports.preparing import stated_release
from cscwidgets.service.imports.report import ImportReport

TSV = """#Column\tseparation\t(F9.2)\tDistance\t(.separation)\t["arcsec"]\t[pos.angDistance]
#Column\tname\t(A22)\tName\t(master_source.name)\t[""]\t[]
#Column\tra\t(A12)\tRA\t(master_source.ra)\t[""]\t[pos.eq.ra;meta.main]
#Column\tdec\t(A11)\tDec\t(master_source.dec)\t[""]\t[pos.eq.dec;meta.main]
#Column\tconf_flag\t(A5)\tFlag\t(master_source.conf_flag)\t[""]\t[]
#Column\tobsid\t(I5)\tObs\t(observation_source.obsid)\t[""]\t[]
#Column\tobi\t(I3)\tObi\t(observation_source.obi)\t[""]\t[]
#Column\tregion_id\t(I4)\tRegion\t(observation_source.region_id)\t[""]\t[]
#Column\tflux_aper_b\t(E9.3)\tMaster\t(master_source.flux_aper_b)\t["erg/s/cm^2"]\t[]
#Column\tflux_aper_b\t(E9.3)\tObservation\t(observation_source.flux_aper_b)\t["erg/s/cm^2"]\t[]

separation\tname\tra\tdec\tconf_flag\tobsid\tobi\tregion_id\tflux_aper_b\tflux_aper_b
     0.09\t 2CXO J174540.0-290028\t 17 45 40.04\t-00 00 28.08\t TRUE\t  242\t  0\t  31\t1.091e-13\t2.492e-12
     0.09\t 2CXO J174540.0-290028\t 17 45 40.04\t-00 00 28.08\tFALSE\t 2951\t  0\t  31\t1.091e-13\t\x20\x20
     1.00\t 2CXO J174541.0-290029\t 17:45:41.0\t+00:00:29\tNAN\t  242\t  0\t  32\t         \t3.000e-13

"""


def written(folder: Path, table: str) -> pa.Table:
    return pq.read_table(folder / f"{table}.parquet")


def load(files: list[Path], tmp_path: Path, **options) -> tuple[ImportReport, Path]:
    folder = tmp_path / "archive"
    return import_tables(files, folder, **options), folder


def test_columns_go_where_the_header_says(tmp_path: Path) -> None:
    path = tmp_path / "perobs.tsv"
    path.write_text(TSV)
    report, folder = load([path], tmp_path)
    master = written(folder, "master_source").to_pydict()
    assert master["name"] == ["2CXO J174540.0-290028", "2CXO J174541.0-290029"]
    assert master["ra"] == pytest.approx([(17 + 45 / 60 + 40.04 / 3600) * 15, (17 + 45 / 60 + 41 / 3600) * 15])
    assert master["dec"] == pytest.approx([-28.08 / 3600, 29 / 3600])
    assert master["conf_flag"] == [True, None]
    assert master["flux_aper_b"] == [1.091e-13, None]
    assert master["separation"] == [0.09, 1.0]
    observed = written(folder, "observation_source").to_pydict()
    assert observed["flux_aper_b"] == [2.492e-12, None, 3e-13]
    assert observed["obsid"] == [242, 2951, 242]
    assert written(folder, "observation_source").schema.field("obsid").type == pa.int32()
    text = str(report)
    assert "3 rows read, 9 columns recognised" in text
    assert "separation (kept as master_source.separation)" in text
    assert "master_source: 2 rows written, 1 duplicate rows merged, 2 of 12 values null" in text
    assert "conf_flag (1)" in text
    assert "3 source-detection pairs come without a detect stack" in text
    joined = Database(folder).query(
        "SELECT m.name, o.obsid, o.flux_aper_b FROM master_source m, master_stack_assoc a, observation_source o,"
        " stack_observation_assoc b, stack_source s WHERE m.name = a.name AND s.detect_stack_id = a.detect_stack_id"
        " AND s.region_id = a.region_id AND s.detect_stack_id = b.detect_stack_id AND s.region_id = b.region_id"
        " AND o.obsid = b.obsid AND o.obi = b.obi AND o.region_id = b.region_id ORDER BY 1, 2"
    )
    assert joined.table["obsid"].to_pylist() == [242, 2951, 242]
    assert set(written(folder, "stack_source")["detect_stack_id"].to_pylist()) == {"obs00242_000", "obs02951_000"}
    metadata = written(folder, "master_source").schema.field("flux_aper_b").metadata
    assert metadata[b"unit"].decode() == TABLES["master_source"]["flux_aper_b"].unit


def test_several_files_become_one_folder(tmp_path: Path) -> None:
    first, second = tmp_path / "a.tsv.gz", tmp_path / "b.csv"
    first.write_bytes(gzip.compress(TSV.encode()))
    second.write_text("name,significance,conf_flag\n2CXO J174541.0-290029,7.5,T\n2CXO J000000.0+000000,nonsense,0\n")
    report, folder = load([first, second], tmp_path, title="Both", release="csc2.0")
    master = written(folder, "master_source").to_pydict()
    assert master["significance"] == [None, 7.5, None]
    assert master["conf_flag"] == [True, True, False]
    assert "1 values of significance not understood" in str(report)
    info = read_info(folder)
    assert (info.title, info.release, info.schema, info.simulated) == ("Both", "csc2.0", "csc2", False)
    assert Database(folder).query("SELECT name FROM csc2.master_source WHERE conf_flag = 1").table.num_rows == 2


def test_votable_by_name_with_null_integers_and_flags(tmp_path: Path) -> None:
    table = Table(
        {
            "name": ["2CXO J1", "2CXO J2"],
            "ra": MaskedColumn([1.0, 2.0], mask=[False, True]),
            "var_inter_index_b": MaskedColumn(np.array([3, 0], np.int32), mask=[False, True]),
            "extent_flag": MaskedColumn([True, False], mask=[False, True]),
        }
    )
    document = votable.from_table(table)
    for number, field in enumerate(document.get_first_table().fields):
        field.ID = f"col{number}"
    votable.writeto(document, str(tmp_path / "t.vot"), tabledata_format="binary2")
    _, folder = load([tmp_path / "t.vot"], tmp_path)
    assert written(folder, "master_source").to_pydict() == {
        "name": ["2CXO J1", "2CXO J2"],
        "ra": [1.0, None],
        "extent_flag": [True, None],
        "var_inter_index_b": [3, None],
    }


def test_units_that_are_not_the_catalogue_s_are_converted_or_kept_apart(tmp_path: Path) -> None:
    columns = [
        fits.Column("name", "10A", array=["2CXO J1"]),
        fits.Column("nh_gal", "D", unit="CM^-2", array=[3e20]),
        fits.Column("flux_aper_b", "D", unit="ERG/S/CM^2", array=[1e-14]),
        fits.Column("significance", "D", unit="KEV", array=[5.0]),
        fits.Column("acis_time", "D", unit="h", array=[1.0]),
        fits.Column("err_ellipse_r0", "D", unit="KEV", array=[9.0]),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(tmp_path / "t.fits")
    report, folder = load([tmp_path / "t.fits"], tmp_path)
    row = written(folder, "master_source").to_pylist()[0]
    assert row["nh_gal"] == pytest.approx(3.0)
    assert row["flux_aper_b"] == pytest.approx(1e-14)
    assert row["acis_time"] == pytest.approx(3600)
    assert "err_ellipse_r0" not in row
    assert row["err_ellipse_r0_as_given"] == 9.0
    assert "err_ellipse_r0 (kept as master_source.err_ellipse_r0_as_given)" in str(report)


@pytest.mark.parametrize(
    ("ra", "unit", "right"),
    [
        *(("05:30:00", unit, 82.5) for unit in ("", "h:m:s", "deg", "hours")),
        *(("82:30:00", unit, 82.5) for unit in ("d:m:s", '"d:m:s"')),
        *(("82d30m00s", "", 82.5), ("5h30m", "", 82.5), ("5.5", "hourangle", 82.5), ("5.5", "hours", 82.5)),
        *(("82.5", unit, 82.5) for unit in ("degrees", "DEG", "deg.", "")),
        ("4950", "arcmin", 82.5),
    ],
)
def test_positions_in_every_spelling(ra: str, unit: str, right: float, tmp_path: Path) -> None:
    name, dec = "2CXO J053000.0-053000", "-5.5"
    lines = [
        "#Column\tname\t(a)\tName\t(master_source.name)\t\t",
        f"#Column\tra\t(a)\tRA\t(master_source.ra)\t[{unit}]\t",
        "#Column\tdec\t(a)\tDec\t(master_source.dec)\t\t",
        "name\tra\tdec",
        f"{name}\t{ra}\t{dec}",
        f"{name[:-1]}1\tx\t{dec}",
    ]
    path = tmp_path / "t.tsv"
    path.write_text("\n".join(lines))
    report, folder = load([path], tmp_path)
    assert written(folder, "master_source").to_pylist()[0]["ra"] == pytest.approx(right)
    assert "1 values of ra not understood" in str(report)


def test_simulated_rows_stay_simulated(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,ra,dec\nSIM J1,1,2\n")
    report, folder = load([tmp_path / "t.csv"], tmp_path)
    assert read_info(folder).simulated
    assert "SIMULATED" in str(report)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"just words\n", "no columns"),
        (b"name,ra\n2CXO J1\n", "Row 1 has 1 cells"),
        (b"\x1f\x8bbroken", "was not imported"),
        (b"\xff\xfe\x00\x01", "was not imported"),
        (b"SIMPLE  =  nonsense", "was not imported"),
        (b"<?xml version='1.0'?><VOTABLE><nonsense", "was not imported"),
        (b"RAICRS,DEICRS\n1,2\n", "no source names"),
    ],
)
def test_what_is_no_table_is_said(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "t.dat").write_bytes(content)
    with pytest.raises(CscError, match=words):
        load([tmp_path / "t.dat"], tmp_path)
    assert not (tmp_path / "archive").exists()


def test_an_archive_is_replaced_on_demand_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,ra,dec\n2CXO J1,1,2\n")
    load([tmp_path / "t.csv"], tmp_path)
    with pytest.raises(FolderError):
        load([tmp_path / "t.csv"], tmp_path)
    load([tmp_path / "t.csv"], tmp_path, replace=True)


@pytest.mark.real
def test_galactic_centre_imports_whole(real: Path, tmp_path: Path) -> None:
    path = real / "tables" / "CSC_allmaster_30arcmin_500ks_4512srcs.tsv"
    report, folder = load([path], tmp_path)
    assert report.tables[0].rows == 4512
    assert not report.tables[0].conflicts
    rows = [line.split("\t") for line in path.read_text().splitlines() if line and not line.startswith("#")]
    header, cells = rows[0], np.array(rows[1:])
    master = written(folder, "master_source")
    assert set(header) == set(master.column_names)
    for number, name in enumerate(header):
        assert len(cells) - master[name].null_count == sum(
            cell.strip() not in ("", "NaN") for cell in cells[:, number]
        ), name
    assert master["flux_aper_h"].drop_null().to_pylist() == [
        float(c) for c in cells[:, header.index("flux_aper_h")] if c.strip()
    ]
    assert master["var_flag"].to_pylist().count(True) == sum(cells[:, header.index("var_flag")] == " TRUE")


@pytest.mark.real
def test_search_csc_keeps_master_and_observation_values_apart(real: Path, tmp_path: Path) -> None:
    path = real / "tables" / "search_csc_NGC6121_M4.tsv.gz"
    report, folder = load([path], tmp_path, release="csc2.0")
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    header, *cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    column = dict(zip(header, zip(*cells, strict=True), strict=True))
    assert {t.name: t.rows for t in report.tables} == {
        "master_source": 140, "stack_source": 140, "observation_source": 405,
        "master_stack_assoc": 140, "stack_observation_assoc": 405,
    }  # fmt: skip
    observed = written(folder, "observation_source")["flux_aper_b"].to_numpy()
    assert np.array_equal(observed, np.array(column["flux_aper_b"], float), equal_nan=True)
    master = dict(
        zip(*written(folder, "master_source").select(["name", "flux_aper_b"]).to_pydict().values(), strict=True)
    )
    for name, flux in zip(column["name"], column["mstr_flux_aper_b"], strict=True):
        assert master[name.strip()] == (None if flux.strip() == "NaN" else float(flux))
    joined = Database(folder).query(
        "SELECT o.obsid FROM master_source m, master_stack_assoc a, observation_source o, stack_observation_assoc b,"
        " stack_source s WHERE m.name = a.name AND s.detect_stack_id = a.detect_stack_id AND s.region_id = a.region_id"
        " AND s.detect_stack_id = b.detect_stack_id AND s.region_id = b.region_id"
        " AND o.obsid = b.obsid AND o.obi = b.obi AND o.region_id = b.region_id"
    )
    assert joined.table.num_rows == 405


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("csc20_full_schema_137_pulsars.tsv", {"master_source": 137}),
        ("CSC_perobs_30arcmin_500ks_sigh3_hard_noconf_code.tsv", {"observation_source": 5944, "master_source": 1395}),
        ("csc21_classified_detections.csv", {"master_source": 8271}),
        (
            "per_observation_2CXO_J010337.5-720133.csv",
            {"master_source": 1, "observation_source": 151, "stack_source": 72},
        ),
        ("47tuc_heinke2005_x_csc_heasarc.fits", {"master_source": 280}),
        ("cscview_field_ids_col0.vot", {"master_source": 1}),
        ("csc2_example.xml", {"master_source": 326, "stack_source": 440}),
    ],
)
def test_tables_as_people_have_them(name: str, rows: dict[str, int], real: Path, tmp_path: Path) -> None:
    report, folder = load([real / "tables" / name], tmp_path)
    found = {table.name: table.rows for table in report.tables}
    assert {table: found.get(table) for table in rows} == rows
    assert all(written(folder, table).num_rows == count for table, count in found.items())


@pytest.mark.real
def test_missing_keys_are_named(real: Path, tmp_path: Path) -> None:
    name = "CSC_master_stack_30arcmin_500ks_detsigh_3_hard09_noconf_confcode8.tsv"
    report, _ = load([real / "tables" / name], tmp_path)
    assert list(report.files[0].left_out) == [
        f"stack_source.{column}"
        for column in ("flux_significance_h", "detect_significance_h", "conf_code", "extent_code")
    ]
    assert "detect_stack_id" in str(report)


def test_a_column_without_a_name_is_kept_under_its_number(tmp_path):
    (tmp_path / "t.csv").write_text(',name,ra,dec, \n0,"2CXO J1",1,2,x\n1,"2CXO J1",1,2,x\n')
    report = import_tables([tmp_path / "t.csv"], tmp_path / "made")
    unknown = report.files[0].unknown
    assert [name.partition(" ")[0] for name in unknown] == ["column_1", "column_5"]


JOINED = """name,ra,dec,flux_aper_b,obsid,obi,region_id,flux_aper_b
2CXO J084233.8-480742,130.641,-48.1286,3e-15,24613,0,42,4e-15
2CXO J084233.8-480742,130.641,-48.1286,3e-15,21137,0,42,2e-15
"""


@pytest.mark.parametrize("second", ["flux_aper_b", "flux_aper_b.1"])
def test_of_a_joined_table_the_detections_keep_their_values(second: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(JOINED.replace("id,flux_aper_b", f"id,{second}"))
    _, folder = load([tmp_path / "t.csv"], tmp_path)
    assert written(folder, "master_source")["flux_aper_b"].to_pylist() == [3e-15]
    assert written(folder, "observation_source")["flux_aper_b"].to_pylist() == [4e-15, 2e-15]
    detections = Archive(folder).detections("2CXO J084233.8-480742", columns=["flux_aper_b"])
    assert dict(zip(detections["obsid"], detections["flux_aper_b"].value, strict=True)) == {24613: 4e-15, 21137: 2e-15}


def test_a_reader_s_word_goes_before_all(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(JOINED)
    told = {"flux_aper_b": "observation_source.flux_aper_b", "flux_aper_b#2": "master_source.flux_aper_b"}
    report, folder = load([tmp_path / "t.csv"], tmp_path, columns=told)
    assert written(folder, "observation_source")["flux_aper_b"].to_pylist() == [3e-15, 3e-15]
    assert written(folder, "contradictions").to_pylist() == [
        {"in_table": "master_source", "identified_by": "2CXO J084233.8-480742", "in_column": "flux_aper_b", "value": v}
        for v in ("4e-15", "2e-15")
    ]
    assert "all are in the table contradictions" in str(report)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"flux": "observation_source.flux_aper_b"}, "No file has a column of that name"),
        ({"flux_aper_b": "somewhere.flux_aper_b"}, "Write it as TABLE.COLUMN"),
        ({"flux_aper_b": "flux_aper_b"}, "Write it as TABLE.COLUMN"),
    ],
)
def test_a_word_that_cannot_be_kept_is_an_error(told: dict[str, str], words: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(JOINED)
    with pytest.raises(CscError, match=words):
        load([tmp_path / "t.csv"], tmp_path, columns=told)
    assert not (tmp_path / "archive").exists()


def test_detections_without_numbers_are_no_sources(tmp_path: Path) -> None:
    rows = "".join(f"2CXO J084233.8-480742,130.641,-48.1286,{hard}\n" for hard in (0.1, 0.3, -0.2))
    (tmp_path / "mine.csv").write_text(f"name,ra,dec,hard_hm\n{rows}")
    report, folder = load([tmp_path / "mine.csv"], tmp_path)
    assert written(folder, "master_source").column_names == ["name", "ra", "dec"]
    assert written(folder, "mine")["hard_hm"].to_pylist() == [0.1, 0.3, -0.2]
    assert "hard_hm fit no table, and are in mine" in read_info(folder).details["doubts"][0]
    assert "kept as it is in the table mine" in str(report)


def test_detections_of_known_observations_get_numbers_no_real_one_has(tmp_path: Path) -> None:
    rows = "".join(f"2CXO J084233.8-480742,{obsid},{flux}\n" for obsid, flux in ((7, 1e-15), (8, 2e-15)))
    (tmp_path / "mine.csv").write_text(f"name,obsid,flux_aper_b\n{rows}")
    report, folder = load([tmp_path / "mine.csv"], tmp_path)
    detections = written(folder, "observation_source").to_pydict()
    assert detections["region_id"] == [-1, -1]
    assert detections["flux_aper_b"] == [1e-15, 2e-15]
    assert "numbers below 0 stand in" in str(report)


def test_names_of_another_kind_are_a_table_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "xrb.csv").write_text("name,ra,dec\nCyg X-1,299.59,35.2\nVela X-1,135.5,-40.55\n")
    report, folder = load([tmp_path / "xrb.csv"], tmp_path)
    assert read_info(folder).tables == {"xrb": 2}
    assert written(folder, "xrb")["name"].to_pylist() == ["Cyg X-1", "Vela X-1"]
    assert "2 of 2 names in name are not the catalogue's" in str(report)


def test_names_in_other_spellings_are_one_source(tmp_path: Path) -> None:
    names = ("2CXO J084233.8-480742", "2CXOJ084233.8-480742", "J084233.8-480742", "2cxo j084233.8\N{MINUS SIGN}480742")
    (tmp_path / "t.csv").write_text("name,ra\n" + "".join(f"{name},130.641\n" for name in names))
    _, folder = load([tmp_path / "t.csv"], tmp_path)
    assert written(folder, "master_source").to_pydict() == {"name": ["2CXO J084233.8-480742"], "ra": [130.641]}


def test_hours_taken_for_degrees_are_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,ra,dec\n2CXO J013350.8+303936,1.56413,30.66\n")
    report, _ = load([tmp_path / "t.csv"], tmp_path)
    assert "1 of 1 positions are not where the names of the sources say" in str(report)


def test_values_that_are_not_understood_are_kept_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "lim.csv").write_text("name,flux_aper_b\n2CXO J013350.8+303936,<1e-15\n2CXO J013350.9+303936,2e-15\n")
    _, folder = load([tmp_path / "lim.csv"], tmp_path)
    assert written(folder, "master_source")["flux_aper_b"].to_pylist() == [None, 2e-15]
    assert written(folder, "lim")["flux_aper_b"].to_pylist() == ["<1e-15", "2e-15"]


@pytest.mark.real
def test_vizier_s_table_is_the_catalogue_s(real: Path, tmp_path: Path) -> None:
    _, folder = load([real / "tables" / "vizier_csc2_gal.annot.xml"], tmp_path)
    rows = written(folder, "master_source")
    first = rows.slice(0, 1).to_pylist()[0]
    assert first["name"] == "2CXO J165541.6-424937"
    assert first["ra"] == pytest.approx(253.923544)
    assert first["flux_aper_m"] == pytest.approx(2.145e-14, rel=1e-3)  # mW/m2 are erg/s/cm2
    assert first["nh_gal"] == pytest.approx(175.85, rel=1e-3)
    galactic = SkyCoord(rows["ra"].to_numpy(), rows["dec"].to_numpy(), unit="deg").galactic
    assert rows["gal_l"].to_numpy() == pytest.approx(galactic.l.deg, abs=1e-3)


@pytest.mark.real
def test_heasarc_s_table_is_the_catalogue_s(real: Path, tmp_path: Path) -> None:
    _, folder = load([real / "tables" / "47tuc_heinke2005_x_csc_heasarc.fits"], tmp_path)
    first = written(folder, "master_source").slice(0, 1).to_pylist()[0]
    assert first["name"] == "2CXO J002406.4-720451"
    assert first["nh_gal"] == pytest.approx(5.3)  # 5.3e20 per square centimetre
    assert first["acis_time"] == pytest.approx(350_000)
    assert first["flux_aper_b"] == pytest.approx(2.91e-16)
    assert first["conf_flag"] is True
    assert first["err_ellipse_r0"] == pytest.approx(0.73114)


def test_heasarc_s_units_need_no_unit_row(tmp_path: Path) -> None:
    (tmp_path / "csc.csv").write_text(
        "name,ra,dec,error_ellipse_r0,nh_gal,b_flux_ap,b_flux_ap_lo,hardness_ratio_hm\n"
        "2CXO J002406.4-720451,6.02671,-72.081,0.73,5.3e20,2.9e-16,7e-17,-0.2\n"
    )
    _, folder = load([tmp_path / "csc.csv"], tmp_path)
    row = written(folder, "master_source").to_pylist()[0]
    assert row["nh_gal"] == pytest.approx(5.3)
    assert (row["flux_aper_b"], row["flux_aper_lolim_b"], row["hard_hm"]) == (2.9e-16, 7e-17, -0.2)


@pytest.mark.parametrize(
    ("about", "release"), [("csc21.master_source", "csc2.1"), ("IX/57/csc2master", "csc2.0"), ("sources", "")]
)
def test_the_release_is_what_the_file_says(about: str, release: str) -> None:
    assert stated_release(about) == release
