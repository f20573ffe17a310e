"""How files are damaged by chance and on purpose: FITS, delimited text, Parquet, and whatever they are packed in."""

from __future__ import annotations

import contextlib
import gzip
import io
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cscwidgets.io.fits_headers import BLOCK, FitsUnit, FitsWalker

Rng = np.random.Generator

CARD = 80
NUMBERS = (
    "0", "-1", "-2", "1", "7", "1000000000000", "99999999999999999999", "-99999999999999999999", "NaN", "1E999",
    "1.5", "-32", "64", "T", "F", "'text'", "''", "", "'(3,1000000000)'", "'10**99999999 erg'", "'999999999J'", "'0J'",
    "'1PJ(9)'", "'QE'", "'Z9'", "'\xe9\xff'", "2147483648", "-2147483648", "'1.E400'",
)  # fmt: skip
DANGEROUS = (
    "SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "GROUPS", "TFIELDS", "THEAP", "EXTEND",
    "EXTNAME", "EXTVER", "XTENSION", "BSCALE", "BZERO", "BLANK", "BUNIT", "ZIMAGE", "ZNAXIS1", "CONTINUE", "HIERARCH",
    "CHECKSUM", "INHERIT", "WCSAXES", "A_ORDER", "AP_ORDER", "CRPIX1", "CDELT1", "CRVAL2", "CTYPE1", "LONPOLE", "PV1_1",
    "PC1_2", "EQUINOX", "RADESYS", "MJDREF", "TIMEZERO", "TIMEDEL", "TSTART", "EXPOSURE", "BACKSCAL", "HDUCLAS2",
)  # fmt: skip
PER_COLUMN = ("TFORM", "TTYPE", "TUNIT", "TDIM", "TNULL", "TSCAL", "TZERO", "TDISP", "TLMIN", "TBCOL", "TCTYP", "TCRVL")
OTHERWISE = (
    ("TUNIT#", "'keV'"), ("TUNIT#", "'ks'"), ("TUNIT#", "'d'"), ("TUNIT#", "'arcsec'"), ("TUNIT#", "'mm'"),
    ("TUNIT#", "'m**2'"), ("TUNIT#", "'erg/s'"), ("TSCAL#", "2.0"), ("TZERO#", "1.0"), ("TNULL#", "1"),
    ("TDIM#", "'(1)'"), ("TCTYP#", "'GLON-TAN'"), ("TCUNI#", "'arcsec'"), ("TCDLT#", "2.0"), ("TLMIN#", "2"),
    ("RADESYS", "'FK4'"), ("RADESYS", "'GALACTIC'"), ("EQUINOX", "1950.0"), ("LONPOLE", "90.0"),
    ("CTYPE1", "'GLON-TAN'"), ("CUNIT1", "'arcsec'"), ("CROTA2", "30.0"), ("CD1_1", "1E-4"), ("PC1_2", "0.5"),
    ("TIMEZERO", "1E6"), ("TIMESYS", "'UTC'"), ("TIMEUNIT", "'d'"), ("TIMEPIXR", "0.0"), ("TIMEDEL", "7.0"),
    ("BSCALE", "2.0"), ("BZERO", "1E-7"), ("BUNIT", "'erg/cm**2/s'"), ("BUNIT", "'photon/m**2/s'"),
    ("BACKSCAL", "0.25"), ("AREASCAL", "0.5"), ("HDUCLAS1", "'OTHER'"), ("HDUCLAS2", "'NET'"),
    ("HDUCLAS2", "'BKG'"), ("HDUCLAS3", "'FULL'"), ("HDUCLAS3", "'RATE'"), ("CCD_ID", "3"), ("APERTURE", "2.0"),
    ("EXPOSURE", "2.0"), ("DETCHANS", "5"),
)  # fmt: skip
"""What another file may well say, and mean."""
CELLS = (
    "nan", "inf", "-inf", "1e999", "-1", "0", "", "NULL", "9" * 400, "10**99999999", "10+99999999", "x", "\0", "\xe9",
    '"', "'", "=1+1", "http://127.0.0.1:9/x", "/etc/passwd", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "a" * 200_000, "400", "\t", ",",
)  # fmt: skip


def damaged_fits(content: bytes, rng: Rng) -> bytes:
    """A FITS file, damaged in one to three ways, and perhaps packed."""
    for _ in range(int(rng.integers(1, 4))):
        content = _pick(rng, _FITS_WAYS)(content, rng)
    return packed(content, rng)


def damaged_text(content: bytes, rng: Rng) -> bytes:
    """A table in text, damaged in one to three ways, and perhaps packed."""
    for _ in range(int(rng.integers(1, 4))):
        content = _pick(rng, _TEXT_WAYS)(content, rng)
    return packed(content, rng)


def damaged_bytes(content: bytes, rng: Rng) -> bytes:
    """Any file with wrong bytes, often near its end, where Parquet has its footer."""
    return _pick(rng, (_flip, _flip_once, _flip_once, _flip_at_end, _truncate, _zero))(content, rng)


def damaged_parquet(content: bytes, rng: Rng) -> bytes:
    """The same, or a whole Parquet file that says of itself what is not true."""
    if rng.random() < 0.6:
        return damaged_bytes(content, rng)
    table = pq.read_table(io.BytesIO(content))
    said = dict(table.schema.metadata or {})
    name = table.column_names[int(rng.integers(table.num_columns))]
    yaml = said.get(b"table_meta_yaml", b"")
    lines = yaml.decode().split("\n")
    at = int(rng.integers(len(lines)))
    cell = CELLS[int(rng.integers(len(CELLS)))]
    lines[at] = lines[at].partition(":")[0] + ": " + cell
    laughs = "\n".join(["a0: &a0 [x,x]", *(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))])
    changes = (
        {f"table::len::{name}".encode(): cell.encode()},
        {b"table::len::name": b"1000000000"},
        {b"table_meta_yaml": "\n".join(lines).encode("utf-8", "replace")},
        {b"table_meta_yaml": laughs.encode() + b"\n" + yaml},
        {b"table_meta_yaml": yaml + b"\n__serialized_columns__: {ra: {__class__: os.system, x: ls}}"},
        {b"\xff": b"\xfe"},
    )
    column = pa.nulls(table.num_rows) if rng.random() < 0.2 else table[name].cast(pa.string())
    if rng.random() < 0.3:
        table = table.set_column(table.column_names.index(name), name, column)
    made = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(said | changes[int(rng.integers(len(changes)))]), made)
    return made.getvalue()


def packed(content: bytes, rng: Rng) -> bytes:
    """The same in gzip now and then, which may itself be damaged."""
    chance = rng.random()
    if chance > 0.2:
        return content
    content = gzip.compress(content, 1)
    return content if chance > 0.1 else _pick(rng, (_flip, _truncate, _zero))(content, rng)


def _pick(rng: Rng, ways: tuple[Callable[[bytes, Rng], bytes], ...]) -> Callable[[bytes, Rng], bytes]:
    return ways[int(rng.integers(len(ways)))]


def _units(content: bytes) -> list[FitsUnit]:
    """What can still be told apart."""
    walker = FitsWalker(1 << 40)
    with contextlib.suppress(ValueError):
        walker.feed(content)
    return walker.units


def _headers(content: bytes) -> list[tuple[int, int]]:
    """Where headers begin and end."""
    found, begin = [], 0
    for unit in _units(content):
        found.append((begin, unit.start))
        begin = unit.start + -(-unit.size // BLOCK) * BLOCK
    return found


def _write_card(content: bytes, rng: Rng) -> bytes:
    """A dangerous value for a keyword that is there, or that matters, or another sensible one."""
    headers = _headers(content)
    if not headers:
        return content
    begin, end = headers[int(rng.integers(len(headers)))]
    cards = [content[at : at + CARD] for at in range(begin, end, CARD)]
    keys = [card[:8].decode("latin-1").strip() for card in cards]
    kind, value = rng.random(), NUMBERS[int(rng.integers(len(NUMBERS)))]
    if kind < 0.3:
        wanted, value = OTHERWISE[int(rng.integers(len(OTHERWISE)))]
        wanted = wanted.replace("#", str(int(rng.integers(1, 8))))
    elif kind < 0.5:
        wanted = DANGEROUS[int(rng.integers(len(DANGEROUS)))]
    elif kind < 0.75:
        wanted = f"{PER_COLUMN[int(rng.integers(len(PER_COLUMN)))]}{int(rng.integers(1, 8))}"
    else:
        wanted = keys[int(rng.integers(len(keys)))]
    card = f"{wanted:8}= {value:>20}".encode("latin-1").ljust(CARD)[:CARD]
    last = keys.index("END") if "END" in keys else len(keys) - 1
    at = keys.index(wanted) if wanted in keys and rng.random() < 0.9 else last
    if at == last:
        cards.insert(last, card)
        cards = cards[:-1] if not cards[-1].strip() else [*cards, *[b" " * CARD] * (BLOCK // CARD - 1)]
    else:
        cards[at] = card
    return content[:begin] + b"".join(cards) + content[end:]


def _drop_card(content: bytes, rng: Rng) -> bytes:
    headers = _headers(content)
    if not headers:
        return content
    begin, end = headers[int(rng.integers(len(headers)))]
    at = begin + CARD * int(rng.integers((end - begin) // CARD))
    return content[:at] + content[at + CARD : end] + b" " * CARD + content[end:]


def _write_cell(content: bytes, rng: Rng) -> bytes:
    """A number that is none, or far too large, somewhere in the data; also where arrays of a column are."""
    spans = [(unit.start, unit.size) for unit in _units(content) if unit.size > 8]
    if not spans:
        return content
    start, size = spans[int(rng.integers(len(spans)))]
    values = [
        np.array(value, kind).tobytes()
        for kind in (">f4", ">f8")
        for value in (np.nan, np.inf, -np.inf, -1.0, 0.0, 1e30)
    ]
    values += [b"\x7f\xff\xff\xff", b"\xff" * 8, b"\x80\0\0\0", b"\0" * 8, b"\x7f" * 8]
    value = values[int(rng.integers(len(values)))]
    at = start + 4 * int(rng.integers(max((size - len(value)) // 4, 1)))
    return content[:at] + value + content[at + len(value) :]


def _change_units(content: bytes, rng: Rng) -> bytes:
    """A part of the file twice, lost, or in another place."""
    bounds = [begin for begin, _ in _headers(content)] + [len(content)]
    parts = [content[begin:end] for begin, end in pairwise(bounds)]
    if len(parts) < 2:
        return content
    at = int(rng.integers(len(parts)))
    way = int(rng.integers(3))
    if way == 0:
        parts.insert(int(rng.integers(len(parts))), parts[at])
    elif way == 1:
        parts.pop(at)
    else:
        parts[at], parts[-1] = parts[-1], parts[at]
    return b"".join(parts)


def _shuffle_blocks(content: bytes, rng: Rng) -> bytes:
    blocks = [content[at : at + BLOCK] for at in range(0, len(content), BLOCK)] or [b""]
    first, second = (int(index) for index in rng.integers(len(blocks), size=2))
    blocks[first], blocks[second] = blocks[second], blocks[first]
    return b"".join(blocks)


def _flip(content: bytes, rng: Rng) -> bytes:
    if not content:
        return content
    changed = bytearray(content)
    for at in rng.integers(len(changed), size=int(rng.integers(1, 50))):
        changed[at] = int(rng.integers(256))
    return bytes(changed)


def _flip_once(content: bytes, rng: Rng) -> bytes:
    at = int(rng.integers(max(len(content), 1)))
    return content[:at] + bytes([int(rng.integers(256))]) + content[at + 1 :]


def _flip_header(content: bytes, rng: Rng) -> bytes:
    headers = _headers(content)
    if not headers:
        return content
    begin, end = headers[int(rng.integers(len(headers)))]
    return content[:begin] + _flip(content[begin:end], rng) + content[end:]


def _flip_at_end(content: bytes, rng: Rng) -> bytes:
    at = max(len(content) - 2000, 0)
    return content[:at] + _flip(content[at:], rng)


def _truncate(content: bytes, rng: Rng) -> bytes:
    at = int(rng.integers(len(content) + 1))
    return content[: at - at % BLOCK] if rng.random() < 0.5 else content[:at]


def _zero(content: bytes, rng: Rng) -> bytes:
    at = int(rng.integers(len(content) + 1))
    return content[:at] + bytes(min(512, len(content) - at)) + content[at + 512 :]


def _lines(content: bytes) -> list[bytes]:
    return content.split(b"\n")


def _change_line(content: bytes, rng: Rng) -> bytes:
    """A line lost, twice, cut, or joined with the next; often one of the first, which say what the columns are."""
    lines = _lines(content)
    at = int(rng.integers(min(len(lines), 4))) if rng.random() < 0.5 else int(rng.integers(len(lines)))
    way = int(rng.integers(4))
    if way == 0:
        lines.pop(at)
    elif way == 1:
        lines.insert(at, lines[at])
    elif way == 2:
        lines[at] = lines[at][: int(rng.integers(len(lines[at]) + 1))]
    else:
        lines[at : at + 2] = [b"".join(lines[at : at + 2])]
    return b"\n".join(lines)


def _change_cell(content: bytes, rng: Rng) -> bytes:
    lines = _lines(content)
    at = int(rng.integers(len(lines)))
    delimiter = max((b"\t", b",", b" "), key=lines[at].count)
    cells = lines[at].split(delimiter)
    cells[int(rng.integers(len(cells)))] = CELLS[int(rng.integers(len(CELLS)))].encode()
    lines[at] = delimiter.join(cells)
    return b"\n".join(lines)


def _change_encoding(content: bytes, rng: Rng) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(("utf-16", "utf-8-sig", "utf-32", "cp037")[int(rng.integers(4))], "replace")


def _widen(content: bytes, rng: Rng) -> bytes:
    """Very many columns, or rows of one column more."""
    lines = _lines(content)
    if rng.random() < 0.5:
        lines[0] += b"," * 1_000_000
    else:
        lines = [line + b"\t1" for line in lines[1:]]
    return b"\n".join(lines)


def _replace(content: bytes, rng: Rng) -> bytes:
    """Something else that a reader may take for a table."""
    cell = CELLS[int(rng.integers(len(CELLS)))]
    alone = rng.random() < 0.3  # one line may be taken for the name of a file
    return (cell if alone else f"ra,dec,{cell}\n" + f"10,20,{cell}\n" * int(rng.integers(3))).encode()


def _refer(content: bytes, rng: Rng) -> bytes:
    """YAML in comments that refers to itself, grows, or asks for objects."""
    lines = _lines(content)
    laughs = [b"# a0: &a0 [x, x, x]"]
    laughs += [f"# a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]".encode() for n in range(1, 12)]
    parts = (
        laughs,
        [b"# b: &b [*b]"],
        [
            b"# m0: &m0 {k: v}",
            *(f"# m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}, *m{n - 1}]}}".encode() for n in range(1, 20)),
        ],
        [b"# c: !!python/object/apply:os.system ['ls']"],
        [b"# d: !astropy.units.Unit {unit: 10**99999999 erg}"],
        [b"# meta: !!omap", b"# - __serialized_columns__: {ra: {__class__: os.system, x: ls}}"],
    )
    at = next((at for at, line in enumerate(lines) if not line.startswith(b"#")), 0)
    return b"\n".join([*lines[:at], *parts[int(rng.integers(len(parts)))], *lines[at:]])


_FITS_WAYS = (
    *(_write_card,) * 5, *(_write_cell,) * 4, _drop_card, _flip, _flip_header, _truncate, _shuffle_blocks,
    _change_units, _zero,
)  # fmt: skip
_TEXT_WAYS = (*(_change_cell,) * 3, *(_change_line,) * 3, _flip, _truncate, _change_encoding, _widen, _replace, _refer)
