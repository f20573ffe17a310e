"""The catalogue's tables as VizieR and HEASARC publish them: under names, and in units, of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.families import NH, RATIO_WORDS, triple

from .readers import RawColumn
from .values import guess

__all__ = ["dialect"]


def dialect(columns: Sequence[RawColumn]) -> dict[str, tuple[str, str]]:
    """The catalogue's names, and units, of columns that VizieR or HEASARC renamed."""
    names = {column.name.strip() for column in columns}
    if names & {"2CXO", "_2CXO"} and "RAICRS" in names:
        return {column.name: (known, column.unit) for column in columns if (known := _from_vizier(column))}
    lowered = {name.lower() for name in names}
    if len(lowered & _HEASARC_ONLY) >= _SURE_OF_HEASARC:
        known_names = ((column, _HEASARC.get(column.name.strip().lower())) for column in columns)
        return {column.name: (known, _heasarc_unit(column.unit, known)) for column, known in known_names if known}
    return {}


def _from_vizier(column: RawColumn) -> str:
    """The catalogue's name: VizieR's words for a column hold it in brackets, and its own names are a table."""
    said = [str(word) for word in re.findall(r"\((\w+)\)", column.description)]
    if known := [word for word in said if word in TABLES["master_source"]]:
        return known[-1]
    if column.name in ("GLON", "GLAT"):
        # IX/57 has the latitude in GLON and the longitude in GLAT; its words say so, and only large values do besides.
        values = guess(column.values)
        numeric = pa.types.is_floating(values.type) or pa.types.is_integer(values.type)
        largest = float(pc.max(pc.abs(values)).as_py() or 0) if numeric else 0.0
        return "gal_l" if largest > _POLE else ""
    return _VIZIER.get(column.name.strip(), "")


def _heasarc_unit(stated: str, column: str) -> str:
    """HEASARC's units are cgs, and in FITS in capitals, in which a second is a siemens."""
    if stated == "S":
        return "s"
    return stated or ("cm**-2" if TABLES["master_source"][column].unit == NH else "")


def _vizier_names() -> dict[str, str]:
    """IX/57/csc2master and IX/70/csc21mas; a limit has "b_" or "B_" before its quantity."""
    names = {
        "2CXO": "name",
        "_2CXO": "name",  # as astroquery writes it
        "RAICRS": "ra",
        "DEICRS": "dec",
        "r0": "err_ellipse_r0",
        "r1": "err_ellipse_r1",
        "PA": "err_ellipse_ang",
        "fe": "extent_flag",
        "fc": "conf_flag",
        "fp": "pileup_flag",
        "fv": "var_flag",
        "fst": "streak_src_flag",
        "fs": "sat_src_flag",
        "fa": "man_add_flag",
        "fi": "man_inc_flag",
        "fr": "man_reg_flag",
        "fm": "man_match_flag",
        "ff": "man_pos_flag",
        "fVi": "var_inter_hard_flag",
        "fdw": "dither_warning_flag",
        "Ns": "phot_nsrcs",
        "S/N": "significance",
        "Ldet": "likelihood",
        "LClass": "likelihood_class",
        "NHGal": "nh_gal",
        "Nac": "acis_num",
        "ExpAC": "acis_time",
        "Nhrc": "hrc_num",
        "ExpHRC": "hrc_time",
    }
    measured = {"GamPL": "powlaw_gamma", "FPL0.5-7": "flux_powlaw"}
    measured |= {f"HR{pair}": f"hard_{pair}" for pair in RATIO_WORDS}
    for band in BANDS:
        measured |= {
            f"Flux{band}": f"flux_aper_{band}",
            f"F90{band}": f"flux_aper90_{band}",
            f"Favg{band}": f"flux_aper_avg_{band}",
            f"F90avg{band}": f"flux_aper90_avg_{band}",
        }
        measured |= {f"P{name}": f"phot{column}" for name, column in measured.items() if column.startswith("flux_aper")}
    for name, column in measured.items():
        for prefix, known in zip(("", "b_", "B_"), triple(column), strict=True):
            names[f"{prefix}{name}"] = known
    return names


def _heasarc_name(column: str) -> str:
    """HEASARC's name of a column of the master table: the band stands before, words are cut."""
    renamed = {
        "gal_l": "lii",
        "gal_b": "bii",
        "err_ellipse_r0": "error_ellipse_r0",
        "err_ellipse_r1": "error_ellipse_r1",
        "err_ellipse_ang": "error_ellipse_angle",
    }
    if column in renamed:
        return renamed[column]
    stem, _, band = column.rpartition("_")
    name = f"{band}_{stem}" if stem and band in BANDS else column
    for ours, theirs in (("aper", "ap"), ("lolim", "lo"), ("hilim", "hi"), ("pos_angle", "position_angle")):
        name = name.replace(ours, theirs)
    if name.startswith("hard_"):
        return name.replace("hard_", "hardness_ratio_")
    # The fluxes of a standard power law, and of a fitted one, are "plaw"; the parameters of the fit stay "powlaw".
    return name.replace("flux_powlaw", "flux_plaw")


def _heasarc_names() -> dict[str, str]:
    names = {}
    for column in TABLES["master_source"]:
        name = _heasarc_name(column)
        # The limits stand last: "b_flux_ap90_avg_lo".
        limit = re.fullmatch(r"(.+)_(lo|hi)(_avg)?", name)
        names[f"{limit[1]}{limit[3] or ''}_{limit[2]}" if limit else name] = column
    return names


_VIZIER: Mapping[str, str] = MappingProxyType(_vizier_names())
_HEASARC: Mapping[str, str] = MappingProxyType(_heasarc_names())
_HEASARC_ONLY = frozenset(_HEASARC) - frozenset(name for columns in TABLES.values() for name in columns)
_SURE_OF_HEASARC = 2
_POLE = 90  # degrees
