"""A HiPS is read again by reproject as the image that was written, and nothing else is touched."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from reproject.hips import hips_as_dask_array

from cscwidgets.errors import CscError, QueryCancelled
from cscwidgets.export.hips import write_hips

PROPERTIES = {"obs_title": "limits", "creator_did": "ivo://test/limits"}


@pytest.fixture(scope="module")
def image():
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], [164.0, 57.0]
    wcs.wcs.crpix, wcs.wcs.cdelt = [40.5, 40.5], [-8 / 3600, 8 / 3600]
    y, x = np.indices((80, 80))
    data = (1e-6 * (1 + x + y)).astype(np.float32)
    data[:, :20] = np.nan
    return fits.PrimaryHDU(data, wcs.to_header())


def test_the_image_comes_back(image, tmp_path):
    folder = write_hips(image, tmp_path / "limits", properties=PROPERTIES)
    said = dict(line.split("=", 1) for line in (folder / "properties").read_text().splitlines() if "=" in line)
    assert {key.strip(): text.strip() for key, text in said.items()}["obs_title"] == "limits"
    # Read again with reproject's own reader, at the centres of the image's pixels.
    tiles, tiled = hips_as_dask_array(folder)
    y, x = np.mgrid[5:75:7, 3:75:6]
    sky = WCS(image.header).pixel_to_world(x, y)
    column, row = (np.round(part).astype(int) for part in tiled.world_to_pixel(sky))
    again = tiles.vindex[row.ravel(), column.ravel()].compute().reshape(x.shape)
    known = np.isfinite(image.data[y, x])
    np.testing.assert_allclose(again[known], image.data[y, x][known], atol=2.1e-6)  # one pixel beside, at most
    assert np.isnan(again[:, :3]).all()


def test_only_a_hips_is_replaced(image, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("precious")
    for overwrite in (False, True):
        with pytest.raises(CscError, match="was not written"):
            write_hips(image, mine, properties=PROPERTIES, overwrite=overwrite)
    assert (mine / "thesis.tex").read_text() == "precious"
    folder = write_hips(image, tmp_path / "limits", properties=PROPERTIES)
    with pytest.raises(CscError, match="A folder of that name exists"):
        write_hips(image, folder, properties=PROPERTIES)
    write_hips(image, folder, properties=PROPERTIES | {"obs_title": "again"}, overwrite=True)
    assert "again" in (folder / "properties").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["limits", "mine"]


def test_a_cancelled_one_leaves_nothing(image, tmp_path):
    def stop(_fraction):
        raise QueryCancelled("stopped")

    with pytest.raises(QueryCancelled):
        write_hips(image, tmp_path / "limits", properties=PROPERTIES, progress=stop)
    assert list(tmp_path.iterdir()) == []
