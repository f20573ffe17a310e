"""The archive folder as one WSGI application: TAP, Simple Cone Search, csccli, and a page that says so."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from cscwidgets.errors import CscError, ProductError, QueryCancelled, ServiceUnreachable
from cscwidgets.io.adql.refusals import refusal

from .csccli import retrieval
from .csccli.properties import get_properties
from .database import Database
from .environ import BASE, STARTED
from .limits import EXECUTION_SECONDS, REQUEST_BYTES, UPLOAD_BYTES
from .pictures import FolderPictures, PictureStore, picture_list
from .products import FolderStore, ProductStore
from .tables import Tables
from .vo import scs, vosi
from .vo.parameters import real_number, whole_number
from .vo.tap import TapRequest, run
from .vo.uws import Job, Jobs, parse_time, timestamp
from .vo.votable import error_document

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["ArchiveApp", "application"]

_XML = "text/xml; charset=utf-8"
_VOTABLE = "application/x-votable+xml"
_TEXT = "text/plain; charset=utf-8"

# Loaded archives kept in memory at once.
_KEPT = 4

_loaded: OrderedDict[Path, tuple[int, ArchiveApp]] = OrderedDict()
_lock = threading.Lock()


class _Request(Request):
    max_content_length = REQUEST_BYTES
    max_form_memory_size = UPLOAD_BYTES


class ArchiveApp:
    """WSGI application over one archive folder, or a catalogue that lies elsewhere.

    Parameters
    ----------
    tables : path or Tables
        An archive folder, or whatever else has tables; they are loaded here, once.
    products : ProductStore, optional
        Where its product files come from, instead of its own ``products`` folder.
    pictures : PictureStore, optional
        Where its pictures come from, instead of its own ``pictures`` folder.

    Raises
    ------
    FolderError
        If it is not a complete archive folder.
    """

    def __init__(
        self, tables: str | Path | Tables, products: ProductStore | None = None, pictures: PictureStore | None = None
    ) -> None:
        self.database = Database(tables)
        folder = self.database.tables.folder
        self.products = products or FolderStore(folder and folder / "products")
        self.pictures = pictures or FolderPictures(folder and folder / "pictures")
        self.jobs = Jobs(self.database)
        job = "/tap/async/<job_id>"
        routes: dict[str, tuple[Callable[..., Response], str]] = {
            "/": (self.page, "GET"),
            "/tap": (self.page, "GET"),
            "/tap/sync": (self.sync, "GET POST"),
            "/tap/async": (self.job_list, "GET"),
            "/tap/async#new": (self.job_new, "POST"),
            job: (self.job_read, "GET"),
            f"{job}#act": (self.job_act, "POST"),
            f"{job}#delete": (self.job_delete, "DELETE"),
            f"{job}/phase": (self.job_phase, "GET POST"),
            f"{job}/executionduration": (self.job_duration, "GET POST"),
            f"{job}/destruction": (self.job_destruction, "GET POST"),
            f"{job}/parameters": (self.job_parameters, "GET POST"),
            f"{job}/quote": (self.job_blank, "GET"),
            f"{job}/owner": (self.job_blank, "GET"),
            f"{job}/error": (self.job_error, "GET"),
            f"{job}/results": (self.job_results, "GET"),
            f"{job}/results/result": (self.job_result, "GET"),
            "/tap/capabilities": (self.capabilities, "GET"),
            "/tap/availability": (self.availability, "GET"),
            "/tap/tables": (self.tables, "GET"),
            "/tap/tables/<name>": (self.table, "GET"),
            "/tap/examples": (self.examples, "GET"),
            "/scs/coneSearch": (self.cone, "GET POST"),
            "/csccli/browse": (self.browse, "GET POST"),
            "/csccli/retrieveFile": (self.retrieve_file, "GET POST"),
            "/csccli/retrieve": (self.retrieve, "GET POST"),
            "/csccli/getProperties": (self.properties, "GET POST"),
            "/pictures": (self.list_pictures, "GET"),
            "/pictures/<name>": (self.picture, "GET"),
        }
        self._endpoints = {path: endpoint for path, (endpoint, _) in routes.items()}
        self._map = Map(
            [Rule(path.partition("#")[0], endpoint=path, methods=m.split()) for path, (_, m) in routes.items()],
            strict_slashes=False,
            merge_slashes=False,  # a redirect would name the host the request names
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _Request(environ)
        try:
            name, arguments = self._map.bind_to_environ(environ).match()
            response: Any = self._endpoints[name](request, **arguments)
        except HTTPException as problem:
            response = problem
        except ServiceUnreachable:
            raise  # tables behind an address are asked by this process alone, which hears why
        except CscError as error:
            response = Response(error_document(str(error)), status=400, mimetype=_VOTABLE)
        finally:
            request.close()  # uploaded parts are spooled to files
        answer: Iterable[bytes] = response(environ, start_response)
        return answer

    # TAP, synchronous

    def sync(self, request: Request) -> Response:
        tap_request = TapRequest()
        self._read_parameters(request, tap_request)
        try:
            media_type, pieces = run(self.database, tap_request, started=request.environ.get(STARTED))
        except QueryCancelled as cancelled:
            raise refusal(cancelled.what) from None
        return Response(pieces, content_type=media_type)

    # TAP, asynchronous

    def job_list(self, request: Request) -> Response:
        after, last = request.args.get("AFTER"), request.args.get("LAST")
        listing = self.jobs.listing(
            f"{_base(request)}/tap/async",
            tuple(request.args.getlist("PHASE")),
            parse_time(after) if after else None,
            None if last is None else whole_number("LAST", last, "jobs"),
        )
        return _xml(listing)

    def job_new(self, request: Request) -> Response:
        tap_request = TapRequest()
        self._read_parameters(request, tap_request)
        job = self.jobs.add(tap_request)
        if tap_request.parameters.get("PHASE", "").upper() == "RUN":
            self.jobs.start(job)
        return _redirect_to(request, job)

    def job_read(self, request: Request, job_id: str) -> Response:
        job = self._job(job_id)
        if wait := request.args.get("WAIT"):
            seconds = real_number("WAIT", wait, "seconds")
            job.wait(float("inf") if seconds < 0 else seconds, request.args.get("PHASE", ""))
        return _xml(job.document(_job_url(request, job)))

    def job_act(self, request: Request, job_id: str) -> Response:
        if request.values.get("ACTION", "").upper() == "DELETE":
            return self.job_delete(request, job_id)
        return self.job_parameters(request, job_id)

    def job_delete(self, request: Request, job_id: str) -> Response:
        self.jobs.delete(self._job(job_id))
        return redirect(f"{_base(request)}/tap/async", 303)

    def job_phase(self, request: Request, job_id: str) -> Response:
        job = self._job(job_id)
        if request.method == "GET":
            return _plain(job.phase)
        phase = request.values.get("PHASE", "").upper()
        if phase == "RUN":
            self.jobs.start(job)
        elif phase == "ABORT":
            job.abort()
        else:
            raise refusal(f"the phase {phase!r} cannot be set", "It is RUN or ABORT.")
        return _redirect_to(request, job)

    def job_duration(self, request: Request, job_id: str) -> Response:
        job = self._job(job_id)
        if request.method == "GET":
            return _plain(str(job.seconds))
        seconds = whole_number("EXECUTIONDURATION", request.values.get("EXECUTIONDURATION", ""), "seconds")
        job.seconds = min(seconds or EXECUTION_SECONDS, EXECUTION_SECONDS)
        return _redirect_to(request, job)

    def job_destruction(self, request: Request, job_id: str) -> Response:
        job = self._job(job_id)
        if request.method == "GET":
            return _plain(timestamp(job.destruction))
        job.destruction = parse_time(request.values.get("DESTRUCTION", ""))
        return _redirect_to(request, job)

    def job_parameters(self, request: Request, job_id: str) -> Response:
        job = self._job(job_id)
        if request.method == "GET":
            return _xml(job.parameters_document())
        if job.phase != "PENDING":
            raise refusal(f"the job is {job.phase}", "Parameters can be changed before it runs.")
        self._read_parameters(request, job.request)
        return _redirect_to(request, job)

    def job_blank(self, request: Request, job_id: str) -> Response:  # noqa: ARG002
        """Quote and owner: jobs have neither."""
        self._job(job_id)
        return _plain("")

    def job_error(self, request: Request, job_id: str) -> Response:  # noqa: ARG002
        return Response(error_document(self._job(job_id).error), mimetype=_VOTABLE)

    def job_results(self, request: Request, job_id: str) -> Response:
        job = self._job(job_id)
        return _xml(job.results_document(_job_url(request, job)))

    def job_result(self, request: Request, job_id: str) -> Response:  # noqa: ARG002
        job = self._job(job_id)
        if job.phase != "COMPLETED":
            raise NotFound(f"The job is {job.phase}: there is no result.")
        return Response(job.content, content_type=job.media_type)

    def _read_parameters(self, request: Request, tap_request: TapRequest) -> None:
        def result_at(url: str) -> bytes | None:
            head, _, tail = url.partition(f"{_base(request)}/tap/async/")
            job_id, _, rest = tail.partition("/")
            job = self.jobs.find(job_id) if not head and rest == "results/result" else None
            return job.content if job and job.phase == "COMPLETED" else None

        tap_request.update(request.values.to_dict(), _parts(request), result_at)

    def _job(self, job_id: str) -> Job:
        job = self.jobs.find(job_id)
        if job is None:
            raise NotFound(f"There is no job {job_id}.")
        return job

    # Descriptions, cone search, page

    def capabilities(self, request: Request) -> Response:
        return _xml(vosi.capabilities(f"{_base(request)}/tap"))

    def availability(self, request: Request) -> Response:  # noqa: ARG002
        return _xml(vosi.availability())

    def examples(self, request: Request) -> Response:  # noqa: ARG002
        return Response(vosi.examples(self.database), mimetype="application/xhtml+xml")

    def tables(self, request: Request) -> Response:  # noqa: ARG002
        return _xml(vosi.tables(self.database) or b"")

    def table(self, request: Request, name: str) -> Response:  # noqa: ARG002
        description = vosi.tables(self.database, name)
        if description is None:
            raise NotFound(f"There is no table {name}.")
        return _xml(description)

    def cone(self, request: Request) -> Response:
        try:
            media_type, pieces = scs.cone_search(self.database, request.values.to_dict())
        except ServiceUnreachable:
            raise
        except CscError as error:
            return Response(scs.error_document(error), content_type=_XML)
        return Response(pieces, content_type=media_type)

    # csccli

    def browse(self, request: Request) -> Response:
        try:
            listing = retrieval.browse(self.database, self.products, request.values)
        except ProductError as error:
            return Response(f"Error: {error}", status=400, content_type=_TEXT)
        return Response(listing, mimetype="application/json")

    def retrieve_file(self, request: Request) -> Response:
        try:
            content = retrieval.retrieve_file(self.products, request.values)
        except KeyError:
            raise NotFound("There is no such file.") from None
        return Response(content, mimetype="application/octet-stream")

    def retrieve(self, request: Request) -> Response:
        try:
            pieces = retrieval.retrieve(self.database, self.products, request.values)
        except ProductError as error:
            return Response(f"Error: {error}", status=400, content_type=_TEXT)
        return Response(pieces, mimetype="application/x-tar")

    def properties(self, request: Request) -> Response:
        sent = {name: part.decode("utf-8", "replace") for name, part in _parts(request).items() if name == "query"}
        media_type, pieces = get_properties(self.database, request.values.to_dict() | sent)
        return Response(pieces, content_type=media_type)

    def list_pictures(self, request: Request) -> Response:  # noqa: ARG002
        return Response(picture_list(self.pictures), mimetype="application/json")

    def picture(self, request: Request, name: str) -> Response:  # noqa: ARG002
        try:
            content = self.pictures.read(name)
        except (KeyError, FileNotFoundError):
            raise NotFound("There is no such picture.") from None
        return Response(content, mimetype="application/octet-stream")

    def page(self, request: Request) -> Response:
        info = self.database.info
        rows = "".join(f"<tr><td>{escape(name)}</td><td>{count}</td></tr>" for name, count in info.tables.items())
        notice = "<p><strong>SIMULATED: no telescope saw these sources.</strong></p>" if info.simulated else ""
        base = escape(_base(request))
        return Response(
            f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{escape(info.title)}</title></head>"
            f"<body><h1>{escape(info.title)}</h1>{notice}<p>{escape(info.origin)}. Release {escape(info.release)}.</p>"
            f"<ul><li>TAP: <code>{base}/tap</code> (<a href='{base}/tap/examples'>examples</a>,"
            f" <a href='{base}/tap/tables'>tables</a>)</li><li>Cone search: <code>{base}/scs/coneSearch</code></li>"
            f"<li>Data products: <code>{base}/csccli</code></li><li>Pictures: <code>{base}/pictures</code></li></ul>"
            f"<table><tr><th>Table</th><th>Rows</th></tr>{rows}</table></body></html>",
            mimetype="text/html",
        )


def application(
    folder: str | Path, products: ProductStore | None = None, pictures: PictureStore | None = None
) -> ArchiveApp:
    """The application over a folder: loaded once in a process, and again when the folder is remade.

    Parameters
    ----------
    folder : path
        An archive folder.
    products : ProductStore, optional
        Where its product files come from, instead of the folder; the same object for the same folder.
    pictures : PictureStore, optional
        The same of its pictures.

    Raises
    ------
    FolderError
        If it is not a complete archive folder.
    """
    resolved = Path(folder).expanduser().resolve()
    info = resolved / "archive.json"
    with _lock:
        version = info.stat().st_mtime_ns if info.is_file() else -1
        loaded = _loaded.get(resolved)
        if (
            loaded is None
            or loaded[0] != version
            or products not in {None, loaded[1].products}
            or pictures not in {None, loaded[1].pictures}
        ):
            loaded = (version, ArchiveApp(resolved, products, pictures))
            _loaded[resolved] = loaded
        _loaded.move_to_end(resolved)
        while len(_loaded) > _KEPT:
            _loaded.popitem(last=False)
        return loaded[1]


def _parts(request: Request) -> dict[str, bytes]:
    sent = {name.lower(): value.encode() for name, value in request.form.items()}
    return sent | {name.lower(): part.read() for name, part in request.files.items()}


def _xml(content: bytes) -> Response:
    return Response(content, content_type=_XML)


def _plain(text: str) -> Response:
    return Response(text, content_type=_TEXT)


def _base(request: Request) -> str:
    """The archive's address: as it is served, never as a request on the network names it."""
    return str(request.environ.get(BASE) or request.host_url.rstrip("/"))


def _job_url(request: Request, job: Job) -> str:
    return f"{_base(request)}/tap/async/{job.job_id}"


def _redirect_to(request: Request, job: Job) -> Response:
    return redirect(_job_url(request, job), 303)
