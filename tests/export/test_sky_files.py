"""Images and coverage maps, written whole or not at all."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from mocpy import MOC

from cscwidgets.errors import CscError
from cscwidgets.export.sky_files import write_image, write_moc


def test_an_image_is_written_with_checksums(tmp_path):
    path = write_image(fits.HDUList([fits.PrimaryHDU(np.arange(6.0).reshape(2, 3))]), tmp_path / "map.fits")
    with fits.open(path, checksum=True) as hdus:
        np.testing.assert_array_equal(hdus[0].data, np.arange(6.0).reshape(2, 3))
        assert "CHECKSUM" in hdus[0].header


def test_a_moc_is_read_again(tmp_path):
    moc = MOC.from_cone(lon=164 * u.deg, lat=57 * u.deg, radius=0.2 * u.deg, max_depth=12)
    path = write_moc(moc, tmp_path / "area.fits")
    assert MOC.from_fits(path) == moc
    assert MOC.from_fits(path).contains_skycoords(SkyCoord(164, 57, unit="deg")).all()


def test_a_file_is_not_lost(tmp_path):
    path = tmp_path / "map.fits"
    path.write_text("precious")
    hdus = fits.HDUList([fits.PrimaryHDU(np.zeros((2, 2)))])
    with pytest.raises(CscError, match="A file of that name exists"):
        write_image(hdus, path)
    assert path.read_text() == "precious"
    write_image(hdus, path, overwrite=True)
    assert fits.getdata(path).shape == (2, 2)
    with pytest.raises(CscError, match="was not written"):
        write_image(hdus, tmp_path / "absent" / "map.fits")
    assert [one.name for one in tmp_path.iterdir()] == ["map.fits"]
