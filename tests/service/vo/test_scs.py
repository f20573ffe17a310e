"""Cone search as the CSC answers it: columns, order, UCD1, nulls, and its error document."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
import pyvo
from astropy.coordinates import SkyCoord
from astropy.io.votable import parse, parse_single_table

from cscwidgets.service.imports.importer import import_tables
from cscwidgets.service.opening import mount
from cscwidgets.service.vo.scs import VERBOSITY_2


@pytest.fixture
def cone(line: SimpleNamespace) -> pyvo.dal.SCSService:
    return pyvo.dal.SCSService(f"{line.base}/scs/coneSearch", session=line.session)


@pytest.mark.parametrize(
    ("ra", "dec", "radius"), [(0.0, 0.0, 0.7), (359.9, -0.1, 0.5), (10.0, 89.9, 20), (5.0, -90, 30), (200, 10, 180)]
)
def test_names_are_those_astropy_finds(
    ra: float, dec: float, radius: float, cone: pyvo.dal.SCSService, tables: dict[str, pa.Table]
) -> None:
    master = tables["master_source"]
    places = SkyCoord(master["ra"].to_numpy(), master["dec"].to_numpy(), unit="deg")
    near = places.separation(SkyCoord(ra, dec, unit="deg")).deg <= radius
    found = cone.search(pos=(ra, dec), radius=radius, verbosity=1)
    assert found.fieldnames == ("name", "ra", "dec")
    assert set(found["name"]) == set(np.array(master["name"].to_pylist())[near])
    assert len(found) == near.sum() > 3


def test_default_columns_are_the_csc_s(line: SimpleNamespace, cone: pyvo.dal.SCSService, real: Path) -> None:
    theirs = parse_single_table(real / "scs" / "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml")
    assert tuple(field.name for field in theirs.fields) == VERBOSITY_2
    ours = cone.search(pos=(0, 0), radius=0.5, verbosity=2)
    assert ours.fieldnames == VERBOSITY_2
    plain = line.session.get(f"{line.base}/scs/coneSearch", params={"RA": "0", "DEC": "0", "SR": "0.5"})
    assert [f.name for f in parse_single_table(io.BytesIO(plain.content)).fields] == list(VERBOSITY_2)


def test_all_columns_and_ucd1(cone: pyvo.dal.SCSService, tables: dict[str, pa.Table]) -> None:
    found = cone.search(pos=(0, 0), radius=0.5, verbosity=3)
    assert list(found.fieldnames) == tables["master_source"].column_names
    ucds = [found.getdesc(name).ucd for name in ("name", "ra", "dec")]
    assert ucds == ["ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN"]


def test_radius_zero_asks_for_the_columns(line: SimpleNamespace) -> None:
    answer = line.session.get(f"{line.base}/scs/coneSearch", params={"RA": "0", "DEC": "0", "SR": "0"})
    document = parse(io.BytesIO(answer.content))
    assert len(document.get_first_table().array) == 0
    assert [info.value for info in document.resources[0].infos if info.name == "QUERY_STATUS"] == ["OK"]


@pytest.mark.parametrize(
    "parameters",
    [{}, {"RA": "x", "DEC": "0", "SR": "1"}, {"RA": "0", "DEC": "91", "SR": "1"}, {"RA": "0", "DEC": "0", "SR": "-1"},
     {"RA": "nan", "DEC": "0", "SR": "1"}, {"RA": "0", "DEC": "0"}],
)  # fmt: skip
def test_wrong_positions_get_the_csc_s_own_document(
    parameters: dict[str, str], line: SimpleNamespace, real: Path
) -> None:
    answer = line.session.get(f"{line.base}/scs/coneSearch", params=parameters)
    assert answer.status_code == 200
    theirs = parse(real / "scs" / "error_illegal_format.vot").infos[0]
    ours = parse(io.BytesIO(answer.content)).infos[0]
    assert (ours.ID, ours.name, ours.value) == (theirs.ID, theirs.name, theirs.value)


def test_pyvo_raises_the_words(cone: pyvo.dal.SCSService) -> None:
    with pytest.raises(pyvo.dal.DALQueryError, match="Illegal format for ra, dec or sr"):
        cone.search(pos=(0, 0), radius=-2)


@pytest.mark.real
def test_m4_is_the_recorded_answer(real: Path, tmp_path: Path, line: SimpleNamespace) -> None:
    import_tables([real / "tables" / "search_csc_NGC6121_M4.tsv.gz"], tmp_path / "m4", release="csc2.0")
    base = mount(line.session, tmp_path / "m4")
    cone = pyvo.dal.SCSService(f"{base}/scs/coneSearch", session=line.session)
    ours = cone.search(pos=(245.89675, -26.52575), radius=0.5, verbosity=2).to_table()
    theirs = parse_single_table(real / "scs" / "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml").to_table()
    for table in (ours, theirs):
        table.sort("name")
    assert len(ours) == 140
    assert list(ours["name"]) == [str(name) for name in theirs["name"]]
    for name in ("flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b"):
        # The TSV prints four digits.
        assert np.array_equal(np.ma.getmaskarray(ours[name]), ~np.isfinite(theirs[name].filled(np.nan)))
        assert np.allclose(ours[name].compressed(), theirs[name].compressed(), rtol=5.001e-4, atol=0)
    assert np.allclose(ours["ra"], theirs["ra"], atol=5.1e-5)
    assert list(ours["var_inter_index_b"].filled(-1)) == list(theirs["var_inter_index_b"].filled(-1))
    assert ours["sat_src_flag"].tolist() == [bool(flag) for flag in theirs["sat_src_flag"]]
    # Both records end at the edge of the CSC's coverage, 18.4 arcmin out: 20 arcmin and 0.5 degrees are one cone.
    reach = SkyCoord(ours["ra"], ours["dec"]).separation(SkyCoord(245.89675, -26.52575, unit="deg")).arcmin.max()
    assert reach == pytest.approx(18.38, abs=0.01)
