"""``make lab`` as a newcomer meets it: the tours, run from top to bottom in Chromium, without a network."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
import urllib.error

import pytest

from .lab import NO_NETWORK, ROOT, Lab
from .notebook import LabPage, Notebook

FIRST = "cscwidgets/tours/01_hardness_variability.ipynb"
OTHERS = {  # and the panel that each shows last
    "cscwidgets/tours/02_one_source.ipynb": ".csc-spectrum",
    "cscwidgets/tours/03_counterparts.ipynb": ".csc-crossmatch",
    "cscwidgets/tours/04_sky_coverage.ipynb": ".csc-coverage",
    "cscwidgets/tours/05_images.ipynb": ".csc-source",
}


@pytest.fixture
def make_lab(demo_folder, tmp_path):
    """The running ``make lab``, with a demo cache of its own so that the demo need not be built again."""
    lab = Lab(tmp_path)
    lab.root = ROOT
    overrides = tmp_path / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir()
    overrides.write_text('{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}')
    flags = (
        f"--no-browser --ServerApp.port={lab.port} --ServerApp.port_retries=0 --IdentityProvider.token={lab.token}"
        " --LabApp.expose_app_in_browser=True"
    )
    environment = {
        **os.environ,
        **NO_NETWORK,
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
        "CSCWIDGETS_CACHE": str(demo_folder.parent),
        "JUPYTER_CONFIG_DIR": str(tmp_path),
    }
    with (tmp_path / "make.log").open("wb") as log:
        command = ["make", "lab", f"LAB_FLAGS={flags}"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            deadline = time.monotonic() + 240
            while True:
                try:
                    lab.get("api/status")
                    break
                except (urllib.error.URLError, ConnectionError):
                    assert process.poll() is None, (tmp_path / "make.log").read_text()[-2000:]
                    assert time.monotonic() < deadline, (tmp_path / "make.log").read_text()[-2000:]
                    time.sleep(0.2)
            yield lab
        finally:
            os.killpg(process.pid, 15)
            process.wait(20)


class Tour(Notebook):
    """A tour, open where ``make lab`` has it."""

    def __init__(self, lab, context, name):
        LabPage.__init__(self, lab, context, f"tour-{secrets.token_hex(2)}")
        self.name = name
        self._open()


def test_the_first_tour_runs_from_top_to_bottom(make_lab, lab_context):
    tour = Tour(make_lab, lab_context, FIRST)
    tour.page.set_viewport_size({"width": 1400, "height": 1250})
    tour.run_all()
    assert tour.kernel("app.messages") == []
    assert tour.kernel("len(app.table)") > 100
    assert tour.kernel("len(binaries)") > 10
    assert tour.kernel("bool((binaries['hard_hm'] > 0).all() and (binaries['var_inter_prob_b'] > 0.9).all())")
    assert tour.page.locator(".csc-explorer .csc-simulated").first.is_visible()
    assert tour.page.locator(".jp-OutputArea img").count() >= 1  # the paper figure
    tour.screenshot("end")
    assert tour.said == []
    assert tour.outside == []
    assert tour.errors == []
    tour.close()


@pytest.mark.long  # their numbers are checked without a browser in tests/test_tours.py
def test_the_other_tours_show_their_panels_and_figures(make_lab, lab_context):
    for name, panel in OTHERS.items():
        tour = Tour(make_lab, lab_context, name)
        tour.page.set_viewport_size({"width": 1400, "height": 1250})
        tour.run_all()
        assert tour.kernel("app.messages") == []
        assert tour.page.locator(f"{panel} .csc-simulated").first.is_visible()
        assert tour.page.locator(".jp-OutputArea img").count() >= 1
        tour.page.wait_for_timeout(800)
        tour.screenshot(name.rsplit("/", 1)[-1].removesuffix(".ipynb"))
        assert tour.said == []
        assert tour.outside == []
        assert tour.errors == []
        tour.close()
