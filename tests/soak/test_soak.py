"""Five minutes with pauses, as of who looks at what came; `make soak` goes on for two hours without."""

from __future__ import annotations

import time

import pytest

from .idle import idle
from .soak import Soak


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(1200)
def test_journeys_under_faults_come_to_the_truth_or_to_words(demo_folder, tmp_path):
    minutes = 5
    soak = Soak(demo_folder, tmp_path, seed=int(time.time()))  # others each time; the summary tells which
    soak.travel(60 * minutes, pause=5)
    assert soak.wrong == [], soak.summary()
    assert sum(soak.done.values()) > 6 * minutes, soak.summary()
    assert sum(soak.faults.values()) - soak.faults["none"] > 3 * minutes, soak.summary()


@pytest.mark.slow
def test_an_explorer_left_alone_does_nothing_and_takes_little(tmp_path):
    found = idle(tmp_path, kernels=1, each=6, rest=5)
    assert found["processor"] < 0.05  # what a kernel takes by itself included
    assert found["with all its explorers"] < found["with one explorer"] + 5 * 25
