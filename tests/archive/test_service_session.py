"""The session of all questions: what requests' own does, it does too."""

import threading

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.utils import redirect

from cscwidgets.archive.service_session import ServiceSession


class _Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


def test_a_redirect_that_is_not_followed_is_an_answer():
    server = make_server("127.0.0.1", 0, redirect("/elsewhere", 303), request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        answer = ServiceSession().delete(f"http://127.0.0.1:{server.server_port}/job", allow_redirects=False)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (answer.status_code, answer.headers["Location"], answer.content) == (303, "/elsewhere", b"")
