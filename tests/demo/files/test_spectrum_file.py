"""The demo's spectra and responses: real formats, the events' counts, and fits that find the truth."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.io import fits
from scipy.stats import binom, chi2

from cscwidgets.csc.products import KINDS, Observation, ProductId
from cscwidgets.demo.files.product_store import DemoStore
from cscwidgets.demo.simulation import region_counts, region_rows
from cscwidgets.demo.sky.population import population
from cscwidgets.demo.sky.source_spectra import BAND, ENERGY, photon_spectrum
from cscwidgets.demo.telescope.instrument import APERTURE_FRACTION, vignetting
from cscwidgets.demo.telescope.responses import redistribution
from cscwidgets.science import spectrum
from cscwidgets.science.region_file import read_regions
from cscwidgets.science.times.events import read_events

STORE = DemoStore()


def _key(row):
    return Observation(row.observation.obsid, row.observation.obi, row.region_id)


def _files(folder, row, kinds=("pha", "arf", "rmf")):
    """Paths by kind of those files that a region has."""
    made = {}
    for kind in kinds:
        for file in STORE.browse(ProductId(_key(row), KINDS[kind])):
            made[kind] = folder / f"{file.filename}.gz"
            made[kind].write_bytes(STORE.read(KINDS[kind].filetype, file.filename))
    return made


def _counts(row, band="b"):
    return region_counts().aperture.counts[row.number, BAND[band]]


@pytest.fixture(scope="module")
def acis():
    """Unblended point detections of ACIS, brightest first."""
    extent = population().extent
    found = [
        row
        for row in region_rows().values()
        if row.observation.instrument == "ACIS" and row.detected and not region_counts().others(row.number)
    ]
    found = [row for row in found if extent[row.exposure.source[row.exposure_row]] == 0]
    return sorted(found, key=lambda row: (-_counts(row), row.number))


@pytest.fixture(scope="module")
def hrc():
    found = [row for row in region_rows().values() if row.observation.instrument == "HRC" and row.detected]
    return max(found, key=lambda row: (_counts(row, "w"), -row.number))


def _truth(row):
    everyone, number = population(), row.exposure.source[row.exposure_row]
    thermal = bool(everyone.thermal[number])
    return SimpleNamespace(
        model="tbabs*bremss" if thermal else "tbabs*powerlaw",
        shape="kT" if thermal else "gamma",
        thermal=thermal,
        value=float(everyone.shape[number]),
        nh=float(everyone.nh[number]),
    )


def _form(column):
    """A column's name, and its type without the sizes."""
    return column.name, re.sub(r"^1|\(.*", "", column.format)


@pytest.mark.real
@pytest.mark.parametrize("kind", ["pha", "arf", "rmf"])
def test_files_have_the_form_of_real_ones(acis, tmp_path, real, kind):
    same = ["HDUNAME", "HDUCLASS", "HDUCLAS1", "HDUCLAS2", "CHANTYPE", "POISSERR", "AREASCAL", "MJDREF", "TELESCOP"]
    same += ["TIMESYS", "INSTRUME", "TLMIN1", *(["TLMIN4"] if kind == "rmf" else ["CONTENT", "HDUCLAS3", "TIMEREF"])]
    typed = ["OBS_ID", "OBI_NUM", "REGIONID", "EXPOSURE", "LIVETIME", "BACKSCAL", "TOTCTS", "DETCHANS", "TSTART"]
    path = _files(tmp_path, acis[5])[kind]
    theirs = real / "spectra" / "csc_pha3" / f"acisf04938_000N002_r0043_{kind}3.fits"
    with fits.open(path) as ours, fits.open(theirs) as others:
        compared = 0
        for other in (hdu for hdu in others[1:] if not hdu.name.startswith("GTI")):
            mine = ours[other.name, other.ver]
            assert [_form(column) for column in mine.columns] == [_form(column) for column in other.columns]
            assert [column.unit or "" for column in mine.columns] == [column.unit or "" for column in other.columns]
            for key in set(same) & set(other.header):
                assert mine.header[key] == other.header[key], key
            for key in set(typed) & set(other.header):
                assert type(mine.header[key]) is type(other.header[key]), key
            compared += 1
        assert compared == {"pha": 2, "arf": 1, "rmf": 2}[kind]
        assert {hdu.header["ORIGIN"] for hdu in ours} == {"cscwidgets-sim"}
        assert {hdu.header["OBJECT"] for hdu in ours} == {"SIMULATED"}
        assert {"SIMSEED", "CODEVERS"} <= set(ours[0].header)


@pytest.mark.real
def test_a_spectrum_names_the_files_that_real_ones_name(acis, tmp_path, real):
    files = {kind: path.name.removesuffix(".gz") for kind, path in _files(tmp_path, acis[5]).items()}
    real_pha = "acisf04938_000N002_r0043_pha3.fits"
    with (
        fits.open(real / "spectra" / "csc_pha3" / real_pha) as others,
        fits.open(tmp_path / f"{files['pha']}.gz") as ours,
    ):
        for number in (1, 2):
            mine, other = ours["SPECTRUM", number].header, others["SPECTRUM", number].header
            for key in ("BACKFILE", "ANCRFILE", "RESPFILE"):
                kind = other[key].removesuffix("3.fits")[-3:]
                assert mine[key] == files.get(kind, "none")
        good, head = ours["GTI"].data, ours["SPECTRUM"].header
        assert good["STOP"][0] - good["START"][0] == pytest.approx(head["ONTIME"])


def test_counts_are_those_of_the_event_file(acis, hrc, tmp_path):
    for row in [*acis[3:900:150], hrc]:
        files = _files(tmp_path, row, ("pha", "regevt", "reg", "arf", "rmf"))
        read = spectrum.read(files["pha"])
        with fits.open(files["regevt"]) as hdus:
            recorded = hdus["EVENTS"].data["pi"]
        together = read.source.counts + read.background.counts
        np.testing.assert_array_equal(np.bincount(recorded, minlength=1025)[1:], together)
        events, regions = read_events(files["regevt"]), read_regions(files["reg"])
        for counts, region in ((read.source, regions.source), (read.background, regions.background)):
            # Single precision of the positions may move one of some ten thousand across the border.
            assert abs(counts.counts.sum() - len(events.inside(region))) <= 1 + 1e-4 * len(events)
        assert read.source.exposure == row.observation.exposure
        assert read.background.backscal / read.source.backscal == pytest.approx(row.ratio)
        if row is not hrc:
            # The band begins and ends inside channels 35 and 480.
            assert read.source.counts[35:479].sum() <= _counts(row) <= read.source.counts[34:480].sum()


def test_sherpa_reads_them_by_itself(acis, tmp_path):
    io = pytest.importorskip("sherpa.astro.io")
    row = acis[10]
    path = _files(tmp_path, row)["pha"]
    ours, theirs = spectrum.read(path), io.read_pha(str(path))
    np.testing.assert_array_equal(ours.source.counts, theirs.counts)
    np.testing.assert_array_equal(ours.background.counts, theirs.get_background().counts)
    np.testing.assert_allclose(ours.scale, theirs.get_background_scale(), rtol=1e-12)
    np.testing.assert_array_equal(ours.response.area, theirs.get_arf().specresp)
    rmf = theirs.get_rmf()
    np.testing.assert_array_equal(ours.response.matrix, rmf.matrix)
    # Folded by Sherpa, the true spectrum is the simulation's.
    everyone, number = population(), row.exposure.source[row.exposure_row : row.exposure_row + 1]
    light = photon_spectrum(everyone.thermal[number], everyone.shape[number], everyone.nh[number])[0]
    np.testing.assert_allclose(
        rmf.apply_rmf(light), light @ redistribution("ACIS"), rtol=1e-5, atol=1e-12 * light.max()
    )
    area = row.observation.area * vignetting(row.exposure.theta[row.exposure_row])
    np.testing.assert_allclose(theirs.get_arf().specresp, area, rtol=1e-6)
    np.testing.assert_allclose(ours.response.low, ENERGY - 0.0125, rtol=1e-6)


def test_the_area_is_that_of_the_whole_image(acis, tmp_path):
    row = acis[0]
    with fits.open(_files(tmp_path, row)["arf"]) as hdus:
        assert set(hdus["SPECRESP"].data["PSF_FRAC"]) == {APERTURE_FRACTION}


def test_the_client_brings_them_side_by_side(demo, eclipser):
    rows = demo.detections([eclipser[0]])
    listed = demo.products(rows, ("pha", "arf", "rmf"))
    paths = [path for path in demo.fetch(listed) if path.name.endswith("pha3.fits.gz")]
    read = [spectrum.read(path) for path in paths]
    assert {one.obsid for one in read} == {int(row["obsid"]) for row in rows if row["match_type"] != "n"}
    fittable = [one for one in read if not one.refusal]
    assert len(fittable) >= 5
    assert all(one.simulated for one in read)
    assert all(one.response.rmf.endswith("rmf3.fits.gz") for one in fittable)


def test_the_hrc_has_spectra_without_energies(hrc, tmp_path):
    files = _files(tmp_path, hrc)
    assert set(files) == {"pha"}
    read = spectrum.read(files["pha"])
    assert read.refusal
    assert read.response is None
    assert len(read) == 1024
    assert read.source.counts.sum() == _counts(hrc, "w")
    with fits.open(files["pha"]) as hdus:
        assert {hdus["SPECTRUM"].header[key] for key in ("ANCRFILE", "RESPFILE")} == {"none"}


def test_detections_with_counts_have_spectra_and_others_do_not():
    rows = list(region_rows().values())
    kinds = {"pha": 0, "arf": 0, "rmf": 0}
    empty = missed = 0
    for row in rows[::40]:
        acis = row.observation.instrument == "ACIS"
        exist = row.detected and _counts(row, "b" if acis else "w") > 0
        missed += not row.detected
        empty += row.detected and not exist
        for kind in kinds:
            found = STORE.browse(ProductId(_key(row), KINDS[kind]))
            assert bool(found) == (exist and (acis or kind == "pha"))
            kinds[kind] += len(found)
    assert kinds["pha"] > kinds["arf"] == kinds["rmf"] > 50
    assert missed > 20
    assert empty > 0


def test_files_are_small(acis, tmp_path):
    files = _files(tmp_path, acis[8])
    assert sum(path.stat().st_size for path in files.values()) < 300_000


@pytest.mark.slow
@pytest.mark.long  # the tour and the fits of one source are the short form
@pytest.mark.parametrize("thermal", [False, True], ids=["power laws", "plasmas"])
def test_fits_find_the_truth(acis, tmp_path, thermal):
    pytest.importorskip("sherpa")
    from cscwidgets.science.fit import fit

    # Cooler plasmas have lines, which bremsstrahlung has not.
    bright = [row for row in acis if 300 < _counts(row) < 20_000]
    alike = [row for row in bright if _truth(row).thermal == thermal and not (thermal and _truth(row).value < 2.2)]
    chosen = alike[:: len(alike) // 36][:36]
    assert len(chosen) == 36
    inside = {"shape": 0, "nH": 0}
    worse = []
    for row in chosen:
        true = _truth(row)
        read = spectrum.read(_files(tmp_path, row)["pha"])
        found = fit(read, true.model)
        found.confidence()
        absorbed, shape = (next(p.fullname for p in found.free if p.name == name) for name in ("nH", true.shape))
        for key, name, value in (("shape", shape, true.value), ("nH", absorbed, true.nh)):
            interval = found.intervals[name]
            inside[key] += not interval.lower > value and not interval.upper < value
        best = found.statistic
        worse.append(fit(read, true.model, fixed={true.shape: true.value, "nH": true.nh}).statistic - best)
    # Of two intervals for each of 36 sources, at 68.3 %.
    for number in inside.values():
        assert binom.ppf(0.003, 36, 0.683) <= number <= binom.ppf(0.997, 36, 0.683), inside
    # Wilks: the truth is worse than the best fit by chi2 with two degrees of freedom.
    assert chi2.ppf(0.003, 72) < sum(worse) < chi2.ppf(0.997, 72)
