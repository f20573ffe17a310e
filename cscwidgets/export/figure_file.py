"""Figures as files: of an exact size, with their fonts, and with words for those who do not see them."""

from __future__ import annotations

import io
import os
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole

from .figure import PaperFigure

__all__ = ["FORMATS", "describe_figure", "write_figure"]

FORMATS = (".pdf", ".svg", ".png")
"""Endings of the files that figures can be written to."""

_DPI = 600
# Type 42 are whole TrueType fonts, which journals take and programs can edit; outlines look the same in every browser.
_FONTS = {"pdf.fonttype": 42, "svg.fonttype": "path"}


def write_figure(
    figure: PaperFigure, path: str | os.PathLike[str], *, description: str = "", overwrite: bool = False
) -> Path:
    """Write a figure to a file in its exact size.

    Parameters
    ----------
    figure : PaperFigure
        Any figure of matplotlib's will do; those made under `journal_style` have a journal's width.
    path : str or path
        Ends with ".pdf" (fonts embedded), ".svg" (letters as outlines) or ".png" (600 pixels an inch).
    description : str
        Alternative text; what `describe_figure` finds unless told. It goes into the file: PDF's Subject, SVG's desc,
        PNG's Description.
    overwrite : bool
        Whether a file that is there is replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    CscError
        If the format is another, or the file is there or cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from cscwidgets.export import PaperFigure, write_figure
    >>> figure = PaperFigure(figsize=(3, 2))
    >>> _ = figure.add_subplot().plot([1, 2])
    >>> with TemporaryDirectory() as folder:
    ...     print(write_figure(figure, f"{folder}/line.pdf").name)
    line.pdf
    """
    path = Path(path).expanduser()
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise CscError(f"The figure was not written to {path.name}", "", f"Its name ends with {', '.join(FORMATS)}.")
    words = description or describe_figure(figure)
    title = _title(figure)
    buffer = io.BytesIO()
    with rc_context(_FONTS):
        figure.savefig(buffer, format=ending[1:], dpi=_DPI, metadata=_metadata(ending, title, words))
    data = buffer.getvalue()
    if ending == ".svg":
        data = _described(data.decode(), title, words).encode()

    def write(to: Path) -> object:
        return to.write_bytes(data)

    write_whole(path, write, overwrite=overwrite)
    return path


def describe_figure(figure: Figure) -> str:
    """What a figure shows, in words: its title, and of each part what is against what, from where to where.

    Parameters
    ----------
    figure : Figure
        Of matplotlib.

    Returns
    -------
    str
        For those who do not see it.

    Examples
    --------
    >>> from cscwidgets.export import PaperFigure, describe_figure
    >>> figure = PaperFigure(simulated=True)
    >>> _ = figure.add_subplot(xlabel="J / mag", ylabel="flux").plot([1, 2, 3], [2, 3, 5])
    >>> print(describe_figure(figure))
    SIMULATED. flux (1.85 to 5.15) against J / mag (0.9 to 3.1): a line of 3 points.
    """
    parts = [f"{title.rstrip('.')}."] if (title := _title(figure)) else []
    return " ".join([*parts, *filter(None, map(_described_axes, figure.get_axes()))])


def _title(figure: Figure) -> str:
    return " ".join(figure.get_suptitle().split())


def _described_axes(axes: Axes) -> str:
    x, y = (_axis_words(axes, name) for name in ("x", "y"))
    if hasattr(axes, "_colorbar"):
        return f"Colours: {x or y}." if x or y else ""
    if not (x and y):
        return ""
    title = " ".join(axes.get_title().split())
    drawn = [
        *_counted(
            "symbol", [len(np.asarray(one.get_offsets())) for one in axes.collections if hasattr(one, "get_sizes")]
        ),
        *_counted("point", [len(np.asarray(one.get_xdata())) for one in axes.lines]),
        *(["an image"] if axes.images else []),
    ]
    return f"{f'{title}: ' if title else ''}{y} against {x}{': ' if drawn else ''}{', '.join(drawn)}."


def _axis_words(axes: Axes, name: str) -> str:
    shared = getattr(axes, f"get_shared_{name}_axes")().get_siblings(axes)
    labels = (_plain(getattr(one, f"get_{name}label")()) for one in (axes, *shared))
    label = next(filter(None, labels), "")
    coordinates: Any = getattr(axes, "coords", None)  # of astropy's axes on the sky
    if coordinates is not None:
        return str(coordinates["xy".index(name)].get_axislabel() or label)
    if not label:
        return ""
    low, high = getattr(axes, f"get_{name}lim")()
    return f"{label} ({low:.3g} to {high:.3g})"


def _plain(label: str) -> str:
    """A label without the commands that typeset it."""
    words = re.sub(r"\\(?:mathrm|mathit)", "", label.replace("\\,", " ").replace("\\Omega", "Ω"))
    return " ".join(re.sub(r"[$\\{}]", "", words).split())


def _counted(noun: str, numbers: list[int]) -> list[str]:
    known = [number for number in numbers if number]
    if not known:
        return []
    if noun == "symbol":
        return [f"{sum(known):,} symbols" if sum(known) > 1 else "a symbol"]
    return [f"a line of {known[0]:,} points"] if len(known) == 1 else [f"{len(known)} lines"]


def _metadata(ending: str, title: str, words: str) -> dict[str, Any]:
    creator = "cscwidgets"
    if ending == ".pdf":
        return {"Title": title, "Subject": words, "Creator": creator}
    if ending == ".svg":
        return {"Description": words, "Creator": creator}
    return {"Title": title, "Description": words, "Software": creator}


def _described(svg: str, title: str, words: str) -> str:
    """An SVG with the elements that screen readers look for."""
    opened = svg.index(">", svg.index("<svg")) + 1
    named = f'<title id="title">{escape(title)}</title>\n  <desc id="desc">{escape(words)}</desc>'
    tag = svg[: opened - 1] + ' role="img" aria-labelledby="title desc">'
    return f"{tag}\n  {named}{svg[opened:]}"
