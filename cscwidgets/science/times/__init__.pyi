from .binning import BinnedCurve, bin_events
from .blocks import Blocks, bayesian_blocks
from .events import EventList, read_events
from .folding import FoldedCurve, fold_events
from .good_time import GoodTime
from .intra_observation import SourceEvents, Timing, timing
from .long_term_curve import Constancy, LongTermCurve, long_term
from .periods import Frequencies, Periodogram, h_test, lomb_scargle, window_function, z_squared
from .timing_tests import TimeTests, time_tests

__all__ = [
    "BinnedCurve",
    "Blocks",
    "Constancy",
    "EventList",
    "FoldedCurve",
    "Frequencies",
    "GoodTime",
    "LongTermCurve",
    "Periodogram",
    "SourceEvents",
    "TimeTests",
    "Timing",
    "bayesian_blocks",
    "bin_events",
    "fold_events",
    "h_test",
    "lomb_scargle",
    "long_term",
    "read_events",
    "time_tests",
    "timing",
    "window_function",
    "z_squared",
]
