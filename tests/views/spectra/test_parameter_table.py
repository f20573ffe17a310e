"""The table of parameters: what is typed, dragged, fixed and tied reaches the model, and comes back from it."""

import pytest
from ipywidgets.widgets.widget import _instances

pytest.importorskip("sherpa")
from cscwidgets.science.spectra.confidence import Interval
from cscwidgets.state.spectral_model import SpectralModelState
from cscwidgets.views.disposal import close_all
from cscwidgets.views.spectra.parameter_table import ParameterTable, found_words

GAMMA, AMPL, NH = "powerlaw.gamma", "powerlaw.ampl", "tbabs.nH"


@pytest.fixture
def table(spectra):
    spectra.chosen = spectra.chosen[:1]
    model = SpectralModelState(spectra)
    table = ParameterTable(model, spectra.desk.messages.guard)
    spectra.active = True
    wait(table)
    yield table
    close_all(table.widget)


def wait(table):
    table._model.spectra.desk.tasks.wait(60)


def messages(table):
    return table._model.spectra.desk.messages.entries


def values(table):
    return {one.name: one.value for one in table._model.parameters}


def test_rows_are_the_parameters(table):
    assert list(table._rows) == [NH, GAMMA, AMPL]
    for name, row in table._rows.items():
        assert float(row.value.value) == pytest.approx(values(table)[name], rel=1e-4)
        assert name in row.label.value
    assert "10<sup>22</sup> cm<sup>−2</sup>" in table._rows[NH].label.value


def test_what_is_typed_is_the_model_s(table):
    table._rows[GAMMA].value.value = "2.25"
    table._rows[NH].fixed.value = True
    found = {one.name: one for one in table._model.parameters}
    assert (found[GAMMA].value, found[NH].fixed) == (2.25, True)


def test_what_is_shown_is_the_model_s(table):
    before = table._model.parameters
    table._model.change(GAMMA, value=0.5)
    assert table._rows[GAMMA].value.value == "0.5"
    # Showing rounded numbers is no change: the others keep all their digits.
    assert [one for one in table._model.parameters if one.name != GAMMA] == [one for one in before if one.name != GAMMA]


def test_a_slider_spans_decades_of_an_amplitude(table):
    row, before = table._rows[AMPL], values(table)[AMPL]
    row.slider.value = row.slider.max
    highest = values(table)[AMPL]
    row.slider.value = 0
    lowest = values(table)[AMPL]
    # The ends do not move under the finger.
    assert highest == pytest.approx(100 * before, rel=1e-3)
    assert lowest == pytest.approx(before / 100, rel=1e-3)
    assert messages(table) == ()


def test_a_dragged_slider_stays_where_it_is(table):
    row = table._rows[GAMMA]
    for step in (100, 150, 300, 399, 1):
        row.slider.value = step
        assert row.slider.value == step
        assert float(row.value.value) == pytest.approx(values(table)[GAMMA], rel=1e-4)
    assert -3 <= values(table)[GAMMA] <= 10


def test_what_is_refused_is_one_message_and_shows_the_value_there_is(table):
    before = values(table)
    table._rows[GAMMA].value.value = "99"
    (message,) = messages(table)
    assert "outside -3 to 10" in message.why
    assert values(table) == before
    assert float(table._rows[GAMMA].value.value) == pytest.approx(before[GAMMA])


def test_a_tied_parameter_follows_and_cannot_be_typed(table):
    table._model.choose("bbody+bremss")
    wait(table)
    row = table._rows["bremss.kT"]
    row.tie.value = "bbody.kT"
    assert row.value.disabled
    assert row.slider.disabled
    table._rows["bbody.kT"].value.value = "1.5"
    assert float(row.value.value) == values(table)["bremss.kT"] == 1.5
    # One that follows is no one to follow.
    assert "bremss.kT" not in table._rows[NH].tie.options
    row.tie.value = row.tie.options[0]
    assert not row.value.disabled
    assert messages(table) == ()


def test_a_tie_that_is_refused_leaves_the_box_as_it_was(table):
    table._model.choose("bbody+bremss")
    wait(table)
    table._rows["bremss.kT"].tie.value = "bbody.kT"
    box = table._rows["bbody.kT"].tie
    box.value = NH
    (message,) = messages(table)
    assert message.why == "other parameters are tied to it"
    assert box.value == box.options[0]


def test_intervals_stand_beside_what_was_found(table):
    table.show_found({GAMMA: Interval(1.5, 1.9, "", 0.68), NH: Interval(float("nan"), 0.2, "upper", 0.9)})
    assert "68%" in table._rows[GAMMA].found.value
    assert "&lt; 0.200" in table._rows[NH].found.value
    assert table._rows[AMPL].found.value == ""
    table.show_found({})
    assert {row.found.value for row in table._rows.values()} == {""}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Interval(1.5, 1.9, "", 0.68), "1.70 +0.20 −0.20"),
        (Interval(0.0, 0.3, "upper", 0.9), "&lt; 0.300"),
        (Interval(0.3, 9.0, "lower", 0.9), "&gt; 0.300"),
        (Interval(limit="none", level=0.9), "not constrained"),
    ],
)
def test_an_interval_in_words(found, words):
    written = found_words(1.7, found)
    assert words in written
    assert f"{found.level:.0%}" in written


def test_another_model_leaves_no_widget_behind(table):
    def choose(emission):
        table._model.choose(emission)
        wait(table)
        return len(_instances)

    before = choose("powerlaw")
    for emission in ("bbody", "powerlaw+bremss", "nosuchthing", "powerlaw*bbody"):
        choose(emission)
    assert choose("powerlaw") == before
