"""The demo's services on a loopback port, and faults of the matrix by chance between them and whoever asks."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cscwidgets.demo.files.picture_store import demo_pictures
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.service.app import application

from ..trust.faults import FAULTS
from ..trust.faulty_server import Answer, FaultyServer, Talk

__all__ = ["Chances", "faulty_demo"]

# These fill memory or minutes, and nothing else can happen meanwhile: the matrix has them one by one.
_TOO_LONG = {"endless", "bomb", "drip", "drip of headers"}
_CHOSEN = {name: fault for name, fault in FAULTS.items() if not fault.elsewhere and name not in _TOO_LONG}


class Chances:
    """Disturbs some of the answers of a server.

    Parameters
    ----------
    server : FaultyServer
        Whose answers.
    seed : int
        Of the chances.

    Attributes
    ----------
    met : Counter
        How often each fault was met, and "none".
    """

    def __init__(self, server: FaultyServer, seed: int) -> None:
        self._server = server
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.met: Counter[str] = Counter()

    def disturb(self, rate: float) -> None:
        """From now on disturb this fraction of all answers; none at 0."""
        self._server.behave()

        def act(answer: Answer, talk: Talk) -> None:
            kind = "votable" if b"VOTABLE" in answer.body[:500] else "json" if answer.body[:1] == b"[" else "file"
            possible = [name for name, fault in _CHOSEN.items() if kind in fault.kinds]
            with self._lock:
                name = self._random.choice(possible) if self._random.random() < rate else "none"
                self.met[name] += 1
            if name == "none":
                talk.send(answer.head() + answer.body)
            else:
                _CHOSEN[name].act(answer, talk)

        self._server.order(act, lambda _: True, once=False, elsewhere="", prepare=len)

    @property
    def problems(self) -> list[str]:
        """Faults that could not be done."""
        return self._server.problems


@contextmanager
def faulty_demo(folder: Path, seed: int) -> Iterator[tuple[str, Chances]]:
    """Address of the demo, and what disturbs it; nothing does at first."""
    server = FaultyServer(application(folder, demo_store(), demo_pictures()))
    chances = Chances(server, seed)
    chances.disturb(0)
    try:
        yield server.base, chances
    finally:
        server.close()
