"""A folder in the format HATS is a catalogue to match with: its rows near a region are those that astropy finds."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.archive.catalogues.hats_catalogue import HatsCatalogue
from cscwidgets.archive.tables_on_disk import sorted_by_cell
from cscwidgets.io import hats

from ...whole_catalogue import whole_catalogue


@pytest.mark.parametrize(("place", "radius"), [("0.1 0.2", 9.0), ("210 88", 6.0), ("266 -29", 1.0)])
def test_rows_near_a_region(place, radius, tmp_path, monkeypatch):
    monkeypatch.setattr(hats, "_VALUES", 1)
    rows = whole_catalogue(5000, seed=4).select(["name", "ra", "dec", "significance"])
    hats.write_hats(tmp_path / "stars", [sorted_by_cell(rows)], {"obs_collection": "Stars", "csc_simulated": "true"})
    catalogue = find_catalogue(str(tmp_path / "stars"))
    assert isinstance(catalogue, HatsCatalogue)
    assert catalogue.title == "Stars"
    centre = SkyCoord(place, unit="deg")
    near = catalogue.near(CircleSkyRegion(centre, radius * u.deg), 30 * u.arcsec)
    places = SkyCoord(rows["ra"].to_numpy(), rows["dec"].to_numpy(), unit="deg")
    inside = places.separation(centre) <= radius * u.deg + 30 * u.arcsec
    assert sorted(near["name"]) == sorted(np.array(rows["name"].to_pylist())[inside])
    assert near.meta["provenance"].simulated
    assert near.meta["provenance"].complete
