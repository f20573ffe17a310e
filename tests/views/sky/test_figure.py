"""The sky for the paper: everything is where astropy's WCS puts it, images too."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from regions import CircleSkyRegion

from cscwidgets import Explorer
from cscwidgets.errors import CscError
from cscwidgets.science.region_file import Outline
from cscwidgets.views.sky import Sky
from cscwidgets.views.sky.figure import ShownPicture, round_angle
from cscwidgets.views.sky.marks import FieldMark

RA, DEC = 359.95, 70.0


def filled(**options):
    sky = Sky(SkyCoord(RA, DEC, unit="deg"), fov=0.5, **options)
    names = [f"s{number}" for number in range(30)]
    rng = np.random.default_rng(2)
    ra, dec = RA + rng.uniform(-0.5, 0.5, 30), DEC + rng.uniform(-0.15, 0.15, 30)
    sky.show_sources(names, ra % 360, dec)
    sky.highlight(names[:4])
    sky.focus(names[7])
    return sky, ra % 360, dec


def line(figure, label):
    return next(drawn for drawn in figure.axes[0].lines if drawn.get_label() == label)


@pytest.mark.parametrize("rotation", [0.0, 33.0])
def test_marks_are_where_the_world_coordinates_say(rotation):
    sky, ra, dec = filled()
    sky.rotation = rotation
    figure = sky.figure()
    axes = figure.axes[0]
    for label, rows in (("source", slice(None)), ("selected", slice(0, 4)), ("in focus", slice(7, 8))):
        expected = axes.wcs.world_to_pixel(SkyCoord(ra[rows], dec[rows], unit="deg"))
        np.testing.assert_allclose(line(figure, label).get_data(), expected, atol=1e-6)
    middle = axes.wcs.pixel_to_world(*(np.array(axes.wcs.pixel_shape) / 2 - 0.5))
    assert middle.separation(SkyCoord(RA, DEC, unit="deg")).arcsec < 1e-3
    left, right = (axes.wcs.pixel_to_world(x, axes.wcs.pixel_shape[1] / 2 - 0.5) for x in (-0.5, 799.5))
    assert left.separation(right).deg == pytest.approx(0.5, rel=1e-6)


def test_outlines_of_every_kind_are_drawn_and_named():
    sky, *_ = filled()
    at = SkyCoord(RA, DEC, unit="deg")
    sky.show_region(CircleSkyRegion(at, 6 * u.arcmin))
    ring = at.directional_offset_by(np.arange(0, 360, 30) * u.deg, 1 * u.arcmin)
    sky.show_outlines([Outline(ring.ra.deg, ring.dec.deg, background) for background in (False, True)])
    sky.show_candidates(ring.ra.deg[:3], ring.dec.deg[:3], best=1, outlines=[(ring.ra.deg, ring.dec.deg)])
    sky.show_contours(np.append(ring.ra.deg, np.nan), np.append(ring.dec.deg, np.nan))
    square = at.directional_offset_by([45, 135, 225, 315] * u.deg, 10 * u.arcmin)
    corners = square.ra.deg, square.dec.deg
    sky.show_fields([FieldMark("90001", "ACIS-I", [corners]), FieldMark("90002", "HRC", [corners])])
    figure = sky.figure()
    words = {text.get_text() for text in figure.legends[0].get_texts()}
    assert words == {
        "source", "selected", "in focus", "region", "source region", "background region", "candidate", "counterpart",
        "contour", "ACIS-I", "HRC",
    }  # fmt: skip
    axes = figure.axes[0]
    x, y = line(figure, "region").get_data()
    edge = axes.wcs.pixel_to_world(x, y)
    np.testing.assert_allclose(edge.separation(at).arcmin, 6, rtol=1e-6)
    np.testing.assert_allclose(
        np.array(line(figure, "ACIS-I").get_data())[:, :4], axes.wcs.world_to_pixel(square), atol=1e-6
    )
    written = [text.get_text() for text in axes.texts]
    assert {"90001", "90002"} <= set(written)  # below one another


def test_labels_that_have_no_room_are_counted():
    sky, *_ = filled()
    at = SkyCoord(RA, DEC, unit="deg")
    square = at.directional_offset_by([45, 135, 225, 315] * u.deg, 10 * u.arcmin)
    sky.show_fields(FieldMark(f"{n:05d}", "HRC", [(square.ra.deg, square.dec.deg)]) for n in range(40))
    axes = sky.figure().axes[0]
    written = [text.get_text() for text in axes.texts if text.get_text().isdigit()]
    assert f"{40 - len(written)} of 40 labels of fields have no room" in [text.get_text() for text in axes.texts]


def test_the_compass_and_the_scale_bar_are_astropys():
    sky = Sky(SkyCoord(30, 89.8, unit="deg"), fov=0.9)
    sky.rotation = 70.0
    axes = sky.figure().axes[0]
    (bar,) = (drawn for drawn in axes.lines if drawn.get_gid() == "scale bar")
    pixels = np.ptp(bar.get_xdata())
    degrees, words = round_angle(0.225)
    assert words == "10′"
    assert pixels * proj_plane_pixel_scales(axes.wcs)[0] == pytest.approx(degrees, rel=1e-4)
    assert pixels < axes.wcs.pixel_shape[0] / 4
    named = {text.get_text(): np.array(text.get_position()) for text in axes.texts}
    arrows = [text for text in axes.texts if text.get_text() == ""]
    start = np.array(arrows[0].xyann)
    here = axes.wcs.pixel_to_world(*start)
    for name, angle in (("N", 0), ("E", 90)):
        toward = axes.wcs.pixel_to_world(*(start + 1e-3 * (named[name] - start)))
        assert (here.position_angle(toward) - angle * u.deg).wrap_at(180 * u.deg).deg == pytest.approx(0, abs=0.05)
    sky.show_grid = False
    assert not [drawn for drawn in sky.figure().axes[0].lines if drawn.get_gid() == "scale bar"]


def image_header(projection="TAN", size=40, step=0.005):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [f"RA---{projection}", f"DEC--{projection}"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [RA, DEC], [size / 2 + 0.5] * 2, [-step, step]
    turn = np.radians(15)
    wcs.wcs.pc = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    return wcs.to_header()


class Pictured(Sky):
    """A sky with images."""

    pictures: tuple = ()

    def _pictures_shown(self):
        return self.pictures


@pytest.mark.parametrize("projection", ["TAN", "SIN"])
def test_an_image_lies_below_everything_where_its_own_world_coordinates_put_it(projection):
    image = np.zeros((40, 40))
    image[10, 30] = 5.0
    header = image_header(projection)
    sky = Pictured(SkyCoord(RA, DEC, unit="deg"), fov=0.3)
    sky.pictures = (ShownPicture(image, header, 0.8, {"cmap": "magma", "vmin": 0, "vmax": 5}),)
    figure = sky.figure(dpi=200)
    axes = figure.axes[0]
    (mesh,) = (one for one in axes.collections if isinstance(one, QuadMesh))
    assert mesh.get_alpha() == 0.8
    assert mesh.get_zorder() < min(drawn.get_zorder() for drawn in axes.lines)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())
    bright = WCS(header).pixel_to_world(30, 10)
    x, y = axes.transData.transform(axes.wcs.world_to_pixel(bright))
    there = drawn[drawn.shape[0] - 1 - round(y), round(x)]
    assert there[:3].astype(int).sum() > 500
    beside = WCS(header).pixel_to_world(31.2, 10)
    x, y = axes.transData.transform(axes.wcs.world_to_pixel(beside))
    assert drawn[drawn.shape[0] - 1 - round(y), round(x)][:3].astype(int).sum() < 300


def test_an_image_of_colours_keeps_its_transparency_and_the_far_side_is_left_out():
    colours = np.zeros((40, 40, 4))
    colours[..., 0], colours[..., 3] = 1, 0.5
    allsky = WCS(naxis=2)
    allsky.wcs.ctype = ["RA---CAR", "DEC--CAR"]
    allsky.wcs.crval, allsky.wcs.crpix, allsky.wcs.cdelt = [0, 0], [36.5, 18.5], [-5, 5]
    sky = Pictured(SkyCoord(RA, 10, unit="deg"), fov=60.0)
    sky.pictures = (
        ShownPicture(np.arange(36 * 72.0).reshape(36, 72), allsky.to_header()),
        ShownPicture(colours, image_header(step=0.05)),
    )
    figure = sky.figure()
    FigureCanvasAgg(figure).draw()
    whole, red = (one for one in figure.axes[0].collections if isinstance(one, QuadMesh))
    assert np.ma.count_masked(whole.get_array()) > 36 * 72 / 3
    assert red.get_array().shape == (40, 40, 4)


@pytest.mark.parametrize(
    ("degrees", "words"), [(50, "30°"), (1.0, "1°"), (0.99, "30′"), (1 / 61, "30″"), (0.7 / 3600, "0.5″")]
)
def test_round_angles(degrees, words):
    value, text = round_angle(degrees)
    assert text == words
    assert value <= degrees * (1 + 1e-9)


def test_the_figure_waits_for_the_search_and_the_fields(warm_demo, tmp_path):
    app = Explorer("47 Tuc", "3 arcmin", archive=warm_demo)
    app.fields.shown = "stacks"
    figure = app.sky.figure()
    assert len(line(figure, "source").get_xdata()) == len(app.table) > 100
    assert figure.get_suptitle() == f"SIMULATED. Simulated demo sky: 47 Tuc, 3 arcmin, {len(app.table)} sources"
    assert {"ACIS-I", "HRC"} <= {text.get_text() for text in figure.legends[0].get_texts()}
    figure.savefig(tmp_path / "sky.pdf")
    app.search("M33", "6 arcmin")
    assert f"M33, 6 arcmin, {len(app.table)} sources" in app.sky.figure().get_suptitle()
    app.search("Nowhere at all", "6 arcmin")
    with pytest.raises(CscError, match="Nowhere at all"):
        app.sky.figure()
    app.close()
