"""Addresses, read back as a server reads them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.csc.links import links
from cscwidgets.csc.releases import RELEASES


@given(st.floats(0, 359.9999), st.floats(-90, 90))
def test_positions_survive_the_encoding(ra, dec):
    found = {service: urlsplit(address) for service, address in links(ra, dec).items()}
    assert all(address.scheme == "https" and " " not in address.query for address in found.values())
    queries = {service: parse_qs(address.query, strict_parsing=True) for service, address in found.items()}
    for text in (queries["SIMBAD"]["Coord"][0], queries["ESASky"]["target"][0]):
        assert [float(word) for word in text.split()] == pytest.approx([ra, dec], abs=6e-7)
        assert SkyCoord(text, unit="deg").dec.deg == pytest.approx(dec, abs=6e-7)
    assert float(queries["CSC"]["RA"][0]) == pytest.approx(ra, abs=6e-7)
    assert float(queries["CSC"]["DEC"][0]) == pytest.approx(dec, abs=6e-7)


def test_the_cone_is_the_releases_own_or_the_present_ones():
    for release in RELEASES.values():
        assert links(6.0, -72.0, release.name)["CSC"].startswith(f"{release.cone}?")
    assert links(6.0, -72.0, "demo")["CSC"].startswith(f"{RELEASES['current'].cone}?")
