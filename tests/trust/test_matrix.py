"""Every request of the package under every fault: the right answer, or one clear error, and nothing left behind."""

import os
from collections import Counter

import pytest

from .cells import run_cell
from .faults import FAULTS
from .faulty_server import Answer
from .matrix import all_cells, behind_a_faulty_server, cross_section, run_everywhere
from .steps import STEPS


@pytest.fixture(scope="module")
def right(demo_folder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CSCWIDGETS_CACHE", str(demo_folder.parent))
        with behind_a_faulty_server(tmp_path_factory.mktemp("trust")) as undisturbed:
            yield undisturbed


def test_the_cross_section_has_each_step_and_each_fault():
    chosen = cross_section()
    assert {step for step, _, _ in chosen} == set(STEPS)
    assert {fault for _, fault, _ in chosen} == set(FAULTS)
    assert set(chosen) <= set(all_cells())
    assert len(all_cells()) > 2 * 30 * 12


@pytest.mark.slow
@pytest.mark.parametrize("place", cross_section(), ids=" / ".join)
def test_a_cell(place, right):
    cell = run_cell(*place, right)
    assert cell.outcome != "WRONG", cell.why


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_all_cells(demo_folder):
    cells = [cell for cell, _ in run_everywhere(all_cells(), min(4, os.cpu_count() or 1))]
    assert Counter((cell.step, cell.fault, cell.often) for cell in cells) == Counter(all_cells())
    assert not [cell for cell in cells if cell.outcome == "WRONG"]


@pytest.mark.slow
def test_the_matrix_sees_what_must_not_happen(right, monkeypatch):
    """Another answer, an error of a library, a thread and a file that are left, a fault that meets nothing."""
    import dataclasses
    import tempfile
    import threading

    from cscwidgets.errors import CscError

    over = threading.Event()

    def leave(client):
        threading.Thread(target=over.wait, name="forgotten", daemon=True).start()
        tempfile.mkstemp()
        return [2]

    def bad(answer):
        monkeypatch.setitem(STEPS, "bad", dataclasses.replace(STEPS["query"], ask=answer))
        return run_cell("bad", "404", "always", right).why

    right._answers["bad"] = repr([1])
    assert "another answer, without a word" in bad(lambda client: [2])
    assert "the fault met no request" in bad(lambda client: [1])
    assert "raw KeyError" in bad(lambda client: {}["x"])
    assert "an error without why and hint" in bad(lambda client: (_ for _ in ()).throw(CscError("No")))
    said = bad(leave)
    over.set()
    assert "the thread forgotten is left" in said
    assert "in the folder of temporary files" in said


def test_an_answer_can_be_told_with_other_headers():
    answer = Answer(200, {"content-type": "text/xml"}, b"12")
    assert b"Content-Type: text/xml\r\nContent-Length: 2\r\n" in answer.head()
    assert b"Content-Length" not in answer.head(content_length=None)
