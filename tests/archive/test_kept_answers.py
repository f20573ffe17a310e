"""What is kept is what was asked for: strange answers are not, and a network's failure is not the disk's."""

import json

import astropy.units as u
import pytest
import requests

from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.files.integrity import NotTheFile, check
from cscwidgets.archive.files.listing import WantedProduct, list_products
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.csc.filenames import ProductName
from cscwidgets.csc.products import KINDS, Observation, ProductId
from cscwidgets.errors import CscError, QueryError
from cscwidgets.sky.usable import circle

from ..product_files import product_bytes
from .fileserver import FileServer, serving
from .replying import replying
from .test_answer_checks import document

OWNER = Observation(1, 0, 7)
NAME = str(ProductName(OWNER, KINDS["lc"], 21, "b", instrument="acis"))


def test_a_strange_description_of_a_table_is_asked_for_again(tmp_path):
    strange = document({"x": "int"}, ["1"])
    with replying(lambda _: strange) as (address, asked), ServiceSession(2, 5) as session:
        catalogue = TapCatalogue(address, "a.b", session=session, cache=AnswerCache(tmp_path))
        for _ in range(2):
            with pytest.raises(QueryError, match="no column column_name"):
                catalogue.near(circle(10, 20, 0.1), 1 * u.arcsec)
        assert len(asked) == 2
    assert list(tmp_path.glob("*.parquet")) == []


@pytest.mark.parametrize("error", [requests.ReadTimeout("slow"), ConnectionResetError("dropped")])
def test_a_cache_stays_where_it_is_when_a_network_fails(tmp_path, error):
    def pieces():
        yield product_bytes(1)[:100]
        raise error

    cache = Cache(tmp_path / "cache")
    with pytest.raises(type(error)):
        cache.store("x", NAME, pieces())
    assert cache.store("x", NAME, [product_bytes(1)]).is_relative_to(tmp_path / "cache")
    assert list((tmp_path / "cache" / ".incoming").iterdir()) == []


def test_a_picture_without_end_is_left():
    def pieces():
        yield b"\xff\xd8"
        while True:
            yield bytes(10_000_000)

    with pytest.raises(NotTheFile, match="larger than a product"):
        check(pieces())


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"new_filename": NAME, "new_size": 5}, r"has no filename, but new_filename, new_size\."),
        ({"filename": "notes.txt"}, r'names none: the first filename is "notes.txt"'),
        ({}, "has no filename, but nothing"),
    ],
)
def test_a_list_that_names_no_files_is_none(entry, words):
    def fault(what, name):
        return 200, {}, json.dumps([entry]).encode()

    wanted = [WantedProduct("x", OWNER, ProductId(OWNER, KINDS["lc"], "b"))]
    with (
        serving(FileServer({}, fault)) as server,
        pytest.raises(QueryError, match=words),
    ):
        list_products(server.connection(), wanted, SILENT)


def test_a_refusal_says_what_to_do_and_no_long_query():
    from .test_failures import ask, service

    with service((403, {}, b"login")) as (url, _), pytest.raises(CscError, match=r"403.*ask who runs the network"):
        ask(url)
    page = b"<html><head><title>Sorry</title></head></html>"
    with service((200, {}, page)) as (url, _), pytest.raises(CscError, match="no VOTable but a web page"):
        ask(url)
