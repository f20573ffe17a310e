"""How what services send and are sent is damaged: VOTables, lists of files, tars, and ADQL."""

from __future__ import annotations

import base64
import json
import re

import numpy as np

from .filedamage import CELLS, Rng, damaged_bytes, damaged_text

TYPES = ("boolean", "bit", "unsignedByte", "short", "int", "long", "char", "unicodeChar", "float", "double", "x", "")
SIZES = ("*", "1", "0", "-1", "3", "2x*", "*x2", "1000000000", "8*", "", "1x1x1x1", "9" * 40)
ATTRIBUTES = (
    "datatype",
    "arraysize",
    "unit",
    "ucd",
    "name",
    "ID",
    "value",
    "encoding",
    "href",
    "nrows",
    "precision",
    "ref",
)
UNITS = ("deg", "10**9999 erg", "erg s-1 cm-2", "ct", "???", "'", "a" * 5000)
TAG = re.compile(rb"</?[A-Za-z0-9]+[^>]*>")
STREAM = re.compile(rb"(<STREAM[^>]*>)(.*?)(</STREAM>)", re.DOTALL)


def damaged_votable(content: bytes, rng: Rng) -> bytes:
    """A VOTable, damaged in one to three ways."""
    for _ in range(int(rng.integers(1, 4))):
        ways = (_attribute, _attribute, _tags, _cell, _stream, damaged_bytes, damaged_text)
        content = ways[int(rng.integers(len(ways)))](content, rng)
    return content


def damaged_list(content: bytes, rng: Rng) -> bytes:
    """A list of files, or of surveys, in JSON: damaged as text, or with values that make no sense."""
    if rng.random() < 0.4:
        return damaged_text(content, rng)
    entries = json.loads(content)
    values = (None, -1, 1e400, [], {}, True, "../../etc/passwd", "/etc/passwd", "x" * 10_000, *CELLS[:12])
    for _ in range(int(rng.integers(1, 4))):
        entry = entries[int(rng.integers(len(entries)))]
        key = list(entry)[int(rng.integers(len(entry)))] if entry else "filename"
        entry[key] = values[int(rng.integers(len(values)))]
        if rng.random() < 0.2:
            entry.pop(key)
        if rng.random() < 0.2:
            entries.append(dict(entry))
    deep = rng.random() < 0.05
    return b"[" * 100_000 if deep else json.dumps(entries).encode("utf-8", "replace")


def damaged_tar(content: bytes, rng: Rng) -> bytes:
    """A tar: wrong bytes, often in a header; members lost, twice, or in another order."""
    if rng.random() < 0.3:
        return damaged_bytes(content, rng)
    blocks = [bytearray(content[at : at + 512]) for at in range(0, len(content), 512)]
    heads = [number for number, block in enumerate(blocks) if block[257:262] == b"ustar"] or [0]
    head = blocks[heads[int(rng.integers(len(heads)))]]
    way = int(rng.integers(4))
    if way == 0:
        at = int(rng.integers(345))
        head[at] = int(rng.integers(256))
    elif way == 1:  # a header that is whole and lies: name, size, type
        field, value = (
            (slice(0, 100), b"../../../etc/passwd"),
            (slice(0, 100), b"/etc/passwd"),
            (slice(124, 136), b"77777777777"),
            (slice(124, 136), b"00000000000"),
            (slice(124, 136), b"-0000000001"),
            (slice(156, 157), b"2"),
            (slice(156, 157), b"1"),
            (slice(156, 157), b"5"),
            (slice(156, 157), b"x"),
            (slice(156, 157), b"S"),
            (slice(157, 257), b"/etc/passwd"),
        )[int(rng.integers(11))]
        head[field] = value.ljust(field.stop - field.start, b"\0")
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % (sum(head) & 0o777777)
    elif way == 2:
        at = int(rng.integers(len(blocks)))
        blocks.insert(int(rng.integers(len(blocks))), blocks[at])
    else:
        blocks.pop(int(rng.integers(len(blocks))))
    return b"".join(map(bytes, blocks))


def damaged_adql(content: bytes, rng: Rng) -> bytes:
    """A query with some of its words lost, twice, exchanged or others."""
    queries = content.decode().strip().split("\n")
    words = re.findall(r"\w+|\s+|'[^']*'|[^\w\s]", queries[int(rng.integers(len(queries)))])
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(len(words)))
        way = int(rng.integers(4))
        if way == 0 and len(words) > 1:
            words.pop(at)
        elif way == 1:
            words.insert(at, words[int(rng.integers(len(words)))])
        elif way == 2:
            words[at] = WORDS[int(rng.integers(len(WORDS)))]
        else:
            words.insert(at, f" {WORDS[int(rng.integers(len(WORDS)))]} ")
    return "".join(words).encode("utf-8", "replace")


WORDS = (
    *("SELECT", "FROM", "WHERE", "TOP", "ORDER BY", "GROUP BY", "HAVING", "UNION", "DISTINCT", "JOIN"),
    *("NULL", "NOT", "IN", "LIKE", "BETWEEN", "CASE WHEN", "EXISTS", "AS", "*", "(", ")", ",", ";", "--"),
    *("/*", "'", '"', "''", "1e999", "-1", "0", "9" * 400, "1/0", "0x41", "\0", "\u2028", "\xe4"),
    *("POINT('ICRS', 1, 2)", "CIRCLE('ICRS', 400, -100, 1e9)", "BOX('ICRS', 1, 2, 3, 4)", "POLYGON(1, 2, 3)"),
    *("CONTAINS(POINT(ra, dec), CIRCLE(6, -72, 1)) = 1", "DISTANCE(1, 2, 3, 4)", "INTERSECTS", "AREA", "COORD1(name)"),
    *("read_csv('/etc/passwd')", "read_text('/etc/hostname')", "glob('*')", "duckdb_settings()", "getenv('HOME')"),
    *("DROP TABLE csc21.master_source", "COPY", "ATTACH '/tmp/x'", "information_schema"),
    *("WITH RECURSIVE", "csc21.nothing", "TAP_SCHEMA.columns", "TAP_UPLOAD.mine", "master_source m", "ra", "name"),
    *("POWER(10, 10000)", "LOG(-1)", "SQRT(-1)", "ACOS(2)", "MOD(1, 0)", "RAND(1)", "ROUND(ra, 999)", "TRUNCATE(ra)"),
    *("repeat('x', 1000000000)", "range(1000000000)", "(" * 500, "NOT " * 500, "COUNT(*)", "SUM(ra)", "ra || name"),
)  # fmt: skip


def _attribute(content: bytes, rng: Rng) -> bytes:
    """Another value of something that a tag says."""
    tags = [tag for tag in TAG.finditer(content) if b"=" in tag[0]]
    if not tags:
        return content
    tag = tags[int(rng.integers(len(tags)))]
    name = ATTRIBUTES[int(rng.integers(len(ATTRIBUTES)))]
    values = {"datatype": TYPES, "arraysize": SIZES, "unit": UNITS}.get(name, CELLS[:20])
    value = values[int(rng.integers(len(values)))].replace('"', "").replace("<", "&lt;").replace("&E", "E")
    said = f' {name}="{value}"'.encode("utf-8", "replace")
    pattern = rb"\s" + name.encode() + rb"=[\"'][^\"']*[\"']"
    changed = re.sub(pattern, lambda _: said, tag[0], count=1)
    if changed == tag[0]:
        changed = re.sub(rb"(/?>)$", lambda end: said + end[1], tag[0])
    return content[: tag.start()] + changed + content[tag.end() :]


def _tags(content: bytes, rng: Rng) -> bytes:
    """A tag lost, or twice, or in another place."""
    tags = list(TAG.finditer(content))
    if not tags:
        return content
    tag, other = (tags[int(number)] for number in rng.integers(len(tags), size=2))
    if rng.random() < 0.5:
        return content[: tag.start()] + content[tag.end() :]
    return content[: other.start()] + tag[0] + content[other.start() :]


def _cell(content: bytes, rng: Rng) -> bytes:
    cells = list(re.finditer(rb"<TD>([^<]*)</TD>", content))
    if not cells:
        return _stream(content, rng)
    cell = cells[int(rng.integers(len(cells)))]
    value = CELLS[int(rng.integers(len(CELLS)))].replace("<", "&lt;").encode("utf-8", "replace")
    return content[: cell.start(1)] + value + content[cell.end(1) :]


def _stream(content: bytes, rng: Rng) -> bytes:
    """Bytes of binary rows lost, others, or more; or what is no base64."""
    part = STREAM.search(content)
    if part is None:
        return content
    text = b"".join(part[2].split())
    way = int(rng.integers(5))
    if way == 4:
        at = int(rng.integers(len(text) + 1))
        text = text[:at] + b"!\xc3\xa9?"[: int(rng.integers(1, 5))] + text[at:]
    else:
        try:
            raw = bytearray(base64.b64decode(text[: len(text) // 4 * 4]))
        except ValueError:
            raw = bytearray()
        if way == 0:
            raw = raw[: int(rng.integers(len(raw) + 1))]
        elif way == 1 and raw:
            for at in rng.integers(len(raw), size=int(rng.integers(1, 9))):
                raw[at] = int(rng.integers(256))
        elif way == 2 and raw:
            at = int(rng.integers(len(raw)))
            raw[at : at + 4] = np.array([2**31 - 1, -1, 10**9][int(rng.integers(3))], ">i4").tobytes()
        else:
            raw += bytes(rng.integers(256, size=int(rng.integers(1, 40)), dtype=np.uint8))
        text = base64.b64encode(bytes(raw))
    return content[: part.start(2)] + text + content[part.end(2) :]
