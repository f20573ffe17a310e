"""Pictures of a folder over HTTP: listed, handed out, and nothing else is."""

import threading

import pytest
import requests

from cscwidgets.service.server import make_archive_server

from ..picture_files import picture_bytes
from ..product_files import write_two_sources


@pytest.fixture
def address(tmp_path):
    folder = write_two_sources(tmp_path / "archive")
    pictures = folder / "pictures"
    pictures.mkdir()
    (pictures / "both.fits.gz").write_bytes(picture_bytes())
    (pictures / ".hidden.fits.gz").write_bytes(picture_bytes())
    (pictures / "two words.fits.gz").write_bytes(picture_bytes())
    (tmp_path / "secret.fits.gz").write_bytes(picture_bytes())
    (pictures / "link.fits.gz").symlink_to(tmp_path / "secret.fits.gz")
    (pictures / "folder.fits.gz").mkdir()
    (pictures / "broken.fits.gz").write_bytes(b"words")
    server = make_archive_server(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_pictures_of_a_folder_and_no_other_file(address):
    with requests.Session() as session:
        listed = session.get(f"{address}/pictures").json()
        problems = [entry for entry in listed if "problem" in entry]
        assert [entry["name"] for entry in listed if entry not in problems] == ["both"]
        assert "broken cannot be used" in problems[0]["problem"]
        assert len(problems) == 1
        answer = session.get(f"{address}/pictures/both")
        assert answer.content == picture_bytes()
        assert answer.headers["Content-Type"] == "application/octet-stream"
        for other in ("link", "folder", ".hidden", "two%20words", "none", "both.fits.gz", "%2e%2e%2fsecret"):
            assert session.get(f"{address}/pictures/{other}").status_code == 404
        for other in ("../archive.json", "..%2F..%2Fsecret", "/etc/passwd"):
            assert session.get(f"{address}/pictures/{other}").status_code == 404
        assert session.post(f"{address}/pictures").status_code == 405


def test_what_is_added_is_listed(address, tmp_path):
    with requests.Session() as session:
        assert len(session.get(f"{address}/pictures").json()) == 2
        (tmp_path / "archive" / "pictures" / "new.fits.gz").write_bytes(picture_bytes(90))
        names = [entry.get("name") for entry in session.get(f"{address}/pictures").json()]
        assert names == ["both", None, "new"]
