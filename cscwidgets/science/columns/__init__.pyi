from .formula import Formula, read_formula
from .intervals import Interval, interval_of, propagated
from .truth import Truth

__all__ = ["Formula", "Interval", "Truth", "interval_of", "propagated", "read_formula"]
