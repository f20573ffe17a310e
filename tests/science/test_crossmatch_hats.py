"""The match of two generated HATS catalogues on a local cluster is the match in memory."""

from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable, vstack

from cscwidgets.errors import CscError
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.science.matches.column_roles import ColumnRoles

lsdb = pytest.importorskip("lsdb", reason="LSDB is not installed (the extra scale)")
distributed = pytest.importorskip("distributed")
match_hats = pytest.importorskip("cscwidgets.science.crossmatch_hats").match_hats

pytestmark = pytest.mark.filterwarnings("ignore")  # of LSDB and Dask, which are not ours

RADIUS = 8 * u.arcsec


def _moved(table, to):
    """A field about (0, 0) carried to another place on the sphere, its position angles nearly so."""
    away = SkyCoord(0 * u.deg, 0 * u.deg).skyoffset_frame()
    offset = SkyCoord(table["ra"], table["dec"]).transform_to(away)
    there = SkyCoord(offset.lon, offset.lat, frame=to.skyoffset_frame()).icrs
    return QTable({**{name: table[name] for name in table.colnames}, "ra": there.ra, "dec": there.dec})


@pytest.fixture(scope="module")
def sky(simulated):
    """Fields where partitions meet: across RA 0 on the equator, about the north pole, and in the middle of nowhere."""
    sources, catalogue = [], []
    for number, at in enumerate(("0 0", "0 90", "123 -38")):
        one = simulated(number + 7, sources=10_000, objects=30_000, radius=0.5)
        for part, tables in ((one.sources, sources), (one.catalogue, catalogue)):
            tables.append(_moved(part, SkyCoord(at, unit="deg")))
        sources[-1]["name"] = np.char.add(f"{number} ", np.arange(len(sources[-1])).astype(str))
        catalogue[-1]["id"] += number * 1_000_000
    return vstack(sources), vstack(catalogue)


@pytest.fixture(scope="module")
def whole(sky):
    return crossmatch(*sky, RADIUS)


def _written(table, path, rows):
    """A HATS catalogue on disk, with its margin."""
    frame = QTable(table).to_pandas()
    position = {"ra_column": "ra", "dec_column": "dec"}
    catalog = lsdb.from_dataframe(frame, **position, highest_order=9, partition_rows=rows, margin_threshold=20)
    catalog.write_catalog(path, catalog_name=path.name)
    return path


@pytest.fixture(scope="module")
def hats(sky, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hats")
    return _written(sky[0], folder / "sources", 6_000), _written(sky[1], folder / "catalogue", 12_000)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dask")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(folder)
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def _same(ours, whole):
    """Equal pairs and probabilities, whatever the order; p_any nearly, as densities differ where partitions end."""
    theirs = whole.candidates.copy()
    assert len(ours) == len(theirs) > 10_000
    for table in (ours, theirs):
        table["name"], table["catalogue_name"] = (table[name].astype(str) for name in ("name", "catalogue_name"))
        table.sort(["name", "catalogue_name"])
    assert (ours["name"] == theirs["name"]).all()
    assert (ours["catalogue_name"] == theirs["catalogue_name"]).all()
    np.testing.assert_allclose(ours["separation"], theirs["separation"], atol=1e-9 * u.arcsec)
    for name in ("offset_ra", "offset_dec", "sigmas", "p_i"):
        np.testing.assert_allclose(
            u.Quantity(ours[name]).value, u.Quantity(theirs[name]).value, rtol=1e-6, atol=1e-7, err_msg=name
        )
    assert (ours["match_flag"] == theirs["match_flag"]).all()
    np.testing.assert_allclose(ours["p_any"], theirs["p_any"], atol=0.03)
    assert np.abs(ours["p_any"] - theirs["p_any"]).mean() < 1e-3
    assert (ours["verdict"] == theirs["verdict"]).mean() > 0.998


def test_catalogues_on_disk_give_the_match_in_memory(hats, whole, client):
    answer = match_hats(*hats, RADIUS, client=client)
    assert answer.candidates.npartitions > 10
    assert answer.completeness == pytest.approx(whole.completeness, abs=1e-4)
    assert answer.completeness_error == pytest.approx(whole.completeness_error, rel=1e-3)
    _same(answer.table(), whole)


def test_a_table_is_matched_with_a_catalogue_on_disk(sky, hats, whole):
    table = match_hats(sky[0], hats[1], RADIUS).table()
    by_row = whole.candidates[np.lexsort((whole.candidates["separation"], whole.candidates["source_row"]))]
    assert (table["source_row"] == by_row["source_row"]).all()
    _same(table, whole)


def test_options_are_those_of_the_match_in_memory(sky, hats):
    options = {"completeness": 0.4, "density": 2.0 / u.arcmin**2, "catalogue_error": 0.3 * u.arcsec}
    catalogue = sky[1].copy()
    catalogue.remove_column("pos_err")
    known = replace(ColumnRoles.guess(sky[1]), major="")
    answer = match_hats(*hats, RADIUS, catalogue_roles=known, **options)
    assert answer.completeness == 0.4
    _same(answer.table(), crossmatch(sky[0], catalogue, RADIUS, **options))


def test_a_catalogue_may_be_cut_down_first_and_sources_outside_it_have_no_counterpart(sky, hats):
    inside = lsdb.open_catalog(hats[1]).query("id < 1_000_000")
    answer = match_hats(hats[0], inside, RADIUS)
    whole = crossmatch(sky[0], sky[1][sky[1]["id"] < 1_000_000], RADIUS)
    assert answer.completeness == pytest.approx(whole.completeness, abs=1e-4)
    assert len(answer.table()) == len(whole.candidates)
    assert "mag_catalogue" in answer.candidates.columns


def test_the_answer_is_a_catalogue_to_write(hats, tmp_path):
    answer = match_hats(*hats, RADIUS, completeness=0.7)
    answer.candidates.write_catalog(tmp_path / "matched", catalog_name="matched")
    again = lsdb.open_catalog(tmp_path / "matched")
    assert len(again) == len(answer.table())
    assert {"name_source", "id_catalogue", "p_any", "p_i", "match_flag"} <= set(again.columns)


def test_what_cannot_be_matched_is_said(sky, hats, tmp_path):
    with pytest.raises(CscError, match="is no HATS catalogue"):
        match_hats(hats[0], tmp_path / "nothing", RADIUS)
    with pytest.raises(CscError, match="None of its rows has a position"):
        match_hats(sky[0][:0], hats[1], RADIUS)
    with pytest.raises(CscError, match="overlap by 20 arcsec, and the search radius is 30"):
        match_hats(*hats, 30 * u.arcsec)
    with pytest.raises(CscError, match="no column magnitude"):
        match_hats(*hats, RADIUS, catalogue_roles=replace(ColumnRoles.guess(sky[1]), major="magnitude"))
    with pytest.raises(CscError, match="No column of the catalogue is known as an error"):
        match_hats(*hats, RADIUS, catalogue_roles=replace(ColumnRoles.guess(sky[1]), major=""))
