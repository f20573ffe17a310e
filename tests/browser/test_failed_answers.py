"""A search that fails: the panel says why and keeps its picture, and code in a cell is told the same."""

from __future__ import annotations

from .test_first_path import explorer

__all__ = ["explorer"]

RAISES = """
def raised(ask):
    try:
        ask()
    except Exception as error:
        return [type(error).__name__, str(error)]
    return None
"""


def test_a_failed_search_is_a_message_to_the_eye_and_an_error_to_code(explorer, tmp_path):
    nb, _view = explorer("'47 Tuc', radius='1 arcmin', archive='demo'")
    nb.execute(RAISES)
    shown = nb.kernel("len(app.table)")
    target = nb.page.locator(".csc-explorer input[type=text]").first
    target.fill("no such object")
    target.press("Enter")
    alert = nb.page.get_by_role("alert")
    alert.first.wait_for(timeout=30_000)  # its network is blocked: Sesame does not answer
    nb.until("not app._state.desk.tasks.running", 30)
    words = nb.kernel("app.messages[-1]")
    assert "'no such object' could not be looked up" in words
    assert words.split(". ")[0] in alert.first.inner_text()
    file = tmp_path / "failed.ecsv"
    for ask in (
        "app.table",
        "app.selected",
        "app.region",
        f"app.write({str(file)!r})",
        "app.export('failed')",
        "app.wait()",
    ):
        assert nb.kernel(f"raised(lambda: {ask})") == ["RegionError", words]
    assert not file.exists()
    assert nb.kernel("'failed' in globals()") is False
    assert nb.kernel("len(app._state.table)") == shown  # the picture is that of the answer before
    nb.screenshot("failed search")

    # What cannot be a target is told at once, and is no failure of what is there.
    target.fill("annulus(10,20,1,2)")
    target.press("Enter")
    alert.filter(has_text="It is of the shape annulus").first.wait_for()
    target.fill("47 Tuc")
    target.press("Enter")
    nb.until("not app._state.desk.tasks.running", 30)
    assert nb.kernel("raised(app.wait)") is None
    assert nb.kernel("len(app.table)") == shown
