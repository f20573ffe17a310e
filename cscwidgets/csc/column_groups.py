"""What columns are about: the groups they are chosen from, usual choices, and finding them by words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from .families import Column

__all__ = ["GROUPS", "PRESETS", "find_columns", "group_of", "preset"]

_MODELS = "(powlaw|bb|brems|apec)"

# The first that matches a name counts.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("Hardness", r"hard_|var_inter_hard_"),
    ("Extent", r"extent_|major_axis|minor_axis|pos_angle|src_area"),
    ("Variability", r"(var|ks|kp)_|dither_warning_flag"),
    ("Names", r"(name|detect_stack_id|region_id|obsid|obi|match_type|targname|cycle)$"),
    ("Position", r"(ra|dec|gal_[bl]|theta|phi|theta_mean)$|err_ellipse_|(ra|dec|roll)_|delta|chip"),
    ("Flags and codes", r".*(_flag|_code|_warning)$"),
    ("Significance", r"likelihood|(flux_|detect_)?significance"),
    ("Model fluxes", rf"flux_{_MODELS}_aper"),
    ("Spectral fits", rf"(flux_)?{_MODELS}(_|$)|nh_gal"),
    ("Photon fluxes", r"photflux_"),
    ("Energy fluxes", r"flux_aper"),
    ("Counts and rates", r"(src_)?(cnts|rate)_|phot_nsrcs"),
    ("Exposure and instrument", r"(acis|hrc)_|(instrument|detector|grating|datamode|livetime|ao)$|gti_|mjd_"),
)

GROUPS: tuple[str, ...] = (
    *("Names", "Position", "Significance", "Energy fluxes", "Photon fluxes", "Model fluxes", "Counts and rates"),
    *("Hardness", "Variability", "Spectral fits", "Extent", "Flags and codes", "Exposure and instrument", "Others"),
)
"""Groups in the order they are offered; the last has what the reference of the releases does not know."""

_PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "Positions": r"(ra|dec|gal_[bl])|err_ellipse_\w+",
        "Fluxes by band": r"flux_aper(_lolim|_hilim)?_[bhmsuw]",
        "Variability": r"var_(flag|((intra|inter)_)?(prob|index)_[bw]|(inter_)?sigma_[bw]|(mean|min|max)_[bw])",
        "Spectral fits": rf"{_MODELS}_(gamma|kt|nh|stat)(_lolim|_hilim)?|nh_gal",
        "Hardness": r"hard_(hm|hs|ms)(_lolim|_hilim)?|var_inter_hard_\w+",
    }
)

PRESETS: tuple[str, ...] = tuple(_PRESETS)
"""Titles of the usual choices."""


def group_of(name: str) -> str:
    """The group that a column belongs to.

    >>> group_of("powlaw_gamma"), group_of("var_inter_hard_prob_hm"), group_of("flux_powlaw_aper_b")
    ('Spectral fits', 'Hardness', 'Model fluxes')
    """
    return next((group for group, pattern in _PATTERNS if re.match(pattern, name.lower())), GROUPS[-1])


def preset(title: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of some columns that a usual choice has.

    >>> preset("Hardness", ["ra", "hard_hm", "hard_hm_lolim", "photflux_aper_b"])
    ('hard_hm', 'hard_hm_lolim')
    """
    return tuple(name for name in names if re.fullmatch(_PRESETS[title], name.lower()))


def find_columns(columns: Iterable[Column], words: str) -> list[Column]:
    """Columns whose name, description or group has all of some words, in any case and order.

    >>> [found.name for found in find_columns([Column("bb_kt", description="black body: temperature")], "Temp body")]
    ['bb_kt']
    """
    wanted = words.lower().split()
    return [
        column
        for column in columns
        if all(word in f"{column.name} {column.description} {group_of(column.name)}".lower() for word in wanted)
    ]
