"""SAMP hubs for tests, and other programs at them: pyvo's, and JSAMP's, which TOPCAT and Aladin have."""

import queue
import shutil
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyvo.samp import SAMPHubServer, SAMPIntegratedClient, conf

JSAMP = Path("/usr/share/java/jsamp.jar")

needs_jsamp = pytest.mark.skipif(
    not JSAMP.exists() or shutil.which("stilts") is None, reason="JSAMP, of Debian's stilts, is not installed"
)


def until(condition, tasks=None, seconds=20):
    """Wait for what another program does, while results enter as in a notebook."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        if tasks is not None:
            tasks.wait(seconds)
        time.sleep(0.02)


@contextmanager
def pyvo_hub():
    """Pyvo's hub; it has ended when this is left early."""
    with conf.set_temp("use_internet", False):
        hub = SAMPHubServer(addr="127.0.0.1", web_profile=False)
        hub.start()
    try:
        yield hub
    finally:
        if hub.is_running:
            hub.stop()


@contextmanager
def jsamp_hub():
    """JSAMP's hub, without a window."""
    process = subprocess.Popen(_jsamp("hub", "-mode", "no-gui", "-profiles", "std"), stderr=subprocess.PIPE)
    try:
        lock = Path.home() / ".samp"
        until(lambda: lock.exists() and "samp.hub.xmlrpc.url" in lock.read_text(), seconds=30)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def jsamp_snooper():
    """JSAMP's program that takes every message and writes it down; gives what reads that."""
    with tempfile.TemporaryFile("w+") as written:
        process = subprocess.Popen(_jsamp("snooper", "-mtype", "*"), stdout=written, stderr=subprocess.STDOUT)

        def heard():
            written.seek(0)
            return written.read()

        try:
            yield heard
        finally:
            process.terminate()
            process.wait(20)


def jsamp_sends(mtype, to, **params):
    """What JSAMP's sender says of the answer to a message."""
    given = [word for name, value in params.items() for word in ("-param", name.replace("_", "-"), value)]
    command = _jsamp("messagesender", "-mtype", mtype, "-targetname", to, *given)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def _jsamp(*arguments):
    # The home of Java programs is not that of the environment.
    return ["java", "-Djava.awt.headless=true", f"-Duser.home={Path.home()}", "-jar", str(JSAMP), *arguments]


class Other(SAMPIntegratedClient):
    """Another program: pyvo's client, which keeps what it is sent."""

    def __init__(self):
        with conf.set_temp("use_internet", False):
            super().__init__("other", "another program", addr="127.0.0.1")
            self.heard = []
            self.refuses = ""
            self.silent = False
            self.connect()
        # The port may have been a kernel's before: its front end connects again, says nothing, and would be waited for.
        self.client.client.daemon_threads = True
        for mtype in ("table.load.votable", "table.select.rowList", "table.highlight.row", "coord.pointAt.sky"):
            self.bind_receive_message(mtype, self.take)
        self.bind_receive_message("image.load.fits", self.take)

    def take(self, private_key, sender_id, msg_id, mtype, params, extra):
        if mtype.endswith((".votable", ".fits")):
            params = {**params, "content": urllib.request.urlopen(params["url"]).read()}
        self.heard.append((mtype, params))
        if msg_id and self.refuses:
            self.ereply(msg_id, "samp.error", error={"samp.errortxt": self.refuses})
        elif msg_id and not self.silent:
            self.ereply(msg_id, "samp.ok", result={})

    def said(self, mtype):
        return [params for kind, params in self.heard if kind == mtype]

    def ask(self, mtype, **params):
        """Send a message to the explorer, and return its answer; pyvo's call_and_wait loses one that comes at once."""
        ours = next(
            one for one in self.get_registered_clients() if self.get_metadata(one).get("samp.name") == "cscwidgets"
        )
        answers = queue.SimpleQueue()
        self.bind_receive_response("asked", lambda _key, _who, _tag, answer: answers.put(answer))
        self.ecall(ours, "asked", mtype, **params)
        return answers.get(timeout=20)
