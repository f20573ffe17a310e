"""Any cone search: the embedded one on a port, and services that misbehave."""

import threading

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table
from regions import EllipseSkyRegion

from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.catalogues.cone_catalogue import ConeCatalogue, _circle_around, _inside
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.errors import CscError, QueryError, ServiceUnreachable, TruncatedResult
from cscwidgets.service.server import make_archive_server
from cscwidgets.service.vo.scs import error_document
from cscwidgets.sky.boxes import Box
from cscwidgets.sky.margin import within
from cscwidgets.sky.shapes import contains
from cscwidgets.sky.usable import circle, polygon

from ..replying import replying, votable

MARGIN = 10 * u.arcmin


@pytest.fixture(scope="module")
def address(awkward_sky):
    server = make_archive_server(awkward_sky[0])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/scs/coneSearch"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def options(tmp_path):
    with ServiceSession(read_timeout=20) as session:
        yield {"session": session, "cache": AnswerCache(tmp_path / "answers")}


def ellipse(ra, dec, long, short):
    return EllipseSkyRegion(circle(ra, dec, 1).center, long * u.deg, short * u.deg, 30 * u.deg)


@pytest.mark.parametrize(
    "region",
    [circle(0, 0, 3), circle(200, 89.5, 1), polygon([358, 2, 1], [-1, 0, 3]), ellipse(359.5, 0.5, 5, 2)],
    ids=["RA 0", "near a pole", "polygon", "ellipse"],
)
def test_the_rows_are_those_within_the_margin(address, options, awkward_sky, region):
    _, sky = awkward_sky
    found = ConeCatalogue(address, **options).near(region, MARGIN)
    wanted = within(region, MARGIN.to_value(u.deg), sky["ra"], sky["dec"])
    assert wanted.sum() > 20
    assert sorted(found["name"]) == sorted(sky["name"][wanted])
    provenance = found.meta["provenance"]
    assert provenance.complete
    assert provenance.returned == len(found) + provenance.outside


def limited(sky, limit, status):
    """A cone search that sends so many rows at most."""

    def reply(request):
        cone = circle(*(float(request.values[name]) for name in ("RA", "DEC", "SR")))
        inside = np.flatnonzero(contains(cone, sky["ra"], sky["dec"]))
        table = Table({"id": inside, "RA_ICRS": sky["ra"][inside], "DE_ICRS": sky["dec"][inside]})
        return votable(table[:limit], status if len(inside) > limit else "OK")

    return reply


@pytest.mark.parametrize(("limit", "status"), [(300, "OVERFLOW"), (1000, "OK")], ids=["told", "kept quiet"])
@pytest.mark.parametrize("region", [circle(0, 0, 6), circle(0, 89, 6)], ids=["RA 0", "a pole"])
def test_an_answer_that_is_cut_says_so_and_the_rest_can_be_had(options, awkward_sky, limit, status, region):
    _, sky = awkward_sky
    with replying(limited(sky, limit, status)) as (address, asked):
        catalogue = ConeCatalogue(address, **options)
        with pytest.warns(TruncatedResult, match="by how much is not known.*complete=True"):
            cut = catalogue.near(region, MARGIN)
        assert not cut.meta["provenance"].complete
        whole = catalogue.near(region, MARGIN, complete=True)
        assert len(asked) > 3
        times = len(asked)
        assert list(catalogue.near(region, MARGIN)["id"]) == list(whole["id"])
        assert len(asked) == times
    wanted = np.flatnonzero(within(region, MARGIN.to_value(u.deg), sky["ra"], sky["dec"]))
    assert len(wanted) > limit
    assert sorted(whole["id"]) == wanted.tolist()
    assert whole.meta["provenance"].complete


@pytest.mark.parametrize(
    "box",
    [Box(0, 360, 80, 90.000001), Box(10, 200, -90, -70), Box(350, 360, -5, 5), Box(0, 80, 60, 89), Box(3, 3.1, 0, 10)],
)
def test_the_circle_around_a_box_holds_it(box):
    rng = np.random.default_rng(3)
    ra = rng.uniform(box.ra_low, box.ra_high, 2000)
    dec = np.minimum(90, rng.uniform(box.dec_low, box.dec_high, 2000))
    corners = np.array([[a, min(90, d)] for a in (box.ra_low, box.ra_high) for d in (box.dec_low, box.dec_high)])
    ra, dec = np.append(ra, corners[:, 0]), np.append(dec, corners[:, 1])
    assert _circle_around(box).contains(ra, dec).all()
    table = Table({"ra": ra[:2000], "dec": dec[:2000]})
    assert _inside(box, table, "ra", "dec").all()


def test_more_at_one_position_than_is_ever_sent(options):
    rows = Table({"ra": [10.0] * 1000, "dec": [5.0] * 1000})
    words = r"rest of the answer cannot be fetched.*1,000 rows at most"
    with replying(lambda request: votable(rows, "OVERFLOW")) as (address, _), pytest.raises(QueryError, match=words):
        ConeCatalogue(address, **options).near(circle(10, 5, 0.001), 0 * u.deg, complete=True)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((500, b"boom"), ServiceUnreachable, "cone search at 127.0.0.1 cannot answer now"),
        (b"<html>sorry</html>", QueryError, "could not be understood"),
        (votable(Table({"l": [1.0], "b": [2.0]})), CscError, "None of its columns l, b is known as a right ascension"),
        (error_document(CscError("SR is too large")), QueryError, "refused the cone search.*SR is too large"),
    ],
)
def test_a_service_that_fails_says_how(options, answer, kind, words):
    with replying(lambda request: answer) as (address, _), pytest.raises(kind, match=words):
        ConeCatalogue(address, **options).near(circle(10, 5, 0.1), MARGIN)


def test_nothing_there_is_an_empty_table(options):
    empty = Table({"ra": [1.0], "dec": [1.0], "name": ["x"]})[:0]
    with replying(lambda request: votable(empty)) as (address, _):
        found = ConeCatalogue(address, **options).near(circle(10, 5, 0.1), MARGIN)
    assert len(found) == 0
    assert found.meta["provenance"].complete
