"""The demo's events and images of fields and regions, against each other, numpy, astropy, and the demo's tables."""

import gzip
import io

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.products import KINDS, Observation, ProductId, Stack
from cscwidgets.demo.files.product_store import DemoStore
from cscwidgets.demo.simulation import field_exposures
from cscwidgets.demo.telescope.instrument import APERTURE_FRACTION, in_field_of_view
from cscwidgets.demo.telescope.observations import stacks

STORE = DemoStore()
M33, TUCANAE, TUCANAE_HRC = (stacks()[number] for number in (0, 11, 12))
EMPTY = stacks()[9]


def _content(owner, kind, band=""):
    (file,) = STORE.browse(ProductId(owner, KINDS[kind], band))
    return STORE.read(KINDS[kind].filetype, file.filename)


def _image(owner, kind, band):
    """Pixels as real numbers, and the header."""
    with fits.open(io.BytesIO(gzip.decompress(_content(owner, kind, band)))) as hdus:
        hdus.verify("exception")
        return np.array(hdus[0].data, float), hdus[0].header


def _events(owner, kind):
    with fits.open(io.BytesIO(gzip.decompress(_content(owner, kind)))) as hdus:
        hdus.verify("exception")
        good_times = np.concatenate([hdu.data for hdu in hdus if hdu.name == "GTI"])
        return np.array(hdus["EVENTS"].data), hdus["EVENTS"].header, good_times


def _binned(events, header):
    """Events in an image's pixels, by numpy and the image's physical coordinates alone."""
    edges = [
        header[f"CRVAL{axis}P"] + header[f"CDELT{axis}P"] * np.arange(header[f"NAXIS{axis}"] + 1) for axis in (1, 2)
    ]
    return np.histogram2d(np.float64(events["y"]), np.float64(events["x"]), edges[::-1])[0]


def _in_band(events, band):
    if band == "w":
        return events
    low, high = (1000 * limit for limit in (BANDS[band].low_kev, BANDS[band].high_kev))
    return events[(events["energy"] > low) & (events["energy"] < high)]


def _observations(stack):
    return [Observation(one.obsid, one.obi) for one in stack.observations]


@pytest.mark.parametrize(
    ("stack", "band"), [(M33, "s"), pytest.param(TUCANAE, "b", marks=pytest.mark.long), (TUCANAE_HRC, "w")]
)
def test_the_events_in_an_image_are_the_image_times_its_exposure(stack, band):
    owner = Stack(stack.stack_id)
    events, _, _ = _events(owner, "stkevt")
    flux, header = _image(owner, "stkecorrimg", band)
    exposure, _ = _image(owner, "stkexpmap", band)
    background, _ = _image(owner, "stkbkgimg", band)
    counts = _binned(_in_band(events, band), header)
    seen = exposure > 0
    assert (np.isnan(flux) == ~seen).all()
    # A photon whose energy lies on the border of a band to seven digits may fall on either side.
    np.testing.assert_allclose((flux * exposure + background)[seen], counts[seen], atol=0.01, rtol=1e-5)
    assert counts[seen].sum() > 0.99 * counts.sum()  # chips end within pixels
    assert header["BUNIT"] == "photon cm**-2 s**-1"
    assert header["BAND"] == BANDS[band].name


def test_outside_of_sources_the_image_is_background_alone():
    owner = Stack(stacks()[18].stack_id)  # a short one, with few sources
    flux, _ = _image(owner, "stkecorrimg", "b")
    exposure, _ = _image(owner, "stkexpmap", "b")
    background, _ = _image(owner, "stkbkgimg", "b")
    net = np.nansum(flux * exposure)
    light = sum(int(seen.exposure.light[:, 0].sum()) for seen in field_exposures()[18])
    expected = background[exposure > 0].sum()
    assert abs(net - light) < 5 * np.sqrt(expected + light)


def test_a_stack_holds_every_photon_of_its_observations_once():
    joined, header, times = _events(Stack(M33.stack_id), "stkevt")
    parts = [_events(owner, "evt")[0] for owner in _observations(M33)]
    assert len(joined) == sum(len(part) for part in parts)
    assert len(np.unique(joined[["time", "x", "y"]])) == len(joined)
    assert (np.diff(joined["time"]) >= 0).all()
    assert set(times["START"]) == {one.start for one in M33.observations}
    assert header["NUM_OBI"] == 2
    x = joined.dtype.names.index("x") + 1
    assert (header[f"TCRVL{x}"], header[f"TCRVL{x + 1}"]) == (M33.ra, M33.dec)


def test_the_light_of_every_source_is_in_the_field_once():
    for seen in field_exposures()[11]:
        events = seen.events(energies=False).events
        light, above = seen.exposure.light, seen.exposure.above[:, 0]
        assert np.count_nonzero(events.source) == light[:, [0, 4, 5]].sum() + above.sum()
        arrivals = np.concatenate([row.events().events.time[row.events().events.source] for row in seen.rows[::20]])
        assert np.isin(arrivals, events.time[events.source]).all()


def test_background_that_regions_share_is_in_the_field_once():
    seen = field_exposures()[10][1]
    times = set(seen.events(energies=False).events.time)
    shared, before = 0, []
    for row in seen.rows:
        placed = row.events(energies=False)
        inside = np.zeros(len(placed), dtype=bool)
        for (x, y), radius in before:
            inside |= np.hypot(placed.x - x, placed.y - y) <= radius
        before.append((row.centre, row.radius / seen.observation.pixel_size))
        dropped = inside & ~placed.events.source
        assert [time in times for time in placed.events.time] == list(~dropped)
        shared += np.count_nonzero(dropped)
    assert shared > 0


def test_the_background_is_that_of_the_whole_field_with_its_glow():
    for seen in field_exposures()[11]:
        placed = seen.events(energies=False)
        observation = seen.observation
        x, y = placed.x - observation.middle_pixel, placed.y - observation.middle_pixel
        near = np.hypot(x, y) * observation.pixel_size < 60
        in_bands = np.isin(placed.events.part, [1, 2, 3])  # hard, medium, soft: the broad band
        counted = np.count_nonzero(near & in_bands & ~placed.events.source)
        grid = np.arange(-60, 60, 0.5) + 0.25
        east, north = (axis / 60 for axis in np.meshgrid(grid, grid))
        inside = (np.hypot(east, north) < 1) & in_field_of_view(
            observation.detector, *observation.on_detector(east, north)
        )
        rate = 1e-6 * seen.stack.glow(np.hypot(east, north)[inside]).sum() * 0.25
        expected = rate * observation.exposure
        assert abs(counted - expected) < 4 * np.sqrt(expected)


@pytest.fixture(scope="module")
def bright(tables):
    """Bright sources of an observation near its aim point, each with nothing else near it: position and flux."""
    one = M33.observations[0]
    found = tables["stack_source"].to_pandas()
    found = found[(found.detect_stack_id == M33.stack_id) & (found.theta_mean < 5)]
    place = SkyCoord(found.ra.to_numpy(), found.dec.to_numpy(), unit="deg")
    alone = found[np.sort(place[:, None].separation(place[None, :]).arcsec, axis=1)[:, 1] > 25]
    observed = tables["observation_source"].to_pandas()
    observed = observed[(observed.obsid == one.obsid) & (observed.cnts_aper_b > 75)]
    both = alone[["region_id", "ra", "dec"]].merge(observed[["region_id", "photflux_aper_m"]], on="region_id")
    assert len(both) > 5
    return both


def test_bright_sources_lie_where_the_catalogue_says(bright):
    flux, header = _image(_observations(M33)[0], "img", "b")
    wcs = WCS(header, fix=False)
    for row in bright.itertuples():
        x, y = (float(value) for value in wcs.world_to_pixel_values(row.ra, row.dec))
        rows, columns = np.mgrid[round(y) - 4 : round(y) + 5, round(x) - 4 : round(x) + 5]
        light = flux[rows, columns]
        ra, dec = wcs.pixel_to_world_values((light * columns).sum() / light.sum(), (light * rows).sum() / light.sum())
        apart = SkyCoord(ra, dec, unit="deg").separation(SkyCoord(row.ra, row.dec, unit="deg")).arcsec
        assert apart < 1


def test_exposure_times_flux_gives_the_counts(bright):
    # The broad band's flux is the sum of the bands in it, each by its own area.
    owner = _observations(M33)[0]
    events, _, _ = _events(owner, "evt")
    exposure, header = _image(owner, "exp", "m")
    background, _ = _image(owner, "bkgimg", "m")
    wcs = WCS(header, fix=False)
    assert header["BUNIT"] == "cm**2 s"
    counts = _binned(_in_band(events, "m"), header)
    for row in bright.itertuples():
        x, y = (float(value) for value in wcs.world_to_pixel_values(row.ra, row.dec))
        rows, columns = np.mgrid[round(y) - 12 : round(y) + 13, round(x) - 12 : round(x) + 13]
        near = np.hypot(rows - y, columns - x) < 12
        net = (counts - background)[rows, columns][near].sum()
        expected = row.photflux_aper_m * APERTURE_FRACTION * exposure[round(y), round(x)]
        assert abs(net - expected) < 3 * np.sqrt(counts[rows, columns][near].sum())


def test_images_of_regions_hold_their_events():
    seen = field_exposures()[0]
    row = max(seen[0].rows, key=lambda row: row.exposure.light[row.exposure_row, 0])
    one = Observation(row.observation.obsid, row.observation.obi, row.region_id)
    image, header = _image(one, "regimg", "b")
    with fits.open(io.BytesIO(gzip.decompress(_content(one, "regevt")))) as hdus:
        events = np.array(hdus["EVENTS"].data)
    np.testing.assert_array_equal(image, _binned(_in_band(events, "b"), header))
    assert image.sum() == np.count_nonzero(_in_band(events, "b"))
    assert (header["BUNIT"], header["REGIONID"]) == ("count", f"{row.region_id:04d}")
    exposure, same = _image(one, "regexp", "b")
    assert exposure.shape == image.shape
    assert same["CRPIX1"] == header["CRPIX1"]
    stacked, _ = _image(Stack(M33.stack_id, row.region_id), "stkregimg", "b")
    members = [_image(Observation(o.obsid, o.obi, row.region_id), "regimg", "b")[0] for o in _observations(M33)]
    assert stacked.sum() == sum(member.sum() for member in members)


def test_the_exposure_of_a_stack_is_that_of_its_observations():
    whole, header = _image(Stack(M33.stack_id), "stkexpmap", "h")
    parts = [_image(owner, "exp", "h")[0] for owner in _observations(M33)]
    np.testing.assert_allclose(whole, sum(parts), rtol=1e-5)
    assert header["LIVETIME"] == sum(one.exposure for one in M33.observations)
    middle = [side // 2 for side in whole.shape]
    assert whole[*middle] == whole.max()  # vignetting takes the rest


def test_files_say_that_they_are_simulated_and_have_the_catalogue_s_names():
    for owner, kind, name in (
        (Stack(M33.stack_id), "stkecorrimg", f"{M33.stack_id}N001_b_img3.fits"),
        (_observations(M33)[0], "img", "acisf90001_000N001_b_img3.fits"),
        (_observations(M33)[0], "exp", "acisf90001_000N001_b_exp3.fits"),
        (Stack(M33.stack_id, 1), "stkregimg", f"{M33.stack_id}N001_r0001b_regimg3.fits"),
    ):
        (file,) = STORE.browse(ProductId(owner, KINDS[kind], "b"))
        assert file.filename == name
        _, header = _image(owner, kind, "b")
        assert header["OBJECT"] == "SIMULATED"
        assert "SIMULATED" in header.comments["ORIGIN"]
        assert header["CONTENT"].lower() in name
        assert header["RADESYS"] == "ICRS"


def test_fields_are_listed_in_the_bands_of_their_instrument():
    for stack, bands in ((M33, "bhmsu"), (TUCANAE_HRC, "w")):
        for kind in ("stkecorrimg", "stkexpmap", "stkbkgimg"):
            found = [band for band in BANDS if STORE.browse(ProductId(Stack(stack.stack_id), KINDS[kind], band))]
            assert "".join(found) == bands
    assert STORE.browse(ProductId(Stack(M33.stack_id), KINDS["mrgsrc"])) == []


def test_a_field_without_sources_has_events_and_an_image():
    owner = Stack(EMPTY.stack_id)
    events, _, _ = _events(owner, "stkevt")
    flux, _ = _image(owner, "stkecorrimg", "b")
    assert len(events)
    assert np.isfinite(flux).any()


@pytest.mark.parametrize("kind", ["stkevt", "stkecorrimg", "stkexpmap"])
def test_files_are_the_same_bytes_twice(kind):
    band = "m" if KINDS[kind].per_band else ""
    first = _content(Stack(TUCANAE.stack_id), kind, band)
    for other in "bhsu":  # until it has left the store's memory
        for what in ("stkecorrimg", "stkexpmap"):
            _content(Stack(TUCANAE.stack_id), what, other)
    assert _content(Stack(TUCANAE.stack_id), kind, band) == first
