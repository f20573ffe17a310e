"""A small csccli over HTTP that can be told to misbehave, and counts what it sends."""

from __future__ import annotations

import io
import json
import socket
import struct
import sys
import tarfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cscwidgets.archive.connection import Connection
from cscwidgets.archive.files.downloads import Item
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.csc.filenames import ProductFile, ProductName
from cscwidgets.csc.products import KINDS, Observation, ProductId
from cscwidgets.csc.releases import RELEASES

from ..product_files import product_bytes


def light_curves(count: int, rows: int = 40) -> dict[str, bytes]:
    """File names and contents, each different."""
    return {
        str(ProductName(Observation(number + 1, 0, 7), KINDS["lc"], 21, "b", instrument="acis")): product_bytes(
            number, rows
        )
        for number in range(count)
    }


def items(files) -> list[Item]:
    """What to ask for to get these files."""
    return [Item(ProductFile(name), str(ProductFile(name).name.product)) for name in files]


def tar_of(members) -> bytes:
    """A tar of (name, content) pairs."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


class FileServer:
    """What the server has, how it misbehaves, and what it was asked.

    ``fault(what, name)`` may return (status, headers, body), or None for good behaviour; ``name`` is a file's name, or
    the packageset of several. A body of None drops the connection; a body that is longer than the headers' length is
    cut by the client.
    """

    def __init__(self, files, fault=lambda what, name: None, delay=0.0):
        self.files = dict(files)
        self.fault = fault
        self.delay = delay
        self.asked = []
        self.sent = Counter()
        self.url = ""
        self.lock = threading.Lock()

    def connection(self, **timeouts) -> Connection:
        release = replace(RELEASES["csc2.1"], csccli=f"{self.url}/csccli", tap=f"{self.url}/tap")
        return Connection(release, ServiceSession(**timeouts), local=False, key="csc2.1")

    def named(self, packageset):
        products = [ProductId.parse(entry) for entry in packageset.split(",")]
        return [name for name in self.files if ProductFile(name).name.product in products]

    def answer(self, what, given):
        if what == "retrieveFile":
            name = given["filename"]
            return (200, {}, self.files[name]) if name in self.files else (404, {}, b"gone")
        names = self.named(given["packageset"])
        if what == "browse":
            return 200, {}, json.dumps([{"filename": name, "size": len(self.files[name])} for name in names]).encode()
        return 200, {}, tar_of((f"{name}.gz", self.files[name]) for name in names)


@contextmanager
def serving(server: FileServer):
    """The server on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            address = urlsplit(self.path)
            what = address.path.rsplit("/", 1)[1]
            given = {key: values[0] for key, values in parse_qs(address.query).items()}
            name = given.get("filename") or given.get("packageset", "")
            with server.lock:
                server.asked.append((what, name))
                chosen = server.fault(what, name)
            status, headers, body = chosen or server.answer(what, given)
            if body is None:
                self.reset()
                return
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            for start in range(0, len(body), 4096):
                self.wfile.write(body[start : start + 4096])
                time.sleep(server.delay)
            with server.lock:
                server.sent.update(server.named(name) if what == "retrieve" else [name])

        def reset(self):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def log_message(self, *args):
            pass

    class Quiet(ThreadingHTTPServer):
        request_queue_size = 64
        daemon_threads = True

        def handle_error(self, request, client_address):
            if not isinstance(sys.exception(), OSError | ValueError):
                super().handle_error(request, client_address)

    listener = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{listener.server_port}"
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(5)
