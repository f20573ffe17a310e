"""The frame that a file says its positions are in, where it is not the one that all positions here are taken for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["frame_note", "other_frame"]

_J2000, _SAME = 2000.0, 0.01  # years
_FIRST_FK5 = 1984.0  # FITS Standard 4.0, 8.3: an earlier equinox alone means FK4
_YEAR = re.compile(r"\s*([BJ]?)\s*(\d{4}(?:\.\d*)?)\s*", re.IGNORECASE)
_EQUATORIAL = re.compile(r"(eq_)?(icrs|fk5)?", re.IGNORECASE)
_KEYS = ("radesys", "radecsys", "equinox")


def other_frame(declared: str, meta: Mapping[str, Any]) -> str:
    """What a table calls the frame of a column, if that is neither ICRS nor FK5 of J2000; else nothing.

    Parameters
    ----------
    declared : str
        Of the column itself: system and equinox of its COOSYS (VOTable).
    meta : mapping
        Of the table: ``RADESYS`` and ``EQUINOX`` of a FITS header count for a column that declares nothing.

    Examples
    --------
    >>> other_frame("eq_FK4 B1950", {}), other_frame("", {"EQUINOX": 1950.0}), other_frame("eq_FK5 J2000", {})
    ('eq_FK4 B1950', 'FK4 1950.0', '')
    """
    system, _, equinox = declared.partition(" ") if declared else _of_header(meta)
    match = _YEAR.fullmatch(equinox)
    year = float(match[2]) if match else _J2000
    if not system and match and (year < _FIRST_FK5 or match[1].upper() == "B"):
        system = "FK4"
    plain = _EQUATORIAL.fullmatch(system) is not None
    # ICRS has no equinox: one that is given says something of the observation.
    if plain and (system.lower().endswith("icrs") or abs(year - _J2000) < _SAME):
        return ""
    return f"{system} {equinox}".strip()


def frame_note(columns: Mapping[str, str], meta: Mapping[str, Any]) -> str:
    """What is said of right ascensions, by name and declared frame, that are not ICRS; empty if all are."""
    others = {name: frame for name, declared in columns.items() if (frame := other_frame(declared, meta))}
    listed = ", ".join(f"{name} ({frame})" for name, frame in others.items())
    return f"right ascensions that are not ICRS, and are not taken for positions: {listed}" if others else ""


def _of_header(meta: Mapping[str, Any]) -> tuple[str, str, str]:
    said = {str(key).lower(): value for key, value in meta.items()}
    keywords = said.get("keywords")  # where astropy keeps those of IPAC tables
    if isinstance(keywords, Mapping):
        values = {str(key).lower(): value for key, value in keywords.items()}
        said = {key: value["value"] if isinstance(value, Mapping) else value for key, value in values.items()} | said
    system, older, equinox = (str(said.get(key) or "").strip(" '\"") for key in _KEYS)
    return system or older, " ", equinox
