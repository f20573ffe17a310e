"""The images below what the sky shows: the widget's half of `state/surveys.py`.

The page itself loads a survey (``js/sky/surveys.ts``): it knows those that are offered, and asks the kernel for others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ipyaladin import Aladin
from traitlets import Dict, Float, List, Unicode, link

from ...csc.surveys import Survey
from ...errors import CscError
from ...state.messages import Messages
from ...state.survey_look import COLORMAPS, STRETCHES, LookTrait
from ...state.surveys import SurveyState
from ...state.tasks import Tasks
from ..callbacks import Callbacks, Guard

__all__ = ["SurveyedSky"]

_LINKS = {
    "base": "survey",
    "upper": "overlay_survey",
    "opacity": "overlay_survey_opacity",
    "base_look": "survey_look",
    "upper_look": "overlay_survey_look",
}
_LONGEST = 500  # characters of what a page says


class SurveyedSky(Aladin):  # type: ignore[misc]
    """A view of the sky with up to two images of surveys below.

    Parameters
    ----------
    surveys : SurveyState or None
        What is shown; a state of its own unless told.
    guard : callable
        Wraps every callback.
    **options
        Options of `ipyaladin.Aladin`.
    """

    survey = Unicode("").tag(sync=True, init_option=True)
    survey_look = LookTrait(help="How the survey differs from how it comes.").tag(sync=True)
    overlay_survey = Unicode("").tag(sync=True, init_option=True)
    overlay_survey_opacity = Float(0.5, min=0, max=1).tag(sync=True, init_option=True)
    overlay_survey_look = LookTrait(help="How the survey above differs from how it comes.").tag(sync=True)

    _surveys = List(Dict()).tag(sync=True)
    _refused_surveys = Dict().tag(sync=True)
    _survey_search = Dict().tag(sync=True)
    _survey_looks = Dict({"colormap": COLORMAPS, "stretch": STRETCHES}).tag(sync=True)

    def __init__(self, surveys: SurveyState | None, guard: Guard, **options: Any) -> None:
        self._survey_state = surveys or SurveyState(Tasks(Messages()))
        for trait, own in _LINKS.items():
            if own in options:
                setattr(self._survey_state, trait, options[own])
            options[own] = getattr(self._survey_state, trait)
        looks = {own: options.pop(own) for own in ("survey_look", "overlay_survey_look")}
        self._survey_refused, self._survey_chosen = Callbacks(guard), Callbacks(guard)
        super().__init__(**options)
        for own, look in looks.items():
            self.set_trait(own, look)
        self.observe(lambda _: self.set_trait("survey_look", {}), "survey")
        self.observe(lambda _: self.set_trait("overlay_survey_look", {}), "overlay_survey")
        self._links = [link((self._survey_state, trait), (self, own)) for trait, own in _LINKS.items()]
        self._survey_state.observe(self._tell_surveys, ["known", "refused", "search"])
        self._tell_surveys()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what a view reports; surveys that are chosen there are a reader's choice."""
        super().set_state(sync_data)
        if not set(_LINKS.values()).isdisjoint(sync_data):
            self._survey_chosen()

    def on_survey_refused(self, callback: Callable[[CscError], Any], *, remove: bool = False) -> None:
        """Call ``callback(error)`` when a survey cannot be shown."""
        self._survey_refused.add(callback, remove=remove)

    def on_survey_chosen(self, callback: Callable[[], Any], *, remove: bool = False) -> None:
        """Call ``callback()`` when a reader has chosen a survey, or how it looks, in the page."""
        self._survey_chosen.add(callback, remove=remove)

    def close(self) -> None:
        """Remove the views and free everything behind them."""
        links, self._links = self._links, []  # closed again when it is collected
        for one in links:
            one.unlink()
        if links:
            self._survey_state.unobserve(self._tell_surveys, ["known", "refused", "search"])
        self._survey_refused.clear()
        self._survey_chosen.clear()
        super().close()

    def _handle_survey_message(self, message: dict[str, Any]) -> bool:
        """Do what a page asks about surveys; false if it is about something else."""
        kind = message.get("event_type")
        if kind == "survey_wanted":
            self._survey_state.resolve(str(message["identifier"])[:_LONGEST])
        elif kind == "survey_search":
            self._survey_state.find(str(message["words"])[:_LONGEST])
        elif kind == "survey_refused":
            self._survey_refused(CscError(*(str(message[part])[:_LONGEST] for part in ("what", "why", "hint"))))
        else:
            return False
        return True

    def _tell_surveys(self, _change: object = None) -> None:
        state, search = self._survey_state, self._survey_state.search
        with self.hold_sync():
            self._surveys = [asdict(survey) for survey in state.offered]
            self._refused_surveys = {identifier: _words(error) for identifier, error in state.refused.items()}
            self._survey_search = (
                {}
                if search is None
                else {
                    "words": search.words,
                    "running": search.running,
                    "found": [_found(survey) for survey in search.found],
                    "failure": _words(search.failure),
                }
            )


def _found(survey: Survey) -> dict[str, str]:
    return {"identifier": survey.identifier, "name": survey.name}


def _words(error: CscError | None) -> dict[str, str] | None:
    return None if error is None else {"what": error.what, "why": error.why, "hint": error.hint}
