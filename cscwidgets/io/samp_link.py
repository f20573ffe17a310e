"""A connection to a SAMP hub (IVOA SAMP 1.3, Standard Profile), by which other programs of this machine are reached.

Nothing listens before `SampLink.open`, then one port of 127.0.0.1. What comes by it are texts, lists and maps, bounded
in size; they are handed on if the hub's key is with them and the kind of message is one that was subscribed to, and
nothing else can be called. The library's own client would also tell the kernel's environment variables to whoever asks.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
import uuid
import warnings
import weakref
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from cscwidgets.errors import CscError

from .hosts import is_this_machine
from .reading import Unreadable, reading

if TYPE_CHECKING:
    from xmlrpc.server import SimpleXMLRPCServer

    from pyvo.samp import SAMPClient, SAMPHubProxy, SAMPHubServer

__all__ = ["Answer", "SampClient", "SampLink"]

_HERE = "127.0.0.1"
_LARGEST = 50_000_000  # bytes of a message: a list of some million rows
_SILENCE = 20.0  # seconds
_LOOK_EVERY = 0.1  # seconds, whether anybody still waits
_HUB_EVENTS = tuple(f"samp.hub.event.{name}" for name in ("register", "unregister", "metadata", "subscriptions"))
_HUB_ENDS = ("samp.hub.event.shutdown", "samp.hub.disconnect")

_log = logging.getLogger("cscwidgets")

Answer = Callable[[str], None]
"""Called once with what a message failed with, or an empty text."""


class SampClient(NamedTuple):
    """Another program at the hub: its identifier there, and what it is called."""

    id: str
    name: str


class SampLink:
    """One client of a hub.

    Parameters
    ----------
    mtypes : collection of str
        Kinds of messages that are taken.
    heard : callable
        ``heard(mtype, parameters, answer)``, in a thread of the server; an error of ours is answered.
    changed : callable
        Called, in such a thread, when programs come or go.
    ended : callable
        Called, in such a thread, when the hub ends.
    """

    def __init__(
        self,
        mtypes: Collection[str],
        heard: Callable[[str, Mapping[str, Any], Answer], None],
        changed: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self._mtypes = frozenset(mtypes)
        self._heard, self._changed, self._ended = heard, changed, ended
        self._hub: SAMPHubProxy | None = None
        self._client: SAMPClient | None = None
        self._end: Callable[[], object] = lambda: None

    def open(self, name: str, description: str, *, start_hub: bool = False) -> None:
        """Register at the hub that runs; at one of this process if none does and `start_hub` is true.

        Raises
        ------
        CscError
            If no hub runs, it is on another machine, or it does not answer as hubs do.
        """
        from pyvo import samp  # noqa: PLC0415 (only who asks for it)

        hint = "Start TOPCAT, Aladin or DS9, or a hub of this kernel: connect(start_hub=True)."
        with reading("SAMP is not connected", hint), samp.conf.set_temp("use_internet", False):
            hub, own, client = samp.SAMPHubProxy(), None, None
            running = _running_hub()
            if running is None:
                if not start_hub:
                    raise Unreadable("no hub is running")
                own = samp.SAMPHubServer(secret=secrets.token_hex(), addr=_HERE, label="cscwidgets", web_profile=False)
                # Neither its reports nor its warnings of programs that have just gone are for the notebook.
                logging.getLogger("astropy").addFilter(_is_no_report_of_the_hub)
                warnings.filterwarnings("ignore", category=samp.errors.SAMPWarning)
                own.start()
                _bound(own._server)  # noqa: SLF001 - there is no other way to it
            try:
                hub.connect(hub_params=own.params if own is not None else running)
                client = _client(hub, name, description)
                for mtype in (*self._mtypes, *_HUB_EVENTS, *_HUB_ENDS):
                    client.bind_receive_message(mtype, self._receive, declare=False)
                client.start()
                client.register()
            except BaseException:
                _close(client, hub, own)
                raise
        self._hub, self._client = hub, client
        self._end = weakref.finalize(self, _close, client, hub, own)  # at the latest when Python ends

    def clients(self, mtype: str | None = None) -> list[SampClient]:
        """The other programs at the hub, which is none of them, or those that take a kind of message."""
        with reading("The SAMP hub did not answer", "Connect again."):
            hub, client, key = self._connection()
            own = client.get_public_id()
            found = hub.get_registered_clients(key) if mtype is None else hub.get_subscribed_clients(key, mtype)
            return [
                SampClient(str(one), str(hub.get_metadata(key, one).get("samp.name", one))[:80])
                for one in found
                if one not in {own, self._hub_id}
            ]

    @property
    def hub_name(self) -> str:
        """What the hub calls itself."""
        with reading("The SAMP hub did not answer", "Connect again."):
            hub, _, key = self._connection()
            return str(hub.get_metadata(key, self._hub_id).get("samp.name", "hub"))[:80]

    def notify(self, mtype: str, parameters: Mapping[str, Any], recipients: Collection[SampClient]) -> None:
        """Send a message that is not answered."""
        with reading("The message was not sent", "Connect again."):
            hub, _, key = self._connection()
            for one in recipients:
                hub.notify(key, one.id, {"samp.mtype": mtype, "samp.params": dict(parameters)})

    def call(
        self,
        mtype: str,
        parameters: Mapping[str, Any],
        recipient: SampClient,
        seconds: float,
        check: Callable[[], object] = lambda: None,
    ) -> None:
        """Send a message and wait for the answer; `check` raises when nobody waits any more.

        Raises
        ------
        CscError
            If the answer is that it failed, or none comes in time.
        """
        with reading(f"{recipient.name} did not take it", "Look there for what it says."):
            hub, client, key = self._connection()
            message = {"samp.mtype": mtype, "samp.params": dict(parameters)}
            answers: SimpleQueue[Mapping[str, Any]] = SimpleQueue()
            tag = uuid.uuid4().hex
            # Not pyvo's call_and_wait: its hub loses an answer that is there before it looks, and waits to the end.
            client.bind_receive_response(tag, lambda _key, _who, _tag, answer: answers.put(answer))
            try:
                hub.call(key, recipient.id, tag, message)
                answer = _awaited(answers, seconds, check)
            finally:
                client.unbind_receive_response(tag)
            if answer.get("samp.status") not in {"samp.ok", "samp.warning"}:  # of which the second did something
                error = answer.get("samp.error")
                words = error.get("samp.errortxt") if isinstance(error, Mapping) else None
                raise Unreadable(str(words or "it does not say why")[:300])

    def close(self) -> None:
        """Unregister and listen no more; the hub that was started ends too."""
        self._hub = self._client = None
        self._end()

    @property
    def _hub_id(self) -> str:
        return "" if self._client is None else str(self._client._hub_id)  # noqa: SLF001 - it is told nowhere else

    def _connection(self) -> tuple[SAMPHubProxy, SAMPClient, str]:
        hub, client = self._hub, self._client
        if hub is None or client is None:
            raise Unreadable("it is not connected")
        return hub, client, client.get_private_key()

    def _receive(
        self, _key: str, _sender: str, message: str | None, mtype: str, parameters: Mapping[str, Any], _extra: object
    ) -> None:
        """What the library calls, in a thread of its server, for a message that has the hub's key."""
        if mtype in _HUB_EVENTS:
            self._changed()
        elif mtype in _HUB_ENDS:
            self._ended()
        elif mtype in self._mtypes:
            answer = self._answer(message)
            try:
                self._heard(mtype, parameters if isinstance(parameters, dict) else {}, answer)
            except CscError as error:
                answer(str(error))

    def _answer(self, message: str | None) -> Answer:
        hub, client = self._hub, self._client

        def answer(failure: str) -> None:
            if message is None or hub is None or client is None:
                return  # nobody waits
            content: dict[str, Any] = {"samp.status": "samp.ok", "samp.result": {}}
            if failure:
                content = {"samp.status": "samp.error", "samp.error": {"samp.errortxt": failure[:300]}}
            try:
                hub.reply(client.get_private_key(), message, content)
            except Exception:  # noqa: BLE001 - whoever asked is gone, or the hub; what was asked for is done all the same
                _log.debug("an answer by SAMP was not sent", exc_info=True)

        return answer


def _running_hub() -> dict[str, str] | None:
    """What the lock file says of the hub that runs.

    One on another machine is not asked: it could neither call back nor see files. (A home is shared by several.)
    """
    from pyvo.samp import lockfile_helpers  # noqa: PLC0415 (only who asks for it)

    file = os.environ.get("SAMP_HUB", "").removeprefix("std-lockurl:") or str(Path.home() / ".samp")
    try:
        said = lockfile_helpers.read_lockfile(file)
    except (OSError, ValueError):
        return None
    host = urlsplit(said.get("samp.hub.xmlrpc.url", "").replace("\\", "")).hostname
    if host and not is_this_machine(host):
        hint = f"Start one on the kernel's machine; {file} is to be deleted where that hub has ended."
        raise Unreadable(f"the hub is on another machine, {host:.60}", hint)
    runs, _ = lockfile_helpers.check_running_hub(file)
    return said if runs else None


def _awaited(answers: SimpleQueue[Mapping[str, Any]], seconds: float, check: Callable[[], object]) -> Mapping[str, Any]:
    end = time.monotonic() + seconds
    while True:
        try:
            answer = answers.get(timeout=_LOOK_EVERY)
        except Empty:
            check()
            if time.monotonic() > end:
                raise Unreadable(f"it did not answer in {seconds:g} s") from None
        else:
            return answer if isinstance(answer, Mapping) else {}


def _client(hub: SAMPHubProxy, name: str, description: str) -> SAMPClient:
    """A client that listens here alone, to messages of fair size."""
    from pyvo.samp import SAMPClient  # noqa: PLC0415 (only who asks for it)

    client = SAMPClient(hub, name, description, addr=_HERE)
    client.unbind_receive_call("client.env.get", declare=False)
    _bound(client.client)
    return client


def _bound(server: SimpleXMLRPCServer) -> None:
    """Let a server of the library take messages of fair size alone, and wait for nobody who connects and is silent."""
    from pyvo.samp.standard_profile import SAMPSimpleXMLRPCRequestHandler  # noqa: PLC0415 (only who asks for it)

    class Bounded(SAMPSimpleXMLRPCRequestHandler):  # type: ignore[misc]
        timeout = _SILENCE

        def log_message(self, *_: Any) -> None:
            pass  # which would print into the notebook

        def do_GET(self) -> None:  # noqa: N802 - named by http.server
            self.send_error(HTTPStatus.NOT_FOUND)

        def do_POST(self) -> None:  # noqa: N802 - named by http.server
            size = self.headers.get("Content-Length", "")
            if not (size.isascii() and size.isdigit() and int(size) <= _LARGEST):
                self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            super().do_POST()

    server.RequestHandlerClass = Bounded
    server.daemon_threads = True  # type: ignore[attr-defined]  # Python's end would wait for the others
    server.handle_error = lambda *_: _log.debug("a SAMP message broke off", exc_info=True)  # type: ignore[method-assign]


def _is_no_report_of_the_hub(record: logging.LogRecord) -> bool:
    """Of what astropy's logger would print into the notebook, not when the hub begins and ends."""
    return record.levelno > logging.INFO or record.module != "hub"


def _close(client: SAMPClient | None, hub: SAMPHubProxy, own: SAMPHubServer | None) -> None:
    if client is not None:
        with suppress(Exception):  # the hub may be gone
            client.unregister()
        with suppress(Exception):
            client.stop(timeout=2.0)
        client.client.server_close()  # which its thread has done, if that was begun
    with suppress(Exception):
        hub.disconnect()
    if own is not None:
        with suppress(Exception):
            own.stop()
