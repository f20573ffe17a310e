"""Verdicts at and around their thresholds."""

import numpy as np
import pytest

from cscwidgets.errors import CscError
from cscwidgets.science.matches.verdicts import Thresholds


def test_verdicts_by_the_thresholds():
    p_any = np.array([1.0, 0.8, 0.9, 0.2, 0.19, 0, np.nan])
    p_i = np.array([0.8, 1.0, 0.5, 1.0, 1.0, 0, 0])
    expected = ["matched", "matched", "to review", "to review", "none", "none", "none"]
    assert Thresholds().verdicts(p_any, p_i).tolist() == expected
    assert Thresholds(0.4, 0).verdicts(p_any, p_i).tolist()[2:4] == ["matched", "to review"]


@pytest.mark.parametrize("wrong", [(0.2, 0.8), (1.2, 0.1), (0.5, -0.1), (np.nan, 0.1)])
def test_thresholds_out_of_order_are_refused(wrong):
    with pytest.raises(CscError, match="not in order"):
        Thresholds(*wrong)
