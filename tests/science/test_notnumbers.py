"""Numbers that are none are refused where they enter, with file, column and row; what is valid is read as before."""

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.science import lightcurve, spectrum
from cscwidgets.science.maps.sensitivity_map import read_sensitivity_map
from cscwidgets.science.region_file import read_regions
from cscwidgets.science.times.events import read_events

from ..spectrum_files import CHANNELS, write_spectrum


def put(column, row, value):
    """A change of one cell, in rows counted from 1."""

    def change(columns):
        columns[column][row - 1] = value

    return change


def swap(column, row):
    def change(columns):
        columns[column][[row - 1, row]] = columns[column][[row, row - 1]]

    return change


@pytest.fixture(scope="module")
def fitted():
    fit = pytest.importorskip("cscwidgets.science.fit").fit
    return lambda path, **options: fit(spectrum.read(path), "powerlaw", band=(0.5, 7.0), **options)


def test_the_whole_set_gives_the_index_it_was_made_with(tmp_path, fitted):
    assert fitted(write_spectrum(tmp_path)).value("powerlaw.gamma") == pytest.approx(1.3, abs=0.05)


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("pha", put("COUNTS", 5, np.nan), r"s\.pha .*COUNTS is nan in row 5"),
        ("pha", put("COUNTS", 5, np.inf), r"s\.pha .*COUNTS is inf in row 5"),
        ("pha", put("CHANNEL", 5, 4), r"s\.pha .*CHANNEL is 4 in row 5"),
        ("pha", swap("CHANNEL", 9), r"s\.pha .*CHANNEL is 10 in row 9"),
        ("background", put("COUNTS", 7, np.nan), r"b\.pha .*COUNTS is nan in row 7"),
        ("arf", put("SPECRESP", 51, np.nan), r"a\.arf .*SPECRESP is nan in row 51"),
        ("arf", put("SPECRESP", 51, -1.0), r"a\.arf .*SPECRESP is -1 in row 51"),
        ("arf", put("ENERG_LO", 3, np.nan), r"a\.arf .*ENERG_LO is nan in row 3"),
        ("matrix", put("MATRIX", 20, np.nan), r"m\.rmf .*MATRIX is nan in row 20"),
        ("matrix", put("MATRIX", 20, -0.1), r"m\.rmf .*MATRIX is -0.1 in row 20"),
        ("matrix", put("ENERG_HI", 4, 0.1), r"m\.rmf .*ENERG_HI is 0.1 in row 4, not above ENERG_LO"),
        ("matrix", put("ENERG_LO", 4, np.nan), r"m\.rmf .*ENERG_LO is nan in row 4"),
        ("matrix", put("F_CHAN", 30, 0), r"m\.rmf .*row 30 are 11 channels from 0, outside the 160 from 1"),
        ("matrix", put("F_CHAN", 30, 155), r"m\.rmf .*row 30 are 11 channels from 155"),
        ("matrix", put("N_CHAN", 30, 12), r"m\.rmf .*Row 30 of the matrix has 11 values where its runs need 12"),
        ("matrix", put("N_CHAN", 30, -3), r"m\.rmf .*Row 30 of the matrix"),
        ("matrix", put("N_GRP", 30, -1), r"m\.rmf .*N_GRP is -1 in row 30"),
        ("matrix", put("N_GRP", 30, 2), r"m\.rmf .*Row 30 of the matrix"),
        ("ebounds", put("E_MIN", 12, np.nan), r"m\.rmf .*E_MIN is nan in row 12"),
        ("ebounds", swap("E_MIN", 12), r"m\.rmf .*E_M.. is .* in row 1[23]"),
        ("ebounds", put("E_MAX", 12, 0.1), r"m\.rmf .*E_MAX is 0.1 in row 12, below E_MIN"),
    ],
)
def test_a_number_of_a_spectrum_that_is_none_is_named(tmp_path, part, change, words):
    with pytest.raises(CscError, match=words):
        spectrum.read(write_spectrum(tmp_path, **{part: change}))


@pytest.mark.parametrize("key", ["BACKSCAL", "AREASCAL"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("of", ["pha", "background"])
def test_scales_of_channels_are_positive(tmp_path, key, value, of):
    def change(columns):
        columns[key] = np.full(CHANNELS, 0.01)
        columns[key][2] = value

    file = {"pha": r"s\.pha", "background": r"b\.pha"}[of]
    with pytest.raises(CscError, match=rf"{file} .*{key} is .* in row 3"):
        spectrum.read(write_spectrum(tmp_path, **{of: change}))


@pytest.mark.parametrize("value", [0.0, -5.0, "text"])
@pytest.mark.parametrize("key", ["EXPOSURE", "BACKSCAL", "AREASCAL"])
def test_keywords_that_are_no_number_are_named(tmp_path, key, value):
    with pytest.raises(CscError, match=rf"s\.pha is no usable spectrum.*Its {key} is"):
        spectrum.read(write_spectrum(tmp_path, cards={"pha": {key: value}}))


def test_a_null_is_no_number(tmp_path):
    path = write_spectrum(tmp_path)
    with fits.open(path) as hdus:
        columns = [fits.Column("CHANNEL", "J", array=hdus[1].data["CHANNEL"])]
        counts = np.full(CHANNELS, 3)
        counts[9] = -99
        columns.append(fits.Column("COUNTS", "J", array=counts, null=-99))
        made = fits.BinTableHDU.from_columns(columns, name="SPECTRUM", header=hdus[1].header)
        fits.HDUList([fits.PrimaryHDU(), made]).writeto(tmp_path / "null.pha")
    with pytest.raises(CscError, match=r"null\.pha .*COUNTS is -99 in row 10"):
        spectrum.read(tmp_path / "null.pha")


def test_a_matrix_that_counts_channels_from_nought_is_the_same(tmp_path, fitted):
    whole = fitted(write_spectrum(tmp_path))
    other = tmp_path / "other"
    other.mkdir()

    def from_nought(columns):
        columns["F_CHAN"] -= 1

    shifted = fitted(write_spectrum(other, matrix=from_nought, cards={"matrix": {"TLMIN4": 0}}))
    assert shifted.statistic == pytest.approx(whole.statistic, rel=1e-12)
    assert shifted.value("powerlaw.gamma") == whole.value("powerlaw.gamma")


def test_a_matrix_with_the_area_in_it_needs_no_arf(tmp_path, fitted):
    whole = fitted(write_spectrum(tmp_path))
    other = tmp_path / "other"
    other.mkdir()

    def with_area(columns):
        columns["MATRIX"] *= 400.0

    path = write_spectrum(other, matrix=with_area, cards={"pha": {"ANCRFILE": "none"}})
    (other / "a.arf").unlink()
    alone = fitted(path)
    assert alone.statistic == pytest.approx(whole.statistic)
    assert "load_arf" not in alone.script()
    bare = write_spectrum(tmp_path, cards={"pha": {"ANCRFILE": "none"}})
    with pytest.raises(CscError, match=r"m\.rmf has no effective area.*arf="):
        spectrum.read(bare)


def test_what_is_valid_is_read(tmp_path, fitted):
    """Energies without a run, empty runs, an area of nought, real channels, flagged and grouped channels."""

    def sparse(columns):
        columns["N_GRP"][190] = 0
        columns["F_CHAN"][192], columns["N_CHAN"][192] = 0, 0

    def dark(columns):
        columns["SPECRESP"][-9:] = 0.0

    def real(columns):
        columns["CHANNEL"] = columns["CHANNEL"].astype(float)

    grouping = np.where(np.arange(CHANNELS) % 4 == 0, 1, -1)
    quality = np.where(np.arange(CHANNELS) > 150, 5, 0)
    path = write_spectrum(
        tmp_path, counts={"GROUPING": grouping, "QUALITY": quality}, matrix=sparse, arf=dark, ebounds=real
    )
    read = spectrum.read(path)
    np.testing.assert_array_equal(read.quality, quality)
    assert fitted(path, grouped=True).value("powerlaw.gamma") == pytest.approx(1.3, abs=0.06)


def _region(path, **changes):
    values = {"SHAPE": ["circle"], "X": [4096.0], "Y": [4096.0], "R": [[10.0, 0.0]], "ROTANG": [0.0], "COMPONENT": [1]}
    values |= changes
    forms = {"SHAPE": "16A", "X": "D", "Y": "D", "R": "2D", "ROTANG": "D", "COMPONENT": "J"}
    if np.ndim(values["X"]) == 2:
        forms |= {"X": "4D", "Y": "4D"}
    columns = [fits.Column(key, forms[key], array=np.array(value)) for key, value in values.items()]
    tables = [fits.BinTableHDU.from_columns(columns, name=name) for name in ("SRCREG", "BKGREG")]
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"R": [[np.nan, 0.0]]}, "R of the circle is nan in row 1 of SRCREG"),
        ({"R": [[0.0, 5.0]]}, "R of the circle is 0 in row 1"),
        ({"R": [[-2.0, 5.0]]}, "R of the circle is -2"),
        ({"SHAPE": ["ellipse"]}, "R of the ellipse is 10, 0"),
        ({"SHAPE": ["ellipse"], "R": [[10.0, np.nan]]}, "ellipse is 10, nan"),
        ({"SHAPE": ["box"], "R": [[np.inf, 1.0]]}, "box is inf"),
        ({"X": [np.nan]}, "centre of the circle"),
        ({"SHAPE": ["rotbox"], "R": [[9.0, 9.0]], "ROTANG": [np.nan]}, "ROTANG of the box is nan"),
        ({"SHAPE": ["polygon"], "X": [[1.0, 2, np.nan, np.nan]], "Y": [[1.0, 2, 3, 4]]}, "A polygon has 2 corners"),
    ],
)
def test_a_region_without_a_place_or_an_extent_is_refused(tmp_path, changes, words):
    with pytest.raises(CscError, match=words):
        read_regions(_region(tmp_path / "reg3.fits", **changes))


def test_a_circle_needs_no_second_radius(tmp_path):
    assert read_regions(_region(tmp_path / "reg3.fits", R=[[10.0, np.nan]])).source.pixels == pytest.approx(
        314, rel=0.01
    )


HEADER = {"MJDREF": 50814.0, "TIMESYS": "TT", "TSTART": 1000.0, "TSTOP": 2000.0, "OBS_ID": "78", "INSTRUME": "ACIS"}


def _events(path, gti=(1000.0, 2000.0), cards=(), **changes):
    values = {"time": [1100.0, 1200.0, 1300.0], "energy": [600.0, 700.0, 800.0], "x": [1.0, 2, 3], "y": [1.0, 2, 3]}
    columns = [fits.Column(key, "D", array=np.array(value)) for key, value in (values | changes).items()]
    events = fits.BinTableHDU.from_columns(columns, name="EVENTS")
    events.header.update(HEADER | dict(cards))
    good = [fits.Column(key, "D", array=np.array([value])) for key, value in zip(("START", "STOP"), gti, strict=True)]
    table = fits.BinTableHDU.from_columns(good, name="GTI")
    fits.HDUList([fits.PrimaryHDU(), events, table]).writeto(path)
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"time": [1100.0, np.nan, 1300.0]}, "time is nan in row 2"),
        ({"energy": [600.0, 700.0, np.nan]}, "energy is nan in row 3"),
        ({"x": [np.inf, 2.0, 3.0]}, "x is inf in row 1"),
        ({"gti": (1900.0, 1100.0)}, "STOP of GTI is 1100 in row 1, before its START"),
        ({"gti": (np.nan, 1100.0)}, "START is nan in row 1"),
        ({"cards": {"TSTOP": 10.0}}, "Its TSTOP is 10"),
        ({"cards": {"TIMEZERO": "noon"}}, "Its TIMEZERO is 'noon', no number"),
    ],
)
def test_events_without_a_time_or_an_energy_are_refused(tmp_path, changes, words):
    assert len(read_events(_events(tmp_path / "whole.fits"))) == 3
    with pytest.raises(CscError, match=rf"evt\.fits is no usable event list.*{words}"):
        read_events(_events(tmp_path / "evt.fits", **changes))


@pytest.mark.real
@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("Time", 4, np.nan, "Time is nan in row 4"),
        ("Time", 4, 1.0, "Time is 1 in row 4, not after the row before"),
        ("COUNT_RATE", 2, np.inf, "COUNT_RATE is inf in row 2"),
        ("COUNT_RATE_ERR", 2, -1.0, "COUNT_RATE_ERR is -1 in row 2"),
        ("Plus_3Sig", 1, np.nan, "Plus_3Sig is nan in row 1"),
    ],
)
def test_a_light_curve_without_a_number_is_refused(real, tmp_path, column, row, value, words):
    path = next((real / "lightcurves").rglob("*01311*lc3.fits.gz"))
    with fits.open(path) as hdus:
        hdus["LIGHTCURVE"].data[column][row - 1] = value
        hdus.writeto(tmp_path / "lc3.fits")
    with pytest.raises(CscError, match=rf"lc3\.fits is no usable light curve.*{words}"):
        lightcurve.read(tmp_path / "lc3.fits")


@pytest.mark.parametrize(
    "cards",
    [
        {"CDELT1": 0.0},
        {"CDELT1": "nought"},
        {"CDELT1": 40.0, "CDELT2": 40.0},
        {"CRVAL1": "east"},
        {"CTYPE1": "RA---XYZ"},
        {"CRPIX1": 1e300},
    ],
)
def test_a_map_whose_coordinates_are_none_is_refused(tmp_path, cards):
    from ..sensitivity_fields import Fields, write_map

    path = write_map(tmp_path / "acisfJ1052487p571215_001N022_s_sens3.fits", Fields.simulate(1).map(0, 50), **cards)
    with pytest.raises(CscError, match="coordinates"):
        read_sensitivity_map(path)
