"""The reader of spectra, on real sets and on sets that are not complete; Sherpa reads the same numbers."""

import gzip
import shutil

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum

SETS = (
    "csc_pha3/acisf01575_001N001_r0085_pha3.fits.gz",
    "csc_pha3/acisf04938_000N002_r0043_pha3.fits",
    "sherpa_3c273/3c273.pi",
    "4C19.44/obs1.pi",
)


@pytest.fixture
def folder(real, tmp_path):
    """A copy of a CSC set that may be damaged."""
    for path in (real / "spectra" / "csc_pha3").glob("acisf04938*"):
        shutil.copyfile(path, tmp_path / path.name)
    return tmp_path


def _file(folder, kind):
    return folder / f"acisf04938_000N002_r0043_{kind}3.fits"


@pytest.mark.real
@pytest.mark.parametrize("name", SETS)
def test_numbers_are_those_sherpa_reads(real, name):
    io = pytest.importorskip("sherpa.astro.io")
    path = real / "spectra" / name
    ours, theirs = spectrum.read(path), io.read_pha(str(path))
    np.testing.assert_array_equal(ours.channel, theirs.channel)
    np.testing.assert_array_equal(ours.source.counts, theirs.counts)
    np.testing.assert_array_equal(ours.background.counts, theirs.get_background().counts)
    assert (ours.source.exposure, ours.source.backscal) == (theirs.exposure, theirs.backscal)
    assert ours.background.backscal == theirs.get_background().backscal
    np.testing.assert_allclose(ours.scale, theirs.get_background_scale(), rtol=1e-6)
    if theirs.grouping is None:
        assert ours.grouping is None
    else:
        np.testing.assert_array_equal(ours.grouping, theirs.grouping)
    arf, rmf = theirs.get_arf(), theirs.get_rmf()
    np.testing.assert_array_equal(ours.response.area, arf.specresp)
    np.testing.assert_allclose(ours.response.low, arf.energ_lo, rtol=1e-7)
    for mine, its in (("first", "f_chan"), ("length", "n_chan"), ("matrix", "matrix"), ("channel_low", "e_min")):
        np.testing.assert_array_equal(getattr(ours.response, mine), getattr(rmf, its))


@pytest.mark.real
def test_whose_it_is(real):
    read = spectrum.read(real / "spectra" / SETS[0])
    assert (read.obsid, read.obi, read.region, read.instrument) == (1575, 1, 85, "ACIS")
    assert (read.label, read.simulated, read.refusal) == ("ObsID 1575 (1)", False, "")
    assert read.source.counts[read.within(0.5, 7)].sum() == 830


@pytest.mark.real
@pytest.mark.parametrize(("kind", "word"), [("arf", "effective area"), ("rmf", "redistribution matrix")])
def test_a_missing_response_is_named(folder, kind, word):
    _file(folder, kind).unlink()
    with pytest.raises(CscError, match=rf"{word} of .*pha3.fits is not there.*_{kind}3.fits.*{kind}="):
        spectrum.read(_file(folder, "pha"))


@pytest.mark.real
def test_compressed_responses_are_found(folder):
    rmf = _file(folder, "rmf")
    (folder / f"{rmf.name}.gz").write_bytes(gzip.compress(rmf.read_bytes(), 1))
    rmf.unlink()
    assert spectrum.read(_file(folder, "pha")).response.rmf.endswith("_rmf3.fits.gz")


@pytest.mark.real
def test_responses_of_another_spectrum_are_refused(real, folder):
    other = real / "spectra" / "sherpa_3c273"
    with pytest.raises(CscError, match=r"3c273.arf does not belong to .*_rmf3.fits.*1090 and 900 bins"):
        spectrum.read(_file(folder, "pha"), arf=other / "3c273.arf")
    with fits.open(_file(folder, "rmf")) as hdus:
        hdus["EBOUNDS"].data = hdus["EBOUNDS"].data[:1000]
        hdus.writeto(folder / "short.fits")
    with pytest.raises(CscError, match=r"short.fits does not belong to .*1000 channels from 1"):
        spectrum.read(_file(folder, "pha"), rmf=folder / "short.fits")


@pytest.mark.real
def test_damaged_and_wrong_files_are_named(folder):
    rmf = _file(folder, "rmf")
    rmf.write_bytes(rmf.read_bytes()[:100_000])
    with pytest.raises(CscError, match=r"_rmf3.fits cannot be read"):
        spectrum.read(_file(folder, "pha"))
    with pytest.raises(CscError, match=r"_arf3.fits is no spectrum"):
        spectrum.read(_file(folder, "arf"))
    with pytest.raises(CscError, match=r"_arf3.fits is no redistribution matrix"):
        spectrum.read(_file(folder, "pha"), rmf=_file(folder, "arf"))


@pytest.mark.real
def test_a_matrix_whose_runs_are_too_long_is_refused(folder):
    with fits.open(_file(folder, "rmf")) as hdus:
        hdus[1].data["N_CHAN"][5] = [30_000]
        hdus.writeto(folder / "long.fits")
    with pytest.raises(CscError, match=r"long.fits.*runs need"):
        spectrum.read(_file(folder, "pha"), rmf=folder / "long.fits")


@pytest.mark.real
def test_an_hrc_spectrum_is_shown_but_not_fitted(folder):
    with fits.open(_file(folder, "pha")) as hdus:
        hdus[1].header["INSTRUME"] = "HRC"
        hdus.writeto(folder / "hrc.fits")
    _file(folder, "rmf").unlink()
    read = spectrum.read(folder / "hrc.fits")
    assert (len(read), read.response) == (1024, None)
    assert "no energies" in read.refusal
    with pytest.raises(CscError, match="HRC"):
        read.net_counts(0.5, 7)


@pytest.mark.real
@pytest.mark.parametrize("key", ["BACKSCAL", "AREASCAL", "EXPOSURE"])
def test_scales_that_mean_nothing_are_told(folder, key):
    with fits.open(_file(folder, "pha")) as hdus:
        hdus[1].header[key] = 0.0
        hdus.writeto(folder / "zero_pha3.fits")
    with pytest.raises(CscError, match=rf"zero_pha3.fits is no usable spectrum.*(exposure|{key}) is 0"):
        spectrum.read(folder / "zero_pha3.fits")


@pytest.mark.real
def test_a_subtracted_spectrum_is_shown_but_not_fitted(folder):
    fit = pytest.importorskip("cscwidgets.science.fit").fit
    with fits.open(_file(folder, "pha")) as hdus:
        hdus[1].data["COUNTS"][50] = -2
        hdus.writeto(folder / "less_pha3.fits")
    read = spectrum.read(folder / "less_pha3.fits")
    assert read.source.counts.min() == -2
    with pytest.raises(CscError, match=r"less_pha3.fits cannot be fitted.*counts below 0"):
        fit(read)
