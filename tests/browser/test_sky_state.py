"""What a sky view shows is state: shown late, twice, after a reload, many times over, and freed in the end."""

from __future__ import annotations

import numpy as np
import pytest

from .skypage import IMPORT, SETUP, STATE, SkyPage


def test_state_set_before_or_after_display_is_drawn_the_same(notebook):
    nb = notebook([IMPORT + SETUP + STATE, "late = Sky(); late", "early = Sky(); fill(early); early", "fill(late)"])
    nb.run_all()
    late, early = SkyPage(nb, 0), SkyPage(nb, 1)
    for view in (late, early):
        view.wait("view.aladin.getOverlays().length === 2 && view.counts().selected === 80")
        assert view.js("view.aladin.getFov()[0]") == pytest.approx(0.8, rel=1e-4)
    assert late.picture() == early.picture()
    assert len(late.picture()) > 10_000


def test_second_view_and_page_reload_keep_everything(notebook):
    nb = notebook([IMPORT + SETUP + STATE, "sky = Sky(); fill(sky); sky", "sky"])
    nb.run_all()
    first, second = SkyPage(nb, 0), SkyPage(nb, 1)
    second.wait("view.aladin.getOverlays().length === 2")
    before = first.picture()
    assert before == second.picture()
    assert nb.kernel("sky.overlays") == ["coverage", "region"]
    nb.reload()
    again = SkyPage(nb, 0)
    again.wait("view.aladin.getOverlays().length === 2")
    assert again.picture() == before
    nb.execute("sky.remove_overlay('coverage'); sky.highlight([])")
    again.wait("view.aladin.getOverlays().length === 1 && view.counts().selected === 0")
    assert nb.kernel("sky.fov.deg") == pytest.approx(0.8, rel=1e-4)


@pytest.mark.long  # a hundred times what other tests do once
def test_many_updates_leave_nothing_behind(notebook):
    nb = notebook(
        [SETUP, "sky = Sky('M33', fov=1.0); names, ra, dec = field(300); sky.show_sources(names, ra, dec); sky"]
    )
    nb.run_all()
    view = SkyPage(nb)
    comms = "len(__import__('comm').get_comm_manager().comms)"

    def update(number):
        nb.execute("""
for i in range(500):
    sky.highlight(names[i % 200 : i % 200 + 50])
    if i % 5 == 0: sky.show_sources(names[: 300 - i % 7], ra[: 300 - i % 7], dec[: 300 - i % 7])
    if i % 10 == 0: sky.show_region(Circle(sky.target, (0.1 + i / 5000) * u.deg)); sky.focus(names[i % 300])
""")
        # Messages come in their order: when a selection that no other round had is there, all before it are.
        nb.execute(f"sky.highlight(names[:{10 + number}])")
        view.wait(f"view.counts().selected === {10 + number}", 60)
        nb.execute("sky.highlight(names[:50])")
        view.wait("view.counts().selected === 50 && view.counts().sources === 295", 60)

    nb.execute("from regions import CircleSkyRegion as Circle")
    rounds = []
    for number in range(4):
        update(number)
        counts = {**view.js("view.counts()"), "frames": 0, "comms": nb.kernel(comms)}
        rounds.append((counts, dom_counters(nb.page)["jsEventListeners"]))
    assert all(counts == rounds[0][0] for counts, _ in rounds)
    # JupyterLab adds a hundred listeners of its own once; a leak would grow in every round.
    assert min(np.diff([listeners for _, listeners in rounds])) <= 5


def dom_counters(page):
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return session.send("Memory.getDOMCounters")


@pytest.mark.long  # test_life frees whole explorers
def test_close_frees_the_view(notebook):
    nb = notebook([SETUP + "from ipywidgets import VBox; box = VBox(); box"])
    nb.run_all()

    def open_and_close():
        nb.execute("sky = Sky(); box.children = [sky]")
        SkyPage(nb)
        nb.execute("sky.close(); box.children = []")
        nb.page.wait_for_function("document.querySelectorAll('.csc-sky').length === 0")
        nb.page.wait_for_timeout(2200)  # Aladin Lite's own timers
        return dom_counters(nb.page)

    counters = [open_and_close() for _ in range(5)]
    # A view has some 90 elements and 40 listeners. JupyterLab itself keeps a few of each closed widget, and adds
    # a hundred listeners of its own once; a leak would grow in every round.
    growth = {kind: min(np.diff([counter[kind] for counter in counters])) for kind in ("jsEventListeners", "nodes")}
    assert growth["jsEventListeners"] <= 5
    assert growth["nodes"] <= 20


@pytest.mark.long  # three explorers share nothing in test_first_path
def test_two_skies_share_nothing(notebook):
    nb = notebook([SETUP, "a, b = Sky('M33'), Sky('M42'); from ipywidgets import HBox; HBox([a, b])"])
    nb.run_all()
    one, two = SkyPage(nb, 0), SkyPage(nb, 1)
    assert min(one.size[0], two.size[0]) > 370
    nb.execute("names, ra, dec = field(50); a.show_sources(names, ra, dec); a.highlight(names)")
    one.wait("view.counts().selected === 50")
    assert two.js("view.counts().sources") == 0
    assert nb.kernel("a.listener_callback is b.listener_callback or a._call_store is b._call_store") is False
    assert two.js("view.aladin.getRaDec()") == pytest.approx([83.8221, -5.3911], abs=1e-6)
    nb.screenshot("side-by-side")
