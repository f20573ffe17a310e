"""A simulated catalogue of the size of the CSC 2.1: 407,806 sources, crowded as its stacks are, 60 columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.families import Column

__all__ = ["SOURCES", "whole_catalogue", "write_whole_catalogue"]

SOURCES = 407_806
"""Of the CSC 2.1 (https://cxc.cfa.harvard.edu/csc2.1/)."""

_STACKS = Path(__file__).resolve().parents[2] / "shared" / "real" / "stacks" / "csc20_pd2_stacks_area_ra_dec.txt"
_COLUMNS = (
    *("name", "ra", "dec", "err_ellipse_r0", "err_ellipse_r1", "err_ellipse_ang", "gal_l", "gal_b"),
    *("significance", "likelihood", "likelihood_class", "nh_gal", "acis_num", "acis_time", "hrc_num", "hrc_time"),
    *("conf_flag", "extent_flag", "pileup_flag", "sat_src_flag", "streak_src_flag", "var_flag"),
    *(f"flux_aper{limit}_{band}" for band in "bhmsuw" for limit in ("", "_lolim", "_hilim")),
    *(f"hard_{pair}{limit}" for pair in ("hm", "hs", "ms") for limit in ("", "_lolim", "_hilim")),
    *(f"var_{what}_{kind}_b" for what in ("intra", "inter") for kind in ("prob", "index")),
    *(
        "var_inter_sigma_b",
        "powlaw_gamma",
        "powlaw_gamma_lolim",
        "powlaw_gamma_hilim",
        "powlaw_nh",
        "bb_kt",
        "kp_intra_prob_b",
    ),
)


def stacks() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Centres (deg), radii (deg) and numbers of sources of stacks: the real ones where they are, else some drawn."""
    if _STACKS.is_file():
        area, found, ra, dec = np.loadtxt(_STACKS, usecols=(1, 2, 4, 5), unpack=True)
        return ra, dec, np.sqrt(area / np.pi) / 60, np.maximum(found, 1)
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, 7000), np.degrees(np.arcsin(rng.uniform(-1, 1, 7000)))
    return ra, dec, rng.uniform(0.1, 0.35, 7000), rng.lognormal(3.3, 1.0, 7000)


def whole_catalogue(n: int = SOURCES, seed: int = 21) -> pa.Table:
    """Its master sources."""
    rng = np.random.default_rng(seed)
    ra, dec = _positions(n, rng)
    names = _names(ra, dec)
    flux = 10 ** rng.normal(-14.3, 0.7, n)
    hardness = {pair: np.clip(rng.normal(0, 0.4, n), -0.999, 0.999) for pair in ("hm", "hs", "ms")}
    arrays = []
    for column in map(TABLES["master_source"].__getitem__, _COLUMNS):
        given: dict[str, np.ndarray] = {"name": names, "ra": ra, "dec": dec}
        values = given[column.name] if column.name in given else _values(column, n, rng, flux, hardness)
        arrays.append(pa.array(values, from_pandas=True))
    return pa.table(arrays, names=list(_COLUMNS))


def _positions(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    ra0, dec0, radius, found = stacks()
    stack = rng.choice(len(ra0), n, p=found / found.sum())
    distance = np.radians(radius[stack] * np.sqrt(rng.random(n)))
    angle, lat = rng.uniform(0, 2 * np.pi, n), np.radians(dec0[stack])
    sine = np.sin(lat) * np.cos(distance) + np.cos(lat) * np.sin(distance) * np.cos(angle)
    east = np.sin(angle) * np.sin(distance) * np.cos(lat)
    ra = ra0[stack] + np.degrees(np.arctan2(east, np.cos(distance) - np.sin(lat) * sine))
    return ra % 360, np.degrees(np.arcsin(np.clip(sine, -1, 1)))


def _names(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """SIM J names by position; those that fall together are told apart by a letter, as in the catalogue."""
    tenths, seconds = (ra * 2400).astype(int), (np.abs(dec) * 3600).astype(int)
    signs = np.where(dec < 0, "-", "+")
    texts = [
        f"SIM J{t // 36000:02d}{t // 600 % 60:02d}{t // 10 % 60:02d}.{t % 10}"
        f"{sign}{s // 3600:02d}{s // 60 % 60:02d}{s % 60:02d}"
        for t, s, sign in zip(tenths.tolist(), seconds.tolist(), signs.tolist(), strict=True)
    ]
    seen: dict[str, int] = {}
    for row, text in enumerate(texts):
        times = seen[text] = seen.get(text, -1) + 1
        texts[row] = text + (chr(ord("A") + times % 26) * (1 + times // 26) if times else "")
    return np.array(texts, dtype=object)


def _values(
    column: Column, n: int, rng: np.random.Generator, flux: np.ndarray, hardness: dict[str, np.ndarray]
) -> np.ndarray:
    name = column.name
    if column.datatype == "boolean":
        return rng.random(n) < 0.06
    if column.datatype == "char":
        return np.where(rng.random(n) < 0.8, "TRUE", "MARGINAL").astype(object)
    if column.datatype in {"int", "short", "long"}:
        return rng.integers(0, 9, n).astype(np.int32)
    limit = -1 if "lolim" in name else 1 if "hilim" in name else 0
    if name.startswith("flux"):
        share = {"b": 1.0, "h": 0.5, "m": 0.3, "s": 0.2, "u": 0.05, "w": 1.1}[name[-1]]
        values = share * flux * (1 + 0.2 * limit)
        return np.where(rng.random(n) < (0.9 if name[-1] in "uw" else 0.2), np.nan, values)
    if name.startswith("hard"):
        values = np.clip(hardness[name[5:7]] + 0.1 * limit, -1, 1)
        return np.where(rng.random(n) < 0.1, np.nan, values)
    if "prob" in name:
        return rng.beta(0.5, 1.5, n)
    if name == "significance":
        return 2 + rng.exponential(5, n)
    if name.startswith("powlaw"):
        return np.where(rng.random(n) < 0.8, np.nan, rng.normal(1.8, 0.4, n) + 0.2 * limit)
    return np.abs(rng.normal(1, 0.4, n))


def write_whole_catalogue(folder: Path, n: int = SOURCES) -> Path:
    """Write it as an archive folder."""
    info = ArchiveInfo(
        f"Simulated catalogue of {n:,}", "csc2.1", "csc21", "drawn at random for tests", True, "2026-11-27T00:00:00Z"
    )
    write_folder(folder, {"master_source": whole_catalogue(n)}, info)
    return folder
