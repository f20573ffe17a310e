"""What all products' headers have in common; keywords that are not clear are refused, by their names."""

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable
from cscwidgets.science.header import ProductHeader, open_product


def written(folder, *cards):
    """A table with a flux and further cards, which may be there twice."""
    table = fits.BinTableHDU.from_columns([fits.Column("FLUX", "D", "erg", array=np.ones(2))], name="CURVE")
    table.header["RADESYS"] = "ICRS"
    for card in cards:
        table.header.append(card, end=True)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(folder / "a.fits")
    return folder / "a.fits"


@pytest.mark.parametrize("card", [("TUNIT1", "Jy"), ("TTYPE1", "RATE"), ("RADESYS", "FK4"), ("TIMESYS", "UTC")])
def test_two_meanings_are_none(tmp_path, card):
    first = [("TIMESYS", "TT")] if card[0] == "TIMESYS" else []
    with pytest.raises(CscError, match=f"{card[0]} is there 2 times, with different values"):
        open_product(written(tmp_path, *first, card), "curve", ["CURVE"])


def test_what_is_said_twice_alike_or_means_nothing_is_read(tmp_path):
    cards = [("TUNIT1", "erg"), ("HISTORY", "one"), ("HISTORY", "two"), ("CREATOR", "a"), ("CREATOR", "b")]
    (_, table) = open_product(written(tmp_path, *cards), "curve", ["CURVE"])
    assert table.columns["FLUX"].unit == "erg"


def header(**cards):
    return fits.Header({"OBS_ID": "123", "TIMESYS": "TT", "MJDREF": 50814.0, "TSTART": 1.0, "TSTOP": 2.0} | cards)


@pytest.mark.parametrize(
    ("cards", "obsid"),
    [
        ({}, 123),
        ({"OBS_ID": 123}, 123),
        ({"OBS_ID": 123.0, "STACK_ID": "acisfJ0"}, 123),
        ({"OBS_ID": "Merged"}, 0),
        ({"OBS_ID": "", "STACK_ID": "acisfJ0"}, 0),
    ],
)
def test_an_observation_is_a_number_or_several(cards, obsid):
    assert ProductHeader.of(header(**cards)).obsid == obsid


@pytest.mark.parametrize(
    ("cards", "why"),
    [
        ({"OBS_ID": 1.5}, "OBS_ID is 1.5, no whole number"),
        ({"OBS_ID": 1.5, "STACK_ID": "acisfJ0"}, "OBS_ID is 1.5, no whole number"),
        ({"OBS_ID": True}, "OBS_ID is 'True', no number"),
        ({"OBI_NUM": 0.5}, "OBI_NUM is 0.5, no whole number"),
        ({"TSTART": True}, "TSTART is 'True', no number"),
    ],
)
def test_what_is_no_number_of_an_observation_is_refused(cards, why):
    with pytest.raises(Unreadable, match=why):
        ProductHeader.of(header(**cards))
