"""A short soak; `make soak` goes on for two hours."""

from __future__ import annotations

import time

import pytest

from .idle import idle
from .soak import Soak


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("minutes", [0.15, pytest.param(5, marks=pytest.mark.long)])
def test_journeys_under_faults_come_to_the_truth_or_to_words(demo_folder, tmp_path, minutes):
    soak = Soak(demo_folder, tmp_path, seed=int(time.time()))  # others each time; the summary tells which
    soak.travel(60 * minutes)
    assert soak.wrong == [], soak.summary()
    assert sum(soak.done.values()) > 10 * minutes, soak.summary()
    assert sum(soak.faults.values()) - soak.faults["none"] > 3 * minutes, soak.summary()


@pytest.mark.slow
def test_an_explorer_left_alone_does_nothing_and_takes_little(tmp_path):
    found = idle(tmp_path, kernels=1, each=6, rest=5)
    assert found["processor"] < 0.05  # what a kernel takes by itself included
    assert found["with all its explorers"] < found["with one explorer"] + 5 * 25
