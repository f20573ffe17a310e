"""Take the README's pictures anew: JupyterLab in Chromium, over the demo archive, in the light and the dark theme.

python tools/take_pictures.py [NAME ...]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import FLAGS, find_chromium  # noqa: E402
from tests.browser.lab import Lab  # noqa: E402
from tests.browser.laptop import BesideFiles  # noqa: E402
from tests.browser.test_lightcurve import ECLIPSING  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SIZE = (1366, 768)


@dataclass(frozen=True)
class Scene:
    """What is looked at.

    Attributes
    ----------
    explorer : str
        Arguments of the explorer.
    focus : str
        Expression for the source in focus.
    act : callable
        What is done before the picture is taken.
    """

    explorer: str
    act: Callable[[BesideFiles], None]
    focus: str = "app.table['name'][app.table['significance'].argmax()]"


def _hardness(nb: BesideFiles) -> None:
    nb.execute("app.select(app.table['name'][(app.table['hard_hm'] > 0.1) & (app.table['hard_ms'] > -0.4)])")


def _lightcurves(nb: BesideFiles) -> None:
    nb.execute("app.show('light curves')")
    nb.quiet(120)


def _spectrum(nb: BesideFiles) -> None:
    nb.execute("app.show('spectrum')")
    nb.until("bool(app.spectrum.model.parameters)", 120)
    nb.execute("app.spectrum.fit()")
    nb.quiet(120)


def _counterparts(nb: BesideFiles) -> None:
    nb.execute("app.show('counterparts')")
    nb.until("len(app.crossmatch.state.offered) > 2", 60)
    nb.execute(
        "state = app.crossmatch.state\n"
        "state.catalogue = next(one for one in state.offered if 'optical' in one.title)\nstate.run()"
    )
    nb.until("state.match is not None", 120)


def _coverage(nb: BesideFiles) -> None:
    nb.execute("app.show('sky coverage'); app.coverage.state.band = 's'; app.coverage.state.run()")
    nb.until("app.coverage.state.coverage is not None", 120)


def _images(nb: BesideFiles) -> None:
    nb.execute(
        "app.show('images'); app.fields.shown = 'stacks'; stacks = app.fields.table\n"
        "longest = str(stacks['stack'][stacks['exposure'].argmax()])\n"
        "app.images.show('stkecorrimg', bands='smh', images=[longest])"
    )


SCENES = {
    "explorer": Scene("'M33', '20 arcmin'", _hardness),
    "lightcurves": Scene("'47 Tuc', '3 arcmin'", _lightcurves, repr(ECLIPSING)),
    "spectrum": Scene("'47 Tuc', '3 arcmin'", _spectrum, repr(ECLIPSING)),
    "counterparts": Scene("'47 Tuc', '3 arcmin'", _counterparts),
    "images": Scene("'47 Tuc', '3 arcmin'", _images),
    "coverage": Scene("'Lockman Hole', '12 arcmin'", _coverage),
}


def take(name: str, scene: Scene, lab: Lab, browser: Browser) -> None:
    """Take one scene in both themes."""
    cells = [f"from cscwidgets import Explorer\napp = Explorer({scene.explorer}, archive='demo')\napp"]
    nb = BesideFiles(lab, browser.new_context(), name, cells)
    nb.command("application:toggle-left-area")
    nb.resize(SIZE)
    nb.run_all()
    nb.until("len(app._state.table) > 0", 120)
    nb.execute(f"app.focus = str({scene.focus})")
    nb.quiet()
    scene.act(nb)
    nb.quiet(120)
    nb.bring_into_sight()
    for theme in ("light", "dark"):
        nb.theme(theme)
        nb.page.wait_for_timeout(2000)
        path = IMAGES / f"{name}-{theme}.png"
        nb.page.locator(".csc-explorer").first.screenshot(path=path)
        Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
        print(path.relative_to(ROOT))
    nb.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder)).running() as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for name in sys.argv[1:] or SCENES:
            take(name, SCENES[name], lab, browser)
        browser.close()


if __name__ == "__main__":
    main()
