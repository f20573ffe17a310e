"""What is no unit is known before astropy is asked; what is one is read however it is written."""

import time

import astropy.units as u
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cscwidgets.io.units import is_harmless, read_unit, scale, vounit

ERG = u.erg / u.s / u.cm**2


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        *((text, u.deg) for text in ("deg", "degrees", "DEG", "deg.", "Degree", " degs ", "°", '"d:m:s"', "d:m:s")),
        *((text, u.hourangle) for text in ("h:m:s", '"h:m:s"', "HMS", "hourangle")),
        *((text, u.hour) for text in ("h", "hr", "Hours")),
        *((text, ERG) for text in ("erg/s/cm^2", "erg cm**-2 s**-1", "erg.cm-2.s-1", "ERG/S/CM2", "ergs/sec/cm^2")),
        *((text, u.ph / u.s / u.cm**2) for text in ("photons/cm^2/s", "ph cm-2 s-1", "photon.cm**-2.s**-1")),
        *((text, u.mW / u.m**2) for text in ("mW/m2", "mW.m-2")),
        *((text, u.keV) for text in ("keV", "KEV", "kev")),
        *((text, u.ct / u.s) for text in ("count/s", "counts/s", "cts/sec", "ct s-1")),
        ("10-15mW/m2", 1e-15 * u.mW / u.m**2),
        ("10**22 cm**-2", 1e22 / u.cm**2),
        ("arcmin.", u.arcmin),
        ("mas.yr-1", u.mas / u.yr),
        ("0.1nm", 0.1 * u.nm),
        ("mag", u.mag),
        ("rad", u.rad),
        ("W m-2", u.W / u.m**2),
    ],
)
def test_units_as_they_are_written(text, unit):
    assert is_harmless(text)
    assert read_unit(text) == unit


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        *((text, "erg.s**-1.cm**-2") for text in ("erg/s/cm**2", "erg.cm-2.s-1", "ergs/sec/cm^2", "erg / (s cm2)")),
        *((text, "photon.s**-1.cm**-2") for text in ("photons/cm^2/s", "ph.cm-2.s-1")),
        *((text, "1e+20cm**-2") for text in ("10**20/cm**2", "10+20cm-2", "1e20 cm-2", "10**20.cm**-2")),
        *((text, "arcsec**2") for text in ("arcsec2", "arcsec**2")),
        ("deg", "deg"),
    ],
)
def test_units_in_vounit_are_the_same_units(text, spelled):
    assert vounit(text) == vounit(spelled) == spelled
    assert u.Unit(spelled, format="vounit") == read_unit(spelled) == read_unit(text)


@pytest.mark.parametrize("text", ["", "furlongs", "%", "dex", "10**99999999 erg"])
def test_what_vounit_has_no_word_for_stays(text):
    assert vounit(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "  ", "-", "--", "none", "unitless", "1", "furlongs", "<b>erg</b>", "erg/", "(", "[Jy", "(3,1000)", "deg,s"],
)
def test_words_that_are_no_unit(text):
    assert read_unit(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("10**99999999 erg", "10^99999999erg", "10^(99999999)", "m^9^9^9^9", "10+99999999m"),
        *("9**9**9**9 s", "1" * 60, "1e99999 s", "((((((((((m))))))))))", "deg" * 400, "m**(10**10**10)"),
        *("10 ** 9999999", "1/(10**(99999999))"),
    ],
)
def test_traps_are_told_apart_at_once(text):
    started = time.thread_time()
    assert read_unit(text) is None
    assert time.thread_time() - started < 1


@given(st.text("0123456789eE*^+-/().m erg\"'", max_size=90))
@example("9" * 15 + "^99")
@example("(((9^99)^99)^99)^99")
def test_no_text_takes_long(text):
    started = time.thread_time()
    read_unit.__wrapped__(text)
    assert time.thread_time() - started < 2


def test_no_factor_makes_numbers_of_logarithms():
    """CDS, "Standards for Astronomical Catalogues", 3.2: brackets mean the decimal logarithm of the unit within."""
    with pytest.raises(u.UnitConversionError, match="logarithms"):
        scale(read_unit("[erg/s/cm2]"), u.erg / u.s / u.cm**2)
    assert scale(read_unit("mag(AB)"), read_unit("mag(AB)")) == 1
