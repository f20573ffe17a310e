"""A page of JupyterLab, and a notebook in one: write cells, run them, ask the kernel, look at the page."""

from __future__ import annotations

import ast
import json
import re
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request
from playwright.sync_api import TimeoutError as PageTimeout

from .chromium import WINDOW
from .lab import ROOT, Lab

RESULTS = ROOT / "test-results"


# Not the kernel itself, nor what is imported: that takes longer than most tests do.
FORGET = """
for made in [*get_ipython().user_ns.values()]:
    if type(made).__name__ == "Explorer":
        made.close()
__import__("ipywidgets").Widget.close_all()
get_ipython().reset(new_session=False)
"""

REPLACE_CELLS = """cells => {
  const {sharedModel} = notebook.content.model, before = sharedModel.cells.length;
  sharedModel.insertCells(before, cells.map(source => ({cell_type: 'code', source})));
  sharedModel.deleteCellRange(0, before);
  notebook.content.activeCellIndex = 0;
  notebook.content.mode = 'command';
  notebook.node.querySelector('.jp-WindowedPanel-outer').scrollTop = 0;
}"""


LAYOUT = """() => [
  jupyterapp.shell.mode, [...jupyterapp.shell.widgets('main')].length,
  ...['#jp-left-stack', '#jp-right-stack', '#jp-main-dock-panel'].map(
    name => Math.round(document.querySelector(name)?.getBoundingClientRect().width ?? 0)),
]"""


CLOSE_OTHERS = """() => {
  for (const other of [...jupyterapp.shell.widgets('main')]) if (other !== notebook) other.dispose();
}"""

# jupyterlab-manager asks the kernel for its widgets when a page opens. Cells that make some meanwhile are too early: of
# what it gets, some overwrites what is newer, some refers to models that it has not (3 of 70 pages on a busy machine).
WIDGETS_RESTORED = """(async () => {
  const renderer = notebook.content.rendermime.createRenderer('application/vnd.jupyter.widget-view+json');
  const manager = await renderer._manager.promise;
  renderer.dispose();
  return manager.restoredStatus || new Promise(resolve => manager.restored.connect(() => resolve(true)));
})()"""


class KernelError(AssertionError):
    """Code failed in the notebook's kernel; the message is its traceback."""


class LabPage:
    """A page of this JupyterLab, with a record of what it asked for and what went wrong in it.

    Attributes
    ----------
    requests : list of str
        Every address the page asked for.
    errors : list of str
        Uncaught JavaScript errors, and errors on the console that name this package or its widgets.
    said : list of str
        Every error and warning on the console.
    allowed : set of str
        Beginnings of further addresses that it may ask for: of servers of the test's own.
    """

    def __init__(self, lab: Lab, context: BrowserContext, test: str) -> None:
        lab.forget_settings()
        lab.forget_choices()
        self.lab = lab
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.said: list[str] = []
        self.pending: set[Request] = set()
        self.allowed: set[str] = set()
        self._test = _named(test)
        self.page.on("request", self._on_request)
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, self._on_answer)
        self.page.on("pageerror", self._on_page_error)
        self.page.on("console", self._on_console)

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        self.pending.add(request)

    def _on_answer(self, request: Request) -> None:
        self.pending.discard(request)

    def _on_page_error(self, error: Error) -> None:
        # JupyterLab's own, when a kernel ends while something is still asked of it.
        if "Canceled future" not in f"{error.name} {error.message}":
            self.errors.append(f"{error.name}: {error.message}\n{error.stack}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "GPU stall due to ReadPixels" not in message.text:
            self.said.append(message.text)
        if message.type == "error" and re.search("cscwidgets|anywidget|Aladin|Tabulator", message.text, re.IGNORECASE):
            self.errors.append(message.text)

    @property
    def outside(self) -> list[str]:
        """Addresses asked for that are not this JupyterLab's."""
        local = (f"{self.lab.url}/", "blob:", "data:", "about:", *self.allowed)
        return [url for url in self.requests if not url.startswith(local)]

    def goto(self, path: str) -> None:
        self.page.goto(f"{self.lab.url}/{path}{'&' if '?' in path else '?'}token={self.lab.token}")
        self.page.wait_for_function("window.jupyterapp?.started", timeout=60_000)

    def command(self, command: str, **args: Any) -> Any:
        """Run a JupyterLab command and wait for its end."""
        return self.page.evaluate("([c, a]) => jupyterapp.commands.execute(c, a).then(() => null)", [command, args])

    @property
    def shown_theme(self) -> str:
        return "dark" if self.page.locator('body[data-jp-theme-light="false"]').count() else "light"

    def theme(self, name: str) -> None:
        """Switch to the ``light`` or ``dark`` theme."""
        if name == self.shown_theme:
            return
        self.command("apputils:change-theme", theme=f"JupyterLab {name.capitalize()}")
        light = "true" if name == "light" else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")  # JupyterLab hides behind it meanwhile

    def screenshot(self, name: str, selector: str | None = None) -> Path:
        """A picture of the page, or of one element, in ``test-results``."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self._test}-{name}.png"
        (self.page.locator(selector).first if selector else self.page).screenshot(path=path)
        return path

    def close(self) -> None:
        self.page.close()
        self._keep_console()

    def _keep_console(self) -> None:
        if self.said:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{self._test}-console.txt").write_text("\n\n".join(self.said))


class Notebook(LabPage):
    """A notebook of given cells, open in its own page with its own kernel."""

    def __init__(self, lab: Lab, context: BrowserContext, test: str, cells: Sequence[str]) -> None:
        super().__init__(lab, context, test)
        self.name = f"{self._test}-{secrets.token_hex(3)}.ipynb"
        lab.write_notebook(self.name, cells)
        self._open()
        self._layout = self.layout()

    def _open(self) -> None:
        self.goto(f"doc/tree/{self.name}")
        self.page.wait_for_function(
            "jupyterapp.shell.currentWidget?.sessionContext?.isReady"
            " && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'",
            timeout=60_000,
        )
        self._take()

    def _take(self) -> None:
        """Name the notebook in the page, and wait until its widgets are as the kernel has them."""
        # void: else Playwright would describe all of JupyterLab to Python.
        self.page.evaluate("void (window.notebook = jupyterapp.shell.currentWidget)")
        self._within(60, WIDGETS_RESTORED)

    def reload(self) -> None:
        """Save, reload the page and wait until notebook and kernel are there again."""
        self.command("docmanager:save")
        self._open()

    def layout(self) -> Any:
        """What is open beside the notebook, in the window it was opened in."""
        self.page.set_viewport_size(WINDOW)
        return self.page.evaluate(LAYOUT)

    def renew(self, test: str, cells: Sequence[str]) -> bool:
        """Take other cells for another test, as if this were another notebook; page and kernel stay.

        Returns
        -------
        bool
            Whether the page is again as it was opened.
        """
        self._keep_console()
        if not self.page.evaluate("'notebook' in window"):
            return False
        self._test = _named(test)
        self.page.evaluate(REPLACE_CELLS, list(cells))
        self.lab.forget_choices()
        self.execute(FORGET)  # what is closed is seen no more, and nothing asks for it
        self.page.mouse.move(0, 0)
        self.theme("light")
        as_opened = self._lay_out_as_opened()
        for record in (self.said, self.errors, self.requests, self.allowed):
            record.clear()
        return as_opened

    def _lay_out_as_opened(self) -> bool:
        self.page.evaluate(CLOSE_OTHERS)
        self.page.evaluate("mode => { jupyterapp.shell.mode = mode; }", self._layout[0])
        for side, now, opened in zip(("left", "right"), self.layout()[2:4], self._layout[2:4], strict=True):
            if (now > 0) != (opened > 0):
                self.command(f"application:toggle-{side}-area")
        try:  # JupyterLab follows the size of its window a moment later
            self.page.wait_for_function(
                f"opened => String(({LAYOUT})()) === String(opened)", arg=self._layout, timeout=3000
            )
        except PageTimeout:
            return False
        return True

    def run_all(self, seconds: float = 120) -> None:
        """Run every cell; an error in one is an error here."""
        self.page.evaluate("jupyterapp.shell.activateById(notebook.id)")
        self._within(seconds, "jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)")
        failed = self.page.evaluate(
            """() => notebook.content.widgets
                 .flatMap(cell => cell.model.outputs?.toJSON() ?? [])
                 .filter(output => output.output_type === 'error').map(output => output.traceback.join('\\n'))"""
        )
        if failed:
            raise KernelError(_plain(failed[0]))

    def _within(self, seconds: float, promise: str, argument: Any = None) -> Any:
        """What a promise of the page comes to; one that stays open says what page and kernel wait for."""
        answer = self.page.evaluate(
            f"""([argument, seconds]) => Promise.race([
                 {promise},
                 new Promise(resolve => setTimeout(() => resolve(null), 1000 * seconds))])""",
            [argument, seconds],
        )
        if answer is None:
            picture = self.screenshot("not-answered")
            why = f"the kernel did not answer within {seconds} s\n{self._state()}\n{self.lab.stacks()}"
            picture.with_suffix(".txt").write_text(why)  # what is tried once more is not in the summary
            raise AssertionError(why)
        return answer

    def _state(self) -> str:
        """How JupyterLab sees the kernel, which cells and answers it still waits for, and what the console said."""
        state = self.page.evaluate(
            """async () => {
                 const {sessionContext, content} = notebook;
                 const {status, connectionStatus, _msgChain, _comms} = sessionContext.session?.kernel ?? {};
                 const counts = content.widgets.map(cell => cell.model.executionState ?? cell.model.executionCount);
                 // JupyterLab's kernel connection handles one message after the other.
                 const stuck = await Promise.race([
                   Promise.resolve(_msgChain).then(() => false),
                   new Promise(resolve => setTimeout(() => resolve(true), 1000)),
                 ]);
                 return JSON.stringify({
                   status, connectionStatus, pending: sessionContext.pendingInput, counts, stuck,
                   comms: _comms?.size,
                 });
               }"""
        )
        return f"{state}\nunanswered: {[request.url for request in self.pending]}\nconsole: {self.said}"

    def execute(self, code: str) -> None:
        """Run code in the kernel, outside any cell."""
        self._request(code, {})

    def kernel(self, expression: str) -> Any:
        """The value of a Python expression in the kernel; arrays come as lists."""
        call = f"__import__('json').dumps({expression}, default=lambda value: value.tolist())"
        answer = self._request("", {"value": call})["value"]
        if answer["status"] != "ok":
            raise KernelError(_plain("\n".join(answer["traceback"])))
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def until(self, expression: str, seconds: float = 30) -> Any:
        """Wait until an expression is true in the kernel and return its value."""
        deadline = time.monotonic() + seconds
        while not (value := self.kernel(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not true within {seconds} s: {expression} (last value {value!r})")
            time.sleep(0.05)
        return value

    def quiet(self, seconds: float = 60) -> None:
        """Wait until the explorer has no task left."""
        self.until("not app._state.desk.tasks.running", seconds)

    def count_widget_messages(self) -> Callable[[], int]:
        """Begin to count what the page's widgets send to the kernel; the answer tells how many there were."""
        self.page.evaluate(
            """() => {
                 const counting = window.widgetMessages !== undefined;  // since a test before
                 window.widgetMessages = 0;
                 if (!counting) notebook.sessionContext.session.kernel.anyMessage.connect(
                   (_, {msg, direction}) => {
                     if (direction === 'send' && msg.header.msg_type.startsWith('comm_')) widgetMessages += 1;
                   });
               }"""
        )
        return lambda: int(self.page.evaluate("window.widgetMessages"))

    def _request(self, code: str, expressions: dict[str, str]) -> Any:
        request = {"code": code, "user_expressions": expressions, "store_history": False, "stop_on_error": False}
        promise = "notebook.sessionContext.session.kernel.requestExecute(argument).done.then(reply => reply.content)"
        reply = self._within(120, promise, request)
        if reply["status"] != "ok":
            raise KernelError(_plain("\n".join(reply.get("traceback", [reply["status"]]))))
        return reply["user_expressions"]

    def close(self) -> None:
        session = self.page.evaluate("window.notebook?.sessionContext.session?.id")
        super().close()
        if session:
            self.lab.end_session(session)


def _named(test: str) -> str:
    return re.sub(r"\W+", "-", test).strip("-")


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
