"""The sky's half of the images below the sources, as a page talks to it."""

import pytest
from traitlets import TraitError

from cscwidgets.csc.surveys import SURVEYS
from cscwidgets.errors import CscError
from cscwidgets.state.messages import Messages
from cscwidgets.state.surveys import SurveySearch, SurveyState
from cscwidgets.state.tasks import Tasks
from cscwidgets.views.sky import Sky


def receive(sky, **message):
    sky._handle_custom_msg(message, [])


@pytest.fixture
def surveys():
    return SurveyState(Tasks(Messages()))


def test_the_page_knows_the_surveys_of_the_table(sky):
    assert [one["identifier"] for one in sky._surveys] == list(SURVEYS)
    assert sky._surveys[0]["addresses"] == SURVEYS["CDS/P/DSS2/color"].addresses


def test_sky_and_state_show_the_same(surveys):
    surveys.base, surveys.base_look = "images/m33", {"contrast": 0.5}
    sky = Sky(surveys=surveys)
    assert (sky.survey, sky.survey_look) == ("images/m33", {"contrast": 0.5})
    sky.overlay_survey, sky.overlay_survey_opacity = "CDS/P/DSS2/color", 0.7
    assert (surveys.upper, surveys.opacity) == ("CDS/P/DSS2/color", 0.7)
    sky.overlay_survey_look = {"brightness": -0.5}
    surveys.upper = "images/m51"
    assert (sky.overlay_survey, sky.overlay_survey_look, surveys.upper_look) == ("images/m51", {}, {})
    sky.close()
    sky.close()
    surveys.base = "another"
    assert sky.survey == "images/m33"


def test_a_sky_of_its_own_takes_a_survey(sky):
    one = Sky(survey="images/m33", overlay_survey="images/m51", overlay_survey_opacity=0.2)
    assert (one.survey, one.overlay_survey, one.overlay_survey_opacity) == ("images/m33", "images/m51", 0.2)
    assert sky.survey == ""
    with pytest.raises(TraitError):
        one.survey_look = {"cuts": [2, 1]}
    one.close()


def test_what_the_page_says_reaches_those_who_asked(sky):
    refused, chosen = [], []
    sky.on_survey_refused(refused.append)
    sky.on_survey_chosen(lambda: chosen.append(sky.survey))
    receive(sky, event_type="survey_refused", what="A is not shown", why="b did not answer", hint="Try again.")
    (error,) = refused
    assert isinstance(error, CscError)
    assert str(error) == "A is not shown. B did not answer. Try again."
    sky.survey = "by code"
    sky.set_state({"survey": "by hand", "_seen": 0})
    sky.set_state({"show_grid": False})
    assert chosen == ["by hand"]


def test_questions_of_the_page_go_to_the_state(surveys, monkeypatch):
    asked = []
    monkeypatch.setattr(SurveyState, "resolve", lambda _, identifier: asked.append(identifier))
    monkeypatch.setattr(SurveyState, "find", lambda _, words: asked.append(words))
    sky = Sky(surveys=surveys)
    receive(sky, event_type="survey_wanted", identifier="ORG/P/x")
    receive(sky, event_type="survey_search", words="deep radio")
    assert asked == ["ORG/P/x", "deep radio"]
    surveys.search = SurveySearch("deep radio", (SURVEYS["CDS/P/DSS2/color"],))
    surveys.refused = {"ORG/P/x": CscError("a", "b", "c")}
    assert sky._survey_search == {
        "words": "deep radio",
        "running": False,
        "found": [{"identifier": "CDS/P/DSS2/color", "name": "DSS2 colour"}],
        "failure": None,
    }
    assert sky._refused_surveys == {"ORG/P/x": {"what": "a", "why": "b", "hint": "c"}}
    sky.close()
