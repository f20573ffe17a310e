"""The document on reliability has a row for each step, fault and parser, and names tests that are there."""

import pytest

from ..filefuzz import ROOT
from ..filereaders import READERS
from .findings import FINDINGS, as_text, cells_of, read_findings
from .matrix import all_cells
from .report import DOCUMENT, PROMISES, document


def test_the_document_says_what_was_found():
    assert document(read_findings()) == DOCUMENT.read_text(encoding="utf-8"), "run make trust"
    assert as_text(read_findings()) == FINDINGS.read_text(encoding="utf-8")


def test_everything_that_can_be_tried_was_tried():
    assert {cell[:3] for cell in cells_of(read_findings())} == set(all_cells()), "run make trust"
    assert {row["parser"] for row in read_findings()["parsers"].values()} == set(READERS)
    assert {"soak", "idle"} <= set(read_findings())


@pytest.mark.parametrize(("words", "test"), PROMISES)
def test_each_promise_names_its_test(words, test):
    assert (ROOT / test).is_file(), words


def test_what_went_wrong_is_written_down():
    step = {"day": "2026-11-28", "seconds": 1.0, "memory": 10, "again": 0}
    step |= {"faults": {"drip": {"once": "recovered", "always": "WRONG: it\nhangs"}}}
    parser = {"parser": "tar", "seeds": "made up", "inputs": 5, "read": 2, "refused": 3, "failed": 1, "compared": None}
    parser |= {"slowest": 1.0, "memory": 1000, "wrong": ["17: raw: KeyError"], "day": "2026-11-28", "seed": 1}
    text = document({"matrix": {"search": step}, "parsers": {"tar, made up": parser | {"again": 1}}})
    assert "- **wrong** search / drip / always: WRONG: it hangs" in text
    assert "- **wrong** tar: 17: raw: KeyError" in text
    assert "- 2 cells" in text
    assert "5 damaged inputs to 1 parsers.\n  1 of them ended otherwise than promised" in text
    assert "1 went wrong at first" in text
