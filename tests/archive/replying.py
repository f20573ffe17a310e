"""A service on a port of this machine that answers with what a function makes of each request."""

from __future__ import annotations

import io
import threading
import warnings
from contextlib import contextmanager

from astropy.io.votable import from_table
from astropy.io.votable.tree import Info
from astropy.table import Table
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.utils import send_file


class _Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


@contextmanager
def replying(reply):
    """Address of the service, and the requests it has had.

    ``reply`` gets a werkzeug request and returns a body, a status and a body, or werkzeug's response.
    """
    asked = []

    @Request.application
    def application(request):
        asked.append(request)
        _ = request.values, request.files
        answer = reply(request)
        if isinstance(answer, Response):
            return answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return Response(body, status=status, mimetype="text/xml")

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/service", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(folder, *, ranges=True):
    """The address of a folder on a web server, and the sizes of its answers; werkzeug knows ranges of bytes."""
    sizes = []

    def reply(request):
        path = folder / request.path.removeprefix("/service/")
        if not path.is_file():
            return 404, b"there is no such file"
        content = io.BytesIO(path.read_bytes())  # whoever hangs up leaves no file open
        answer = send_file(
            content, request.environ, "application/x-parquet", conditional=ranges, etag=f"{content.getbuffer().nbytes}"
        )
        sizes.append(answer.content_length or 0)
        return answer

    with replying(reply) as (address, _):
        yield address, sizes


def votable(table: Table, status: str = "OK") -> bytes:
    """A table as services send it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that are no XML identifiers get one
        document = from_table(table)
    document.resources[0].type = "results"
    document.resources[0].infos.append(Info(name="QUERY_STATUS", value=status))
    body = io.BytesIO()
    document.to_xml(body)
    return body.getvalue()
