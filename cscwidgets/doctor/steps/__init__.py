"""The steps of the walk, in their order. A further step is one more name here."""

from __future__ import annotations

from ..visit import Step
from .columns import COLUMNS
from .companions import HIPS, NAMES, VIZIER, XMATCH
from .cone import CONE
from .counts import COUNTS
from .joins import JOINS
from .products import FILES, LISTING
from .queries import ERRORS, GEOMETRY, JOB, LIMIT, UPLOAD
from .rows import BOX, NULLS
from .service import AVAILABILITY, CAPABILITIES, TABLES

__all__ = ["STEPS"]

STEPS: tuple[Step, ...] = (
    *(AVAILABILITY, CAPABILITIES, TABLES, COLUMNS, COUNTS),
    *(BOX, NULLS, CONE, JOINS, GEOMETRY, UPLOAD, LIMIT, ERRORS, JOB),
    *(LISTING, FILES),
    *(HIPS, NAMES, VIZIER, XMATCH),
)
