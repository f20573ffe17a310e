"""What Sherpa and numpy say when a fit cannot go on, in words with what to do now."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from cscwidgets.errors import CscError

from .sherpa_gate import sherpa

__all__ = ["advised", "require_success"]

_LOOK = "Look at the residuals, and try another model, band or start."
_ADVICE = (
    # What is in the library's words, what it means, what to do.
    (
        "zeros found in uncertainties",
        "bins without counts have no error in this statistic",
        "Take wstat, cstat or chi2gehrels, or groups that have counts in every bin.",
    ),
    ("no noticed bins", "no channel is left in the band", "Choose a wider band."),
    ("no thawed parameters", "no parameter is free", "Free one."),
    ("degrees of freedom are zero", "there are no more bins than free parameters", "Fix some, or widen the band."),
    ("reduced statistic larger", "the fit is too bad for intervals to mean anything", _LOOK),
    ("Covariance matrix", "the statistic has no curvature at the best fit", _LOOK),
    ("new minimum statistic found", "a better fit lies near by", "Fit again, from there."),
    (
        "lam value too large",
        "the model has more counts than can be drawn: its parameters are far from what the data tell",
        _LOOK,
    ),
    ("SVD did not converge", "the parameters' covariance is not known", _LOOK),
    ("infs or NaNs", "the model or the statistic is no number near the best fit", _LOOK),
)
_THEIRS = (sherpa.utils.err.SherpaErr, ValueError, TypeError, IndexError, ArithmeticError)


@contextmanager
def advised(what: str) -> Iterator[None]:
    """Turn what the libraries raise over data and parameters they cannot use into one error with advice.

    Parameters
    ----------
    what : str
        What did not happen ("The fit did not succeed").

    Raises
    ------
    CscError
        In place of Sherpa's and numpy's errors; whatever else is raised inside passes.

    Examples
    --------
    >>> with advised("No goodness of fit"):
    ...     raise ValueError("lam value too large")
    Traceback (most recent call last):
    ...
    cscwidgets.errors.CscError: No goodness of fit. The model has more counts than can be drawn: its parameters are \
far from what the data tell. Look at the residuals, and try another model, band or start.
    """
    try:
        yield
    except _THEIRS as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        for phrase, why, hint in _ADVICE:
            if phrase.lower() in said.lower():
                raise CscError(what, why, hint) from error
        raise CscError(what, f"Sherpa says: {said[:300]}", _LOOK) from error


def require_success(statistic: float, values: tuple[float, ...], *, succeeded: bool, said: str) -> None:
    """Refuse a fit that found nothing: one whose statistic is no number, or whose optimiser gave up.

    Parameters
    ----------
    statistic : float
        Where the search ended.
    values : tuple of float
        Of the free parameters there.
    succeeded : bool
        Whether an optimiser reached a minimum.
    said : str
        In its words.

    Raises
    ------
    CscError
    """
    if not (math.isfinite(statistic) and np.isfinite(values).all()):
        raise CscError(
            "The fit did not succeed",
            f"its statistic is {statistic:g} where the search ended: the parameters have no meaning",
            "Give other starting values, or another band, statistic or model.",
        )
    if not succeeded:
        raise CscError(
            "The fit did not succeed", f"no minimum was found: {said}", "Begin elsewhere, or take the safe method."
        )
