"""A catalogue in partitions gives the match of the same catalogue in memory."""

from dataclasses import replace

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest

from cscwidgets.errors import CscError
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.science.crossmatch_partitions import match_partitions
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.partitions import Partitions, partition

RADIUS = 8 * u.arcsec


def _batches(catalogue, size=7_000):
    columns = {name: np.asarray(getattr(catalogue[name], "value", catalogue[name])) for name in catalogue.colnames}
    for start in range(0, len(catalogue), size):
        yield pa.RecordBatch.from_pydict({name: values[start : start + size] for name, values in columns.items()})


@pytest.fixture(scope="module")
def partitions(field, tmp_path_factory):
    """The field lies across RA 0 and the equator, where four cells meet; far rows and lost ones are added."""
    catalogue = field.catalogue.copy()
    catalogue["ra"][:10] = 180 * u.deg
    catalogue["dec"][10:14] = np.nan
    return catalogue, partition(_batches(catalogue), tmp_path_factory.mktemp("catalogue") / "parts")


def test_the_match_is_that_in_memory(field, partitions):
    catalogue, parts = partitions
    assert len(parts.near(np.zeros(1), np.zeros(1))) > 2
    ours, whole = match_partitions(field.sources, parts, RADIUS), crossmatch(field.sources, catalogue, RADIUS)
    assert len(ours.candidates) == len(whole.candidates)
    assert (ours.candidates["catalogue_name"] == whole.candidates["catalogue_name"]).all()
    np.testing.assert_allclose(ours.candidates["sigmas"], whole.candidates["sigmas"], rtol=1e-6)
    assert ours.completeness == pytest.approx(whole.completeness, abs=0.01)
    assert np.abs(ours.sources["p_any"] - whole.sources["p_any"]).mean() < 0.01
    assert (ours.sources["verdict"] == whole.sources["verdict"]).mean() > 0.98


def test_every_row_is_counted(field, partitions):
    catalogue, parts = partitions
    counts = match_partitions(field.sources, parts, RADIUS).counts
    assert counts["catalogue"] == len(catalogue)
    assert counts["catalogue_without_position"] == 4
    assert counts["catalogue_elsewhere"] == 10
    assert counts["catalogue_used"] == len(catalogue) - 14
    assert counts["sources"] == counts["matched"] + counts["to review"] + counts["none"]


def test_sources_elsewhere_find_nothing(field, partitions):
    sources = field.sources[:5].copy()
    sources["dec"] = -60 * u.deg
    answer = match_partitions(sources, partitions[1], RADIUS)
    assert (len(answer.candidates), answer.counts["none"], answer.counts["catalogue_used"]) == (0, 5, 0)


def test_what_is_no_partitioned_catalogue_is_refused(field, partitions, tmp_path):
    with pytest.raises(CscError, match="no folders healpix="):
        Partitions(tmp_path)
    with pytest.raises(CscError, match="is not empty"):
        partition(_batches(field.catalogue), partitions[1].folder)
    with pytest.raises(CscError, match="It has no rows"):
        partition(iter(()), tmp_path / "none")
    roles = replace(ColumnRoles.guess(field.catalogue), major="")
    with pytest.raises(CscError, match="No column of the catalogue is known as an error"):
        match_partitions(field.sources, partitions[1], RADIUS, catalogue_roles=roles)
