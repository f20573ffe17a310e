"""Scripts: Python text put together from parts, each of which says what it imports and whose work it rests on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np

__all__ = ["Code", "literal", "named", "script_text"]

_WIDTH = 88  # of lines that can be broken
_IN_NAMESPACE = {u.deg: "u.deg", u.arcmin: "u.arcmin", u.arcsec: "u.arcsec", u.kpc: "u.kpc"}


@dataclass(frozen=True)
class Code:
    """Some lines of a script.

    Attributes
    ----------
    parts : tuple of str
        Lines that belong together; in a script an empty line stands between two parts, and each part stands once.
    imports : frozenset of str
        What they need: ``"import numpy as np"``, ``"from cscwidgets import Archive"``; one name a line.
    works : tuple of str
        Keys of the works that they rest on, see `cscwidgets.export.citation.WORKS`.

    Examples
    --------
    >>> first = Code.of("two = np.sqrt(4)", "import numpy as np")
    >>> print((first + Code.of("print(two)") + first).text)
    import numpy as np
    <BLANKLINE>
    two = np.sqrt(4)
    <BLANKLINE>
    print(two)
    """

    parts: tuple[str, ...] = ()
    imports: frozenset[str] = frozenset()
    works: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, *imports: str, works: Iterable[str] = ()) -> Code:
        """One part."""
        return cls((text.strip("\n"),) if text.strip() else (), frozenset(imports), tuple(works))

    def __add__(self, other: Code) -> Code:
        """One after the other; what stands in both comes once."""
        return Code(
            tuple(dict.fromkeys((*self.parts, *other.parts))),
            self.imports | other.imports,
            tuple(dict.fromkeys((*self.works, *other.works))),
        )

    @property
    def text(self) -> str:
        """Imports, in the order that linters want, and the parts."""
        return "\n\n".join(filter(None, (_sorted_imports(self.imports), *self.parts)))


def script_text(title: str, code: Code, head: Iterable[str] = ()) -> str:
    """A whole script.

    Parameters
    ----------
    title : str
        What it makes: the first line of its docstring.
    code : Code
    head : iterable of str
        What is said below the title; may have several lines each.
    """
    # A place or a query may have any signs: those that end or change a docstring are escaped.
    lines = "\n".join((title, "", *head)).strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = "".join(sign if sign == "\n" or sign.isprintable() else ascii(sign)[1:-1] for sign in lines)
    quoted = f'"""{lines}\n"""' if "\n" in lines or lines.endswith('"') else f'"""{lines}"""'
    return f"{quoted}\n\n{code.text}\n"


def named(name: str, value: Any) -> str:
    """``name = value``, in several lines where it is long."""
    line = f"{name} = {literal(value)}"
    if len(line) <= _WIDTH or not isinstance(value, list | tuple | Mapping) or not len(value):
        return line
    if isinstance(value, Mapping):
        lines = [f"    {literal(key)}: {literal(one)}," for key, one in value.items()]
        return "\n".join([f"{name} = {{", *lines, "}"])
    opened, closed = "[]" if isinstance(value, list) else "()"
    return "\n".join([f"{name} = {opened}", *_filled([literal(one) for one in value]), closed])


def literal(value: Any) -> str:
    """A value as it is written in Python, so that the same value is read.

    Examples
    --------
    >>> print(literal("a name"), literal([1.5, None]), literal(2 * u.deg), literal(float("nan")))
    "a name" [1.5, None] 2.0 * u.deg float("nan")
    """
    if isinstance(value, str):
        # JSON's escapes are Python's too, but for halves of signs, which no file can hold.
        halved = any("\ud800" <= sign <= "\udfff" for sign in value)
        return ascii(str(value)) if halved else json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, u.Quantity):
        unit = _IN_NAMESPACE.get(value.unit, f'u.Unit("{value.unit.to_string()}")')
        return f"{literal(value.value)} * {unit}"
    if isinstance(value, np.ndarray | np.generic):
        return literal(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, frozenset):  # of names, whose order nobody chose
        return literal(sorted(value))
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(key)}: {literal(one)}' for key, one in value.items())}}}"
    return repr(value)


def _filled(words: list[str]) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 2 <= _WIDTH:
            lines[-1] += f" {word},"
        else:
            lines.append(f"    {word},")
    return lines


def _sorted_imports(imports: frozenset[str]) -> str:
    """Those of Python first, whole modules before names, all by their alphabet."""
    whole = sorted(line for line in imports if line.startswith("import "))
    names: dict[str, set[str]] = {}
    for line in imports - set(whole):
        _, module, _, name = line.split(maxsplit=3)
        names.setdefault(module, set()).add(name)
    statements = [(line.split()[1], line) for line in whole]
    statements += [(module, _from(module, names[module])) for module in sorted(names)]
    groups: list[list[str]] = [[], []]
    for module, line in statements:
        groups[module.partition(".")[0] not in sys.stdlib_module_names].append(line)
    return "\n\n".join("\n".join(group) for group in groups if group)


def _from(module: str, names: set[str]) -> str:
    ordered = sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])
