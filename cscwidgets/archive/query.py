"""From what is wanted to ADQL the CSC accepts. Pure text: nothing is sent from here.

The CSC's TAP may refuse geometry functions, so a region becomes boxes in right ascension and
declination, and the sphere is cut afterwards by `Region.contains`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cscwidgets.errors import QueryError
from cscwidgets.sky.boxes import Box, halved

__all__ = [
    "ALL_SKY_COLUMNS",
    "DEFAULT_COLUMNS",
    "DETECTION_COLUMNS",
    "NAMES_PER_QUERY",
    "Query",
    "box_condition",
    "chosen_columns",
    "quote_text",
]

DEFAULT_COLUMNS: tuple[str, ...] = (
    *("name", "ra", "dec", "err_ellipse_r0", "err_ellipse_r1", "err_ellipse_ang"),
    *("significance", "likelihood_class"),
    *("flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b"),
    *("flux_aper_w", "flux_aper_lolim_w", "flux_aper_hilim_w"),
    *("hard_hm", "hard_hm_lolim", "hard_hm_hilim"),
    *("hard_hs", "hard_hs_lolim", "hard_hs_hilim"),
    *("hard_ms", "hard_ms_lolim", "hard_ms_hilim"),
    *("var_intra_prob_b", "var_intra_index_b", "var_inter_prob_b", "var_inter_index_b"),
    *("extent_flag", "conf_flag", "pileup_flag", "sat_src_flag", "streak_src_flag", "var_flag"),
    *("acis_num", "acis_time", "hrc_num", "hrc_time"),
)
"""Master columns of a search that names none."""

ALL_SKY_COLUMNS: tuple[str, ...] = (
    *("name", "ra", "dec", "significance", "flux_aper_b"),
    *(f"hard_{pair}{limit}" for pair in ("hm", "hs", "ms") for limit in ("", "_lolim", "_hilim")),
    *("var_intra_prob_b", "var_inter_prob_b", "extent_flag", "conf_flag", "sat_src_flag"),
)
"""Master columns of a whole catalogue: what is drawn; 407,806 rows are 90 MB."""

DETECTION_COLUMNS: tuple[str, ...] = (
    *("instrument", "detector", "theta", "phi", "livetime"),
    *("gti_obs", "gti_end", "gti_mjd_obs", "gti_start", "gti_stop"),
    *("likelihood_b", "flux_significance_b", "likelihood_w", "flux_significance_w"),
    *("src_cnts_aper_b", "src_cnts_aper_lolim_b", "src_cnts_aper_hilim_b"),
    *(f"photflux_aper{limit}_{band}" for band in "bhmsuw" for limit in ("", "_lolim", "_hilim")),
    *(f"flux_aper{limit}_{band}" for band in "bhmsuw" for limit in ("", "_lolim", "_hilim")),
    *(f"hard_{pair}{limit}" for pair in ("hm", "hs", "ms") for limit in ("", "_lolim", "_hilim")),
    *(f"{what}_{band}" for band in "bw" for what in ("var_index", "var_prob", "ks_prob", "kp_prob")),
    *(f"var_{what}_{band}" for band in "bw" for what in ("mean", "sigma", "min", "max")),
    *("conf_code", "extent_code", "var_code", "sat_src_flag", "streak_src_flag", "dither_warning_flag"),
)
"""Observation columns of a source's history unless others are named: those seen in answers of the CSC."""

NAMES_PER_QUERY = 200
"""Longer lists of names make the CSC drop the connection."""

# Tables in joining order with their customary aliases, and what joins each to those before it.
_CHAIN: tuple[tuple[str, str, str], ...] = (
    ("master_source", "m", ""),
    ("master_stack_assoc", "a", "m.name = a.name"),
    ("stack_source", "s", "s.detect_stack_id = a.detect_stack_id AND s.region_id = a.region_id"),
    ("stack_observation_assoc", "b", "s.detect_stack_id = b.detect_stack_id AND s.region_id = b.region_id"),
    ("observation_source", "o", "o.obsid = b.obsid AND o.obi = b.obi AND o.region_id = b.region_id"),
)
_ALIASES = {table: alias for table, alias, _ in _CHAIN}
_SEARCHABLE = ("master_source", "stack_source", "observation_source")


def chosen_columns(columns: Sequence[str] | str | None, available: Sequence[str]) -> Sequence[str]:
    """Columns as they are asked for: those named, in a list or with commas, "*" for all, None for a useful set."""
    if columns is None:
        return [name for name in DEFAULT_COLUMNS if name in available]
    if isinstance(columns, str):
        return available if columns == "*" else [word.strip() for word in columns.split(",")]
    return columns


def quote_text(text: str) -> str:
    """An ADQL string literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Query:
    """What is asked of one catalogue table.

    ``columns`` are names of the table, or qualified by the customary aliases (m master, a and b
    the associations, s stack, o observation); a qualified master column of another table comes
    back as ``mstr_NAME``. Positions are always those of the master source. ``where`` is
    ADQL and may use the same aliases. ``beside`` is a further table with its alias, which
    ``where`` joins.
    """

    schema: str
    table: str = "master_source"
    columns: Sequence[str] = DEFAULT_COLUMNS
    boxes: tuple[Box, ...] = ()
    where: str = ""
    beside: str = ""

    def __post_init__(self) -> None:
        if self.table not in _SEARCHABLE:
            raise QueryError(
                f"The table {self.table!r} cannot be searched by region",
                f"sources are in {', '.join(_SEARCHABLE)}",
                "Use query() with ADQL of your own for other tables.",
            )
        if ";" in self.where:
            raise QueryError("The condition was not sent", "it contains a semicolon", "Write one ADQL condition.")

    @property
    def alias(self) -> str:
        """Alias of the table asked."""
        return _ALIASES[self.table]

    def table_called(self, alias: str) -> tuple[str, str]:
        """Table and alias of one of the tables that are joined for this query.

        Raises
        ------
        QueryError
            If there is none of that alias.
        """
        chain = _CHAIN[: [table for table, _, _ in _CHAIN].index(self.table) + 1]
        for table, known, _ in chain:
            if known == alias:
                return table, alias
        raise QueryError(
            "The condition was not sent",
            f"{alias!r} is none of the tables that are asked",
            f"There are {', '.join(f'{known} ({table})' for table, known, _ in chain)}.",
        )

    def having(self, conditions: Sequence[str]) -> Query:
        """The same question about the rows for which all of some conditions hold."""
        if len(conditions) < 2:
            return replace(self, where="".join(conditions))
        return replace(self, where=" AND ".join(f"({condition})" for condition in conditions))

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the answer."""
        return tuple(re.split(r"[. ]", selected)[-1] for selected in self._selected())

    @property
    def numbers(self) -> tuple[str, str]:
        """Columns of the position."""
        return "ra", "dec"

    def adql(self) -> str:
        """The query as ADQL text."""
        return f"SELECT {', '.join(self._selected())} {self._from_where()}"

    def count(self) -> str:
        """The ADQL that counts the rows of the query."""
        return f"SELECT COUNT(*) AS n {self._from_where()}"

    def halves(self) -> tuple[Query, Query]:
        """Two queries that together return what this one does."""
        first, second = halved(self.boxes)
        return replace(self, boxes=first), replace(self, boxes=second)

    def _selected(self) -> Iterator[str]:
        own = f"{self.alias}."
        columns = dict.fromkeys([*self._key_columns(), *(column.removeprefix(own) for column in self.columns)])
        for column in columns:
            qualifier, _, name = column.rpartition(".")
            if not re.fullmatch(r"\w+", name) or (qualifier and qualifier not in _ALIASES.values()):
                raise QueryError(
                    f"{column!r} is not a column name",
                    "",
                    "Use names as in the catalogue, with m., s., o., a. or b. before.",
                )
            if qualifier == "m" and self.alias != "m" and name not in {"name", "ra", "dec"}:
                yield f"m.{name} AS mstr_{name}"
            elif qualifier:
                yield column
            else:
                yield f"{self._owner(name)}.{name}"

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that tell which row is which."""
        return tuple(name for name in self._key_columns() if name not in {"ra", "dec", "match_type"})

    def _key_columns(self) -> tuple[str, ...]:
        if self.table == "master_source":
            return ("name", "ra", "dec")
        if self.table == "stack_source":
            return ("name", "ra", "dec", "match_type", "detect_stack_id", "region_id")
        return ("name", "ra", "dec", "match_type", "detect_stack_id", "obsid", "obi", "region_id")

    def _owner(self, name: str) -> str:
        if name in {"name", "ra", "dec"}:
            return "m"
        if name == "match_type":
            return "a"
        if name == "detect_stack_id":
            return "a" if self.table != "master_source" else "m"
        return self.alias

    def _from_where(self) -> str:
        last = [table for table, _, _ in _CHAIN].index(self.table)
        chain = _CHAIN[: last + 1]
        own = [f"{self.schema}.{table} {alias}" for table, alias, _ in chain]
        tables = ", ".join([*own, self.beside] if self.beside else own)
        conditions = [join for _, _, join in chain if join]
        if self.boxes:
            conditions.append(" OR ".join(box_condition(box, "m.ra", "m.dec") for box in self.boxes))
        if self.where.strip():
            conditions.append(self.where.strip())
        text = f"FROM {tables}"
        return f"{text} WHERE {' AND '.join(f'({condition})' for condition in conditions)}" if conditions else text


def box_condition(box: Box, ra: str, dec: str) -> str:
    """The ADQL condition that two columns of degrees lie in a box."""
    text = f"{dec} >= {box.dec_low:.9f} AND {dec} < {box.dec_high:.9f}"
    if box.ra_low > 0 or box.ra_high < 360:
        text = f"{ra} >= {box.ra_low:.9f} AND {ra} < {box.ra_high:.9f} AND {text}"
    return f"({text})"
