"""A folder opens on all of its sources; a place that is asked for meanwhile is what is shown."""

import numpy as np

from cscwidgets import Archive, Explorer
from cscwidgets.archive.files.cache import Cache
from cscwidgets.sky.region import Region

from ..whole_catalogue import write_whole_catalogue


def test_all_sources_and_where_they_are(tmp_path):
    folder = write_whole_catalogue(tmp_path / "all", 2000)
    app = Explorer(archive=Archive(folder, cache=Cache(tmp_path / "cache")))
    table = app.table
    assert len(table) == 2000
    assert str(app._state.region) == "all sky"
    ra, _ = app.workspace.all_sky.positions
    assert sorted(ra) == sorted(table["ra"].value)
    app.close()


def test_a_place_that_is_asked_for_at_once_is_not_replaced(tmp_path):
    folder = write_whole_catalogue(tmp_path / "all", 2000)
    app = Explorer(archive=Archive(folder, cache=Cache(tmp_path / "cache")))
    app.search("266.4 -29", "5 deg")
    app.wait()
    assert str(app._state.region).startswith("circle 266.4")
    app.close()


def test_all_of_the_sky_is_a_region():
    everywhere = Region.all_sky()
    assert everywhere.contains([0.0, 180.0, 359.9], [-90.0, 0.0, 90.0]).all()
    assert not everywhere.contains([np.nan], [0.0]).any()
    (box,) = everywhere.boxes()
    assert (box.ra_low, box.ra_high, box.dec_low) == (0.0, 360.0, -90.0)
    assert box.dec_high > 90
