"""The demo's sensitivity maps against its own detections, its log of observations, and the way to them."""

import gzip
import io

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets.archive.files.integrity import is_intact
from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.products import KINDS, ProductId, Stack
from cscwidgets.demo.files.product_store import DemoStore
from cscwidgets.demo.simulation import region_counts
from cscwidgets.demo.sky.fields import FIELDS
from cscwidgets.demo.sky.population import SourceClass, population
from cscwidgets.demo.sky.source_spectra import BAND, IN_BAND, STEP, photon_spectrum
from cscwidgets.demo.sky.tangent_plane import offsets
from cscwidgets.demo.telescope.likelihood import MARGINAL, TRUE, log_likelihood
from cscwidgets.demo.telescope.observations import stacks
from cscwidgets.demo.telescope.sensitivity import depth, fewest_counts

LOCKMAN = f"{FIELDS[3].ra} {FIELDS[3].dec}"
ACIS = [stack for stack in stacks() if stack.instrument == "ACIS"]


def _maps(paths):
    """Marginal and true limits, and the coordinates, of each file."""
    for path in paths:
        with fits.open(path) as hdus:
            yield np.array(hdus[0].data), np.array(hdus[1].data), WCS(hdus[0].header), hdus[0].header


@pytest.fixture(scope="module")
def survey(warm_demo):
    """The stacks that may touch the Lockman Hole, and their soft maps as products."""
    found = warm_demo.stacks(LOCKMAN, radius="12 arcmin")
    return found, warm_demo.products(found, "sens3", "s")


def test_every_stack_of_the_survey_has_its_map_but_one(warm_demo, survey):
    found, products = survey
    missing = set(found["detect_stack_id"]) - set(products["detect_stack_id"])
    assert missing == {stack.stack_id for stack in stacks() if stack.field == 3 and not stack.mapped}
    (without,) = (stack for stack in stacks() if stack.stack_id in missing)
    edge = SkyCoord(FIELDS[3].ra, FIELDS[3].dec, unit="deg").directional_offset_by(
        np.arange(360) * u.deg, 11.9 * u.arcmin
    )
    assert without.observations[0].sees(edge.ra.deg, edge.dec.deg).any()
    for filename in products["filename"]:
        assert filename.endswith("N001_s_sens3.fits")
    assert set(warm_demo.products(found, "sensity", "bhmsuw")["band"]) == set("bhmsu")


def test_stacks_without_sources_have_maps_too(warm_demo, tables):
    with_sources = set(tables["stack_source"]["detect_stack_id"].to_pylist())
    everywhere = warm_demo.stacks(LOCKMAN, radius="1 deg")
    lonely = everywhere[[name not in with_sources for name in everywhere["detect_stack_id"]]]
    assert len(lonely) > 0
    paths = warm_demo.fetch(warm_demo.products(lonely, "sensity", "b"))
    assert len(paths) == len(lonely)
    for name, (marginal, _, _, header) in zip(lonely["detect_stack_id"], _maps(paths), strict=True):
        assert header["STACK_ID"] == name
        assert np.isfinite(marginal).sum() > 50_000


def test_the_files_have_the_form_of_the_catalogue_s(warm_demo, survey):
    for path in warm_demo.fetch(survey[1]):
        assert is_intact(path)
        with fits.open(path) as hdus:
            hdus.verify("exception")
            assert len(hdus) == 2
            assert [hdu.header["LIKELIHD"] for hdu in hdus] == [MARGINAL, TRUE]
            for hdu in hdus:
                header = hdu.header
                assert u.Unit(header["BUNIT"]).is_equivalent(u.photon / u.s / u.cm**2)
                assert (header["BAND"], header["ORIGIN"], header["OBJECT"]) == ("soft", "cscwidgets-sim", "SIMULATED")
                assert header["CDELT2"] * 3600 == pytest.approx(8 * 0.492)
                assert hdu.data.dtype == np.dtype(">f4")
            marginal, true = (hdu.data for hdu in hdus)
            np.testing.assert_array_equal(np.isnan(marginal), np.isnan(true))
            seen = np.isfinite(marginal)
            assert (marginal[seen] > 0).all()
            assert (marginal[seen] <= true[seen]).all()
            assert (marginal[seen] < true[seen]).any()


def test_what_is_seen_is_the_field_of_view(warm_demo, survey):
    by_name = {stack.stack_id: stack for stack in stacks()}
    for product, path in zip(survey[1], warm_demo.fetch(survey[1]), strict=True):
        stack = by_name[product["detect_stack_id"]]
        ((marginal, _, wcs, header),) = _maps([path])
        rows, columns = np.mgrid[0 : marginal.shape[0] : 7, 0 : marginal.shape[1] : 7]
        sky = wcs.pixel_to_world(columns.ravel(), rows.ravel()).icrs
        looked = np.any([one.sees(sky.ra.deg, sky.dec.deg) for one in stack.observations], axis=0)
        np.testing.assert_array_equal(np.isfinite(marginal[rows, columns].ravel()), looked)
        if len(stack.observations) == 1:
            area = np.isfinite(marginal).sum() * (header["CDELT2"] * 60) ** 2
            assert area == pytest.approx(16.6**2, rel=1e-2)
        # The sky pixels of the events are the map's system P.
        physical = WCS(header, key="P").wcs_pix2world([[header["CRPIX1"], header["CRPIX2"]]], 1)
        np.testing.assert_allclose(physical, 4096.5)


@pytest.mark.parametrize("name", [ACIS[0].stack_id, ACIS[-1].stack_id, "hrc"])
def test_an_image_is_the_rule_at_its_pixels(name):
    stack = next(stack for stack in stacks() if stack.stack_id.startswith(name))
    band = "w" if name == "hrc" else "h"
    store = DemoStore()
    (file,) = store.browse(ProductId(Stack(stack.stack_id), KINDS["sensity"], band))
    with fits.open(io.BytesIO(gzip.decompress(store.read("sensity", file.filename)))) as hdus:
        wcs, true = WCS(hdus[0].header), np.array(hdus[1].data)
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, true.shape[1], 500), rng.integers(0, true.shape[0], 500)
    sky = wcs.pixel_to_world(x, y).icrs
    limit = depth(stack, band, *offsets(stack.ra, stack.dec, sky.ra.deg, sky.dec.deg)).limit(TRUE)
    np.testing.assert_allclose(true[y, x], limit, rtol=1e-5)


@pytest.mark.parametrize("band", ["b", "s", "h", "w"])
def test_the_limit_is_where_detections_begin(band):
    """A region's net counts make a flux above the limit where its likelihood is above the threshold."""
    records, everyone = region_counts(), population()
    total = records.aperture.summed(records.region, len(records.source))
    number = BAND[band]
    net = total.counts[:, number] - _background(band)
    alone = everyone.kind[records.source] != SourceClass.DIFFUSE
    alone &= (everyone.extent[records.source] == 0) & (total.area_time[:, number] > 0)
    checked = 0
    for index, stack in enumerate(stacks()):
        here = np.flatnonzero((records.stack == index) & alone)
        if BANDS[band].detector != stack.instrument or not len(here):
            continue
        source = records.source[here]
        place = offsets(stack.ra, stack.dec, everyone.ra[source], everyone.dec[source])
        flux = net[here] / (0.94 * total.area_time[here, number])
        for threshold in (MARGINAL, TRUE):
            above = flux >= (1 - 1e-6) * depth(stack, band, *place).limit(threshold)  # six counts are just enough
            found = records.likelihood[here, number] >= threshold
            blended = records.likelihood[here, number] != _likelihood(total.counts[here, number], here, band)
            assert (above == found)[~blended].all()
            checked += int(found[~blended].sum())
    assert checked > 100


def _background(band):
    """Expected background of each region in all its observations."""
    records = region_counts()
    expected = np.zeros(len(records.source))
    for number, region in enumerate(records.region):
        exposure = records.exposure_of(number)
        expected[region] += exposure.background[records.exposure_row[number], BAND[band]]
    return expected


def _likelihood(counts, regions, band):
    likelihood = log_likelihood(counts, _background(band)[regions])
    return np.where(counts < 6, 0.0, likelihood)


def test_true_sources_are_found_as_the_map_says():
    """Half of the sources at the limit are detected, nearly all well above, nearly none well below."""
    everyone = population()
    ratio, found = [], []
    records = region_counts()
    for index, stack in enumerate(stacks()):
        if stack.instrument != "ACIS" or stack.field != 0:
            continue
        here = np.flatnonzero((everyone.field == stack.field) & (everyone.extent == 0))
        spectrum = photon_spectrum(everyone.thermal[here], everyone.shape[here], everyone.nh[here])
        photons = everyone.flux[here] * (spectrum * IN_BAND[BAND["b"]]).sum(axis=1) * STEP
        place = offsets(stack.ra, stack.dec, everyone.ra[here], everyone.dec[here])
        limit = depth(stack, "b", *place).limit(MARGINAL)
        likelihood = np.zeros(len(everyone.ra))
        regions = np.flatnonzero(records.stack == index)
        likelihood[records.source[regions]] = records.likelihood[regions, BAND["b"]]
        ratio.append((photons / limit)[np.isfinite(limit)])
        found.append(likelihood[here][np.isfinite(limit)] >= MARGINAL)
    ratio, found = np.concatenate(ratio), np.concatenate(found)
    assert found[ratio > 3].mean() > 0.9
    assert found[ratio < 0.3].mean() < 0.05
    assert 0.25 < found[(ratio > 0.8) & (ratio < 1.25)].mean() < 0.75


def test_true_detections_need_more_light_than_marginal_ones():
    """Except where background is so low that both need no more than the fewest counts."""
    deep = next(stack for stack in stacks() if stack.field == 0)
    east, north = np.random.default_rng(2).uniform(-8, 8, (2, 1000))
    marginal, true = (depth(deep, "b", east, north).limit(threshold) for threshold in (MARGINAL, TRUE))
    seen = np.isfinite(marginal)
    assert (marginal[seen] <= true[seen]).all()
    far = seen & (np.hypot(east, north) > 2)
    assert (marginal[far] < true[far]).all()


@pytest.mark.parametrize("likelihood", [MARGINAL, TRUE])
def test_the_fewest_counts_just_reach_the_likelihood(likelihood):
    background = np.geomspace(1e-5, 1e5, 333)
    counts = fewest_counts(background, likelihood)
    few = counts > 6.001
    np.testing.assert_allclose(log_likelihood(counts, background)[few], likelihood, rtol=1e-4)
    assert (log_likelihood(counts, background)[~few] >= likelihood).all()
    assert (np.diff(counts) >= 0).all()


def test_what_has_no_map():
    store = DemoStore()
    stack = next(stack for stack in stacks() if not stack.mapped)
    for name, kind, band in (
        (stack.stack_id, "sensity", "b"),
        (ACIS[0].stack_id, "sensity", "w"),
        (ACIS[0].stack_id, "stkexpmap", "w"),
        ("acisfJ0000000p000000_001", "sensity", "b"),
    ):
        assert store.browse(ProductId(Stack(name), KINDS[kind], band)) == []
        with pytest.raises(KeyError):
            store.read(KINDS[kind].filetype, f"{name}N001_{band}_{KINDS[kind].extension}.fits")
