"""What the service allows: rows, seconds, bytes. Its capabilities tell clients the same numbers."""

from __future__ import annotations

from datetime import timedelta

__all__ = [
    "DEFAULT_MAXREC",
    "EXECUTION_SECONDS",
    "HARD_MAXREC",
    "REQUEST_BYTES",
    "RETENTION",
    "SYNC_SECONDS",
    "UPLOAD_BYTES",
    "UPLOAD_MEMORY",
    "UPLOAD_ROWS",
]

# The CSC's own service reports a limit of a million rows.
DEFAULT_MAXREC = 1_000_000
HARD_MAXREC = 10_000_000

SYNC_SECONDS = 300.0
EXECUTION_SECONDS = 3600
RETENTION = timedelta(days=1)

UPLOAD_BYTES = 100_000_000
UPLOAD_ROWS = 1_000_000
UPLOAD_MEMORY = 500_000_000

REQUEST_BYTES = UPLOAD_BYTES + 1_000_000
