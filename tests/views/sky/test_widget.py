"""The kernel's half of the sky view; its picture is tested in tests/browser."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion

from cscwidgets.errors import CscError, RegionError
from cscwidgets.state.messages import Messages
from cscwidgets.views.sky import Sky
from cscwidgets.views.sky.layers import MAX_DRAWN, Layer


def receive(sky, message, buffers=()):
    sky._handle_custom_msg(message, list(buffers))


def sent(sky):
    """Record what goes to the browser."""
    messages = []
    sky.send = lambda content, buffers=None: messages.append((content, buffers))
    return messages


def drawn(**shape):
    return {"event_type": "drawn", "purpose": "region", "mode": None, **shape}


def decode(state, dtype=float):
    return np.frombuffer(state, dtype)


NAMES = ["a", "b", "c"]
RA, DEC = np.array([10.0, 10.1, 350.0]), np.array([20.0, 20.1, -5.0])


def test_target_takes_positions_coordinates_and_known_names():
    assert Sky("10.684 41.269").target.ra.deg == pytest.approx(10.684)
    assert Sky("00h42m44s +41d16m09s").target.dec.deg == pytest.approx(41.269166, abs=1e-5)
    assert Sky("M33").target.ra.deg == pytest.approx(23.4621)
    galactic = SkyCoord(l=0 * u.deg, b=0 * u.deg, frame="galactic")
    assert Sky(galactic).target.separation(galactic).arcsec < 1e-6
    assert Sky(SkyCoord(1e-7, -1e-7, unit="deg")).target.ra.deg == 1e-7
    assert Sky(fov=30 * u.arcmin).fov.deg == 0.5


def test_asks_for_nothing_online_by_default():
    sky = Sky()
    assert sky.survey == ""
    assert sky._init_options["log"] is False
    assert "http" not in str({**sky._init_options, **sky.get_state(["survey", "overlay_survey"])})


def test_two_skies_share_nothing():
    one, two = Sky(), Sky()
    one.set_listener("click", print)
    one.add_moc({"3": [1]}, name="mine")
    assert two.listener_callback == {}
    assert two._call_store.calls == []
    assert two.overlays == []


def test_waiting_calls_run_once():
    sky = Sky()
    calls = []
    sky._call_store.add(calls.append, 1)
    sky._is_loaded = True
    sky._is_loaded = False
    sky._is_loaded = True
    assert calls == [1]


def test_sources_highlight_and_focus_in_any_order():
    before, after = Sky(), Sky()
    before.highlight(["b", "elsewhere"])
    before.focus("c")
    before.show_sources(NAMES, RA, DEC)
    after.show_sources(NAMES, RA, DEC)
    after.focus("c")
    after.highlight(["b", "elsewhere"])
    for trait in ("_sources", "_highlighted", "_focused"):
        assert getattr(before, trait) == getattr(after, trait)
    assert decode(before._highlighted["slots"], np.uint32).tolist() == [1]
    assert before._focused == {"name": "c", "ra": 350.0, "dec": -5.0}
    before.focus(None)
    assert before._focused == {}


@given(n=st.integers(MAX_DRAWN + 1, MAX_DRAWN + 300), seed=st.integers(0, 9))
def test_too_many_sources_are_cut_by_rank_but_selected_ones_are_sent(n, seed):
    rng = np.random.default_rng(seed)
    ra, dec, rank = rng.uniform(0, 360, n), rng.uniform(-90, 90, n), rng.random(n)
    names = [f"s{i}" for i in range(n)]
    layer = Layer(names, ra, dec, rank=rank)
    state = layer.sources()
    shown = bytes(state["names"]).decode().split("\0")
    assert state["total"] == n
    assert set(shown) == {names[i] for i in np.argsort(-rank)[:MAX_DRAWN]}
    positions = decode(state["positions"]).reshape(2, -1)
    assert positions[0].tolist() == [ra[int(name[1:])] for name in shown]
    lowest = int(np.argmin(rank))
    highlighted = layer.highlighted([shown[7], names[lowest]])
    assert decode(highlighted["slots"], np.uint32).tolist() == [7]
    assert decode(highlighted["positions"]).tolist() == [ra[lowest], dec[lowest]]


def test_sources_without_position_are_not_drawn():
    layer = Layer(NAMES, np.ma.masked_array(RA, [False, True, False]), np.array([20.0, 20.1, np.nan]))
    assert bytes(layer.sources()["names"]) == b"a"
    assert layer.sources()["total"] == 3


def test_unequal_columns_are_refused():
    with pytest.raises(ValueError, match="3 names, 2 RA"):
        Sky().show_sources(NAMES, RA[:2], DEC[:2])


def test_drawn_circle_and_corners_reach_the_callback():
    sky = Sky()
    regions = []
    sky.on_drawn(lambda region, purpose: regions.append((region, purpose)))
    receive(sky, drawn(shape="circle", center=[359.99, 10.0], radius=0.25))
    receive(sky, drawn(shape="box", vertices=[[1, 89], [91, 89], [181, 89], [271, 89]]))
    (circle, purpose), (box, _) = regions
    assert isinstance(circle, CircleSkyRegion)
    assert (circle.center.ra.deg, circle.radius.to_value("deg"), purpose) == (359.99, 0.25, "region")
    assert isinstance(box, PolygonSkyRegion)
    assert box.vertices.ra.deg.tolist() == [1, 91, 181, 271]


def test_drawing_to_select_picks_the_sources_inside():
    sky = Sky()
    sky.show_sources(NAMES, RA, DEC)
    picked = []
    sky.on_select(lambda names, mode: picked.append((names, mode)))
    receive(sky, {**drawn(shape="circle", center=[10.0, 20.0], radius=0.3), "purpose": "select", "mode": "add"})
    receive(sky, drawn(shape="circle", center=[10.0, 20.0], radius=0.3))
    assert picked == [(["a", "b"], "add")]


def test_errors_of_callbacks_and_shapes_go_to_the_guard():
    messages = Messages()
    sky = Sky(guard=messages.guard)
    sky.on_click(lambda name, mode: 1 / 0)
    receive(sky, {"event_type": "source_clicked", "name": "a", "mode": None})
    receive(sky, drawn(shape="polygon", vertices=[[0, 0], [120, 0], [240, 0]]))
    assert len(messages.entries) == 2
    assert "division by zero" in messages.entries[0].why
    assert isinstance(messages.entries[1].what, str)


def test_callbacks_can_be_removed_and_close_forgets_them():
    sky = Sky()
    seen = []
    sky.on_hover(seen.append)
    sky.on_hover(seen.append)
    receive(sky, {"event_type": "source_hovered", "name": "a"})
    sky.on_hover(seen.append, remove=True)
    receive(sky, {"event_type": "source_hovered", "name": "b"})
    assert seen == ["a"]
    sky.on_click(print)
    sky.close()
    assert len(sky._clicked) == 0


@pytest.mark.parametrize(
    "region",
    [
        CircleSkyRegion(SkyCoord(0.1, 0, unit="deg"), 0.5 * u.deg),
        EllipseSkyRegion(SkyCoord(10, 85, unit="deg"), 1 * u.deg, 2 * u.deg, 30 * u.deg),
        RectangleSkyRegion(SkyCoord(10, -85, unit="deg"), 1 * u.deg, 1 * u.deg),
        PolygonSkyRegion(SkyCoord([359, 1, 0], [-1, -1, 1], unit="deg")),
    ],
)
def test_region_outline_surrounds_the_region(region):
    sky = Sky()
    sky.show_region(region)
    ra, dec = decode(sky._outline["positions"]).reshape(2, -1)
    middle = region.vertices[0] if isinstance(region, PolygonSkyRegion) else region.center
    distance = SkyCoord(ra, dec, unit="deg").separation(middle).deg
    assert len(ra) > 90
    assert distance.max() < 3
    if isinstance(region, CircleSkyRegion):
        assert distance == pytest.approx(0.5, abs=1e-9)
    sky.show_region(None)
    assert sky._outline == {}


def test_candidates_take_the_place_of_those_before():
    sky = Sky()
    outlines = [(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])), (RA, DEC)]
    sky.show_candidates(RA, DEC, best=1, outlines=outlines)
    shown = sky._candidates
    np.testing.assert_array_equal(decode(shown["positions"]).reshape(2, -1), [RA, DEC])
    assert shown["best"] == 1
    for sent_outline, outline in zip(shown["outlines"], outlines, strict=True):
        np.testing.assert_array_equal(decode(sent_outline).reshape(2, -1), outline)
    nothing = np.empty(0)
    sky.show_candidates(nothing, nothing)
    assert sky._candidates == {"positions": b"", "best": -1, "outlines": []}


def test_contours_take_the_place_of_those_before():
    sky = Sky()
    ra, dec = np.array([1.0, 2.0, np.nan, 3.0, 4.0]), np.array([5.0, 6.0, np.nan, 7.0, 8.0])
    sky.show_contours(ra, dec)
    np.testing.assert_array_equal(decode(sky._contours["positions"]).reshape(2, -1), [ra, dec])
    sky.show_contours(ra[:0], dec[:0])
    assert sky._contours == {"positions": b""}


def test_a_region_that_is_none_is_refused_in_words():
    from regions import PointSkyRegion

    with pytest.raises(RegionError):
        Sky().show_region(PointSkyRegion(SkyCoord(0, 0, unit="deg")))
    with pytest.raises(CscError, match="hexagon"):
        Sky().draw("hexagon")


def test_a_file_that_is_no_image_is_told_and_nothing_is_sent(tmp_path):
    sky, path = Sky(), tmp_path / "map.fits"
    messages = sent(sky)
    fits.writeto(path, np.zeros((2, 2)))
    sky.add_fits(path, name="map")
    assert [content["event_name"] for content, _ in messages] == ["add_fits"]
    whole = path.read_bytes()
    for content in (
        whole[:4000],
        whole.replace(b"NAXIS   =                    2", b"NAXIS   = 99999999999999999999"),
        b"text",
    ):
        path.write_bytes(content)
        with pytest.raises(CscError, match=r"map\.fits cannot be shown"):
            sky.add_fits(path, name="map")
    with pytest.raises(CscError, match=r"nowhere\.fits cannot be shown"):
        sky.add_fits(tmp_path / "nowhere.fits")
    assert len(messages) == 1


def test_views_are_sent_what_was_added_before_they_opened():
    sky = Sky()
    messages = sent(sky)
    sky.add_moc({"3": [1, 2]}, name="coverage")
    sky.add_graphic_overlay_from_region(CircleSkyRegion(SkyCoord(1, 2, unit="deg"), 1 * u.deg), name="ring")
    sky.add_fits(fits.HDUList([fits.PrimaryHDU(np.zeros((2, 2)))]), name="map")
    sky.remove_overlay("ring")
    assert [content["event_name"] for content, _ in messages] == [
        "add_MOC_from_dict",
        "add_overlay",
        "add_fits",
        "remove_overlay",
    ]
    messages.clear()
    receive(sky, {"event_type": "view_ready", "view": "v1"})
    assert [(content["event_name"], content["view"]) for content, _ in messages] == [
        ("add_MOC_from_dict", "v1"),
        ("add_fits", "v1"),
        ("overlays_sent", "v1"),
    ]
    assert messages[1][1][0].startswith(b"SIMPLE")


def test_a_report_older_than_a_move_from_python_is_dropped():
    sky = Sky("M33")
    sky.set_state({"_target": "24.0 30.0"})
    assert sky.target.ra.deg == 24.0
    sky.target = SkyCoord(50, -5, unit="deg")
    sky.set_state({"_target": "24.1 30.0", "_fov": 2.0})
    assert (sky.target.ra.deg, sky.fov.deg) == (50.0, 1.0)
    sky.set_state({"_target": "50.1 -5.0", "_seen": sky._moves})
    assert sky.target.ra.deg == 50.1


def test_ipyaladin_still_has_the_private_names_we_build_on():
    from ipyaladin import Aladin

    assert {
        "_target",
        "_fov",
        "_rotation",
        "_projection",
        "_height",
        "_is_loaded",
        "_init_options",
        "_wcs",
        "_fov_xy",
    } <= set(Aladin.class_trait_names())
    assert callable(Aladin._send_or_queue)
    assert callable(Aladin._handle_custom_message)


def test_an_image_keeps_its_opacity_and_does_not_move_the_view():
    sky = Sky()
    messages = sent(sky)
    sky.image_opacity("map", 0.5)  # of no image: nothing to say
    sky.add_fits(fits.HDUList([fits.PrimaryHDU(np.zeros((2, 2)))]), name="map", visit=False)
    sky.image_opacity("map", 0.4)
    assert [content["event_name"] for content, _ in messages] == ["add_fits", "image_opacity"]
    assert messages[0][0]["visit"] is False
    messages.clear()
    receive(sky, {"event_type": "view_ready", "view": "v1"})
    assert messages[0][0]["options"] == {"name": "map", "opacity": 0.4}


def test_a_click_on_the_sky_is_a_position():
    sky, clicked = Sky(), []
    sky.on_place(clicked.append)
    receive(sky, {"event_type": "place_clicked", "place": [83.8, -5.4], "beside": True})
    assert (clicked[0].ra.deg, clicked[0].dec.deg) == (pytest.approx(83.8), pytest.approx(-5.4))
    sky.on_place(clicked.append, remove=True)
    receive(sky, {"event_type": "place_clicked", "place": [83.8, -5.4], "beside": True})
    assert len(clicked) == 1


def test_a_picture_is_written_only_where_python_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sky, asked = Sky(), tmp_path / "sky.png"
    messages = sent(sky)
    receive(sky, {"event_type": "save_view_as_image", "path": "evil.png", "ticket": "evil.png"}, [b"x"])
    sky.save_view_as_image(asked)
    ((message, _),) = messages
    assert not {str(asked), asked.name} & set(map(str, message.values()))
    for _ in range(2):  # a view that is open twice answers twice
        receive(
            sky, {"event_type": "save_view_as_image", "ticket": message["ticket"], "path": "evil.png"}, [b"picture"]
        )
        assert asked.read_bytes() == b"picture"
        assert [path.name for path in tmp_path.iterdir()] == ["sky.png"]
        asked.write_bytes(b"picture")
    with pytest.raises(CscError, match="A file of that name exists"):
        sky.save_view_as_image(asked)
    with pytest.raises(CscError, match="no format"):
        sky.save_view_as_image(tmp_path / "sky.gif", "gif")
