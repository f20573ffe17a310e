"""The images on the sky as code."""

from __future__ import annotations

from dataclasses import fields

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.products import Level
from cscwidgets.errors import CscError
from cscwidgets.export.script import Code, literal, named

from ..image_list import EVENTS
from ..images import ImagesState
from ..shown_images import PHOTON_SIDE, SIDE, Photons, ShownImages
from .observations import detections_code
from .sources import archive_code, region_code

__all__ = ["images_code"]

_IMAGES = "from cscwidgets.science import images"
_NUMPY = "import numpy as np"
_ROWS = {
    Level.STACK: [
        "stacks = archive.stacks(region)",
        'rows = stacks[np.isin(np.asarray(stacks["detect_stack_id"], str), chosen)]',
    ],
    Level.OBSERVATION: [
        'rows = Table(rows=[name.split(".") for name in chosen], names=["obsid", "obi"], dtype=[int, int])',
    ],
    Level.OBSERVATION_REGION: [
        "keys = [f\"{row['obsid']}.{row['obi']}.{row['region_id']}\" for row in detections]",
        "rows = detections[np.isin(keys, chosen)]",
    ],
    Level.STACK_REGION: ["rows = detections"],
}


def images_code(state: ImagesState) -> Code:
    """What is on the sky: the files, what is made of them, and their colours.

    Raises
    ------
    CscError
        If nothing is, or it came from a file or object of the reader's own.
    """
    shown = state.shown
    if shown is None:
        raise CscError("There is no script", "no image is shown", "Choose one and show it.")
    if shown.files is None:
        raise CscError("There is no script", f"{shown.words} is none of the archive's images", "Read it in your own.")
    kind, of_source = shown.files.kind, shown.files.kind.level in {Level.OBSERVATION_REGION, Level.STACK_REGION}
    code = detections_code(state.source) if of_source else archive_code(state.desk.archive)
    if kind.level is Level.STACK:
        code += region_code(state.explorer)
    level = _ROWS[kind.level]
    imports = [_NUMPY] if any("np." in line for line in level) else ["from astropy.table import Table"]
    asked = f", bands={literal(shown.files.bands)}" if kind.per_band else ""
    lines = [
        named("chosen", list(shown.files.chosen)),
        *level,
        f"products = archive.products(rows, {literal(kind.name)}{asked})",
        *([_OF_CHOSEN] if kind.level is Level.STACK_REGION else []),
        "paths = archive.fetch(products)",
    ]
    if kind.level is Level.STACK_REGION:
        imports = [_NUMPY]
    files = Code.of("\n".join(lines), *imports)
    return code + files + (_counted(shown) if kind.name in EVENTS else _read(shown)) + _coloured(shown)


_OF_CHOSEN = (
    "keys = [f\"{row['detect_stack_id'].strip()}.{row['region_id']}\" for row in products]\n"
    "products = products[np.isin(keys, chosen)]"
)


def _read(shown: ShownImages) -> Code:
    lines = [
        f"read = [images.read_image(path, side={SIDE}) for path in paths]",
        'letters = [str(band) for band in products["band"]]',
        f"shown = images.combined(list(zip(letters, read, strict=True)), {literal(shown.bands)}, side={SIDE})",
    ]
    return Code.of("\n".join(lines), _IMAGES, works=("reproject",))


def _counted(shown: ShownImages) -> Code:
    photons, bands = shown.photons or Photons(()), shown.bands
    ends = [(BANDS[band].low_kev, BANDS[band].high_kev) for band in bands] if len(bands) > 1 else [photons.energies]
    lines = [
        "lists = [times.read_events(path) for path in paths]",
        "shown = count_bands(",
        f"    lists, {literal([tuple(map(float, pair)) for pair in ends])},",
        f"    times={literal(tuple(photons.times))}, size={photons.size!r}, side={PHOTON_SIDE},",
        ")",
    ]
    counting = "from cscwidgets.science.photon_images import count_bands"
    return Code.of("\n".join(lines), "from cscwidgets.science import times", counting)


def _coloured(shown: ShownImages) -> Code:
    display = shown.display
    usual = type(display)()
    settings = {one.name: getattr(display, one.name) for one in fields(display)}
    changed = [f"{name}={literal(value)}" for name, value in settings.items() if value != getattr(usual, name)]
    lines = [
        f"look = images.Display({', '.join(changed)})",
        "picture = images.picture(shown, look)",
        "for image, cuts in zip(shown, picture.cuts, strict=True):",
        '    print(image.title, image.values.shape, np.nansum(image.values), image.unit, "cuts", cuts)',
    ]
    return Code.of("\n".join(lines), _IMAGES, _NUMPY)
