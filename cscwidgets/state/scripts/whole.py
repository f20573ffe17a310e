"""A whole script: its parts under a head that says what it makes, of which release, by which query, with what."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from cscwidgets.archive import Provenance
from cscwidgets.export.citation import cited_as
from cscwidgets.export.script import Code, script_text

__all__ = ["whole_script"]

_ALWAYS = ("cscwidgets", "astropy", "numpy", "pyvo", "regions")
_SOME = {"sherpa": "sherpa", "reproject": "reproject", "ultranest": "ultranest"}


def whole_script(title: str, code: Code, provenances: Iterable[Provenance | None]) -> str:
    """The text of a script.

    Parameters
    ----------
    title : str
        What it makes.
    code : Code
        Its parts.
    provenances : iterable of Provenance
        Of the tables that were seen when it was written.
    """
    head: list[str] = []
    for one in dict.fromkeys(provenances):
        if one is not None:
            head += [str(one), f"Asked of {one.service} at {one.time}:", *_indented(one.query), ""]
    head.append(f"Written with {', '.join(filter(None, map(_versioned, _packages(code))))}.")
    head.append(f"Cite {'; '.join(cited_as(code.works))}.")
    return script_text(title, code, head)


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.strip().splitlines()]


def _packages(code: Code) -> list[str]:
    return [*_ALWAYS, *(name for work, name in _SOME.items() if work in code.works)]


def _versioned(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""
