"""Which state of its data a service answered from: one address served CSC 2.1 before its overlay 2.1.1, and after."""

import json

from astropy.table import Table

from cscwidgets.archive.connection import connect_to
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.archive.services import tap

from .replying import replying, votable


def provenance(*infos: tuple[str, str]):
    said = "".join(f'<INFO name="{name}" value="{value}"/>' for name, value in infos).encode()
    body = votable(Table({"n": [1]})).replace(b"<INFO ", said + b"<INFO ", 1)
    with replying(lambda _: body) as (url, _), ServiceSession(2, 5) as session:
        line = connect_to(url, "A service", session)
        return tap(line, "SELECT n FROM t", table=None, maxrec=None, monitor=SILENT).meta["provenance"]


def test_what_a_service_says_of_its_version_is_kept() -> None:
    found = provenance(("resource_version", "2.1.1"), ("last_update_date", "2024-10-18"), ("version", "TAP 1.1"))
    assert found.version == "version 2.1.1, changed 2024-10-18"
    assert str(found) == "A service (version 2.1.1, changed 2024-10-18): 1 rows"


def test_where_nothing_is_said_the_time_is_all_there_is() -> None:
    found = provenance()
    assert found.version == ""
    assert found.time


def test_a_mirror_says_when_it_was_asked(demo, tmp_path) -> None:
    folder = demo.mirror("M33", tmp_path / "mirror", radius="15 arcsec")
    info = json.loads((folder / "archive.json").read_text())
    asked = info["details"]["mirror"]["asked"]
    assert f" on {asked[:10]}" in info["origin"]
    assert info["details"]["mirror"]["version"] == ""
