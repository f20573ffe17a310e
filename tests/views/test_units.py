"""Units as a browser shows them."""

import pytest

from cscwidgets.views.units import unit_html


@pytest.mark.parametrize(
    ("unit", "html"),
    [
        ("photon keV-1 s-1 cm-2", "photon keV<sup>−1</sup> s<sup>−1</sup> cm<sup>−2</sup>"),
        ("1e22 cm-2", "10<sup>22</sup> cm<sup>−2</sup>"),
        ("1e22 cm^-2", "10<sup>22</sup> cm<sup>−2</sup>"),
        ("erg s^-1 cm**(-2)", "erg s<sup>−1</sup> cm<sup>−2</sup>"),
        ("keV", "keV"),
        ("", ""),
        ("1e39 erg/s / (10 kpc)^2", "10<sup>39</sup> erg/s / (10 kpc)<sup>2</sup>"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_powers_are_raised_and_nothing_else(unit, html):
    assert unit_html(unit) == html
