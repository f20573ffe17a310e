"""A heavy library reaches the page once, from the server or from the kernel."""

from __future__ import annotations

from .skypage import SkyPage

THREE = """
from cscwidgets.views import assets
from cscwidgets.views.sky import Sky
from ipywidgets import VBox

read = assets.library
served = []
assets.library = lambda name: (served.append(name), read(name))[1]
skies = [Sky(height=160) for _ in range(3)]
VBox(skies)
"""


def test_three_skies_fetch_aladin_from_the_server_once(notebook):
    nb = notebook([THREE])
    nb.run_all()
    for index in range(3):
        SkyPage(nb, index)
    assert len([url for url in nb.requests if "/aladin.js" in url]) == 1
    assert nb.kernel("served") == []


def test_where_no_server_has_it_the_kernel_sends_it_once(notebook, lab_context):
    lab_context.route("**/cscwidgets/static/aladin.js*", lambda route: route.fulfill(status=404))
    nb = notebook([THREE])
    nb.run_all()
    for index in range(3):
        SkyPage(nb, index)
    assert nb.kernel("served") == ["aladin"]
