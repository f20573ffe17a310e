"""Readers of what services send, and the service that reads ADQL, tried with damaged input; see `tests.filereaders`."""

from __future__ import annotations

import base64
import gzip
import io
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from werkzeug import Request, Response
from werkzeug.test import Client as WsgiClient

from cscwidgets.archive import mocserver
from cscwidgets.archive.answer import read_answer, table_of, to_qtable
from cscwidgets.archive.connection import Connection
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.files.downloads import Item, download
from cscwidgets.archive.files.listing import WantedProduct, list_products
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.csc.filenames import ProductFile, ProductName
from cscwidgets.csc.products import KINDS, Observation, ProductId
from cscwidgets.csc.releases import RELEASES
from cscwidgets.errors import CscError, IncompleteFetch, QueryError
from cscwidgets.service.app import application
from cscwidgets.service.transport import WsgiAdapter
from cscwidgets.sky.sesame import NoAnswer, _position

__all__ = [
    "KINDS_SENT",
    "OWNER",
    "read_listing",
    "read_query",
    "read_sesame",
    "read_surveys",
    "read_tar",
    "read_votable",
]

OWNER = Observation(619, 0, 12)
KINDS_SENT = ("pha", "arf", "rmf", "lc")


def name_of(kind: str) -> str:
    """The name of a file that is sent."""
    return str(ProductName(OWNER, KINDS[kind], 21, "b" if KINDS[kind].per_band else "", instrument="acis"))


def read_votable(folder: Path) -> None:
    """Read an answer, and compare it with what its cells or bytes are for somebody else."""
    content = next(folder.glob("seed*")).read_bytes()
    document = read_answer(content, "a service")
    rows = to_qtable(table_of(document, "a service"), None)
    others = list(_rows_of(content))
    assert not others or len(others) == len(rows), f"{len(rows)} rows of {len(others)}"
    for name, cells in _numbers_of(content).items():
        if name in rows.colnames and getattr(rows[name], "dtype", np.dtype(object)).kind == "f":
            ours = np.ma.filled(np.ma.asarray(getattr(rows[name], "value", rows[name]), float), np.nan)
            if ours.ndim == 1 and str(getattr(rows[name], "unit", "")) != "deg":
                np.testing.assert_allclose(ours, cells, rtol=1e-6, err_msg=f"another number in {name}")


def _rows_of(content: bytes) -> Iterator[Any]:
    """The rows of a document with one table of plain cells, as the XML reader of Python's own library has them."""
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return
    tables = [one for one in root.iter() if one.tag.rpartition("}")[2] == "TABLE"]
    if len(tables) == 1:
        yield from (one for one in tables[0].iter() if one.tag.rpartition("}")[2] == "TR")


def _numbers_of(content: bytes) -> dict[str, np.ndarray]:
    """Columns of single real numbers, where every cell is one or empty; of rows of fixed length also binary ones."""
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}
    fields = [one.attrib for one in root.iter() if one.tag.rpartition("}")[2] == "FIELD"]
    rows = [list(row) for row in _rows_of(content)]
    if rows and all(len(row) == len(fields) for row in rows):
        columns = {}
        for at, said in enumerate(fields):
            texts = [(row[at].text or "").strip() for row in rows]
            if said.get("datatype") in {"double", "float"} and not said.get("arraysize") and all(map(_is_plain, texts)):
                columns[said.get("name", "")] = np.array([float(text or "nan") for text in texts])
        return columns
    return _binary_numbers(root, fields)


def _is_plain(text: str) -> bool:
    return not text or (text.isascii() and _float(text))


def _float(text: str) -> bool:
    try:
        return abs(float(text)) < 1e30
    except ValueError:
        return False


_FORMS = {"double": ">f8", "float": ">f4", "int": ">i4", "short": ">i2", "long": ">i8"}


def _binary_numbers(root: Any, fields: list[dict[str, str]]) -> dict[str, np.ndarray]:
    streams = [one for one in root.iter() if one.tag.rpartition("}")[2] == "STREAM"]
    plain = all(said.get("datatype") in _FORMS and not said.get("arraysize") for said in fields)
    names = [said.get("name", "") for said in fields]
    binary = [one for one in root.iter() if one.tag.rpartition("}")[2] == "BINARY"]
    if len(streams) != 1 or not plain or not fields or len(set(names)) < len(names) or not binary:
        return {}
    kind = np.dtype([(f"f{at}", _FORMS[said["datatype"]]) for at, said in enumerate(fields)])
    try:
        raw = base64.b64decode("".join((streams[0].text or "").split()), validate=True)
    except ValueError:
        return {}
    values = np.frombuffer(raw[: len(raw) // kind.itemsize * kind.itemsize], kind)
    return {name: values[f"f{at}"].astype(float) for at, name in enumerate(names) if kind[at].kind == "f"}


def _line(folder: Path) -> Connection:
    """A line to a service in this process that has a list and a tar, and no single files."""

    @Request.application
    def app(request: Request) -> Response:
        wanted = {"/csccli/browse": "seed.json", "/csccli/retrieve": "seed.tar"}.get(request.path)
        return Response((folder / wanted).read_bytes()) if wanted else Response("gone", status=404)

    release = RELEASES["csc2.1"]
    session = ServiceSession()
    session.mount(release.csccli, WsgiAdapter(lambda: _at_root(app)))
    return Connection(release, session, local=False, key="csc2.1")


def _at_root(app: Any) -> Any:
    return app


def read_listing(folder: Path) -> None:
    """List the files of a detection: every file that is named is one of it."""
    wanted = [
        WantedProduct("x", OWNER, ProductId(OWNER, KINDS[kind], "b" if KINDS[kind].per_band else ""))
        for kind in KINDS_SENT
    ]
    for row in list_products(_line(folder), wanted, SILENT):
        assert ProductFile(str(row["filename"])).name.owner == OWNER
        assert row["size"] is np.ma.masked or row["size"] > 0


def read_tar(folder: Path) -> None:
    """Fetch several files that come in a tar: each whole, the one that was sent, and nothing outside the cache."""
    items = [Item(ProductFile(name_of(kind)), f"{OWNER}/{kind}", "x") for kind in KINDS_SENT]
    place = folder / "cache"
    try:
        outcomes = download(_line(folder), items, Cache(place), SILENT)
        for name, path in outcomes.fetched.items():
            sent = (folder / "sent" / f"{name}.gz").read_bytes()
            assert gzip.decompress(path.read_bytes()) == gzip.decompress(sent), f"{name} is another file"
        inside = {path.suffix for path in place.rglob("*") if path.is_file()}
        assert inside <= {".gz", ".sqlite"}, f"there is more than files: {inside}"
        if outcomes.failed:
            raise IncompleteFetch(outcomes.fetched, outcomes.failed)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def read_surveys(folder: Path) -> None:
    """Read CDS's list of surveys."""
    for survey in mocserver._surveys(next(folder.glob("seed*")).read_bytes()):
        assert survey.identifier
        assert all(address.startswith(("http://", "https://")) for address in survey.addresses)


def read_sesame(folder: Path) -> None:
    """Read what Sesame says."""
    try:
        position = _position(next(folder.glob("seed*")).read_bytes().decode("utf-8", "replace"))
    except NoAnswer as error:
        raise CscError("The name was not looked up", str(error), "Try again.") from error
    if position is not None:
        assert 0 <= position.ra.deg < 360
        assert abs(position.dec.deg) <= 90


@cache
def _service(folder: Path) -> WsgiClient:
    return WsgiClient(application(folder))


def read_query(folder: Path) -> None:
    """Ask the embedded service: an answer that can be read, or an error document in words."""
    text = (folder / "seed.adql").read_text("utf-8", "replace").partition("\n")[0]
    asked = {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": text, "MAXREC": "2000"}
    answer = _service(folder / "archive").post("/tap/sync", data=asked)
    content = answer.get_data()
    assert answer.status_code in {200, 400}, f"status {answer.status_code}"
    assert b"Traceback" not in content
    assert b"root:" not in content, "a file of the machine was read"
    if answer.status_code == 400:
        assert b'value="ERROR"' in content
        raise QueryError("The query was refused", "it is no ADQL", "Write another.")
    to_qtable(table_of(read_answer(io.BytesIO(content).getvalue(), "the service"), "the service"), None)
