"""What a question needs of an archive: somebody's own folder holds only what was put into it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from cscwidgets.errors import QueryError

__all__ = ["CONE", "DETECTIONS", "STACKS", "require_holdings"]

CONE: Mapping[str, Sequence[str]] = {"master_source": ("name", "ra", "dec")}
"""What a search by position needs."""

DETECTIONS: Mapping[str, Sequence[str]] = {
    "master_source": ("name", "ra", "dec"),
    "master_stack_assoc": ("name", "detect_stack_id", "region_id"),
    "stack_source": ("detect_stack_id", "region_id"),
    "stack_observation_assoc": ("detect_stack_id", "region_id", "obsid", "obi"),
    "observation_source": ("obsid", "obi", "region_id"),
}
"""What joins sources to their detections."""

STACKS: Mapping[str, Sequence[str]] = {"detect_stack": ("detect_stack_id", "obsid", "obi")}
"""What a search for stacks needs."""

_THINGS = {
    "master_source": "sources",
    "master_stack_assoc": "stacks of sources",
    "stack_source": "stack detections",
    "stack_observation_assoc": "observations of stack detections",
    "observation_source": "detections",
    "detect_stack": "list of stacks",
}


def require_holdings(
    title: str, columns_of: Callable[[str], Collection[str]], needed: Mapping[str, Sequence[str]], what: str
) -> None:
    """Say what an archive lacks to answer a question, before it is asked.

    Parameters
    ----------
    title : str
        Of the archive.
    columns_of : callable
        The columns it has of a table, none if it has no such table.
    needed : mapping of str to sequence of str
        Columns of tables.
    what : str
        What does not happen if it lacks one.

    Raises
    ------
    QueryError
    """
    for table, columns in needed.items():
        present = columns_of(table)
        if not present:
            why = f'the archive "{title}" has no {_THINGS[table]} ({table})'
        elif missing := [column for column in columns if column not in present]:
            why = f'the {_THINGS[table]} of the archive "{title}" have no {" and no ".join(missing)}'
        else:
            continue
        raise QueryError(what, why, "Import a table that has them too: cscwidgets import FILES... --into FOLDER.")
