"""The images below the sources: which surveys, how they look, and what CDS says of those that are not in our table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from traitlets import Dict, Float, Instance, Tuple, Unicode

from cscwidgets.archive.mocserver import find_surveys, survey_called
from cscwidgets.csc.surveys import SURVEYS, Survey, plain_identifier
from cscwidgets.errors import CscError

from .keeping import Field, Keeps, Kept, Renewal
from .survey_look import LOOK, LookTrait, read_look
from .tasks import Task, Tasks

__all__ = ["SurveySearch", "SurveyState"]

_MOST_KNOWN = 200


@dataclass(frozen=True, slots=True)
class SurveySearch:
    """A search for surveys: its words, and what was found or why nothing was."""

    words: str
    found: tuple[Survey, ...] = ()
    failure: CscError | None = None
    running: bool = False


_LOOK = Field(LOOK, dict, read_look)


class SurveyState(Keeps):
    """The two layers of images that an explorer's sky shows below its sources.

    Parameters
    ----------
    tasks : Tasks
        What CDS is asked goes through them.

    Attributes
    ----------
    base, upper : str
        Each an identifier, an address, a folder, or empty for none.
    base_look, upper_look : dict
        See `LookTrait`.
    opacity : float
        Of the upper one.
    known : tuple of Survey
        What CDS said of surveys that are not in the table.
    refused : dict
        By identifier, the error that CDS's answer was.
    search : SurveySearch or None
        The last one.
    """

    plain: ClassVar = ("base", "upper", "opacity")
    fields: ClassVar = {"base_look": _LOOK, "upper_look": _LOOK}  # after what they are of

    base = Unicode("")
    upper = Unicode("")
    base_look = LookTrait()
    upper_look = LookTrait()
    opacity = Float(0.5, min=0, max=1)
    known = Tuple()
    refused = Dict()
    search = Instance(SurveySearch, allow_none=True)

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks

    @property
    def offered(self) -> list[Survey]:
        """The surveys of the table, and then those that CDS told of."""
        return [*SURVEYS.values(), *self.known]

    @property
    def credits(self) -> tuple[str, ...]:
        """Name and credit of each survey that is shown; of one that nobody described, what it was asked by."""
        described = {survey.identifier: f"{survey.name} ({survey.credit})" for survey in self.offered}
        return tuple(described.get(chosen, chosen) for chosen in dict.fromkeys(self._chosen) if chosen)

    @property
    def _chosen(self) -> tuple[str, str]:
        return plain_identifier(self.base), plain_identifier(self.upper)

    def restore(self, kept: Kept) -> Iterator[None]:
        """Show the surveys that were chosen, but none at an address or in a folder that a session names."""
        if not self.renewal(kept).words:
            self.assign(kept)
        yield from ()

    def renewal(self, kept: Kept) -> Renewal:
        """Those."""
        known = {survey.identifier for survey in SURVEYS.values()}
        named = [one for one in (kept["base"], kept["upper"]) if one and plain_identifier(one) not in known]
        elsewhere = [one for one in named if _is_elsewhere(one)]
        return Renewal(f"the survey at {' and '.join(elsewhere)}", outside=True) if elsewhere else Renewal()

    def renew(self, kept: Kept) -> Iterator[None]:
        """Show them all the same."""
        self.assign(kept)
        yield from ()

    def resolve(self, identifier: str) -> None:
        """Ask CDS, in the background, for the survey of an identifier."""
        if any(identifier == survey.identifier for survey in self.offered):
            return
        self.refused = {key: error for key, error in self.refused.items() if key != identifier}

        before = self._chosen  # a page may ask before it tells that this is chosen

        def arrived(survey: Survey) -> None:
            # Under the name it was asked by, which may have been written in another way.
            self._learn(survey, Survey(identifier, survey.name, survey.addresses, survey.credit))

        self._ask(
            f"Looking up {identifier:.80}",
            lambda task: survey_called(identifier, monitor=task),
            arrived,
            lambda error: self.set_trait("refused", {**self.refused, identifier: error}),
            key=f"survey {identifier}",
            stands=lambda: identifier in self._chosen or self._chosen == before,
        )

    def find(self, words: str) -> None:
        """Ask CDS, in the background, for surveys whose titles or identifiers have these words."""

        def arrived(found: list[Survey]) -> None:
            self._learn(*found)
            self.search = SurveySearch(words, tuple(found))

        self.search = SurveySearch(words, running=True)
        self._ask(
            f"Searching surveys: {words:.60}",
            lambda task: find_surveys(words, monitor=task),
            arrived,
            lambda error: self.set_trait("search", SurveySearch(words, failure=error)),
            key="survey search",
            stands=lambda: self.search is not None and self.search.words == words,
        )

    def _ask(
        self,
        label: str,
        work: Callable[[Task], object],
        arrived: Callable[..., None],
        refused: Callable[[CscError], None],
        *,
        key: str,
        stands: Callable[[], bool],
    ) -> None:
        def ended(_change: object) -> None:
            if task.state == "cancelled" and not task.replaced:
                refused(CscError(f"{label} was cancelled"))
            elif task.state == "failed":
                try:
                    self._tasks.check(key)
                except CscError as error:
                    refused(error)

        task = self._tasks.run(label, work, arrived, key=key, stands=stands)
        task.observe(ended, "state")
        if task.is_settled():  # it was faster
            ended(None)

    def _learn(self, *surveys: Survey) -> None:
        others = {survey.identifier: survey for survey in (*self.known, *surveys) if survey.identifier not in SURVEYS}
        self.known = tuple(others.values())[-_MOST_KNOWN:]


def _is_elsewhere(survey: str) -> bool:
    """Whether it is an address or a path, and no identifier of CDS."""
    return "://" in survey or survey.startswith(("/", "\\", ".", "~")) or ":" in survey[:3]
