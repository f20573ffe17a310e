"""A page of a foreign origin in Chromium, against a served archive: it can neither read nor make anything.

The attacker's name is made to mean this machine, as rebinding does it; its page also comes from another port.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pytest
import requests
from playwright.sync_api import Browser, Page, Playwright

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.service.server import make_archive_server

from .chromium import FLAGS, find_chromium

ATTACKER = "attacker.test"
SECRET = "SIM J8c1f"

ATTEMPTS = """async (base) => {
  const query = 'LANG=ADQL&FORMAT=csv&PHASE=RUN&QUERY=SELECT+name+FROM+master_source';
  const form = {'Content-Type': 'application/x-www-form-urlencoded'};
  const found = {};
  const attempt = async (name, url, options) => {
    try {
      const answer = await fetch(url, options);
      found[name] = answer.status + ' ' + answer.type + ' ' + await answer.text();
    } catch (error) { found[name] = String(error); }
  };
  for (const mode of ['cors', 'no-cors']) {
    await attempt(mode + ' get', base + '/tap/sync?' + query, {mode});
    await attempt(mode + ' post', base + '/tap/async', {mode, method: 'POST', headers: form, body: query});
    await attempt(mode + ' delete', base + '/tap/async/x', {mode, method: 'DELETE'});
  }
  await attempt('credentials', base + '/tap/capabilities', {credentials: 'include'});
  for (const kind of ['script', 'img', 'iframe']) {
    const element = document.createElement(kind);
    element.src = base + '/tap/sync?' + query;
    await new Promise(done => {
      element.onload = element.onerror = done;
      document.body.append(element);
      setTimeout(done, 2000);
    });
    found[kind] = kind === 'iframe' && element.contentDocument ? element.contentDocument.body.innerText : '';
  }
  for (const method of ['post', 'get']) {
    document.body.insertAdjacentHTML('beforeend', `<iframe name="f${method}"></iframe>
      <form method="${method}" action="${base}/tap/async" target="f${method}">
      <input name="LANG" value="ADQL"><input name="PHASE" value="RUN">
      <input name="QUERY" value="SELECT name FROM master_source"></form>`);
    document.forms[document.forms.length - 1].submit();
  }
  await new Promise(done => setTimeout(done, 1000));
  return found;
}"""


class _Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><body>a page</body>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(params=["", "a-token"], ids=["no token", "token known"])
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator:
    info = ArchiveInfo("Small", "csc2.1", "csc21", "Made up", True, "2026-01-01T00:00:00Z")
    write_folder(tmp_path / "a", {"master_source": pa.table({"name": [SECRET], "ra": [1.0], "dec": [2.0]})}, info)
    server = make_archive_server(tmp_path / "a", token=request.param)
    foreign = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    threads = [threading.Thread(target=each.serve_forever) for each in (server, foreign)]
    for thread in threads:
        thread.start()
    server.foreign = foreign.server_address[1]
    yield server
    for each, thread in zip((server, foreign), threads, strict=True):
        each.shutdown()
        thread.join()
        each.server_close()


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[Browser]:
    flags = [*FLAGS, f"--host-resolver-rules=MAP {ATTACKER} 127.0.0.1"]
    made = playwright.chromium.launch(executable_path=find_chromium(), headless=True, args=flags)
    yield made
    made.close()


def jobs_of(archive) -> int:
    return requests.get(f"{archive.base}/tap/async").text.count("<uws:jobref ")


def attack(page: Page, start: str, base: str) -> dict[str, str]:
    page.goto(start)
    return page.evaluate(ATTEMPTS, base)


def test_a_page_of_another_port_gets_nothing(archive, browser: Browser) -> None:
    page = browser.new_page()
    for host in (ATTACKER, "localhost", "127.0.0.1"):
        found = attack(page, f"http://{host}:{archive.foreign}/", archive.base)
        assert len(found) == 10
        assert SECRET not in str(found)
        assert "capability" not in str(found)
        assert all(text.startswith("TypeError") or "opaque" in text for name, text in found.items() if " " in name), (
            found
        )
        assert jobs_of(archive) == 0


def test_a_name_that_is_rebound_gets_nothing(archive, browser: Browser) -> None:
    rebound = archive.base.replace("127.0.0.1", ATTACKER)
    page = browser.new_page()
    # The archive's own answer to the strange name is the page the attacker's script would run in.
    answer = page.goto(f"{rebound}/")
    assert answer is not None
    assert answer.status == 403
    found = page.evaluate(ATTEMPTS, rebound)
    assert SECRET not in str(found)
    assert all(
        text.startswith(("TypeError", "403")) or "opaque" in text for name, text in found.items() if " " in name
    ), found
    assert jobs_of(archive) == 0


def test_the_archive_s_own_page_is_shown(archive, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{archive.base}/")
    assert "Small" in page.inner_text("h1")
    page.click("text=examples")
    assert "Brightest sources" in page.content()
