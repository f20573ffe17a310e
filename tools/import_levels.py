"""Circles, imports upwards, and levels of import: every import counts, lazy ones too, but not those of types alone."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_LEVELS = {"archive": 8, "service": 9, "demo": 7}

Module = tuple[str, ...]


def imports(node: ast.AST, package: Module) -> Iterator[Module]:
    """What a piece of code imports, as far as the names alone tell."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Import):
        yield from (tuple(alias.name.split(".")) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else ()
        base += tuple(node.module.split(".")) if node.module else ()
        yield from ((*base, alias.name) for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from imports(child, package)


paths = {path.relative_to(ROOT).with_suffix("").parts: path for path in (ROOT / "cscwidgets").rglob("*.py")}
modules = {name[:-1] if name[-1] == "__init__" else name: path for name, path in paths.items()}
graph: dict[Module, set[Module]] = {}
for name, path in modules.items():
    reached = imports(ast.parse(path.read_text(encoding="utf-8")), name[: len(name) - (path.stem != "__init__")])
    graph[name] = {target if target in modules else target[:-1] for target in reached} & set(modules) - {name}
# The floors are those of the first contract of import-linter, the highest first.
contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0]
floor = {name: -n for n, layer in enumerate(contract["layers"]) for name in re.findall(r"cscwidgets\.(\w+)", layer)}
# What is on no floor (the package itself, its command line) may import all, and be imported by all.
place = {name: floor[name[1]] for name in modules if name[1:2] and name[1] in floor}
upwards = [(a, b) for a in place for b in graph[a] if place.get(b, place[a]) > place[a]]
circles, level = set[frozenset[Module]](), dict[Module, int]()


def climb(name: Module, chain: tuple[Module, ...] = ()) -> int:
    """Modules in the longest chain of imports within the package of a module, from it down."""
    if name in chain:
        circles.add(frozenset(chain[chain.index(name) :]))
        return 0
    if name not in level:
        heights = {target: climb(target, (*chain, name)) for target in sorted(graph[name])}
        level[name] = 1 + max((height for target, height in heights.items() if target[:2] == name[:2]), default=0)
    return level[name]


highest = {package: max(climb(name) for name in modules if name[1:2] == (package,)) for package in floor}
print(f"circles: {len(circles)}", *(sorted(map(".".join, circle)) for circle in circles))
print(f"imports upwards: {len(upwards)}", *(f"{'.'.join(a)} -> {'.'.join(b)}" for a, b in upwards))
print(f"levels (at most {MOST_LEVELS}):", ", ".join(f"{package} {levels}" for package, levels in highest.items()))
sys.exit(bool(circles or upwards or any(highest[package] > most for package, most in MOST_LEVELS.items())))
