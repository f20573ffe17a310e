"""The archive on a loopback port, for TOPCAT and other programs on this machine."""

from __future__ import annotations

import logging
import secrets
import socket
from pathlib import Path

from cscwidgets.errors import CscError

from .app import application
from .connections import Server
from .gate import Gate
from .pictures import PictureStore
from .products import ProductStore

__all__ = ["make_archive_server", "serve"]

_HOST = "127.0.0.1"


def make_archive_server(
    folder: str | Path,
    port: int = 0,
    products: ProductStore | None = None,
    pictures: PictureStore | None = None,
    *,
    token: str = "",
) -> Server:
    """A threaded server over an archive folder, bound but not yet serving.

    It answers programs of this machine only, under its own address, and no page of another origin.

    Parameters
    ----------
    folder : path
        An archive folder.
    port : int
        Port on 127.0.0.1; 0 takes a free one (see its ``port``).
    products : ProductStore, optional
        Where product files come from, instead of the folder.
    pictures : PictureStore, optional
        Where pictures come from, instead of the folder.
    token : str, optional
        A word that every path begins with (``http://127.0.0.1:8080/word/tap``): who does not know it gets nothing.

    Returns
    -------
    Server
        Its ``base`` is the address.

    Raises
    ------
    FolderError
        If it is not an archive folder.
    CscError
        If the port cannot be had.
    """
    app = application(folder, products, pictures)
    if not 0 <= port <= 65535:
        raise CscError("The service was not started", f"{port} is not a port", "Choose one from 1024 to 65535, or 0.")
    try:
        with socket.create_server((_HOST, port)) as bound:
            # Bound here and handed over: werkzeug would print and exit where the port is taken.
            gate = Gate(app, bound.getsockname()[1], token)
            return Server(_HOST, port, gate, bound.fileno())
    except OSError as error:
        raise CscError(
            "The service was not started", f"port {port} cannot be used: {error}", "Choose another --port, or 0."
        ) from None


def serve(
    folder: str | Path,
    port: int,
    products: ProductStore | None = None,
    pictures: PictureStore | None = None,
    *,
    open_to_all: bool = False,
) -> None:
    """Serve until interrupted; prints the addresses first, with a token that is new each time unless told."""
    server = make_archive_server(
        folder, port, products, pictures, token="" if open_to_all else secrets.token_urlsafe(16)
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    base = server.base
    lines = (
        f"TAP          {base}/tap",
        f"Cone search  {base}/scs/coneSearch",
        f"Products     {base}/csccli",
        f"Pictures     {base}/pictures",
    )
    print("\n".join(lines), flush=True)  # noqa: T201  # the command's output
    server.serve_forever()
