"""SAMP with real hubs: pyvo's, and JSAMP's with STILTS; what others get, what their messages do, and who listens."""

import asyncio
import re
import socket
import subprocess
import threading
import time
import xmlrpc.client
from contextlib import nullcontext
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import psutil
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from cscwidgets.errors import CscError

from ..samp_hubs import Other, jsamp_hub, jsamp_sends, jsamp_snooper, needs_jsamp, pyvo_hub, until

# Of pyvo's hub, in threads of its own, where a program has just gone; the package has it silent in notebooks.
pytestmark = pytest.mark.filterwarnings("ignore::pyvo.samp.errors.SAMPWarning")


def listening():
    """Addresses and ports that this process listens at."""
    return {tuple(one.laddr) for one in psutil.Process().net_connections("inet") if one.status == psutil.CONN_LISTEN}


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """The lock file of hubs lies in the user's home: in a folder of each test's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SAMP_HUB", raising=False)
    (tmp_path / "home").mkdir()


@pytest.fixture(autouse=True)
def no_running_loop():
    """Results enter at once, as in a script: Playwright leaves a loop that looks like a notebook's."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture
def workspace(warm_workspace):
    warm_workspace.explorer.search("M33", "12 arcmin")
    warm_workspace.explorer.settle()
    yield warm_workspace
    warm_workspace.samp.close()


@pytest.fixture
def samp(workspace, request):
    """Connected with a hub of its own, or with the one that a test asks for."""
    with getattr(request, "param", nullcontext)():
        workspace.samp.connect(start_hub=True)
        workspace.samp.settle()
        yield workspace.samp
        workspace.samp.close()


with_both_hubs = pytest.mark.parametrize(
    "samp",
    [nullcontext, pytest.param(jsamp_hub, marks=[pytest.mark.stilts, needs_jsamp])],
    indirect=True,
    ids=["own", "jsamp"],
)


@pytest.fixture
def other(samp):
    client = Other()
    until(lambda: [one.name for one in samp.clients if one.name == "other"], samp.desk.tasks)
    yield client
    if client.is_connected:
        client.disconnect()


def test_nothing_listens_before_it_is_asked_for_then_only_this_machine_and_nothing_after_it(workspace):
    before = listening()
    assert workspace.samp.status == "off"
    with pytest.raises(CscError, match="Connect first"):
        workspace.samp.send_table()
    assert listening() == before
    workspace.samp.connect(start_hub=True)
    workspace.samp.settle()
    assert workspace.samp.status == "connected"
    assert workspace.samp.hub == "PyVO SAMP Hub"
    opened = listening() - before
    assert len(opened) == 2  # the hub and the client
    assert {address for address, _ in opened} == {"127.0.0.1"}
    lock = Path.home() / ".samp"
    assert lock.stat().st_mode & 0o077 == 0
    workspace.samp.close()
    until(lambda: listening() == before)
    assert not lock.exists()


def test_who_connects_and_says_nothing_is_not_waited_for(workspace):
    before, threads = listening(), set(threading.enumerate())
    workspace.samp.connect(start_hub=True)
    workspace.samp.settle()
    silent = [socket.create_connection(address) for address in listening() - before]
    assert len(silent) == 2
    until(lambda: sum(thread not in threads for thread in threading.enumerate()) >= 4)
    began = time.monotonic()
    workspace.samp.close()
    assert listening() == before
    assert not [one for one in threading.enumerate() if one not in threads and not one.daemon]
    assert time.monotonic() - began < 9.0  # the library waits ten seconds, and Python's end for ever
    for one in silent:
        one.close()


def test_without_a_hub_one_error_says_what_to_do(workspace):
    before = listening()
    workspace.samp.connect()
    with pytest.raises(CscError, match=r"No hub is running\. Start TOPCAT"):
        workspace.samp.settle()
    assert workspace.samp.status == "off"
    assert listening() == before


@with_both_hubs
def test_others_get_the_table_as_it_is_and_the_selected_rows_of_it(workspace, samp, other, tmp_path):
    samp.send_table("other")
    samp.settle()
    [told] = other.said("table.load.votable")
    (tmp_path / "sent.vot").write_bytes(told["content"])
    sent, table = Table.read(tmp_path / "sent.vot", format="votable"), workspace.explorer.table
    assert told["name"] == "SIMULATED M33, 12 arcmin"
    assert list(map(str, sent["name"])) == list(map(str, table["name"]))
    assert str(sent["flux_aper_b"].unit) == "erg / (s cm2)"
    np.testing.assert_array_equal(np.asarray(sent["flux_aper_b"]), table["flux_aper_b"].value)
    assert samp.said == f"Sent {len(table):,} rows to other"

    workspace.desk.selection.publish("sky", list(map(str, table["name"][[4, 1, 7]])), "new")
    samp.send_selection()
    samp.settle()
    until(lambda: other.said("table.select.rowList"))
    [rows] = other.said("table.select.rowList")
    assert (rows["table-id"], rows["row-list"]) == (told["table-id"], ["1", "4", "7"])

    workspace.explorer.focus = str(table["name"][3])
    samp.send_focus()
    samp.settle()
    until(lambda: other.said("table.highlight.row") and other.said("coord.pointAt.sky"))
    assert other.said("table.highlight.row")[0]["row"] == "3"
    place = other.said("coord.pointAt.sky")[0]
    assert (float(place["ra"]), float(place["dec"])) == (table["ra"][3].value, table["dec"][3].value)


@with_both_hubs
def test_what_another_program_answers_is_told(samp, other):
    other.refuses = "no room for more tables"
    samp.send_table("other")
    with pytest.raises(CscError, match=r"other did not take it\. No room for more tables"):
        samp.settle()
    samp.send_table("aladin")
    with pytest.raises(CscError, match="Aladin is not at the hub"):
        samp.settle()


@with_both_hubs
def test_messages_of_others_select_look_and_point_here(workspace, samp, other):
    samp.send_table()
    samp.settle()
    [told] = other.said("table.load.votable")
    names = list(map(str, workspace.explorer.table["name"]))
    answer = other.ask("table.select.rowList", **{"table-id": told["table-id"], "row-list": ["2", "5", "999999"]})
    assert answer["samp.status"] == "samp.ok"
    until(lambda: workspace.desk.selection.count == 2)
    assert workspace.desk.selection.names == {names[2], names[5]}
    other.ask("table.highlight.row", url=told["url"], row="5")  # an application may know it by its address alone
    until(lambda: workspace.explorer.focus == names[5])
    other.ask("coord.pointAt.sky", ra="23.5", dec="30.7")
    until(lambda: (workspace.explorer.view.ra, workspace.explorer.view.dec) == (23.5, 30.7))
    assert workspace.explorer.view.fov is None  # what is seen keeps its extent
    workspace.desk.selection.undo()
    assert workspace.desk.selection.count == 0


@with_both_hubs
def test_linked_changes_are_sent_and_what_was_heard_is_not_said_again(workspace, samp, other):
    samp.send_table()
    samp.settle()
    samp.linked = True
    names = list(map(str, workspace.explorer.table["name"]))
    workspace.desk.selection.publish("table", [names[0]], "new")
    until(lambda: other.said("table.select.rowList"), samp.desk.tasks)
    [told] = other.said("table.load.votable")
    other.ask("table.select.rowList", **{"table-id": told["table-id"], "row-list": ["2"]})
    until(lambda: workspace.desk.selection.names == {names[2]}, samp.desk.tasks)
    samp.settle()
    time.sleep(0.3)
    assert [rows["row-list"] for rows in other.said("table.select.rowList")] == [["0"]]


@pytest.mark.parametrize("ending", ["vot", "fits"])
def test_a_table_of_another_program_becomes_a_layer_whose_rows_it_may_choose(workspace, samp, other, tmp_path, ending):
    mine = Table({"id": ["a", "b", "c"], "RAJ2000": [23.4, 23.5, 23.6], "DEJ2000": [30.6, 30.7, 30.8]})
    mine["RAJ2000"].unit = mine["DEJ2000"].unit = "deg"
    path = tmp_path / f"mine.{ending}"
    mine.write(path, format="votable" if ending == "vot" else "fits")
    mtype = "table.load.votable" if ending == "vot" else "table.load.fits"
    answer = other.ask(mtype, **{"url": path.as_uri(), "table-id": "one", "name": "my stars"})
    assert answer["samp.status"] == "samp.ok"
    until(lambda: workspace.layers.names == ["my stars"], samp.desk.tasks)
    layer = workspace.layers["my stars"]
    np.testing.assert_allclose(layer.ra, mine["RAJ2000"])
    other.ask("table.select.rowList", **{"table-id": "one", "row-list": ["0", "2"]})
    until(lambda: list(workspace.layers["my stars"].chosen) == [0, 2])
    other.ask("table.highlight.row", **{"table-id": "one", "row": "1"})
    until(lambda: workspace.layers["my stars"].row == 1)
    assert workspace.layers["my stars"].labels[1] == "b"


@with_both_hubs
def test_images_go_and_come(workspace, samp, other, tmp_path):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = (
        ["RA---TAN", "DEC--TAN"],
        [23.46, 30.66],
        [5, 5],
        [-0.01, 0.01],
    )
    values = np.arange(100, dtype=np.float32).reshape(10, 10)
    path = tmp_path / "image.fits"
    fits.PrimaryHDU(values, wcs.to_header()).writeto(path)
    with pytest.raises(CscError, match="None is on the sky"):
        samp.send_image()
    assert other.ask("image.load.fits", url=path.as_uri(), name="mine")["samp.status"] == "samp.ok"
    until(lambda: workspace.images.shown is not None, samp.desk.tasks)
    samp.send_image()
    samp.settle()
    [told] = other.said("image.load.fits")
    with fits.open(path) as before, fits.HDUList.fromstring(told["content"]) as after:
        np.testing.assert_array_equal(after[0].data, before[0].data)
        np.testing.assert_allclose(WCS(after[0].header).wcs.crval, [23.46, 30.66])


@pytest.mark.parametrize(
    ("mtype", "parameters", "why"),
    [
        ("table.load.votable", {}, "its url is no address"),
        ("table.load.votable", {"url": "ftp://127.0.0.1/a.vot"}, "addresses of the kind 'ftp' are not read"),
        ("table.load.votable", {"url": "file://elsewhere.example/etc/passwd"}, "a file of another machine"),
        ("table.load.votable", {"url": "file:///etc/passwd"}, "not read"),
        ("table.load.fits", {"url": "file:///dev/zero"}, "it is no file"),
        ("table.select.rowList", {"table-id": "unheard-of", "row-list": ["1"]}, "its table is not known here"),
        ("coord.pointAt.sky", {"ra": "nan", "dec": "2"}, "its ra and dec are no place"),
        ("coord.pointAt.sky", {"ra": "-999", "dec": "2"}, "its ra and dec are no place"),
        ("coord.pointAt.sky", {"ra": "__import__('os').system('true')", "dec": "2"}, "its ra and dec are no place"),
    ],
)
def test_a_message_that_makes_no_sense_is_answered_so_and_changes_nothing(
    workspace, samp, other, mtype, parameters, why
):
    view = workspace.explorer.view
    answer = other.ask(mtype, **parameters)
    assert answer["samp.status"] == "samp.error"
    samp.desk.tasks.wait(20)
    told = answer["samp.error"]["samp.errortxt"]
    assert why.lower() in " ".join([told, *map(str, samp.desk.messages.entries)]).lower()
    assert "root:" not in told  # nothing of a file's content goes back
    assert workspace.layers.names == []
    assert workspace.explorer.view is view


def test_a_sender_hears_the_same_whatever_its_address_gave(samp, other, tmp_path):
    """So that nobody learns by us who answers in this network, or which files there are."""
    (tmp_path / "a.vot").write_text("no table")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        addresses = [f"{here}/a.vot", f"{here}/none.vot", "http://127.0.0.1:9/a.vot", "http://no-such-host.invalid/a"]
        addresses += [
            (tmp_path / "a.vot").as_uri(),
            (tmp_path / "none.vot").as_uri(),
            "file:///dev/zero",
            "ftp://here/",
        ]
        told = {
            other.ask(mtype, url=url, name=f"table {number}")["samp.error"]["samp.errortxt"]
            for number, url in enumerate(addresses)
            for mtype in ("table.load.votable", "image.load.fits")
        }
        server.shutdown()
    assert told == {"It was not read. The explorer says why."}
    samp.desk.tasks.wait(20)
    said = " ".join(map(str, samp.desk.messages.entries))
    assert all(
        words in said for words in ("HTTP status 404", "No such file", "could not be reached", "Addresses of the kind")
    )


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_hub_on_another_machine_is_refused_unasked(workspace, monkeypatch, tmp_path, by_environment):
    # As JSAMP writes its lock file, in a home that several machines share.
    lock = tmp_path / "lock" if by_environment else Path.home() / ".samp"
    lock.write_text("# SAMP lockfile\nsamp.secret=x\nsamp.hub.xmlrpc.url=http\\://192.0.2.1\\:21012/xmlrpc\n")
    if by_environment:
        monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
    before = listening()
    workspace.samp.connect(start_hub=True)
    with pytest.raises(CscError, match=r"on another machine, 192\.0\.2\.1"):
        workspace.samp.settle()
    assert workspace.samp.status == "off"
    assert listening() == before
    assert lock.exists()


def test_nothing_else_can_be_called_or_asked(samp, other):
    ours = next(
        one for one in other.get_registered_clients() if other.get_metadata(one).get("samp.name") == "cscwidgets"
    )
    subscribed = set(other.get_subscriptions(ours))
    assert "client.env.get" not in subscribed  # which would tell the environment's secrets
    assert {one for one in subscribed if not one.startswith("samp.")} == {
        *("table.load.votable", "table.load.fits", "table.select.rowList", "table.highlight.row"),
        *("coord.pointAt.sky", "image.load.fits"),
    }
    port = samp._link._client.client.server_address[1]
    server = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}")
    before = samp.explorer.view
    message = {"samp.mtype": "coord.pointAt.sky", "samp.params": {"ra": "1", "dec": "1"}}
    server.samp.client.receiveNotification("a guessed key", "cli#1", message)
    assert samp.explorer.view is before
    with pytest.raises(xmlrpc.client.Fault):
        server.samp.client.stop()
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in line.recv(1000)


def test_who_does_not_answer_is_not_waited_for_once_nobody_wants_to(samp, other):
    other.silent = True
    samp.send_table("other")
    until(lambda: other.said("table.load.votable"))
    [task] = [one for one in samp.desk.tasks.running if one.key == "samp table"]
    task.cancel()
    until(lambda: not any("Sending the table" in thread.name for thread in threading.enumerate()), seconds=2)
    assert samp.said == ""


def test_a_hub_that_ends_ends_the_connection(workspace):
    with pyvo_hub() as hub:
        before = listening()
        workspace.samp.connect()
        workspace.samp.settle()
        assert len(listening() - before) == 1
        hub.stop()
        until(lambda: workspace.samp.status == "off")
        until(lambda: not listening() - before)


@pytest.mark.slow
@pytest.mark.stilts
@needs_jsamp
def test_jsamp_and_stilts_exchange_tables_and_selections(workspace, tmp_path):
    """STILTS sends a table; JSAMP's snooper hears what is selected here, its sender looks at rows here."""
    with jsamp_hub():
        samp = workspace.samp
        samp.connect()
        samp.settle()
        assert samp.status == "connected"
        mine = tmp_path / "mine.csv"
        mine.write_text("id,ra,dec\nx,23.40,30.60\ny,23.50,30.70\n")
        sending = ["tpipe", f"in={mine}", "ifmt=csv", "omode=samp", "format=votable", "client=cscwidgets"]
        command = ["stilts", f"-Duser.home={Path.home()}", *sending]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        until(lambda: len(workspace.layers.layers) == 1, samp.desk.tasks, 30)
        assert done.returncode == 0, done.stderr
        np.testing.assert_allclose(workspace.layers.layers[0].dec, [30.6, 30.7])

        names = list(map(str, workspace.explorer.table["name"]))
        with jsamp_snooper() as heard:
            until(lambda: samp._link.clients("table.load.votable"), samp.desk.tasks, 30)
            samp.send_table()
            until(lambda: "table.load.votable" in heard(), samp.desk.tasks)
            identifier = samp._inbox.tables.latest.identifier
            assert identifier in heard()
            workspace.desk.selection.publish("sky", [names[3]], "new")
            samp.send_selection()
            until(lambda: re.search(r"table\.select\.rowList.*?\"row-list\": \[\s*\"3\",?\s*\]", heard(), re.DOTALL))

        sent = jsamp_sends("table.highlight.row", "cscwidgets", table_id=identifier, row="6")
        assert "samp.ok" in sent, sent
        until(lambda: workspace.explorer.focus == names[6])
    until(lambda: workspace.samp.status == "off", seconds=30)
