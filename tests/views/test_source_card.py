"""The card of a source, read back from its HTML."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.csc.releases import RELEASES
from cscwidgets.views.numbers import MISSING, interval, power_of_ten
from cscwidgets.views.source_card import source_card

RELEASE = RELEASES["csc2.1"]


class Card(HTMLParser):
    """What a browser makes of a card: its elements, words by term, table rows and links."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.terms, self.rows, self.chips = [], [], {}, {}, {}
        self._term, self._cells, self._at = "", [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        if tag == "a":
            self.links.append(values["href"])
        if tag in {"dt", "dd", "th", "td"}:
            self._at = tag
            if tag == "dt":
                self._term = ""
            if tag in {"th", "td"}:
                self._cells.append("")
        if tag == "tr":
            self._cells = []
        if tag == "span" and values.get("class") == "csc-chip":
            self._at = "chip"
            self._chip = values["title"]
        if tag == "sup":
            self.handle_data("^")

    def handle_data(self, data):
        if self._at == "dt":
            self._term += data
        elif self._at == "dd":
            self.terms[self._term] = self.terms.get(self._term, "") + data
        elif self._at in {"th", "td"}:
            self._cells[-1] += data
        elif self._at == "chip":
            self.chips[self._chip] = data

    def handle_endtag(self, tag):
        if tag in {"dt", "dd", "th", "td", "span"}:
            self._at = ""
        if tag == "tr":
            self.rows[self._cells[0]] = self._cells[1:]


def words(html):
    """The words of a piece of HTML."""
    return re.sub("<[^>]*>", "", html.replace("<sup>", "^")).replace("&lt;", "<").replace("&gt;", ">")


@pytest.fixture
def row(focused):
    return focused.source.row


def card(row, release=RELEASE, *, simulated=False):
    return Card(source_card(row, release, simulated=simulated))


def test_the_position_and_its_links_are_the_rows(row):
    shown = card(row)
    place = SkyCoord(row["ra"], row["dec"])
    sexagesimal = " ".join(shown.terms["Position"].split()[:2])
    assert SkyCoord(sexagesimal, unit=("hourangle", "deg")).separation(place).arcsec < 0.08
    assert f"{place.ra.deg:.6f}°" in shown.terms["Position"]
    assert len(shown.links) == 3
    query = parse_qs(urlsplit(shown.links[0]).query, strict_parsing=True)
    assert SkyCoord(query["Coord"][0], unit="deg").separation(place).arcsec < 0.01
    assert query["Radius.unit"] == ["arcsec"]
    for tag, attributes in shown.tags:
        if tag == "a":
            assert attributes["rel"] == "noopener"


def test_a_name_is_text_whatever_it_holds(row):
    table = QTable(row.table[row.index : row.index + 1])
    evil = "<img src=x onerror=alert(1)>\"&'"
    table["name"] = [evil]
    table["likelihood_class"] = ["<b>TRUE</b>"]
    shown = card(table[0])
    assert "img" not in {tag for tag, _ in shown.tags}
    assert not [value for _, attributes in shown.tags for value in attributes if value.startswith("on")]
    assert "&lt;img" in source_card(table[0], RELEASE, simulated=False)
    assert "(<b>TRUE</b>)" in shown.terms["Significance"]


def test_who_was_seen_by_no_telescope_is_labelled(row):
    assert "SIMULATED" in source_card(row, RELEASE, simulated=True)
    assert "SIMULATED" not in source_card(row, RELEASE, simulated=False)
    assert RELEASE.title in source_card(row, RELEASE, simulated=False)


def test_flags_stand_in_words(row):
    table = QTable(row.table[row.index : row.index + 1])
    table["conf_flag"], table["extent_flag"] = [True], np.ma.masked_array([True], mask=[True])
    shown = card(table[0])
    assert shown.chips["conf_flag"] == "confused"
    assert "extent_flag" not in shown.chips


@pytest.mark.real
def test_fluxes_and_limits_are_the_real_catalogues(pulsars):
    table = pulsars.copy()
    table["ra"], table["dec"] = 10.0, -20.0
    limits = measured = 0
    for row in table:
        shown = card(row)
        for band in "bhmsu":
            for place, family in ((1, "flux_aper"), (2, "photflux_aper")):
                value, low, high = (row[f"{family}{end}_{band}"] for end in ("", "_lolim", "_hilim"))
                others = row[f"flux_aper_{band}"], row[f"photflux_aper_{band}"]
                if not np.isfinite(others).any():
                    assert band not in shown.rows
                    continue
                cell = shown.rows[band][place]
                if not np.isfinite(value):
                    assert cell == MISSING
                elif value == 0 and low == 0:
                    assert cell == f"< {words(power_of_ten(high, 2))}"
                    limits += 1
                else:
                    assert cell == words(interval(value, low, high))
                    measured += 1
    assert limits > 20
    assert measured > 300


@pytest.mark.real
def test_hardness_limits_read_as_limits(pulsars):
    table = pulsars.copy()
    table["ra"], table["dec"] = 10.0, -20.0
    seen = set()
    for row in table:
        (said,) = re.findall(r"hm (.*?)\s*hs ", card(row).terms["Hardness"])
        value, low, high = (row[f"hard_hm{end}"] for end in ("", "_lolim", "_hilim"))
        seen.add(said[0] if said[0] in "<>–" else "measured")
        if said.startswith("<"):
            assert float(said[2:].replace("−", "-")) == pytest.approx(high, abs=0.006)
        elif said.startswith(">"):
            assert float(said[2:].replace("−", "-")) == pytest.approx(low, abs=0.006)
        elif said != MISSING:
            assert float(said.split()[0].replace("−", "-")) == pytest.approx(value, abs=0.06)
    assert seen >= {"measured", MISSING}


def test_what_is_masked_or_absent_is_a_dash():
    bare = QTable({"name": ["2CXO J000000.0+000000"], "ra": [0.0], "dec": [0.0]})
    masked = bare.copy()
    for name in ("significance", "nh_gal", "err_ellipse_r0", "var_intra_prob_b", "acis_num", "flux_aper_b"):
        masked[name] = np.ma.masked_array([1.0], mask=[True])
    masked["likelihood_class"] = np.ma.masked_array(["TRUE"], mask=[True])
    for table in (bare, masked):
        shown = card(table[0])
        for term in ("Error ellipse", "Significance", "Exposure"):
            assert shown.terms[term] == MISSING, term
        assert shown.terms["Galactic NH"].startswith(MISSING)
        assert shown.terms["Variable"] == f"within an observation {MISSING}between them {MISSING}"
        assert shown.rows == {}
        assert "nan" not in source_card(table[0], RELEASE, simulated=False).lower()


def test_absorption_is_in_units_of_the_reader(row):
    expected = row["nh_gal"].to_value("cm-2")
    number, power = re.match(r"([\d.]+) × 10\^(\d+) cm", card(row).terms["Galactic NH"]).groups()
    assert float(number) * 10 ** int(power) == pytest.approx(expected, rel=5e-3)
