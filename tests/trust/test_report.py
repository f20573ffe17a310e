"""The document on reliability has a row for each step, fault and parser, and names tests that are there."""

import re

import pytest

from ..filefuzz import ROOT
from ..filereaders import READERS
from .faults import FAULTS
from .report import PROMISES, SECTIONS, document
from .steps import STEPS

CELL = {"step": "search", "fault": "drip", "often": "once", "outcome": "WRONG", "why": "it\nhangs", "seconds": 1.0}


@pytest.fixture(scope="module")
def written():
    return (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*STEPS, *FAULTS, *READERS])
def test_everything_that_is_tried_has_a_row(name, written):
    assert re.search(rf"^\| {re.escape(name)} \| .*\d", written, re.MULTILINE), "run make trust"


def test_the_sections_are_those_of_the_generator(written):
    assert re.findall(r"^## (.*)$", written, re.MULTILINE) == list(SECTIONS)


@pytest.mark.parametrize(("words", "test"), PROMISES)
def test_each_promise_names_its_test(words, test, written):
    assert words in written
    assert (ROOT / test).is_file()


def test_what_went_wrong_is_written_down():
    parser = {"parser": "tar", "seeds": "made up", "inputs": 5, "read": 2, "refused": 3, "failed": 1}
    parser |= {"slowest": 1.0, "memory": 1000, "wrong": ["17: raw: KeyError"]}
    text = document({"seed": 1, "matrix_seconds": 60.0, "cells": [CELL], "parsers": [parser], "memory": 10})
    assert "- **wrong** search / drip / once: it hangs" in text
    assert "- **wrong** tar: 17: raw: KeyError" in text
    assert "- 1 cells" in text
    assert "5 damaged inputs to 1 parsers, seed 1.\n  1 of them ended otherwise than promised" in text
