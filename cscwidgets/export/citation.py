"""What a result rests on, for a paper: acknowledgement, BibTeX, and the query for the section on methods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

from cscwidgets.archive import CATALOGUES, Provenance
from cscwidgets.archive.catalogues.well_known import VIZIER_TAP

from .works import WORKS

__all__ = ["Citation", "cited_as"]

_CATALOGUE = "catalogue:"
_CSC = (
    "This research has made use of data obtained from the Chandra Source Catalog, provided by the Chandra X-ray Center"
    " (CXC) as part of the Chandra Data Archive."
)
_SIMULATED = "The data are SIMULATED: the demo sky of cscwidgets. No telescope saw them; nothing of them is a result."
_VIZIER = "This research has made use of the VizieR catalogue access tool, CDS, Strasbourg, France."
_SHOWN = "Images of the sky: {}."


@dataclass(frozen=True)
class Citation:
    """What to acknowledge and to cite. Its text has all; a notebook shows it.

    Attributes
    ----------
    works : tuple of str
        Keys of what was used.
    provenances : tuple of Provenance
        Of the tables.
    surveys : tuple of str
        Credits of the images that are shown.

    Examples
    --------
    >>> from cscwidgets.export import Citation
    >>> print(Citation(("csc", "sherpa")).bibtex.splitlines()[0])
    @article{csc,
    """

    works: tuple[str, ...]
    provenances: tuple[Provenance, ...] = ()
    surveys: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether any of the tables is."""
        return any(one.simulated for one in self.provenances)

    @property
    def acknowledgement(self) -> str:
        """Sentences for the acknowledgements: those that the archive asks for, and what else was used."""
        sentences = [_SIMULATED] if self.simulated else []
        sentences += [_CSC] if "csc" in self.works and not self.simulated else []
        catalogues = [key.removeprefix(_CATALOGUE) for key in self.works if key.startswith(_CATALOGUE)]
        if any(name in CATALOGUES and CATALOGUES[name].service == VIZIER_TAP for name in catalogues):
            sentences.append(_VIZIER)
        if self.surveys:
            sentences.append(_SHOWN.format("; ".join(self.surveys)))
        sentences.append(f"Software: {'; '.join(cited_as(('cscwidgets', *self._software)))}.")
        return " ".join(sentences)

    @property
    def _software(self) -> list[str]:
        return ["astropy", *(key for key in ("sherpa", "ultranest", "reproject") if key in self.works)]

    @property
    def queries(self) -> list[str]:
        """The exact queries, for the section on methods."""
        return list(dict.fromkeys(one.query for one in self.provenances if one.query))

    @property
    def methods(self) -> str:
        """Which rows were asked for, when, of which release and service, in words with the query."""
        parts = [
            f"{one}, asked of {one.service} at {one.time} with:\n{one.query}".strip()
            for one in dict.fromkeys(self.provenances)
        ]
        return "\n\n".join(parts)

    @property
    def bibtex(self) -> str:
        """An entry for each work."""
        return "\n\n".join(filter(None, map(_entry, dict.fromkeys((*self.works, "astropy")))))

    def __str__(self) -> str:
        parts = {"Acknowledgement": self.acknowledgement, "Methods": self.methods, "BibTeX": self.bibtex}
        return "\n\n".join(f"{title}\n{'-' * len(title)}\n{text}" for title, text in parts.items() if text)

    def __repr__(self) -> str:
        return str(self)


def cited_as(works: Iterable[str]) -> list[str]:
    """How works are cited in a text, each once."""
    return list(dict.fromkeys(filter(None, map(_cited, works))))


def _cited(key: str) -> str:
    if key == "cscwidgets":
        return f"cscwidgets {version('cscwidgets')}"
    if key == "astropy":
        return f"astropy {version('astropy')} (Astropy Collaboration 2022, ApJ 935, 167)"
    if key == "reproject":
        return f"reproject {version('reproject')}"
    if key.startswith(_CATALOGUE):
        known = CATALOGUES.get(key.removeprefix(_CATALOGUE))
        return "" if known is None else f"{known.title} ({known.paper})"
    return f"{WORKS[key].cited} ({WORKS[key].what})"


def _entry(key: str) -> str:
    if key == "astropy":
        import astropy  # noqa: PLC0415 (its entry is read from a file of its own)

        return str(astropy.__bibtex__).strip()
    if key in {"cscwidgets", "reproject"}:
        fields = {
            "author": f"{{The {key} developers}}",
            "title": f"{{{key}}}",
            "note": f"Version {version(key)}",
        }
        return _misc(key, fields)
    if key.startswith(_CATALOGUE):
        known = CATALOGUES.get(key.removeprefix(_CATALOGUE))
        if known is None:
            return ""
        adsurl = f"https://ui.adsabs.harvard.edu/abs/{known.paper.replace('&', '%26')}"
        note = f"bibcode {known.paper.replace('&', chr(92) + '&')}"
        return _misc(known.key, {"title": f"{{{known.title}}}", "note": note, "url": adsurl})
    return WORKS[key].bibtex(key)


def _misc(key: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}"])
