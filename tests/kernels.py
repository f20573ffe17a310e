"""A real kernel without a browser: cells go in as JupyterLab sends them, values come out."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parents[1]


class Kernel:
    """A kernel that takes cells as JupyterLab sends them, each with its name.

    Attributes
    ----------
    pid : int
        Its process.
    """

    def __init__(self, client: BlockingKernelClient, folder: Path) -> None:
        self._client = client
        self._value = folder / "value.json"
        self.pid: int = self.value("__import__('os').getpid()")

    def run(self, code: str, cell: str = "cell", timeout: float = 120) -> None:
        """Run a cell; what it raises is an AssertionError with its traceback."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self._client.session.msg("execute_request", {**content, "stop_on_error": True})
        message["metadata"] = {"cellId": cell}
        self._client.shell_channel.send(message)
        asked = message["header"]["msg_id"]
        while (reply := self._client.get_shell_msg(timeout=timeout))["parent_header"].get("msg_id") != asked:
            pass
        traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(reply["content"].get("traceback", [])))
        assert reply["content"]["status"] == "ok", traceback

    def value(self, expression: str, timeout: float = 120) -> Any:
        """What an expression is, as far as JSON can say it."""
        self.run(f"import json; open({str(self._value)!r}, 'w').write(json.dumps({expression}))", "value", timeout)
        return json.loads(self._value.read_text())


@contextmanager
def kernel(folder: Path, environment: Mapping[str, str]) -> Iterator[Kernel]:
    """A kernel with further variables in its environment; it may write into the folder, and can import the tests."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    manager, client = start_new_kernel(env={**os.environ, "PYTHONPATH": path, **environment})
    try:
        yield Kernel(client, folder)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
