"""Which files a spectrum is read with, and which tables of them; Sherpa reads the same responses."""

import contextlib
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum
from cscwidgets.science.named_files import named_file

from ..spectrum_files import AREA, CHANNELS, write_spectrum


def _hdus(path):
    with fits.open(path) as hdus:
        return [hdu.copy() for hdu in hdus]


def _write(path, hdus):
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def test_the_usual_set_needs_no_words(tmp_path):
    assert spectrum.read(write_spectrum(tmp_path)).notes == ()


@pytest.mark.real
def test_what_real_sets_say(real):
    """Files of the catalogue are as usual; dmextract's Gehrels errors of 3C 273 are told, and its groups' ends."""
    folder = real / "spectra"
    for name in ("csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz", "4C19.44/obs1.pi"):
        assert spectrum.read(folder / name).notes == ()
    notes = spectrum.read(folder / "sherpa_3c273" / "3c273.pi").notes
    assert [key for key in ("STAT_ERR", "QUALITY 2") if any(key in note for note in notes)]


# The background.


def test_a_missing_background_says_how_to_go_on(tmp_path):
    path = write_spectrum(tmp_path)
    (tmp_path / "b.pha").unlink()
    with pytest.raises(CscError, match=r"background of .*s\.pha is not there.*background=None"):
        spectrum.read(path)
    read = spectrum.read(path, background=None)
    assert (read.background, read.background_path) == (None, None)
    assert read.notes == ("it is read without its background (BACKFILE)",)


def test_without_a_background_nothing_is_left_out(tmp_path):
    path = write_spectrum(tmp_path, cards={"pha": {"BACKFILE": "none"}})
    assert spectrum.read(path).notes == spectrum.read(path, background=None).notes == ()


def test_a_spectrum_is_not_its_own_background(tmp_path):
    """The catalogue's pha3 names itself as its background, which was lost from this one."""
    path = write_spectrum(tmp_path, cards={"pha": {"BACKFILE": "s.pha"}})
    with pytest.raises(CscError, match=r"no usable background\. It is the spectrum itself"):
        spectrum.read(path)
    assert spectrum.read(path, background=None).background is None


@pytest.mark.parametrize("key", ["BACKFILE", "ANCRFILE", "RESPFILE"])
def test_a_name_of_a_file_that_cannot_be_read_is_one_error(tmp_path, key):
    path = write_spectrum(tmp_path)
    content = path.read_bytes()
    at = content.index(f"{key:8}= ".encode()) + 80
    path.write_bytes(content[:at] + b"CONTINUE= 7".ljust(80) + content[at + 80 :])
    with pytest.raises(CscError, match=f"{key} is damaged"):
        spectrum.read(path)


@pytest.mark.real
def test_the_background_inside_can_be_left_out_too(real):
    path = real / "spectra" / "csc_pha3" / "acisf04938_000N002_r0043_pha3.fits"
    assert spectrum.read(path).background is not None
    assert spectrum.read(path, background=None).background is None


def test_of_a_file_with_both_the_background_is_taken(tmp_path):
    """The catalogue's pha3 as background= of another spectrum."""
    path = write_spectrum(tmp_path)
    _, source = _hdus(path)
    _, background = _hdus(tmp_path / "b.pha")
    background.header["HDUCLAS2"] = "BKG"
    both = _write(tmp_path / "both.pha", [fits.PrimaryHDU(), source, background])
    read = spectrum.read(path, background=both)
    np.testing.assert_array_equal(read.background.counts, background.data["COUNTS"])
    np.testing.assert_array_equal(spectrum.read(both).background.counts, background.data["COUNTS"])


@pytest.mark.parametrize("of", ["source", "background"])
def test_of_several_spectra_none_is_better(tmp_path, of):
    path = write_spectrum(tmp_path)
    file = path if of == "source" else tmp_path / "b.pha"
    primary, table = _hdus(file)
    _write(file, [primary, table, table.copy()])
    with pytest.raises(CscError, match=r"has 2 spectra\. Write the one you mean to a file of its own\.$"):
        spectrum.read(path)


def test_a_background_alone_is_told(tmp_path):
    path = write_spectrum(tmp_path, cards={"pha": {"HDUCLAS2": "BKG"}})
    assert "it is the spectrum of a background (HDUCLAS2)" in spectrum.read(path).notes


def test_a_net_spectrum_is_not_fitted(tmp_path):
    fit = pytest.importorskip("cscwidgets.science.fit").fit
    read = spectrum.read(write_spectrum(tmp_path, cards={"pha": {"HDUCLAS2": "NET"}}))
    with pytest.raises(CscError, match=r"It is net .HDUCLAS2.*subtracted.*with its background in it"):
        fit(read, "powerlaw")


def test_type_ii_says_how_to_split_it(tmp_path):
    path = write_spectrum(tmp_path)
    counts = np.arange(3 * 5).reshape(3, 5)
    columns = [fits.Column(key, "5J", array=counts) for key in ("CHANNEL", "COUNTS")]
    table = fits.BinTableHDU.from_columns(columns, name="SPECTRUM", header=_hdus(path)[1].header)
    _write(path, [fits.PrimaryHDU(), table])
    with pytest.raises(CscError, match=r"3 spectra .PHA type II.*dmtype2split\.$"):
        spectrum.read(path)


# Where files are.


@pytest.mark.parametrize("folder", ["/data/elsewhere/", "../made/here/", "C:\\data\\", "Z:/x/"])
@pytest.mark.parametrize(("key", "name"), [("BACKFILE", "b.pha"), ("ANCRFILE", "a.arf"), ("RESPFILE", "m.rmf")])
def test_a_path_of_another_machine_is_tried_beside(tmp_path, folder, key, name):
    read = spectrum.read(write_spectrum(tmp_path, cards={"pha": {key: folder + name}}))
    assert read.background is not None
    assert read.response is not None
    (note,) = read.notes
    assert f"{name} is the one beside it: {folder}{name} is not there" in note


def test_a_file_that_is_where_its_name_says_is_taken(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    write_spectrum(tmp_path / "far", seed=5)
    path = write_spectrum(tmp_path / "near", cards={"pha": {"BACKFILE": "../far/b.pha"}})
    read = spectrum.read(path)
    np.testing.assert_array_equal(read.background.counts, _hdus(tmp_path / "far" / "b.pha")[1].data["COUNTS"])
    assert read.notes == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=40))
def test_any_name_is_found_or_refused(tmp_path, name):
    with contextlib.suppress(CscError):
        found, _ = named_file(str(tmp_path / "s.pha"), name, "background", "Fetch it.")
        assert Path(found).is_file()


# Responses.


def _sherpa_rmf(path):
    return pytest.importorskip("sherpa.astro.io").read_rmf(str(path))


def _fold(response):
    """Counts that one photon per energy bin makes, in the order of the channels."""
    pytest.importorskip("sherpa")
    from cscwidgets.science.spectra.sherpa_data import _responses

    arf, rmf = _responses(response)
    return rmf.apply_rmf(arf.specresp)


@pytest.mark.parametrize("damage", ["nought", "doubled", "swapped", "shifted"])
@pytest.mark.parametrize("lowest", [0, 1])
def test_damaged_channels_of_ebounds_are_counted_from_tlmin(tmp_path, damage, lowest):
    """As in Sherpa's test data of 3C 186: OGIP counts F_CHAN from its TLMIN, and Sherpa looks at nothing else."""
    whole = spectrum.read(write_spectrum(tmp_path)).response

    def spoil(columns):
        channel = columns["CHANNEL"]
        channel[:] = {
            "nought": channel * 0, "doubled": 2 * channel, "swapped": channel[::-1], "shifted": channel + 7,
        }[damage]  # fmt: skip

    def count(columns):
        columns[next(key for key in ("F_CHAN", "CHANNEL") if key in columns)] += lowest - 1

    path = write_spectrum(tmp_path, ebounds=spoil, matrix=count, pha=count, cards={"matrix": {"TLMIN4": lowest}})
    read = spectrum.read(path)
    assert read.response.first_channel == read.channel[0] == lowest
    assert any("TLMIN of F_CHAN" in note for note in read.notes)
    np.testing.assert_array_equal(_fold(read.response), _fold(whole))
    theirs = _sherpa_rmf(tmp_path / "m.rmf")
    np.testing.assert_allclose(theirs.apply_rmf(read.response.area), _fold(whole), rtol=1e-6)
    np.testing.assert_array_equal(theirs.e_min, read.response.channel_low)


def test_without_tlmin_damaged_channels_are_refused(tmp_path):
    def spoil(columns):
        columns["CHANNEL"][:] = 0

    path = write_spectrum(tmp_path, ebounds=spoil)
    primary, matrix, bounds = _hdus(tmp_path / "m.rmf")
    del matrix.header["TLMIN4"]
    _write(tmp_path / "m.rmf", [primary, matrix, bounds])
    with pytest.raises(CscError, match=r"CHANNEL is 0 in row 2, not the next one"):
        spectrum.read(path)


def test_tables_that_count_differently_are_one_matrix(tmp_path):
    """EBOUNDS from 1, F_CHAN from 0: Sherpa fits the power law; counted by the spectrum."""
    whole = _fold(spectrum.read(write_spectrum(tmp_path)).response)

    def from_nought(columns):
        columns["F_CHAN"] -= 1

    read = spectrum.read(write_spectrum(tmp_path, matrix=from_nought, cards={"matrix": {"TLMIN4": 0}}))
    assert read.response.first_channel == 1
    np.testing.assert_array_equal(_fold(read.response), whole)
    assert read.notes == ("its matrix counts channels from 0 (TLMIN of F_CHAN), its EBOUNDS from 1",)


def _full(columns):
    columns["MATRIX"] *= AREA


def test_the_area_is_never_taken_twice(tmp_path):
    """A matrix with the area in it, beside the ARF that the spectrum names."""
    whole = _fold(spectrum.read(write_spectrum(tmp_path)).response)
    for cards in ({}, {"matrix": {"HDUCLAS3": "FULL"}}):
        read = spectrum.read(write_spectrum(tmp_path, matrix=_full, cards=cards))
        np.testing.assert_allclose(_fold(read.response), whole)
        assert read.response.arf == ""
        assert "a.arf is left out: the matrix has the effective area" in read.notes[0]


def test_area_and_matrix_may_share_a_file(tmp_path):
    path = write_spectrum(tmp_path, cards={"pha": {"ANCRFILE": "none", "RESPFILE": "both.rsp"}})
    _write(tmp_path / "both.rsp", [*_hdus(tmp_path / "m.rmf"), *_hdus(tmp_path / "a.arf")[1:]])
    read = spectrum.read(path)
    np.testing.assert_array_equal(read.response.area, AREA)
    np.testing.assert_array_equal(_fold(read.response), _fold(spectrum.read(write_spectrum(tmp_path)).response))


@pytest.mark.parametrize(
    ("file", "number", "says"),
    [("a.arf", 1, "2 SPECRESP tables"), ("m.rmf", 1, "2 matrices"), ("m.rmf", 2, "2 EBOUNDS tables")],
)
def test_of_several_tables_of_a_response_none_is_better(tmp_path, file, number, says):
    path = write_spectrum(tmp_path)
    hdus = _hdus(tmp_path / file)
    _write(tmp_path / file, [*hdus, hdus[number].copy()])
    with pytest.raises(
        CscError, match=rf"{file} is no usable .*{says}\. Write the one you mean to a file of its own\.$"
    ):
        spectrum.read(path)


def _units(path, extension, **units):
    with fits.open(path, mode="update") as hdus:
        for number, name in enumerate(hdus[extension].columns.names, 1):
            if name in units:
                hdus[extension].header[f"TUNIT{number}"] = units[name]


def test_units_are_those_of_the_file(tmp_path):
    whole = spectrum.read(write_spectrum(tmp_path)).response

    def in_ev(columns):
        for name in columns:
            if name.startswith("E"):
                columns[name] *= 1000

    def in_m2(columns):
        in_ev(columns)
        columns["SPECRESP"] /= 1e4

    path = write_spectrum(tmp_path, arf=in_m2, matrix=in_ev, ebounds=in_ev)
    _units(tmp_path / "a.arf", 1, ENERG_LO="eV", ENERG_HI="eV", SPECRESP="m**2")
    _units(tmp_path / "m.rmf", 1, ENERG_LO="eV", ENERG_HI="eV")
    _units(tmp_path / "m.rmf", 2, E_MIN="eV", E_MAX="eV")
    read = spectrum.read(path).response
    for name in ("low", "high", "area", "channel_low", "channel_high"):
        np.testing.assert_allclose(getattr(read, name), getattr(whole, name))


@pytest.mark.parametrize(("name", "unit"), [("ENERG_LO", "Angstrom"), ("SPECRESP", "count")])
def test_other_units_are_refused(tmp_path, name, unit):
    path = write_spectrum(tmp_path)
    _units(tmp_path / "a.arf", 1, **{name: unit})
    with pytest.raises(CscError, match=rf"a\.arf .*{name} is in {unit} .TUNIT"):
        spectrum.read(path)


@pytest.mark.parametrize(
    ("table", "name", "unit"), [(2, "E_MAX", "999999999J"), (2, "E_MAX", "MeV"), (1, "ENERG_HI", "MeV")]
)
def test_bins_whose_ends_are_in_two_units_are_refused(tmp_path, table, name, unit):
    path = write_spectrum(tmp_path)
    _units(tmp_path / "m.rmf", table, **{name: unit})
    with pytest.raises(CscError, match=rf"m\.rmf .*{name} is .* beyond the next one"):
        spectrum.read(path)


def test_a_response_of_something_else_is_told(tmp_path):
    other = {"INSTRUME": "EPN", "TELESCOP": "XMM", "CHANTYPE": "PHA", "PHAFILE": "/x/other.pha"}
    own = {"INSTRUME": "ACIS", "TELESCOP": "CHANDRA", "CHANTYPE": "PI"}
    notes = spectrum.read(write_spectrum(tmp_path, cards={"pha": own, "matrix": other, "arf": own})).notes
    assert notes == (
        "m.rmf is of XMM (TELESCOP), the spectrum of CHANDRA",
        "m.rmf is of EPN (INSTRUME), the spectrum of ACIS",
        "m.rmf is of PHA (CHANTYPE), the spectrum of PI",
        "m.rmf was made for other.pha (PHAFILE)",
    )


def test_rates_are_counts_over_the_exposure(tmp_path):
    whole = spectrum.read(write_spectrum(tmp_path))

    def rates(columns):
        columns["RATE"] = columns.pop("COUNTS") / whole.source.exposure

    read = spectrum.read(write_spectrum(tmp_path, pha=rates))
    np.testing.assert_allclose(read.source.counts, whole.source.counts)
    assert read.notes == ("its counts are RATE times EXPOSURE",)


def test_a_copy_in_another_place_is_the_same(tmp_path):
    """A set that was moved as a whole."""
    (tmp_path / "new").mkdir()
    path = write_spectrum(tmp_path)
    for name in ("s.pha", "b.pha", "a.arf", "m.rmf"):
        shutil.move(tmp_path / name, tmp_path / "new" / name)
    assert len(spectrum.read(tmp_path / "new" / path.name)) == CHANNELS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(lowest=st.integers(0, 9), bounds=st.integers(0, 9), damaged=st.booleans())
def test_however_channels_are_counted_it_is_one_matrix(tmp_path, lowest, bounds, damaged):
    """Rows of EBOUNDS are in order whatever their numbers; the spectrum counts as one of the two."""
    whole = _fold(spectrum.read(write_spectrum(tmp_path)).response)

    def renumber(columns):
        columns["CHANNEL"] = columns["CHANNEL"] * 0 if damaged else columns["CHANNEL"] - 1 + bounds

    def shift(by):
        return lambda columns: columns.update(
            {name: columns[name] + by for name in ("F_CHAN", "CHANNEL") if name in columns}
        )

    counted = lowest if damaged else bounds
    changes = {"ebounds": renumber, "matrix": shift(lowest - 1), "pha": shift(counted - 1)}
    read = spectrum.read(write_spectrum(tmp_path, **changes, cards={"matrix": {"TLMIN4": lowest}}))
    assert read.response.first_channel == counted
    np.testing.assert_array_equal(_fold(read.response), whole)


@pytest.mark.parametrize("name", ["s.pha", "a.arf", "m.rmf"])
def test_a_keyword_that_cannot_be_read_is_told(tmp_path, name):
    """astropy reads a header's card only when it is asked for, and raises an error of its own then."""
    path = write_spectrum(tmp_path, cards={part: {"TELESCOP": "CHANDRA"} for part in ("pha", "arf", "matrix")})
    whole = (tmp_path / name).read_bytes()
    assert b"'CHANDRA '" in whole
    (tmp_path / name).write_bytes(whole.replace(b"'CHANDRA '", b"'CHANDRA  "))
    with pytest.raises(CscError, match="TELESCOP"):
        spectrum.read(path)


@pytest.mark.parametrize("change", [str.lower, str.capitalize])
def test_names_of_columns_have_no_case(tmp_path, change):
    """FITS 4.0, section 7.3.2: names that differ in case alone are the same."""
    flags = np.where(np.arange(CHANNELS) == 9, 1, 0)
    columns = {"QUALITY": flags, "GROUPING": 1 - 2 * flags, "BACKSCAL": np.linspace(0.01, 0.02, CHANNELS)}
    path = write_spectrum(tmp_path, counts=columns)
    before = spectrum.read(path)
    for file in ("s.pha", "b.pha", "a.arf", "m.rmf"):
        with fits.open(tmp_path / file, mode="update") as hdus:
            for table in hdus[1:]:
                for number, name in enumerate(table.columns.names, start=1):
                    table.header[f"TTYPE{number}"] = change(name)
    assert pickle.dumps(spectrum.read(path)) == pickle.dumps(before)


def test_of_two_columns_of_one_name_none_wins(tmp_path):
    path = write_spectrum(tmp_path, counts={"COUNTS2": np.zeros(CHANNELS)})
    with fits.open(path, mode="update") as hdus:
        hdus[1].header["TTYPE3"] = "Counts"
    with pytest.raises(CscError, match="2 columns COUNTS"):
        spectrum.read(path)
