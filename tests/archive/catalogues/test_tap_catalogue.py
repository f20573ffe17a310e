"""Any table of any TAP service: the embedded one on a port, and services that misbehave."""

import re
import threading
import time
from datetime import UTC, datetime

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table
from regions import CircleSkyRegion

from cscwidgets import Archive
from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.archive.catalogues.well_known import CATALOGUES
from cscwidgets.archive.connection import connect_to
from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.errors import CscError, QueryCancelled, QueryError, ServiceUnreachable, TruncatedResult
from cscwidgets.service.database import Database
from cscwidgets.service.server import make_archive_server
from cscwidgets.sky.margin import within
from cscwidgets.sky.usable import circle, polygon

from ..replying import replying, votable

MARGIN = 10 * u.arcmin


def described(name, values, ucd="", unit="", kind=None):
    return pa.array(values, kind), pa.field(name, kind or pa.array(values).type, metadata={"ucd": ucd, "unit": unit})


@pytest.fixture(scope="module")
def folder(awkward_sky, tmp_path_factory):
    """A survey whose columns have names that must be quoted, at the poles, at RA = 0 and elsewhere."""
    _, sky = awkward_sky
    rng = np.random.default_rng(5)
    number = len(sky["ra"])
    columns = [
        described("Source", np.arange(number), "meta.id;meta.main"),
        described("RA_ICRS", sky["ra"], "pos.eq.ra;meta.main", "deg"),
        described("DE_ICRS", sky["dec"], "pos.eq.dec;meta.main", "deg"),
        described("BP-RP", rng.normal(1, 0.3, number), "phot.color", "mag"),
        described("size", [None if row % 7 == 0 else float(row) for row in range(number)], kind=pa.float64()),
        *(described(f"extra{n}", np.zeros(number), "meta.note") for n in range(40)),
        described("Gmag", rng.normal(15, 2, number), "phot.mag;em.opt", "mag"),
    ]
    schema = pa.schema([field for _, field in columns], metadata={"description": "A survey for a test"})
    lost = pa.table({"label": ["a"], "x": [1.0], "y": [2.0]})
    place = tmp_path_factory.mktemp("archives") / "survey"
    made = datetime.now(UTC).isoformat()
    write_folder(
        place,
        {"survey": pa.Table.from_arrays([values for values, _ in columns], schema=schema), "lost": lost},
        ArchiveInfo(title="Surveys", release="csc2.1", schema="vo", origin="a test", simulated=True, created=made),
    )
    return place


@pytest.fixture(scope="module")
def address(folder):
    server = make_archive_server(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/tap"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def session():
    with ServiceSession(read_timeout=20) as session:
        yield session


@pytest.fixture
def options(session, tmp_path):
    return {"session": session, "cache": AnswerCache(tmp_path / "answers")}


@pytest.mark.parametrize(
    "region",
    [circle(0, 0, 3), circle(0, 89.5, 1), circle(120, -90, 2), polygon([358, 2, 1], [-1, 0, 3])],
    ids=["RA 0", "near a pole", "at a pole", "polygon"],
)
def test_the_rows_are_those_within_the_margin(address, options, awkward_sky, region):
    _, sky = awkward_sky
    found = TapCatalogue(address, "vo.survey", **options).near(region, MARGIN)
    wanted = np.flatnonzero(within(region, MARGIN.to_value(u.deg), sky["ra"], sky["dec"]))
    assert len(wanted) > 20
    assert sorted(found["Source"]) == wanted.tolist()
    provenance = found.meta["provenance"]
    assert provenance.complete
    assert provenance.returned == len(found) + provenance.outside
    assert provenance.simulated


def test_columns_are_chosen_and_named_by_the_service_s_own_description(address, options):
    catalogue = TapCatalogue(address, "vo.survey", **options)
    assert (catalogue.title, catalogue.name) == ("vo.survey", "survey")
    found = catalogue.near(circle(0, 0, 1), 0 * u.deg)
    assert found.colnames == ["Source", "RA_ICRS", "DE_ICRS", "BP-RP", "Gmag"]
    assert found["Gmag"].unit == u.mag
    assert found["RA_ICRS"].info.meta["ucd"] == "pos.eq.ra;meta.main"
    assert catalogue.title == "A survey for a test"


def test_columns_that_are_named_are_asked_for_also_if_they_must_be_quoted(address, options):
    catalogue = TapCatalogue(address, "vo.survey", ["size", "BP-RP"], epoch=2016.0, **options)
    found = catalogue.near(circle(0, 0, 1), 0 * u.deg)
    assert found.colnames == ["size", "BP-RP", "RA_ICRS", "DE_ICRS", "ref_epoch"]
    assert np.isnan(found["size"]).any()
    assert (found["ref_epoch"] == 2016 * u.yr).all()


def test_a_condition_is_sent(address, options):
    found = TapCatalogue(address, "vo.survey", where="Gmag < 14 OR Gmag > 16", **options).near(circle(0, 0, 3), MARGIN)
    assert len(found)
    assert (np.abs(found["Gmag"].value - 15) > 1).all()


def test_nothing_there_is_an_empty_table_with_its_columns(address, options):
    found = TapCatalogue(address, "vo.survey", where="Gmag > 99", **options).near(circle(0, 0, 3), MARGIN)
    assert len(found) == 0
    assert "Gmag" in found.colnames
    assert found.meta["provenance"].complete


def test_an_answer_that_is_cut_says_so_and_the_rest_can_be_had(address, options):
    catalogue = TapCatalogue(address, "vo.survey", maxrec=150, **options)
    with pytest.warns(TruncatedResult, match="NOT sent by the service.*complete=True"):
        cut = catalogue.near(circle(0, 0, 3), MARGIN)
    provenance = cut.meta["provenance"]
    assert (provenance.returned, provenance.complete) == (150, False)
    assert provenance.truncated == provenance.requested - 150
    whole = catalogue.near(circle(0, 0, 3), MARGIN, complete=True)
    assert sorted(whole["Source"]) == sorted(
        TapCatalogue(address, "vo.survey", **options).near(circle(0, 0, 3), MARGIN, refresh=True)["Source"]
    )
    assert len(set(whole["Source"])) == len(whole) > 150
    assert whole.meta["provenance"].requested == provenance.requested
    assert whole.meta["provenance"].complete


def silent(folder, limit):
    """A TAP service that stops at a limit without a word."""
    embedded = Database(folder)

    def reply(request):
        result = embedded.query(request.values["QUERY"], maxrec=limit)
        return votable(Table({name: result.table[name].to_numpy() for name in result.table.column_names}))

    return reply, embedded


def test_a_limit_that_is_kept_quiet_is_found_out(folder, options):
    reply, embedded = silent(folder, 1000)
    with replying(reply) as (address, asked):
        catalogue = TapCatalogue(address, "vo.survey", ["Source"], ra="RA_ICRS", dec="DE_ICRS", **options)
        with pytest.warns(TruncatedResult):
            cut = catalogue.near(circle(0, 0, 6), MARGIN)
        assert cut.meta["provenance"].returned == 1000
        assert cut.meta["provenance"].truncated > 0
        assert len(asked) == 2
        whole = catalogue.near(circle(0, 0, 6), MARGIN, complete=True)
    total = embedded.query(whole.meta["provenance"].query.replace("Source, RA_ICRS, DE_ICRS", "COUNT(*) AS n"))
    embedded.close()
    assert whole.meta["provenance"].requested == total.table["n"][0].as_py() > 1000
    assert len(set(whole["Source"])) == len(whole) == total.table["n"][0].as_py() - whole.meta["provenance"].outside


def test_the_same_question_goes_out_once_and_the_age_is_told(folder, options):
    embedded = Database(folder)

    def reply(request):
        table = embedded.query(request.values["QUERY"]).table
        return votable(Table({name: table[name].to_numpy() for name in table.column_names}))

    with replying(reply) as (address, asked):
        catalogue = TapCatalogue(address, "vo.survey", ["Source"], ra="RA_ICRS", dec="DE_ICRS", **options)
        first = catalogue.near(circle(0, 0, 2), MARGIN)
        again = TapCatalogue(address, "vo.survey", ["Source"], ra="RA_ICRS", dec="DE_ICRS", **options).near(
            circle(0, 0, 2), MARGIN
        )
        assert len(asked) == 1
        assert list(again["Source"]) == list(first["Source"])
        assert re.search(r"cached \d{4}-\d\d-\d\d \d\d:\d\d UTC$", again.meta["provenance"].origin)
        assert first.meta["provenance"].time == again.meta["provenance"].time
        assert "cached" not in first.meta["provenance"].origin
        anew = catalogue.near(circle(0, 0, 2), MARGIN, refresh=True)
        assert len(asked) == 2
        assert "cached" not in anew.meta["provenance"].origin
    assert list(catalogue.near(circle(0, 0, 2), MARGIN)["Source"]) == list(first["Source"])
    with pytest.raises(ServiceUnreachable, match=r"refused.*Without one, use a table of this machine, or a file"):
        catalogue.near(circle(0, 0, 3), MARGIN)
    embedded.close()


def test_what_a_service_says_of_a_table_is_kept_too(folder, options):
    server = make_archive_server(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.port}/tap"
    first = TapCatalogue(address, "vo.survey", **options).near(circle(0, 0, 2), MARGIN)
    with pytest.raises(CscError, match=r"There is no table vo\.later"):
        TapCatalogue(address, "vo.later", **options).near(circle(0, 0, 2), MARGIN)
    server.shutdown()
    thread.join()
    server.server_close()
    again = TapCatalogue(address, "vo.survey", **options).near(circle(0, 0, 2), MARGIN)
    assert list(again["Source"]) == list(first["Source"])
    with pytest.raises(ServiceUnreachable):
        TapCatalogue(address, "vo.later", **options).near(circle(0, 0, 2), MARGIN)


def test_a_cut_answer_is_asked_for_again(address, options):
    catalogue = TapCatalogue(address, "vo.survey", maxrec=150, **options)
    for _ in range(2):
        with pytest.warns(TruncatedResult):
            found = catalogue.near(circle(0, 0, 3), MARGIN)
        assert "cached" not in found.meta["provenance"].origin


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((500, b"boom"), ServiceUnreachable, "survey cannot answer now.*500"),
        ((404, b"gone"), QueryError, "survey refused the request.*404.*check its address"),
        (b"<html><body>Down for maintenance</body></html>", QueryError, "survey could not be understood"),
        (b"", QueryError, "could not be understood"),
        (votable(Table({"n": [1]}))[:300], ServiceUnreachable, "broke off"),
    ],
)
def test_a_service_that_fails_says_how(options, answer, kind, words):
    with replying(lambda request: answer) as (address, _):
        catalogue = TapCatalogue(address, "survey", ["a"], ra="ra", dec="dec", **options)
        with pytest.raises(kind, match=words):
            catalogue.near(circle(0, 0, 1), MARGIN)
    assert not list(options["cache"].folder.glob("*"))


def test_an_unknown_host_is_told_soon(options):
    catalogue = TapCatalogue("http://nowhere.invalid/tap", "t", ["a"], ra="ra", dec="dec", **options)
    started = time.monotonic()
    with pytest.raises(ServiceUnreachable, match="address could not be looked up"):
        catalogue.near(circle(0, 0, 1), MARGIN)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda url, o: TapCatalogue(url, "vo.nothing", **o), "There is no table vo.nothing.*does not list it"),
        (lambda url, o: TapCatalogue(url, "vo.lost", **o), "None of its columns is known as a right ascension"),
        (lambda url, o: TapCatalogue(url, "vo.survey", ["Jmag"], **o), "refused the query.*Jmag"),
        (lambda url, o: TapCatalogue("ftp://x/tap", "t", **o), "'ftp://x/tap' is no address"),
    ],
)
def test_what_does_not_exist_is_said(address, options, make, words):
    with pytest.raises(CscError, match=words):
        make(address, options).near(circle(0, 0, 1), MARGIN)


def test_swapped_columns_are_noticed(folder, options):
    embedded = Database(folder)

    def reply(request):
        table = embedded.query("SELECT Source, RA_ICRS, DE_ICRS FROM vo.survey WHERE RA_ICRS > 200").table
        return votable(
            Table({"Source": table["Source"], "ra": table["DE_ICRS"].to_numpy(), "dec": table["RA_ICRS"].to_numpy()})
        )

    with replying(reply) as (address, _):
        catalogue = TapCatalogue(address, "vo.survey", ["Source"], ra="ra", dec="dec", **options)
        with pytest.raises(CscError, match=r"rows lie nowhere: row 1 has ra .* and dec [23]\d\d"):
            catalogue.near(circle(300, 0, 20), MARGIN)
    embedded.close()


class Stop:
    """A monitor that is cancelled after some reports."""

    def __init__(self, after):
        self.left = after

    def report(self, message, fraction=None):
        self.left -= 1

    def check(self):
        if self.left <= 0:
            raise QueryCancelled("It was cancelled")


def test_cancelling_leaves_nothing_behind(address, options):
    catalogue = TapCatalogue(address, "vo.survey", ["Source"], ra="RA_ICRS", dec="DE_ICRS", maxrec=20, **options)
    with pytest.raises(QueryCancelled):
        catalogue.near(circle(0, 0, 3), MARGIN, complete=True, monitor=Stop(12))
    assert not list(options["cache"].folder.glob("*"))


def test_a_known_catalogue_is_asked_as_its_row_says(options):
    answer = Table({"2MASS": ["a"], "RAJ2000": [83.8], "DEJ2000": [-5.4], "Jmag": [9.5]})
    with replying(lambda request: votable(answer)) as (address, asked):
        known = CATALOGUES["2mass"]
        catalogue = TapCatalogue.known(known, **options)
        assert (catalogue.title, catalogue.name) == (known.title, "2mass")
        catalogue._connection = connect_to(address, catalogue.title, options["session"])
        region = CircleSkyRegion(SkyCoord(83.8, -5.4, unit="deg"), 1 * u.arcmin)
        found = catalogue.near(region, 5 * u.arcsec)
        query = asked[0].values["QUERY"]
    assert query.startswith('SELECT "2MASS", errMaj, errMin, errPA, Jmag, e_Jmag,')
    assert 'FROM "II/246/out" WHERE' in query
    assert list(found["2MASS"]) == ["a"]


def test_services_of_this_process_are_not_cached(folder, options):
    (catalogue,) = (row for row in Archive(folder).catalogues() if row.name == "survey")
    catalogue._cache = options["cache"]
    found = catalogue.near(circle(0, 0, 1), MARGIN)
    assert len(found)
    assert not list(options["cache"].folder.glob("*"))
