"""The observation and stack tables, and the tables that join them."""

from __future__ import annotations

import numpy as np
from astropy.time import Time

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.csc.bands import BANDS
from cscwidgets.science.photometry import Flux
from cscwidgets.science.variability import inter_observation_index

from ..sky.fields import FIELDS, SEED
from ..sky.population import population
from ..sky.source_spectra import BAND
from ..telescope.instrument import psf_radius
from ..telescope.observations import stacks
from .columns import HARDNESS_CHANGE, VARIABLE, Columns, columns_of, hardness_columns_of, per_band, variable, widest
from .extent import Extent, measure_extent
from .model_fluxes import model_fluxes
from .positions import Positions
from .spectral_fits import spectral_fits
from .summary import Level, Summary

__all__ = ["association_tables", "observation_columns", "region_extent", "stack_columns"]


MISSION_ZERO = 50_814.0
"""MJD (TT) of mission time zero."""

_LIKELY = 10.0


def observation_columns(summary: Summary) -> Columns:
    """Columns of ``observation_source``."""
    records, level, timed = summary.records, summary.observed, summary.timing
    rng = np.random.default_rng([SEED, 4])
    measurable = (summary.likelihood > _LIKELY) & records.detected[records.region][:, None]
    theta = np.array([records.exposure_of(row).theta[records.exposure_row[row]] for row in range(len(records.region))])
    columns = _of_observation(summary)
    columns["region_id"] = records.region_id[records.region]
    columns["theta"] = theta
    columns["phi"] = np.array([records.exposure_of(row).phi[records.exposure_row[row]] for row in range(len(theta))])
    extent = _extent(rng, records.source[records.region], theta, level, measurable)
    columns |= _detection_columns(level, summary.likelihood, extent)
    columns["conf_code"] = summary.confusion[records.region]
    columns["sat_src_flag"], columns["streak_src_flag"] = summary.flags.saturated, summary.flags.streaked
    columns["var_code"] = ((np.nan_to_num(timed.index) >= VARIABLE) * 2 ** np.arange(len(BANDS))).sum(axis=1)
    columns["dither_warning_flag"] = summary.flags.edge & (np.nan_to_num(timed.probability).max(axis=1) > 0.9)
    observed = records.aperture.area_time > 0
    for quantity, values in (
        ("cnts_aper", np.where(observed, records.aperture.counts, np.nan)),
        ("cnts_aperbkg", np.where(observed, records.aperture.off, np.nan)),
        ("var_index", timed.index),
        ("var_prob", timed.probability),
        ("ks_prob", timed.ks),
        ("kp_prob", timed.kuiper),
        ("var_mean", timed.mean),
        ("var_sigma", timed.sigma),
        ("var_min", timed.low),
        ("var_max", timed.high),
    ):
        columns |= per_band(quantity, values)
    field = np.array([stack.field for stack in stacks()])[records.stack[records.region]]
    for shape in ("powlaw", "bb", "brems"):
        columns |= dict(columns_of(f"flux_{shape}_aper", model_fluxes(shape, level.photometry.photons, field)))
    broad = level.photometry.flux
    columns |= spectral_fits(
        rng,
        population(),
        records.source[records.region],
        level.photometry.net.value[:, BAND["b"]],
        Flux(*(getattr(broad, end)[:, BAND["b"]] for end in ("value", "lower", "upper"))),
    )
    return columns


def _of_observation(summary: Summary) -> Columns:
    """Columns that say when and where each row's observation was made."""
    records = summary.records
    first = {int(number): int(row) for row, number in reversed([*enumerate(records.exposure)])}
    order = sorted(first)
    observations = [records.exposure_of(first[number]).observation for number in order]
    target = [FIELDS[stacks()[records.stack[records.region[first[number]]]].field] for number in order]
    start = Time([o.start for o in observations], format="cxcsec")
    stop = Time([o.stop for o in observations], format="cxcsec")
    table: Columns = {
        "obsid": [o.obsid for o in observations],
        "obi": [o.obi for o in observations],
        "instrument": [o.instrument for o in observations],
        "detector": [o.detector for o in observations],
        "targname": [f"{t.name} (simulated)" for t in target],
        "ra_targ": [t.ra for t in target],
        "dec_targ": [t.dec for t in target],
        "ra_pnt": [o.ra for o in observations],
        "dec_pnt": [o.dec for o in observations],
        "ra_nom": [o.ra for o in observations],
        "dec_nom": [o.dec for o in observations],
        "roll_pnt": [o.roll for o in observations],
        "roll_nom": [o.roll for o in observations],
        "gti_start": [o.start for o in observations],
        "gti_stop": [o.stop for o in observations],
        "gti_elapse": [o.stop - o.start for o in observations],
        "gti_obs": [*Time(start, precision=0).tt.isot],
        "gti_end": [*Time(stop, precision=0).tt.isot],
        "gti_mjd_obs": start.tt.mjd,
        "mjd_ref": [MISSION_ZERO] * len(observations),
    }
    index = np.searchsorted(order, records.exposure)
    return {name: np.asarray(values)[index] for name, values in table.items()}


def stack_columns(summary: Summary, positions: Positions, extent: Extent) -> Columns:
    """Columns of ``stack_source``."""
    records, level = summary.records, summary.stacked
    regions = len(records.source)
    likelihood = records.likelihood
    columns = _detection_columns(level, likelihood, extent)
    stack = records.stack
    columns["detect_stack_id"] = np.array([s.stack_id for s in stacks()])[stack]
    columns["region_id"] = records.region_id
    columns["instrument"] = np.array([s.instrument for s in stacks()])[stack]
    columns["grating"] = np.array([s.observations[0].grating for s in stacks()])[stack]
    columns["ra_stack"] = np.array([s.ra for s in stacks()])[stack]
    columns["dec_stack"] = np.array([s.dec for s in stacks()])[stack]
    rng = np.random.default_rng([SEED, 5])
    for name, scale in (("deltax", 0.3), ("deltay", 0.3), ("deltarot", 0.01)):
        columns[name] = (scale * rng.standard_normal(len(stacks())))[stack]
    columns["ra"], columns["dec"] = positions.region_ra, positions.region_dec
    columns["theta_mean"] = records.region_theta
    columns["conf_code"] = summary.confusion
    columns["sat_src_flag"] = _in_all(summary.flags.saturated, records.region, regions)
    columns["streak_src_flag"] = _in_all(summary.flags.streaked, records.region, regions)
    columns["detect_significance"] = np.where(records.detected, np.sqrt(2 * likelihood.max(axis=1, initial=0)), np.nan)
    intra = widest(summary.timing.index, records.region, regions)
    inter = inter_observation_index(summary.stack_inter[0]).astype(float)
    inter[inter < 0] = np.nan
    columns |= per_band("var_intra_index", intra) | per_band("var_inter_index", inter)
    columns["var_flag"] = variable(intra) | variable(inter)
    hard = widest(_row_hardness_change(summary), records.region, regions)
    columns["var_inter_hard_flag"] = np.nan_to_num(hard) > 0
    return columns


def region_extent(summary: Summary) -> Extent:
    """Extents of all stack detections."""
    records = summary.records
    measurable = (records.likelihood > _LIKELY) & records.detected[:, None]
    rng = np.random.default_rng([SEED, 6])
    return _extent(rng, records.source, records.region_theta, summary.stacked, measurable)


def association_tables(summary: Summary, names: list[str]) -> dict[str, Columns]:
    """Columns of the two association tables and of ``detect_stack``."""
    records = summary.records
    stack_id = np.array([stack.stack_id for stack in stacks()])
    row_stack = stack_id[records.stack[records.region]]
    members = [(stack.stack_id, o) for stack in stacks() for o in stack.observations]
    observations = [records.exposure_of(row).observation for row in range(len(records.region))]
    return {
        "master_stack_assoc": {
            "name": np.array(names)[records.match_master],
            "detect_stack_id": stack_id[records.stack[records.match_region]],
            "region_id": records.region_id[records.match_region],
            "match_type": records.match_type,
        },
        "stack_observation_assoc": {
            "detect_stack_id": row_stack,
            "region_id": records.region_id[records.region],
            "obsid": np.array([o.obsid for o in observations]),
            "obi": np.array([o.obi for o in observations]),
        },
        "detect_stack": {
            "detect_stack_id": np.array([identifier for identifier, _ in members]),
            "obsid": np.array([o.obsid for _, o in members]),
            "obi": np.array([o.obi for _, o in members]),
            "cycle": np.array(["P"] * len(members)),
        },
    }


def _detection_columns(level: Level, likelihood: Floats, extent: Extent) -> Columns:
    """Columns that both tables have."""
    net, counts = level.photometry.net, level.aperture
    # Net counts in the region, corrected to all of the PSF.
    all_counts = net * (counts.area_time / level.photometry.response)
    columns: Columns = {}
    for quantity, values in (
        ("src_cnts_aper", all_counts),
        ("src_rate_aper", all_counts * (1 / counts.livetime[:, None])),
        ("photflux_aper", level.photometry.photons),
        ("flux_aper", level.photometry.flux),
        ("major_axis", extent.major),
        ("minor_axis", extent.minor),
        ("pos_angle", extent.angle),
    ):
        columns |= dict(columns_of(quantity, values))
    columns |= dict(hardness_columns_of(level.hardness))
    columns |= per_band("flux_significance", level.photometry.significance)
    columns |= per_band("likelihood", np.where(counts.area_time > 0, likelihood, np.nan))
    columns["extent_code"] = extent.code
    columns["livetime"] = counts.livetime
    return columns


def _extent(rng: np.random.Generator, source: Integers, theta: Floats, level: Level, detected: Flags) -> Extent:
    sigma = psf_radius(theta) / 2.15
    return measure_extent(rng, population().extent[source], sigma, np.nan_to_num(level.photometry.net.value), detected)


def _in_all(flags: Flags, group: Integers, number: int) -> Flags:
    """Whether the flag is set in every row of each group."""
    rows = np.bincount(group, minlength=number)
    return np.asarray((np.bincount(group, flags, minlength=number) == rows) & (rows > 0))


def _row_hardness_change(summary: Summary) -> Floats:
    """1 for rows of master sources whose hardness varies, else 0."""
    changing = np.nan_to_num(summary.inter_hardness[0]).max(axis=1) > HARDNESS_CHANGE
    return np.where(summary.row_master >= 0, changing[summary.row_master], False).astype(float)
