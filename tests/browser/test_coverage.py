"""The sky coverage of the Lockman Hole in JupyterLab, from a region to an exported curve."""

from __future__ import annotations

import pytest

from .test_first_path import explorer
from .test_lightcurve import quiet

__all__ = ["explorer"]

LOCKMAN = "'Lockman Hole', radius='12 arcmin', archive='demo'"


@pytest.fixture
def coverage(explorer):
    """The panel over the simulated Lockman Hole, run."""
    nb, view = explorer(LOCKMAN, size=(1400, 2300))
    nb.page.get_by_role("tab", name="Sky coverage").click()
    nb.page.wait_for_timeout(1500)
    nb.screenshot("before")
    nb.page.locator(".csc-coverage").get_by_role("button", name="Run").click()
    nb.until("app.coverage.state.coverage is not None", 60)
    quiet(nb)
    return nb, view


def test_look(coverage):
    nb, view = coverage
    nb.page.wait_for_timeout(2500)
    nb.screenshot("run")
    nb.execute("app.coverage.state.flux = 5e-6")
    nb.execute(
        "from astropy.coordinates import SkyCoord; app.coverage.state.place = SkyCoord(164.1, 57.25, unit='deg')"
    )
    nb.execute("app.coverage.state.unit='CSC'")
    nb.page.wait_for_timeout(2000)
    nb.theme("dark")
    nb.page.wait_for_timeout(1500)
    nb.screenshot("dark")
    print(nb.kernel("app.messages"))
