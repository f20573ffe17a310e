"""Columns of hints arrive in the browser's form: bytes, texts joined by NUL, wordings in pieces."""

import numpy as np
import pytest

from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.plots.hints import Hints, literal
from cscwidgets.views.plots.plot_selector import PlotSelector


def hints(n):
    names = [f"SIM J{row}" for row in range(n)]
    lines = [["{name}"], ["flux {flux:.3g} ± {error:.2f}", "no {{flux}}"]]
    rng = np.random.default_rng(1)
    return Hints(*rng.random((2, n)), lines, {"flux": rng.random(n), "error": rng.random(n)}, {"name": names})


def test_a_packed_hint_is_bytes_and_pieces():
    made = hints(3)
    packed = made.packed()
    assert packed["lines"] == [
        [[("name", "")]],
        [["flux ", ("flux", ".3g"), " ± ", ("error", ".2f")], ["no {", "flux}"]],
    ]
    np.testing.assert_array_equal(np.frombuffer(packed["positions"]).reshape(2, 3), [made.x, made.y])
    np.testing.assert_array_equal(np.frombuffer(packed["numbers"]["flux"]), made.numbers["flux"])
    assert packed["texts"] == {"name": b"SIM J0\0SIM J1\0SIM J2"}
    assert packed["along"] is False


@pytest.mark.parametrize("text", ["Jmag - Kmag", "{x:.3f}", "a}b{c"])
def test_a_literal_text_is_no_column(text):
    packed = Hints(np.zeros(1), np.zeros(1), [[literal(text) + "{x:.1f}"]]).packed()
    ((pieces,),) = packed["lines"]
    assert "".join(pieces[:-1]) == text
    assert pieces[-1] == ("x", ".1f")


def test_few_are_sent_at_once_and_very_many_when_somebody_points():
    selector = PlotSelector(unguarded)
    selector.say(hints(10_000))
    assert len(selector._hints["positions"]) == 2 * 8 * 10_000
    selector.say(hints(10_001))
    assert selector._hints == {"waiting": True}
    selector._handle_custom_msg({"kind": "hints"}, [])
    assert len(selector._hints["positions"]) == 2 * 8 * 10_001
    selector.say(None)
    assert selector._hints == {}
    selector._handle_custom_msg({"kind": "hints"}, [])  # of a page that has not heard yet
    assert selector._hints == {}
    selector.close()


def test_the_kernel_is_asked_only_where_it_listens():
    selector = PlotSelector(unguarded)
    assert not selector._asks_kernel
    heard = []
    selector.on_hover(heard.append)
    assert selector._asks_kernel
    selector._handle_custom_msg({"kind": "hover", "x": 1.0, "y": 2.0}, [])
    selector._handle_custom_msg({"kind": "leave"}, [])
    assert [place and place["x"] for place in heard] == [1.0, None]
    selector.close()
