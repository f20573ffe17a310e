import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.science.hardness import Kind, classify, hardness_ratio

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "real"
PULSARS = REAL / "tables" / "csc20_full_schema_137_pulsars.tsv"

fluxes = st.floats(1e-12, 1e3)
ratios = st.floats(-1, 1)


@pytest.fixture(scope="module")
def pulsars():
    if not PULSARS.is_file():
        pytest.skip(f"needs the real CSC table {PULSARS.name} in ../shared/real")
    with PULSARS.open(newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file, delimiter="\t") if row]
    header, *body = [row for row in rows if not row[0].startswith("#")]
    return {
        name: np.array([float(cell) if cell else np.nan for cell in column])
        for name, column in zip(header, zip(*body, strict=True), strict=True)
        if name.startswith(("photflux_aper", "hard_"))
    }


@pytest.mark.real
def test_ratio_of_photon_fluxes_is_the_catalogue_column(pulsars):
    pairs = ("hm", "hs", "ms")
    ours = np.concatenate([hardness_ratio(*(pulsars[f"photflux_aper_{band}"] for band in pair)) for pair in pairs])
    theirs, low, high = (
        np.concatenate([pulsars[f"hard_{pair}{limit}"] for pair in pairs]) for limit in ("", "_lolim", "_hilim")
    )
    difference, width = np.abs(ours - theirs), high - low
    # The mode of H is not quite H of the modes: they meet where the posterior is narrow.
    narrow = width < 0.2
    assert narrow.sum() > 150
    assert np.nanmedian(difference[narrow]) < 0.001
    assert np.nanmedian(difference / width) < 0.025


@pytest.mark.real
def test_real_intervals_that_reach_an_end_are_limits(pulsars):
    for pair in ("hm", "hs", "ms"):
        value, low, high = (pulsars[name] for name in (f"hard_{pair}", f"hard_{pair}_lolim", f"hard_{pair}_hilim"))
        kinds = classify(value, low, high)
        np.testing.assert_array_equal(kinds == Kind.UNDETERMINED, np.isnan(value))
        assert (kinds[high == 1] == Kind.LOWER_LIMIT).all()
        assert (kinds[low == -1] == Kind.UPPER_LIMIT).all()
        measured = kinds == Kind.MEASURED
        assert measured.sum() > 80
        assert (np.abs(value[measured]) < 0.98).all()


@pytest.mark.parametrize(
    ("value", "low", "high", "kind"),
    [
        (0.21, 0.10, 0.33, Kind.MEASURED),
        (0.97, 0.95, 0.98, Kind.MEASURED),
        (0.9994, 0.3704, 1.0, Kind.LOWER_LIMIT),
        (0.9994, -0.258, 1.0, Kind.LOWER_LIMIT),
        (0.3735, -0.2255, 1.0, Kind.LOWER_LIMIT),
        (0.9931, 0.9913, 0.995, Kind.LOWER_LIMIT),
        (-0.9994, -1.0, -0.5178, Kind.UPPER_LIMIT),
        (-0.3073, -1.0, 0.2092, Kind.UPPER_LIMIT),
        (0.9881, 0.975, 0.9988, Kind.LOWER_LIMIT),
        (0.5, -1.0, 1.0, Kind.UNDETERMINED),
        (0.9994, -0.37, 1.0, Kind.UNDETERMINED),
        (np.nan, np.nan, np.nan, Kind.UNDETERMINED),
        (0.2, np.nan, 0.3, Kind.UNDETERMINED),
    ],
)
def test_kind(value, low, high, kind):
    assert classify(value, low, high) == kind
    mirrored = {Kind.LOWER_LIMIT: Kind.UPPER_LIMIT, Kind.UPPER_LIMIT: Kind.LOWER_LIMIT}
    assert classify(-value, -high, -low) == mirrored.get(kind, kind)


def test_a_ratio_without_light_or_without_a_band_is_missing():
    hard = np.ma.masked_array([1.0, 0.0, 3.0, np.nan], mask=[False, False, True, False])
    ratio = hardness_ratio(hard, [3.0, 0.0, 1.0, 1.0])
    assert not np.ma.isMaskedArray(ratio)
    np.testing.assert_array_equal(ratio, [-0.5, np.nan, np.nan, np.nan])


@given(fluxes, fluxes, st.floats(1e-6, 1e6))
def test_ratio_is_bounded_antisymmetric_and_free_of_units(hard, soft, unit):
    ratio = hardness_ratio(hard, soft)
    assert -1 <= ratio <= 1
    assert ratio == -hardness_ratio(soft, hard)
    assert hardness_ratio(hard * unit, soft * unit) == pytest.approx(ratio, abs=1e-12)


@given(fluxes, fluxes, st.floats(1.001, 10))
def test_ratio_grows_with_the_hard_band(hard, soft, factor):
    assert hardness_ratio(hard * factor, soft) >= hardness_ratio(hard, soft)


@given(ratios, ratios, ratios)
def test_every_ratio_has_exactly_one_kind(a, b, c):
    low, value, high = sorted((a, b, c))
    assert classify([value], [low], [high])[0] in set(Kind)
