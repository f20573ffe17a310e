"""The images below the sources: what is asked of CDS, what is remembered, and what cannot be."""

import json
import time
import warnings
from pathlib import Path

import pytest
from traitlets import TraitError

from cscwidgets import Explorer
from cscwidgets.archive import mocserver
from cscwidgets.archive.connection import known_title
from cscwidgets.csc.surveys import DEFAULT_SURVEY, SURVEYS
from cscwidgets.errors import NotFound
from cscwidgets.state.choice_file import CONFIG_VARIABLE, config_root
from cscwidgets.state.messages import Messages
from cscwidgets.state.survey_memory import SurveyMemory
from cscwidgets.state.surveys import SurveyState
from cscwidgets.state.tasks import Tasks

from ..archive.replying import replying

RECORD = {"ID": "ORG/P/one", "obs_title": "One", "obs_copyright": "Us", "hips_service_url": "https://one.org/hips"}


@pytest.fixture
def messages():
    return Messages()


@pytest.fixture
def state(messages):
    return SurveyState(Tasks(messages))


@pytest.fixture
def cds(monkeypatch):
    """A server of this machine in place of CDS's, which knows one survey; the requests it has had."""
    answer = lambda request: json.dumps([RECORD] if "one" in str(request.args).lower() else [])  # noqa: E731
    with replying(answer) as (address, asked):
        monkeypatch.setattr(mocserver, "MOCSERVERS", (address,))
        yield asked


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    """Where choices are kept in this test."""
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "config"))
    return tmp_path / "config" / "surveys.json"


def settled(state):
    state._tasks.wait(20)
    time.sleep(0.05)


def test_every_survey_of_the_table_can_be_asked_for():
    assert len(SURVEYS) == 9
    for identifier, survey in SURVEYS.items():
        assert identifier == survey.identifier
        assert survey.name
        assert survey.credit
        assert all(address.startswith("https://") and not address.endswith("/") for address in survey.addresses)
    assert SURVEYS[DEFAULT_SURVEY].addresses[0] == "https://alasky.cds.unistra.fr/DSS/DSSColor"


def test_a_survey_that_is_not_in_the_table_is_asked_of_cds(state, cds):
    state.base = "ivo://ORG/P/one"
    state.resolve("ORG/P/one")
    settled(state)
    (survey,) = state.known
    assert (survey.name, survey.addresses, survey.credit) == ("One", ("https://one.org/hips",), "Us")
    state.resolve("ORG/P/one")
    state.resolve(DEFAULT_SURVEY)
    settled(state)
    assert len(cds) == 1


def test_one_that_nobody_knows_is_words_and_an_error_while_it_is_chosen(state, cds, messages):
    state.upper = "ORG/P/none"
    state.resolve("ORG/P/none")
    settled(state)
    assert isinstance(state.refused["ORG/P/none"], NotFound)
    assert "'ORG/P/none' is not in CDS's list of HiPS" in str(messages.entries[-1])
    with pytest.raises(NotFound):
        state._tasks.settle()
    state.upper = ""
    state._tasks.settle()


def test_an_answer_that_is_faster_than_the_choice_counts(state, cds):
    for identifier in ("ORG/P/one", "ORG/P/none"):
        state.resolve(identifier)  # the page asks, and tells afterwards that it was chosen
        settled(state)
    assert [survey.identifier for survey in state.known] == ["ORG/P/one"]
    assert list(state.refused) == ["ORG/P/none"]


def test_surveys_are_searched_by_words(state, cds):
    state.find("one two")
    assert state.search.running
    settled(state)
    assert [survey.name for survey in state.search.found] == ["One"]
    assert not state.search.running
    assert [survey.identifier for survey in state.known] == ["ORG/P/one"]
    state.find("nothing")
    settled(state)
    assert state.search.found == ()


def test_a_search_without_a_network_is_words(state, monkeypatch):
    monkeypatch.setattr(mocserver, "MOCSERVERS", ("http://127.0.0.1:9/query",))
    state.find("radio")
    settled(state)
    assert "could not be reached" in str(state.search.failure)


@pytest.mark.parametrize(
    "look",
    [
        {"cuts": [1, 0]},
        {"cuts": [0, float("nan")]},
        {"cuts": 3},
        {"colormap": "<b>"},
        {"stretch": "cube"},
        {"contrast": 2},
        {"brightness": "much"},
        {"gamma": 1},
    ],
)
def test_a_look_that_is_none_is_refused(state, look):
    with pytest.raises(TraitError):
        state.base_look = look
    state.base_look = {"cuts": [0, 2.5], "colormap": "magma", "stretch": "asinh"}


def test_an_archive_on_the_network_begins_with_dss_and_one_of_this_machine_with_none(file, demo_folder, messages):
    for archive, survey in (("csc2.1", DEFAULT_SURVEY), ("demo", ""), (str(demo_folder), "")):
        state = SurveyState(Tasks(messages))
        SurveyMemory(archive, messages).begin(state)
        assert state.base == survey
    assert known_title("csc2.1") == "Chandra Source Catalog 2.1"
    assert known_title(demo_folder) == "Simulated demo sky"
    assert not file.exists()


def test_what_was_chosen_is_remembered_for_each_archive(file, demo_folder, messages, state):
    state.base, state.upper, state.opacity = "CDS/P/2MASS/color", "https://one.org/hips", 0.3
    state.upper_look = {"contrast": 0.25}
    SurveyMemory("demo", messages).keep(state)
    state.base = ""
    SurveyMemory("csc2.1", messages).keep(state)
    again, other = SurveyState(Tasks(messages)), SurveyState(Tasks(messages))
    SurveyMemory("demo", messages).begin(again)
    SurveyMemory("csc2.1", messages).begin(other)
    assert (again.base, again.upper, again.opacity) == ("CDS/P/2MASS/color", "https://one.org/hips", 0.3)
    assert again.upper_look == {"contrast": 0.25}
    assert other.base == ""  # chosen, though it is not the usual one
    assert messages.entries == ()
    assert file == config_root() / "surveys.json"


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"demo": 3}', b'{"demo": {"base": 3}}', b'{"demo": {"opacity": 7}}', b"\xff", b"[" * 99_999],
)
def test_a_damaged_file_is_a_warning_and_is_made_again(file, messages, state, content):
    file.parent.mkdir()
    file.write_bytes(content)
    memory = SurveyMemory("demo", messages)
    memory.begin(state)
    assert (state.base, state.opacity) == ("", 0.5)
    (warning,) = messages.entries
    assert warning.level == "warning"
    assert str(file) in str(warning)
    state.base = "CDS/P/DSS2/color"
    memory.keep(state)
    again = SurveyState(Tasks(messages))
    SurveyMemory("demo", messages).begin(again)
    assert again.base == "CDS/P/DSS2/color"
    assert len(messages.entries) == 1


def test_a_file_that_cannot_be_written_is_one_warning(tmp_path, monkeypatch, messages, state):
    (tmp_path / "in the way").write_text("")
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "in the way" / "config"))
    memory = SurveyMemory("demo", messages)
    memory.begin(state)
    memory.keep(state)
    memory.keep(state)
    (warning,) = messages.entries
    assert "is not remembered" in str(warning)
    assert CONFIG_VARIABLE in str(warning)


def test_an_explorer_begins_with_what_a_reader_chose_in_the_page(file, demo_folder):
    app = Explorer(archive=demo_folder)
    app.sky.survey = "images/m33"  # by code: nobody's habit
    assert not file.exists()
    app.sky.set_state({"survey": "images/m51"})
    assert app.workspace.surveys.base == "images/m51"
    app.close()
    for options, survey in (({}, "images/m51"), ({"survey": ""}, ""), ({"survey": "CDS/P/x"}, "CDS/P/x")):
        app = Explorer(archive=demo_folder, **options)
        assert app.sky.survey == app.workspace.surveys.base == survey
        app.close()


def test_an_explorer_of_the_catalogue_asks_nothing_before_it_is_seen(file):
    with warnings.catch_warnings():
        app = Explorer(archive="csc2.1")
    assert app.sky.survey == DEFAULT_SURVEY
    assert app.messages == []
    app.close()
