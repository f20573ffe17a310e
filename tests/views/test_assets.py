"""Where the browser's half is found, and how a kernel hands it out."""

from __future__ import annotations

import anywidget
import pytest

from cscwidgets.errors import CscError
from cscwidgets.views import assets


def ask(name):
    widget = anywidget.AnyWidget()
    answers = []
    widget.send = lambda content, buffers=None: answers.append((content, buffers))
    assets.serve_libraries(widget)
    widget._handle_custom_msg({"event_type": "asset", "name": name}, [])
    return answers


def test_a_library_is_sent_whole():
    ((content, (data,)),) = ask("aladin")
    assert content == {"event_name": "asset", "name": "aladin"}
    assert len(data) > 2_000_000
    assert data == assets.library("aladin").read_bytes()


@pytest.mark.parametrize("name", ["../../../etc/passwd", "remoteEntry", None])
def test_nothing_else_is_sent(name):
    ((content, buffers),) = ask(name)
    assert "there is no library" in content["error"]
    assert buffers is None


def test_installed_data_files_are_found(tmp_path, monkeypatch):
    installed = tmp_path / "share" / "jupyter" / "labextensions" / "cscwidgets" / "static" / "aladin.js"
    installed.parent.mkdir(parents=True)
    installed.write_text("export default 1")
    monkeypatch.setattr(assets, "_PACKAGE", tmp_path / "lib" / "cscwidgets")
    monkeypatch.setattr(assets, "_data_roots", lambda: [tmp_path])
    assert assets.library("aladin") == installed
    with pytest.raises(CscError, match="not built"):
        assets.module("sky")
