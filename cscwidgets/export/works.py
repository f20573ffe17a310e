"""Works that results rest on: how each is cited, and its BibTeX entry.

Facts of the entries are those of the publishers (DOIs), checked against the archive's page "How do I cite the Chandra
Source Catalog", Sherpa's file CITATION and the references that astropy, UltraNest and the surveys ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["WORKS", "Work"]


@dataclass(frozen=True)
class Work:
    """Something to cite.

    Attributes
    ----------
    cited : str
        As a text cites it: authors, year, journal.
    what : str
        What it is to the result, for people.
    kind : str
        Of the BibTeX entry.
    fields : mapping of str to str
        Of the BibTeX entry.
    """

    cited: str
    what: str
    kind: str
    fields: Mapping[str, str]

    def bibtex(self, key: str) -> str:
        """Its entry."""
        lines = [f"  {name} = {{{value}}}," for name, value in self.fields.items()]
        return "\n".join([f"@{self.kind}{{{key},", *lines, "}"])


_JOURNALS = {
    "ApJ": "The Astrophysical Journal",
    "ApJS": "The Astrophysical Journal Supplement Series",
    "AJ": "The Astronomical Journal",
    "A&A": "Astronomy \\& Astrophysics",
    "JOSS": "Journal of Open Source Software",
}


def _article(cited: str, what: str, author: str, title: str, doi: str) -> Work:
    """An article; its year, journal, volume and page are read from how it is cited."""
    journal, volume, page = cited.rsplit(" ", 3)[-3:]
    year = next(word.rstrip(",") for word in cited.split() if word.rstrip(",").isdigit())
    fields = {
        "author": author,
        "title": f"{{{title}}}",
        "journal": _JOURNALS[journal],
        "year": year,
        "volume": volume.rstrip(","),
        "pages": page,
        "doi": doi,
    }
    return Work(cited, what, "article", MappingProxyType(fields))


WORKS: Mapping[str, Work] = MappingProxyType(
    {
        "csc": _article(
            "Evans et al. 2024, ApJS 274, 22",
            "the Chandra Source Catalog, release 2 series",
            "Evans, Ian N. and Evans, Janet D. and Mart{\\'\\i}nez-Galarza, J. Rafael and Miller, Joseph B. and "
            "Primini, Francis A. and Azadi, Mojegan and Burke, Douglas J. and Civano, Francesca M. and "
            "D'Abrusco, Raffaele and Fabbiano, Giuseppina and Graessle, Dale E. and Grier, John D. and "
            "Houck, John C. and Lauer, Jennifer and McCollough, Michael L. and Nowak, Michael A. and "
            "Plummer, David A. and Rots, Arnold H. and Siemiginowska, Aneta and Tibbetts, Michael S.",
            "The Chandra Source Catalog Release 2 Series",
            "10.3847/1538-4365/ad6319",
        ),
        "gehrels": _article(
            "Gehrels 1986, ApJ 303, 336",
            "errors of few counts",
            "Gehrels, N.",
            "Confidence Limits for Small Numbers of Events in Astrophysical Data",
            "10.1086/164079",
        ),
        "gregory-loredo": _article(
            "Gregory & Loredo 1992, ApJ 398, 146",
            "variability within an observation",
            "Gregory, P. C. and Loredo, Thomas J.",
            "A New Method for the Detection of a Periodic Signal of Unknown Shape and Period",
            "10.1086/171844",
        ),
        "bayesian-blocks": _article(
            "Scargle et al. 2013, ApJ 764, 167",
            "Bayesian blocks",
            "Scargle, Jeffrey D. and Norris, Jay P. and Jackson, Brad and Chiang, James",
            "Studies in Astronomical Time Series Analysis. VI. Bayesian Block Representations",
            "10.1088/0004-637X/764/2/167",
        ),
        "budavari-szalay": _article(
            "Budavári & Szalay 2008, ApJ 679, 301",
            "probabilities of counterparts",
            "Budav{\\'a}ri, Tam{\\'a}s and Szalay, Alexander S.",
            "Probabilistic Cross-Identification of Astronomical Sources",
            "10.1086/587156",
        ),
        "tbabs": _article(
            "Wilms et al. 2000, ApJ 542, 914",
            "absorption by gas",
            "Wilms, J. and Allen, A. and McCray, R.",
            "On the Absorption of X-Rays in the Interstellar Medium",
            "10.1086/317016",
        ),
        "ultranest": _article(
            "Buchner 2021, JOSS 6, 3001",
            "nested sampling",
            "Buchner, Johannes",
            "UltraNest -- a robust, general purpose Bayesian inference engine",
            "10.21105/joss.03001",
        ),
        "sherpa": Work(
            "Freeman et al. 2001, SPIE 4477, 76",
            "Sherpa, which fitted the spectra",
            "inproceedings",
            MappingProxyType(
                {
                    "author": "Freeman, Peter and Doe, Stephen and Siemiginowska, Aneta",
                    "title": "{Sherpa: a mission-independent data analysis application}",
                    "booktitle": "Astronomical Data Analysis",
                    "editor": "Starck, Jean-Luc and Murtagh, Fionn D.",
                    "series": "Society of Photo-Optical Instrumentation Engineers (SPIE) Conference Series",
                    "year": "2001",
                    "volume": "4477",
                    "pages": "76--87",
                    "doi": "10.1117/12.447161",
                    "eprint": "astro-ph/0108426",
                }
            ),
        ),
    }
)
"""By key. astropy brings its own entries."""
