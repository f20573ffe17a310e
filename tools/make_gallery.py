"""Make the gallery anew: of each example its session, its picture, and the page that shows them all.

python tools/make_gallery.py [NAME ...]
"""

from __future__ import annotations

import sys
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import astropy.units as u
from PIL import Image, PngImagePlugin

from cscwidgets import Explorer
from cscwidgets.export import write_figure
from cscwidgets.export.journal import journal_style

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "gallery"
WIDTH = "AAS page"
PIXELS = 1000

HEAD = """# Gallery

What an X-ray astronomer asks, each on one screen. Every source here is **SIMULATED**: the demo archive works offline.
A session opens with a double click in JupyterLab, or with the lines below its picture, which write the figure as a
journal wants it. [The script](../../tools/make_gallery.py) has the few calls that made each session; with a real
source's name they work over `csc2.1` as well. `make gallery` makes all of this anew.
"""


@dataclass(frozen=True)
class Example:
    """One figure and the session it comes from.

    Attributes
    ----------
    title : str
        The question.
    words : str
        What is seen, and what to do with it.
    figure : str
        Expression for the figure of an explorer ``app``.
    make : callable
        Makes the explorer; its name is that of the files.
    """

    title: str
    words: str
    figure: str
    make: Callable[[], Explorer]

    @property
    def name(self) -> str:
        return self.make.__name__

    @property
    def session(self) -> Path:
        return FOLDER / f"{self.name}.csc.json"

    @property
    def picture(self) -> Path:
        return FOLDER / f"{self.name}.png"

    def drawn(self, app: Explorer, path: Path) -> Path:
        """Write the figure to a file."""
        with journal_style(WIDTH):
            return write_figure(eval(self.figure, {"app": app}), path, overwrite=True)  # noqa: S307 - our own text


EXAMPLES: list[Example] = []


def example(title: str, words: str, figure: str) -> Callable[[Callable[[], Explorer]], Callable[[], Explorer]]:
    """Add what makes an explorer to the gallery."""

    def add(make: Callable[[], Explorer]) -> Callable[[], Explorer]:
        EXAMPLES.append(Example(title, " ".join(words.split()), figure, make))
        return make

    return add


@example(
    "Which sources of M33 are soft, and do they vary?",
    """Hardness ratios of simulated sources in the middle of M33, with 68% errors and limits, coloured by the
    probability of variability within and between observations. The group that was brushed, soft in both ratios, is
    ringed, and is the same selection on the sky and in the table. Brush another, and all follow.""",
    "app.hardness.figure()",
)
def hardness() -> Explorer:
    app = Explorer("M33", "6 arcmin", archive="demo")
    table = app.table
    app.select(table[(table["hard_hm"] < -0.2) & (table["hard_ms"] < -0.3)])
    app.show("hardness")
    return app


@example(
    "When was this source bright, and how faint was it otherwise?",
    """Photon flux of one simulated source in each observation of sixteen years, with 68% errors, arrows where only an
    upper limit is known, and Bayesian blocks. A click on a point shows that observation by itself.""",
    "app.lightcurve.figure()",
)
def longterm() -> Explorer:
    app = Explorer("47 Tuc", "1 arcmin", archive="demo")
    app.focus = "SIM J002407.3-720440"
    app.show("light curves")
    app.lightcurve.options["blocks"].value = True
    return app


@example(
    "What is the orbital period of this binary?",
    """Events of the longest observation of a simulated eclipsing binary: its light curve, the periodogram of a search
    for periods, and the curve folded at the best one. Another period is typed or dragged, and the curve folds at
    once.""",
    "app.lightcurve.figure()",
)
def period() -> Explorer:
    app = Explorer("47 Tuc", "1 arcmin", archive="demo")
    app.focus = "SIM J002406.4-720520"
    app.show("light curves")
    curves, periods = app.lightcurve.state, app.lightcurve.periods
    curves.of_events = True
    app.wait()
    periods.key = str(curves.chosen[0])
    periods.shortest, periods.longest = 1000.0, 40_000.0
    periods.search()
    return app


@example(
    "Is an absorbed power law enough, and how steep is it?",
    """Five observations of a simulated source fitted together with Sherpa, shown as their sum with the model and its
    residuals; the parameters have 68% intervals. The session keeps the fit: it is there again without being
    repeated.""",
    "app.spectrum.figure()",
)
def spectrum() -> Explorer:
    app = Explorer("47 Tuc", "1 arcmin", archive="demo")
    app.focus = "SIM J002406.4-720520"
    app.show("spectrum")
    app.spectrum.options["together"].value = True
    app.spectrum.fit("powerlaw")
    app.spectrum.fitting.find_intervals()
    return app


@example(
    "Which star is the X-ray source, and how sure is it?",
    """Simulated sources of crowded 47 Tuc matched with an optical catalogue, error ellipses of both sides taken into
    account: hardness, flux and magnitude against what is known of the counterparts, coloured by the probability of
    the match. `app.crossmatch.quality_figure()` has completeness and purity against the cut.""",
    "app.crossmatch.figure()",
)
def counterparts() -> Explorer:
    app = Explorer("47 Tuc", "3 arcmin", archive="demo")
    app.show("counterparts")
    app.crossmatch.match("sim_optical", 3 * u.arcsec)
    return app


@example(
    "How deep is the survey, and over which area?",
    """Limiting flux over a simulated Lockman Hole, combined from the sensitivity maps of all stacks that reach into
    it, and the area in which a source of a flux would be detected. `app.coverage.counts_figure()` is the log N –
    log S of the sources, corrected for that area.""",
    "app.coverage.figure()",
)
def coverage() -> Explorer:
    app = Explorer("Lockman Hole", "12 arcmin", archive="demo")
    app.show("sky coverage")
    app.coverage.run()
    return app


@example(
    "How well is a flux known, and are confused sources worse?",
    """Any two columns, or formulas of them: the relative width of the 68% interval, a column that was added by its
    formula, against the flux of simulated sources in M33, coloured by exposure. Sources with a label have its
    colour in every view.""",
    "app.diagrams.figure()",
)
def diagram() -> Explorer:
    app = Explorer("M33", "6 arcmin", archive="demo")
    app.add_column("width", "(flux_aper_hilim_b - flux_aper_lolim_b) / flux_aper_b", "relative width of the interval")
    app.label("confused", app.table[app.table["conf_flag"]], "#156c4b")
    app.show("diagrams")
    choice = app.workspace.diagrams.diagrams[0]
    choice.x, choice.y, choice.colour = "flux_aper_b", "width", "acis_time"
    choice.y_scale = "log"
    return app


@example(
    "Which observations see this place?",
    """The sky around a simulated 47 Tuc with its sources, the outlines of the stacks by instrument, and the brightest
    sources selected. A click on the sky lists the fields that hold the place.""",
    "app.sky.figure()",
)
def sky() -> Explorer:
    app = Explorer("47 Tuc", "12 arcmin", archive="demo")
    app.select(app.table[app.table["significance"] > 40])
    app.fields.shown = "stacks"
    return app


def small(path: Path, to: Path) -> None:
    """A picture of fewer pixels and colours, with the same alternative text."""
    words = PngImagePlugin.PngInfo()
    with Image.open(path) as picture:
        for key in ("Title", "Description"):
            words.add_itxt(key, picture.info[key])
        height = round(picture.height * PIXELS / picture.width)
        reduced = picture.convert("RGB").resize((PIXELS, height), Image.Resampling.LANCZOS)
    reduced.quantize(256, dither=Image.Dither.NONE).save(to, optimize=True, pnginfo=words)


def make(one: Example) -> None:
    """The session of an example; its picture comes from that, in another explorer."""
    app = one.make()
    app.wait()
    one.session.unlink(missing_ok=True)
    app.save(one.session)
    app.close()
    again = Explorer.open(one.session)
    again.wait()
    with tempfile.TemporaryDirectory() as folder:
        small(one.drawn(again, Path(folder) / "figure.png"), one.picture)
    if again.messages:
        raise SystemExit(f"{one.name}: {again.messages}")
    again.close()


def page() -> str:
    """The gallery's page."""
    parts = [HEAD]
    for one in EXAMPLES:
        with Image.open(one.picture) as picture:
            words = picture.info["Description"]
        code = [
            "from cscwidgets import Explorer",
            f'\napp = Explorer.open("{one.session.name}")',
            one.figure.replace(".figure()", f'.write_figure("{one.name}.pdf", "{WIDTH}")'),
        ]
        if one.figure.startswith("app.sky"):  # which is no panel
            code[0] += "\nfrom cscwidgets.export import write_figure"
            code[2] = f'write_figure({one.figure}, "{one.name}.pdf")'
        told = textwrap.fill(f"**SIMULATED.** {one.words} [Session]({one.session.name}).", 125)
        parts.append(f"## {one.title}\n\n{told}\n")
        parts.append(f"![{words}]({one.picture.name})\n\n```python\n" + "\n".join(code) + "\n```\n")
    return "\n".join(parts)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for one in EXAMPLES:
        if one.name in (sys.argv[1:] or [one.name]):
            make(one)
            print(one.name, one.session.stat().st_size, one.picture.stat().st_size)
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
