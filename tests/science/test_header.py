"""What all products' headers have in common; keywords that are not clear are refused, by their names."""

import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable
from cscwidgets.science import lightcurve, spectrum
from cscwidgets.science.header import ProductHeader, filter_notes
from cscwidgets.science.images import read_image
from cscwidgets.science.images.colour_file import read_picture
from cscwidgets.science.maps import read_field_of_view, read_sensitivity_map
from cscwidgets.science.region_file import read_regions
from cscwidgets.science.response import read_response
from cscwidgets.science.times import read_events


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


DOORS = {
    "spectrum": spectrum.read, "response": lambda path: read_response(path, "m.rmf"), "curve": lightcurve.read,
    "events": read_events, "regions": read_regions, "field": read_field_of_view, "map": read_sensitivity_map,
    "picture": read_picture, "image": read_image,
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("given", [["a.fits", "b.fits"], 7, b"a.fits", fits.HDUList([fits.PrimaryHDU()])], ids=type)
def test_what_is_no_path_of_one_file_is_told(door, given):
    with pytest.raises(CscError, match=r"(?i)one file is read at a time|cannot be shown|which image"):
        DOORS[door](given)
