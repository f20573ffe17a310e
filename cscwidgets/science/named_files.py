"""The files that a spectrum names: where they were made, or beside it."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from cscwidgets.errors import CscError

__all__ = ["named_file"]


def named_file(path: str, name: str, what: str, hint: str) -> tuple[str, list[str]]:
    """The file that a spectrum names, compressed or not, and what is to be said of where it was found.

    A name with folders, which is often that of another machine, stands for the file of that name beside the spectrum
    where there is nothing under it.

    Parameters
    ----------
    path : str
        The spectrum.
    name : str
        As it is in the header.
    what : str
        What the file is, in words.
    hint : str
        What to do where there is none.

    Raises
    ------
    CscError
        If it is neither there nor beside the spectrum.
    """
    folder = Path(path).parent
    last = PureWindowsPath(name).name  # of the paths of either system
    for place in dict.fromkeys((folder / name, folder / last)):
        plain = place.with_name(place.name.removesuffix(".gz"))
        for candidate in (plain, plain.with_name(plain.name + ".gz")):
            if candidate.is_file():
                moved = last != name and place.name == last and place == folder / last
                return str(candidate), [f"its {what} {last} is the one beside it: {name} is not there"] if moved else []
    stem = (folder / last).with_name(last.removesuffix(".gz"))
    raise CscError(f"The {what} of {path} is not there", f"neither {stem} nor {stem.name}.gz exists", hint)
