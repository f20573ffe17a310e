"""What all products' headers have in common; keywords that are not clear are refused, by their names."""

import pytest
from astropy.io import fits

from cscwidgets.io.reading import Unreadable
from cscwidgets.science.header import ProductHeader, filter_notes


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


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ({"DSTYP1": "energy", "DSVAL1": "0:1000000"}, 0),  # of acisf01575_001N001_r0085_pha3, as is the next
        ({"DSTYP1": "time", "DSVAL1": "TABLE"}, 0),
        ({"DSTYP1": "PI", "DSVAL1": "1:1024"}, 0),
        ({"DSTYP1": "energy", "DSVAL1": "500:"}, 0),
        ({"DSTYP1": "energy", "DSVAL1": "300:12000", "2DSVAL1": "2.0e3:7.0e3"}, 1),
        ({"DSTYP1": "ENERGY", "DSVAL1": "500:1200,2000:7000"}, 1),
        ({"DSTYP1": "pi", "DSVAL1": ":342"}, 1),
        ({"DSTYP1": "pi", "DSVAL1": ":100", "INSTRUME": "HRC"}, 0),
        ({"DSVAL1": "500:600"}, 0),
        ({"DSTYP1": "energy", "DSVAL1": "e:-"}, 0),
    ],
)
def test_energies_that_were_left_out_are_told_by_the_data_subspace(cards, said):
    assert len(filter_notes(header(**cards))) == said
