"""What is to be cited: right in its facts, and no more and no less than what was used."""

import re

import astropy
import pytest

from cscwidgets import Explorer
from cscwidgets.archive import CATALOGUES, Provenance
from cscwidgets.export import Citation
from cscwidgets.export.works import WORKS

# DOIs as others write them: the CXC's newsletter 37 (csc), Sherpa's file CITATION, ADS entries in public repositories.
FACTS = {
    "csc": ("2024", "274", "22", "10.3847/1538-4365/ad6319"),
    "gehrels": ("1986", "303", "336", "10.1086/164079"),
    "gregory-loredo": ("1992", "398", "146", "10.1086/171844"),
    "bayesian-blocks": ("2013", "764", "167", "10.1088/0004-637X/764/2/167"),
    "budavari-szalay": ("2008", "679", "301", "10.1086/587156"),
    "tbabs": ("2000", "542", "914", "10.1086/317016"),
    "ultranest": ("2021", "6", "3001", "10.21105/joss.03001"),
    "sherpa": ("2001", "4477", "76--87", "10.1117/12.447161"),
}


def provenance(**options):
    return Provenance(
        **{"release": "CSC 2.1", "service": "https://cda.cfa.harvard.edu/csc21tap", "query": "SELECT 1"} | options,
        requested=1,
        returned=1,
    )


def test_the_facts_of_each_work_are_right():
    assert WORKS.keys() == FACTS.keys()
    for key, facts in FACTS.items():
        fields = WORKS[key].fields
        assert tuple(fields[name] for name in ("year", "volume", "pages", "doi")) == facts
        assert fields["year"] in WORKS[key].cited


def test_bibtex_has_an_entry_for_each_work_and_the_installed_astropys_own():
    text = Citation((*WORKS, "cscwidgets", "catalogue:gaia-dr3")).bibtex
    assert len(re.findall(r"^@\w+\{", text, re.MULTILINE)) == len(WORKS) + 3
    assert text.count("{") == text.count("}")
    assert astropy.__bibtex__.strip() in text
    assert CATALOGUES["gaia-dr3"].paper.replace("&", r"\&") in text  # 2023A&A...674A...1G


def test_the_acknowledgement_is_what_the_archive_asks_for():
    # cxc.cfa.harvard.edu/csc/cite.html
    asked = (
        "This research has made use of data obtained from the Chandra Source Catalog, provided by the Chandra X-ray"
        " Center (CXC) as part of the Chandra Data Archive."
    )
    citation = Citation(("csc", "catalogue:2mass"), (provenance(),), ("DSS2 colour (STScI/NASA)",))
    assert citation.acknowledgement.startswith(asked)
    assert "VizieR" in citation.acknowledgement
    assert "DSS2 colour (STScI/NASA)" in citation.acknowledgement
    assert "herpa" not in str(citation)
    assert citation.queries == ["SELECT 1"]
    simulated = Citation(("csc",), (provenance(simulated=True),)).acknowledgement
    assert simulated.startswith("The data are SIMULATED")
    assert asked not in simulated


@pytest.mark.slow
def test_an_explorer_cites_what_was_used(warm_demo, eclipser):
    app = Explorer("47 Tuc", "1.5 arcmin", archive=warm_demo, survey="CDS/P/2MASS/color")
    first = app.citation()
    assert set(first.works) == {"csc", "cscwidgets"}
    assert first.queries == [app.table.meta["provenance"].query]
    assert "2MASS colour" in first.acknowledgement
    app.crossmatch.match("sim_infrared")
    app.focus = eclipser[0]
    app.wait()
    app.spectrum.fit("powerlaw")
    then = app.citation()
    assert {"sherpa", "budavari-szalay"} <= set(then.works)
    assert "tbabs" in then.works  # the model's absorption
    assert len(then.queries) == 3
    assert "@inproceedings{sherpa," in str(then)
    app.close()
