"""Every message of the package reads as sentences."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import cscwidgets
from cscwidgets import errors
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.parallel import for_each
from cscwidgets.errors import CscError, CscWarning, heard, sentence, warn

ROOT = Path(cscwidgets.__file__).parent
CLASSES = {"CscError", "ProductError", "QueryError", "RegionError", "ServiceUnreachable"}


def written(node: ast.expr) -> str | None:
    """The text of a literal, with 7 in place of what is filled in; None where it is none."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@cache
def messages() -> list[tuple[str, ...]]:
    """What, why and hint of every error that is raised with literal ones."""
    calls = [
        node
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES
    ]
    texts = [tuple(written(argument) for argument in call.args) for call in calls]
    return [text for text in texts if text and None not in text]


def test_no_sentence_begins_in_lower_case_after_a_full_stop():
    assert len(messages()) > 150
    for parts in messages():
        text = str(CscError(*parts))
        assert text.endswith((".", "!", "?")), text
        assert not re.search(r"(?<![.\s])(?<!\b[a-z])[.!?] [a-z]+[\s,:;]", text), text


def test_a_message_says_nothing_in_an_order_of_words_that_nobody_speaks():
    for parts in messages():
        assert not re.search(r"\b(to be had|shines|(is|has|does|knows|fits|holds) not$)", " ".join(parts)), parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it only absorbs", "It only absorbs."),
        ("Try again!", "Try again!"),
        ("flux_aper_b is missing", "flux_aper_b is missing."),
        ("acisf00078.fits: it is damaged", "acisf00078.fits: it is damaged."),
        ("'ra' is no angle", "'ra' is no angle."),
        ("3 files are left", "3 files are left."),
        ("nothing", "Nothing."),
    ],
)
def test_words_become_a_sentence_and_names_stay(text, expected):
    assert sentence(text) == expected


def test_what_failed_may_begin_with_a_name():
    assert str(CscError("wstat needs a background", "one has none", "take cstat")) == (
        "wstat needs a background. One has none. Take cstat."
    )
    assert str(errors.RegionError("The polygon cannot be searched")) == "The polygon cannot be searched."


def test_a_warning_is_told_to_who_listens_and_else_to_python():
    with heard() as outer:
        with heard() as inner:
            warn(CscWarning("inner"))
        warn(CscWarning("outer"))
    assert ([*map(str, inner)], [*map(str, outer)]) == (["inner"], ["outer"])
    with pytest.warns(CscWarning, match="nobody listens") as caught:
        warn(CscWarning("nobody listens"), stacklevel=1)
    assert caught[0].filename == __file__


def test_helpers_of_a_thread_are_heard_with_it():
    with heard() as said:
        for_each(lambda number: warn(CscWarning(f"number {number}")), range(20), SILENT)
    assert sorted(map(str, said)) == sorted(f"number {number}" for number in range(20))
