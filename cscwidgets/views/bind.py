"""Controls tied to a state: what a user changes goes to the state, what the state becomes is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets
from traitlets import HasTraits

from .callbacks import Guard

__all__ = ["Bindings"]


class Bindings:
    """The ties of one view.

    Parameters
    ----------
    guard : callable
        Wraps every callback so that its errors are shown.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._showing = 0

    @contextmanager
    def showing(self) -> Iterator[None]:
        """While controls are set to what the state is: their changes are nobody's choice."""
        self._showing += 1
        try:
            yield
        finally:
            self._showing -= 1

    def when(self, thing: HasTraits, traits: str | Sequence[str], act: Callable[[], object]) -> None:
        """Act when a trait changes, whoever changed it."""
        thing.observe(self._guard(lambda _: act()), traits if isinstance(traits, str) else list(traits))

    def when_chosen(self, control: ipywidgets.Widget, act: Callable[[Any], object]) -> None:
        """Act, with the new value, when a user changes a control."""

        def changed(change: dict[str, Any]) -> None:
            if not self._showing:
                act(change["new"])

        control.observe(self._guard(changed), "value")

    def when_pressed(self, button: ipywidgets.Button, act: Callable[[], object]) -> None:
        """Act when a button is pressed."""
        button.on_click(self._guard(lambda _: act()))

    def tie(
        self,
        state: HasTraits,
        trait: str,
        *controls: ipywidgets.Widget,
        to_state: Callable[..., Any] = lambda value: value,
        to_control: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        """Keep a trait of a state and a control at the same value; both begin as the state is.

        Parameters
        ----------
        state : HasTraits
        trait : str
        *controls : Widget
            One control, or one for each part of the trait, a sequence.
        to_state : callable
            Makes the trait's value of the controls' values; raises what is wrong with them.
        to_control : callable
            Makes the control's value of the trait's; a sequence where there are several controls.
        """

        def show() -> None:
            value = to_control(getattr(state, trait))
            with self.showing():
                for control, part in zip(controls, (value,) if len(controls) == 1 else value, strict=True):
                    control.value = part

        def choose(_: Any) -> None:
            setattr(state, trait, to_state(*(control.value for control in controls)))

        for control in controls:
            self.when_chosen(control, choose)
        self.when(state, trait, show)
        show()

    def offer(self, control: ipywidgets.Widget, options: Sequence[Any], value: Any) -> None:
        """Give a control other options, and the value that it has among them.

        New options alone would drop what was chosen among the old, or choose the first.
        """
        with self.showing():
            if list(control.options) != list(options):
                if isinstance(control, ipywidgets.SelectMultiple):
                    control.value = ()  # the page looks for the rows of the old choice among the new ones, and throws
                control.options = options
            control.value = value
