"""The gallery: every session opens over the demo as it was, and the lines on its page write the figure it shows."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from cscwidgets.demo import build
from cscwidgets.state.session_file import VERSION

GALLERY = Path(__file__).resolve().parents[1] / "docs" / "gallery"
PAGE = (GALLERY / "README.md").read_text(encoding="utf-8")
SESSIONS = sorted(path.name.partition(".")[0] for path in GALLERY.glob("*.csc.json"))
LINES = dict(re.findall(r"\]\((\w+)\.png\)\n\n```python\n(.*?)```", PAGE, re.DOTALL))


def described(path):
    with Image.open(path) as picture:
        return picture.info["Description"]


def test_the_page_names_every_file_and_each_named_file_is_there():
    named = re.findall(r"\]\(([\w./]+)\)", PAGE)
    assert len(named) == len(set(named))
    beside = {name for name in named if "/" not in name}
    assert beside == {path.name for path in GALLERY.iterdir()} - {"README.md"}
    assert all((GALLERY / name).is_file() for name in named)
    assert sorted(LINES) == SESSIONS
    assert 6 <= len(SESSIONS) <= 8


@pytest.mark.parametrize("name", SESSIONS)
def test_an_example_is_small_and_says_that_it_is_simulated(name):
    session, picture = GALLERY / f"{name}.csc.json", GALLERY / f"{name}.png"
    assert session.stat().st_size <= 60_000
    assert picture.stat().st_size <= 120_000
    kept = json.loads(session.read_text())
    assert kept["version"] == VERSION
    assert kept["archive"]["name"] == "demo"
    assert not kept.get("not kept")
    assert not re.search(r'"(/|[A-Z]:\\|file:|~)', session.read_text())  # no path of a machine
    words = described(picture)
    assert words.startswith("SIMULATED. ")
    assert f"![{words}]({name}.png)" in PAGE


@pytest.mark.slow
@pytest.mark.parametrize("name", SESSIONS)
def test_the_lines_of_the_page_write_the_figure(name, demo_folder, tmp_path, monkeypatch):
    monkeypatch.setenv(build.CACHE_VARIABLE, str(demo_folder.parent))
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"{name}.csc.json").write_bytes((GALLERY / f"{name}.csc.json").read_bytes())
    scope = {}
    exec(LINES[name], scope)
    app = scope["app"]
    try:
        assert app.messages == []
        written = (tmp_path / f"{name}.pdf").read_bytes()
    finally:
        app.close()
    words = described(GALLERY / f"{name}.png")
    assert _text_of(written, "Subject") == words


def _text_of(pdf: bytes, key: str) -> str:
    """A text of a PDF's information, in parentheses and with escapes, or in UTF-16; PDF 1.7, 7.3.4."""
    found = re.search(rb"/" + key.encode() + rb" \(((?:[^\\()]|\\.|\((?:[^\\()]|\\.)*\))*)\)", pdf, re.DOTALL)
    plain = re.sub(rb"\\(.)", lambda one: {b"n": b"\n", b"r": b"\r"}.get(one[1], one[1]), found[1], flags=re.DOTALL)
    return plain.decode("utf-16" if plain[:2] in {b"\xfe\xff", b"\xff\xfe"} else "latin-1")
