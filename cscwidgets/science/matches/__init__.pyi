from .candidates import Candidates, find_candidates
from .column_roles import ColumnRoles
from .counterparts import counterpart_table
from .crossmatch_tables import MatchSettings, MatchTables
from .error_ellipse import ellipse_outline
from .false_matches import FalseMatches
from .magnitude_prior import Prior
from .match_model import MatchModel
from .partitions import Partitions, partition
from .position_error import Covariance
from .sky_density import local_density
from .sky_pairs import Pairs, pairs
from .sky_table import SkyTable, read_positions
from .verdicts import Thresholds, Verdict

__all__ = [
    "Candidates",
    "ColumnRoles",
    "Covariance",
    "FalseMatches",
    "MatchModel",
    "MatchSettings",
    "MatchTables",
    "Pairs",
    "Partitions",
    "Prior",
    "SkyTable",
    "Thresholds",
    "Verdict",
    "counterpart_table",
    "ellipse_outline",
    "find_candidates",
    "local_density",
    "pairs",
    "partition",
    "read_positions",
]
