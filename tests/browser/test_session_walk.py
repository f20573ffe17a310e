"""A walk by chance through an explorer in JupyterLab, by its controls, is given back by a session."""

from __future__ import annotations

import numpy as np
import pytest

from .skypage import SkyPage
from .test_hardness import drag

STATES = """__import__("json").loads({app}._session.document())["states"]"""
STEPS = 30
SOME = [(-0.9, -0.9), (0.6, -0.9), (0.6, 0.6), (-0.9, 0.6), (-0.9, -0.9)]


class Reader:
    """Somebody who tries one thing after the other."""

    def __init__(self, nb, seed):
        self.nb, self.page, self.rng = nb, nb.page, np.random.default_rng(seed)
        self.done = []

    def choose(self, things):
        return things[int(self.rng.integers(len(things)))]

    def go_on(self):
        act = self.choose(
            [self.tab, self.tab, self.option, self.option, self.option, self.tick, self.lasso, self.circle, self.row]
        )
        what = act()
        if what is not None:
            self.done.append(what)
            self.nb.quiet(90)

    def tab(self):
        tab = self.choose(self.page.locator(".csc-tabs [role=tab]:visible").all())
        tab.click()
        return f"tab {tab.inner_text()}"

    def option(self):
        """Another option of one of the panel's lists."""
        lists = [
            one for one in self.page.locator(".csc-front select:visible").all() if one.locator("option").count() > 1
        ]
        if lists:
            control = self.choose(lists)
            value = self.choose(control.locator("option:not([disabled])").all_inner_texts())
            control.select_option(label=value)
            return f"option {value}"
        return None

    def tick(self):
        boxes = self.page.locator(".csc-front input[type=checkbox]:visible:enabled").all()
        if boxes:
            self.choose(boxes).click()
            return "tick"
        return None

    def lasso(self):
        self.page.get_by_role("tab", name="Hardness", exact=True).click()
        self.nb.quiet()
        self.nb.execute("panel = app.hardness")
        drag(self.nb, SOME)
        return "lasso"

    def circle(self):
        view = SkyPage(self.nb)
        width, height = view.size
        view.button("Draw a circle").click()
        radius = float(self.rng.uniform(40, 90))
        view.drag((width / 2, height / 2), (width / 2 + radius, height / 2))
        return f"circle of {radius:.0f} pixels"

    def row(self):
        rows = self.page.locator(".csc-table .tabulator-row:visible").all()
        if rows:
            self.choose(rows[:8]).click()
            return "row"
        return None


@pytest.mark.long  # the same without a browser, and one journey in it, are in test_session_walk and test_session
@pytest.mark.parametrize("seed", [1, 2])
def test_a_walk_by_hand_is_given_back(workspace, seed, tmp_path):
    nb, reader = workspace, Reader(workspace, seed)
    while len(reader.done) < STEPS:
        reader.go_on()
    kinds = {words.partition(" ")[0] for words in reader.done}
    assert kinds >= {"tab", "option", "lasso", "circle"}, reader.done
    path = str(tmp_path / "walk.csc.json")
    nb.execute(f"app._state.desk.tasks.settle()\napp.save({path!r})")
    before = nb.kernel(STATES.format(app="app"))
    nb.execute(f"again = Explorer.open({path!r})\nagain.workspace.desk.tasks.settle(timeout=90)")
    after = nb.kernel(STATES.format(app="again"))
    for state, kept in before.items():
        assert after[state] == kept, (state, reader.done)
    assert nb.kernel("again.panels.keep() == app.panels.keep()")
    entries = "[(one.what, one.why) for one in again._state.desk.messages.entries if one.level == 'error']"
    assert nb.kernel(entries) == []
    nb.execute("again.close()")
