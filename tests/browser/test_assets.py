"""A heavy library reaches the page once, from the server or from the kernel."""

from __future__ import annotations


def test_library_is_loaded_once_from_the_server(notebook):
    nb = notebook(["import cscwidgets; 6 * 7"])
    nb.run_all()
    assert nb.kernel("6 * 7") == 42
    nb.screenshot("first")
