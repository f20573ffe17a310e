"""A panel of another package: registered by its entry point, seen, clicked and closed in a real JupyterLab."""

from __future__ import annotations

import pytest

from ..test_contributing import recipe
from .plots import place

SETUP = """
import sys
sys.path.insert(0, {folder!r})
import numpy as np, astropy.units as u
from cscwidgets import Explorer
app = Explorer("M42", radius="3 arcmin", archive="demo")
app.crossmatch.match("sim_infrared", 2 * u.arcsec)
app
"""


@pytest.fixture
def package(tmp_path):
    """The panel of CONTRIBUTING.md in a package of its own, as pip would install it."""
    (panel, _) = recipe().values()
    (tmp_path / "colours_for_cscwidgets.py").write_text(panel)
    metadata = tmp_path / "colours_for_cscwidgets-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: colours-for-cscwidgets\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[cscwidgets.panels]\ncolours = colours_for_cscwidgets\n")
    return tmp_path


def test_a_panel_of_another_package_is_linked(notebook, package):
    nb = notebook([SETUP.format(folder=str(package))])
    nb.page.set_viewport_size({"width": 1400, "height": 1400})
    nb.run_all()
    assert nb.kernel("[one.title for one in app.panels.values()][-5:-2]") == ["Counterparts", "Colours", "Sky coverage"]
    nb.page.get_by_role("tab", name="Colours").click()
    nb.quiet()
    row = nb.kernel("int(np.flatnonzero(np.isfinite((t := app.colours.table)['Jmag'] - t['Kmag']))[0])")
    name, colour, magnitude = nb.kernel(
        f"[str((one := app.colours.table[{row}])['name']), (one['Jmag'] - one['Kmag']).value, one['Kmag'].value]"
    )
    layer = nb.page.locator(".csc-plot-layer:visible")
    layer.wait_for()
    nb.page.mouse.click(*place(nb, layer, "app.colours.diagram.diagram.selector", colour, magnitude))
    nb.until(f"app.focus == {name!r}")
    nb.until(f"list(app.selected['name']) == [{name!r}]")
    nb.quiet()
    for theme in ("light", "dark"):
        nb.theme(theme)
        nb.screenshot(theme, ".csc-stage")
    nb.execute("app.close()")
    nb.until("app.colours.widget.comm is None")
