"""The tours: short notebooks over the demo sky, that come with the package."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole

__all__ = ["copy_tours"]

_TOURS = Path(__file__).resolve().parents[1] / "tours"


def copy_tours(folder: str | Path, *, replace: bool = False) -> list[Path]:
    """Copy the tours into a folder, which is made if it is not there.

    Parameters
    ----------
    folder : str or Path
    replace : bool
        Whether notebooks of the same names that differ are written over.

    Returns
    -------
    list of Path
        The notebooks, in the order to read them.

    Raises
    ------
    CscError
        If the folder has others of the same names, or cannot be written to; nothing is copied then.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     print(copy_tours(folder)[0].name)
    01_hardness_variability.ipynb
    """
    folder = Path(folder).expanduser()
    tours = sorted(_TOURS.glob("*.ipynb"))
    if not tours:
        raise CscError("The tours were not copied", f"{_TOURS} has none", "Install the package anew.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = [tour for tour in tours if not _same(tour, folder / tour.name)]
    except OSError as error:
        raise CscError(
            f"The tours were not copied to {folder}", error.strerror or str(error), "Choose another folder."
        ) from error
    changed = [tour.name for tour in new if (folder / tour.name).exists()]
    if changed and not replace:
        raise CscError(
            f"The tours were not copied to {folder}",
            f"it has {', '.join(changed)}, which differ",
            "Choose another folder, or say --replace to write over them.",
        )
    for tour in new:
        write_whole(folder / tour.name, partial(shutil.copyfile, tour), overwrite=replace)
    return [folder / tour.name for tour in tours]


def _same(tour: Path, copy: Path) -> bool:
    return copy.is_file() and copy.read_bytes() == tour.read_bytes()
