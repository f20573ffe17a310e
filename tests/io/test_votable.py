"""VOTables from outside: nothing beyond the document is touched, and nothing takes more than its share."""

import base64
import bz2
import gzip
import io
import lzma
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from astropy.table import Table

from cscwidgets.archive.answer import read_answer, table_of, to_qtable
from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.votable import all_infos, error_words, first_table, infos_of, parse_votable
from cscwidgets.service.fields import relation_of
from cscwidgets.service.imports.readers import read_tables
from cscwidgets.service.vo.upload import read_votable
from cscwidgets.service.vo.votable import votable

REAL = Path(__file__).parents[3] / "shared/real"
NAMESPACE = 'xmlns="http://www.ivoa.net/xml/VOTable/v1.3"'

_MODULES = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2] / "cscwidgets"))
_seen: list[str] = []
_watching = False


def _audit(event: str, arguments: tuple) -> None:
    if not _watching or not event.startswith(("open", "socket", "subprocess", "os.system", "urllib", "ftplib")):
        return
    if event == "open" and str(arguments[0]).startswith(_MODULES):
        return  # modules that are loaded when they are first needed
    _seen.append(f"{event} {arguments[:2]}")


sys.addaudithook(_audit)


@contextmanager
def nothing_outside() -> Iterator[None]:
    global _watching  # noqa: PLW0603 - an audit hook cannot be removed
    _seen.clear()
    _watching = True
    try:
        yield
    finally:
        _watching = False
    assert _seen == []


def document(data: str, fields: str = '<FIELD name="x" datatype="int"/>', head: str = "", root: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<VOTABLE version="1.3" {NAMESPACE} {root}><RESOURCE type="results"><TABLE>'
        f"{fields}<DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>"
    ).encode()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(b"\0\0\0\7" * 4)
    return path


SCHEMES = [
    *["file://{path}", "FILE://{path}", "file:{path}", "file://localhost{path}", "{path}", "secret", "../secret", ""],
    *["http://127.0.0.1:9/x", "https://127.0.0.1:9/x", "ftp://127.0.0.1:9/x", "&#102;ile://{path}", "data:,x"],
]


@pytest.mark.parametrize("address", SCHEMES)
def test_a_stream_that_is_elsewhere_is_refused(address: str, secret: Path) -> None:
    href = address.format(path=secret)
    streams = [
        f'<{kind}><STREAM {attributes}href="{href}"/></{kind}>'
        for kind in ("BINARY", "BINARY2", "FITS", ["PARQUET", "type='VOTable-remote-file'"][0])
        for attributes in ("", 'encoding="gzip" ', 'encoding="base64" ', 'type="locator" actuate="onLoad" ', "v:")
    ]
    streams += [
        f'<PARQUET type="VOTable-remote-{kind}"><STREAM href="{href}"/></PARQUET>' for kind in ("file", "partition")
    ]
    streams += [
        f'<v:BINARY2><v:STREAM href="{href}"/></v:BINARY2>',
        f'<BINARY><STREAM HREF="{href}">AAAA</STREAM></BINARY>',
    ]
    streams += [f'<FITS extnum="1"><STREAM href="{href}"/></FITS>', f'<TABLEDATA><STREAM href="{href}"/></TABLEDATA>']
    for stream in streams:
        plain = document(stream, root='xmlns:v="http://www.ivoa.net/xml/VOTable/v1.3"')
        declared = plain.replace(b'version="1.0"?', b'version="1.0" encoding="UTF-16"?', 1).decode().encode("utf-16")
        for content in (plain, declared, gzip.compress(plain), b"\xef\xbb\xbf" + plain):
            with nothing_outside(), pytest.raises(Unreadable):
                parse_votable(content)


INTERNAL = (
    '<!DOCTYPE VOTABLE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
)
HEADS = [
    INTERNAL,
    '<!DOCTYPE VOTABLE [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE VOTABLE [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>',
    '<!DOCTYPE VOTABLE SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE VOTABLE SYSTEM "http://127.0.0.1:9/other.dtd">',
    '<!DOCTYPE VOTABLE PUBLIC "x" "VOTable.dtd">',
    '<!DOCTYPE VOTABLE SYSTEM "http://us-vo.org/xml/VOTable.dtd" [<!ATTLIST STREAM href CDATA "file:///etc/passwd">]>',
]


@pytest.mark.parametrize("head", HEADS)
def test_entities_and_other_grammars_are_refused(head: str) -> None:
    content = document("<TABLEDATA><TR><TD>1</TD></TR></TABLEDATA>", head=head)
    for each in (content, content.replace(b'"1.0"?', b'"1.0" encoding="UTF-16"?', 1).decode().encode("utf-16")):
        with nothing_outside(), pytest.raises(Unreadable, match="entities"):
            parse_votable(each)


def test_what_only_names_an_address_is_read() -> None:
    cells = "<TABLEDATA><TR><TD>5</TD></TR></TABLEDATA>"
    column = '<FIELD name="x" datatype="int"><LINK href="http://127.0.0.1:9/x"/></FIELD>'
    head = (
        '<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?><!DOCTYPE VOTABLE SYSTEM "http://us-vo.org/xml/VOTable.dtd">'
    )
    with nothing_outside():
        assert first_table(parse_votable(document(cells, column, head))).array["x"].tolist() == [5]
    with pytest.raises(Unreadable, match="include"):
        parse_votable(document(cells, '<xi:include href="x" xmlns:xi="http://www.w3.org/2001/XInclude"/>'))


def stream(content: bytes, kind: str = "BINARY") -> str:
    return f'<{kind}><STREAM encoding="base64">{base64.b64encode(content).decode()}</STREAM></{kind}>'


def column(datatype: str = "int", arraysize: str = "", more: str = "") -> str:
    return f'<FIELD name="x" datatype="{datatype}" arraysize="{arraysize}" {more}/>'


BOMBS: dict[str, Callable[[], bytes]] = {  # made where they are asked for: of some the packing takes a second
    "wide cells": lambda: document(
        "<TABLEDATA>" + "<TR><TD>a</TD></TR>" * 20 + "</TABLEDATA>", column("char", "200000000")
    ),
    "wide arrays": lambda: document("<TABLEDATA><TR><TD/></TR></TABLEDATA>", column("double", "30000x30000")),
    "many wide rows": lambda: document(
        "<TABLEDATA>" + "<TR><TD/></TR>" * 5000 + "</TABLEDATA>", column("char", "900000")
    ),
    "wide in a stream": lambda: document(stream(bytes(1000)), column("char", "200000000")),
    "nothing in a row": lambda: document(stream(bytes(1000)), column("char", "0")),
    "nothing in a list": lambda: document(stream(b"\x7f\xff\xff\xff" * 10), column("int", "0x*")),
    "Arabic digits": lambda: document("<TABLEDATA><TR><TD/></TR></TABLEDATA>", column("char", "٣")),
    "nesting": lambda: b"<VOTABLE>" + b"<RESOURCE>" * 100_000 + b"</RESOURCE>" * 100_000 + b"</VOTABLE>",
    "groups": lambda: (
        b"<VOTABLE><RESOURCE><TABLE>" + b"<GROUP>" * 5000 + b"</GROUP>" * 5000 + b"</TABLE></RESOURCE></VOTABLE>"
    ),
    "columns": lambda: document("<TABLEDATA/>", column() * 50_000),
    "parameters": lambda: document("<TABLEDATA/>", '<PARAM name="x" datatype="char" arraysize="900000000" value=""/>'),
    "infos": lambda: b"<VOTABLE><RESOURCE>" + b'<INFO name="a" value="b"/>' * 250_000 + b"</RESOURCE></VOTABLE>",
    "a stream of another table": lambda: document("<BINARY/>", column("char", "900000")),
    "a table in a table": lambda: document("<TABLEDATA/>", column("char", "900000") + f"<TABLE>{column()}</TABLE>"),
    "a row in a row": lambda: document("<TABLEDATA><TR><TR><TD/></TR></TR></TABLEDATA>"),
    "gzip": lambda: gzip.compress(b" " * 1_100_000_000, 1),
    "bzip2": lambda: bz2.compress(b" " * 50_000_000),
    "xz": lambda: lzma.compress(b" " * 50_000_000),
}


def grown(action: Callable[[], object]) -> float:
    """MB by which the most memory of this process grew."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    action()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3


@pytest.mark.parametrize("name", BOMBS)
def test_small_documents_do_not_grow(name: str) -> None:
    bomb = BOMBS[name]()

    def read() -> None:
        with pytest.raises(Unreadable):
            parse_votable(bomb, largest=20_000_000)

    begun = time.monotonic()
    assert grown(read) < 500
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("rows", [10**10, 10**20, -1, "x", ""])
def test_the_number_of_rows_is_not_believed(rows: object) -> None:
    content = document("<TABLEDATA><TR><TD>5</TD></TR></TABLEDATA>").replace(
        b"<TABLE>", f'<TABLE nrows="{rows}">'.encode()
    )
    assert first_table(parse_votable(content)).array["x"].tolist() == [5]


@pytest.mark.parametrize(
    "rows",
    [
        "<TABLEDATA><TR><TD>5</TD></TR></TABLEDATA>",
        "<TR><TD>5</TD></TR>",
        "<DATA><TR><TD>5</TD></TR></DATA>",
        "<DATA><STREAM>AAAABQ==</STREAM></DATA>",
        "<BINARY><STREAM encoding='base64'>AAAABQ==</STREAM></BINARY>",
        "<DATA><TABLEDATA></TABLEDATA></DATA><DATA><TABLEDATA><TR><TD>5</TD></TR></TABLEDATA></DATA>",
        "<DATA><DATA><TABLEDATA><TR><TD>5</TD></TR></TABLEDATA></DATA></DATA>",
    ],
)
def test_rows_where_no_reader_looks_are_not_an_empty_table(rows: str) -> None:
    content = document("").replace(b"<DATA></DATA>", rows.encode())
    assert rows.encode() in content
    with pytest.raises(Unreadable, match=r"stands .*where no reader looks for it"):
        parse_votable(content)


@pytest.mark.parametrize("before", [b"</TABLE>", b"</RESOURCE>", b"</VOTABLE>", b"</DATA>"])
def test_a_column_that_is_outside_its_table_is_not_passed_over(before: bytes) -> None:
    rows = "<BINARY><STREAM encoding='base64'>AAAABQAAAAc=</STREAM></BINARY>"
    content = document(rows).replace(before, b'<FIELD name="y" datatype="int"/>' + before)
    with pytest.raises(Unreadable, match=r"FIELD .*stands .*where no reader looks for it"):
        parse_votable(content)


@pytest.mark.parametrize("unit", ["10**99999999 erg", "10+99999999erg", "((10**99)**99)**99", "m" * 10_000, "(" * 90])
def test_endless_units_stay_words(unit: str) -> None:
    begun = time.monotonic()
    content = document("<TABLEDATA><TR><TD>5</TD></TR></TABLEDATA>", column("double", more=f'unit="{unit}"'))
    assert to_qtable(first_table(parse_votable(content)))["x"][0] == 5
    assert time.monotonic() - begun < 2


def test_text_of_one_long_cell_does_not_widen_all() -> None:
    cells = f"<TABLEDATA><TR><TD>{'a' * 900_000}</TD></TR>{'<TR><TD>b</TD></TR>' * 5000}</TABLEDATA>"
    element = first_table(parse_votable(document(cells, column("char", "*"))))
    with pytest.raises(CscError, match="memory"):
        to_qtable(element)


def test_units_and_values_are_those_of_the_document() -> None:
    table = pa.table({"name": ["é", None, "c"], "x": [1.5, None, 3.0], "n": pa.array([1, None, 3], pa.int32())})
    fields = list(relation_of("a.b", table.schema, sql="x").fields.values())
    for serialization in ("binary2", "tabledata"):
        content = b"".join(votable(table, fields, infos={"simulated": "true"}, serialization=serialization))
        for packed in (content, gzip.compress(content), bz2.compress(content), lzma.compress(content)):
            read = parse_votable(packed)
            assert infos_of(read)["simulated"] == "true"
            assert first_table(read).array["n"].tolist() == [1, None, 3]


# Documents are cut, doubled, and changed where a reader decides something.
WORDS = [
    *[
        b'href="file:///etc/passwd"',
        b'arraysize="99999999"',
        b'arraysize="*"',
        b'nrows="9999999999"',
        b"<STREAM",
        b"<TR>",
    ],
    *[
        b'encoding="gzip"',
        b'datatype="char"',
        b'datatype="bit"',
        b"<FITS>",
        b"<BINARY>",
        b"</TR>",
        b"<TD>",
        b"&#0;",
        b"]]>",
    ],
    *[
        b'ref="x"',
        b'ID="x"',
        b"<!DOCTYPE x>",
        b'unit="10**99999999"',
        b"\xff",
        b"\0",
        b"-1",
        b"nan",
        b"<PARQUET>",
        b"<VALUES",
    ],
]


def mutated(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        place, kind = chance.randrange(len(changed) + 1), chance.randrange(12)
        # Most of a document is cells; what steers a reader is in its head.
        place = chance.randrange(min(4000, len(changed)) + 1) if chance.random() < 0.6 else place
        if kind == 0:
            del changed[place : place + chance.randint(1, 200)]
        elif kind == 1:
            changed[place:place] = changed[place : place + chance.randint(1, 3000)]
        elif kind == 2:
            changed[place : place + 1] = bytes([chance.randrange(256)])
        elif kind == 3:
            changed[place:place] = b" " + chance.choice(WORDS) + b" "
        elif kind == 4:
            end = changed.find(b">", place)
            changed[end : max(end, 0)] = b" " + chance.choice(WORDS)
        elif kind == 5:
            del changed[place:]
        elif found := re.compile(rb"[0-9A-Za-z*]").search(changed, place):
            # Another letter or figure leaves most documents what they were, with other names, sizes and types.
            changed[found.start() : found.end()] = chance.choice([b"0", b"9", b"x", b"E", b"*", b"-", b"99999"])
    return bytes(changed)


def samples() -> list[bytes]:
    table = Table({"name": ["a", "b"], "ra": [1.0, 2.0], "dec": [3.0, np.nan], "list": [[1, 2], [3, 4]]})
    found = []
    for form in ("tabledata", "binary", "binary2"):
        written = io.BytesIO()
        table.write(written, format="votable", tabledata_format=form)
        found.append(written.getvalue())
    ours = pa.table({"name": ["2CXO J1", None], "ra": [1.0, None], "n": pa.array([1, None], pa.int32())})
    fields = list(relation_of("csc21.master_source", ours.schema, sql="x").fields.values())
    found += [b"".join(votable(ours, fields, serialization=form)) for form in ("binary2", "tabledata")]
    if REAL.is_dir():
        paths = [path for place in ("scs", "tables") for path in sorted((REAL / place).iterdir())]
        found += [
            path.read_bytes() for path in paths if path.suffix in {".xml", ".vot"} and path.stat().st_size < 150_000
        ]
    return found


def as_answer(content: bytes, _: Path) -> None:
    read = read_answer(content, "a service")
    error_words(all_infos(read))
    to_qtable(table_of(read, "a service"), "master_source")


def as_upload(content: bytes, _: Path) -> None:
    read_votable(content, "t")


def as_catalogue(content: bytes, folder: Path) -> None:
    (folder / "t.vot").write_bytes(content)
    FileCatalogue(folder / "t.vot")


def as_import(content: bytes, folder: Path) -> None:
    (folder / "t.xml").write_bytes(content)
    read_tables(folder / "t.xml")


def fuzz(reader: Callable[[bytes, Path], None], folder: Path, count: int) -> None:
    chance = random.Random(12)
    originals = samples()
    assert len(originals) >= 5
    read = 0
    for content in originals:
        try:
            reader(content, folder)
        except CscError:
            continue  # an error document, or columns that hold arrays
    for number in range(count):
        content = mutated(originals[number % len(originals)], chance)
        begun = time.monotonic()
        try:
            reader(content, folder)
            read += 1
        except CscError:
            pass
        except Exception as error:
            (folder / "culprit.xml").write_bytes(content)
            raise AssertionError(f"input {number}: {error!r}; see {folder / 'culprit.xml'}") from error
        assert time.monotonic() - begun < 5, number
    assert count / 20 < read < count


READERS = [as_answer, as_upload, as_catalogue, as_import]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_damaged_documents_end_in_one_error(reader: Callable[[bytes, Path], None], tmp_path: Path) -> None:
    def read() -> None:
        with nothing_outside_but(tmp_path):
            fuzz(reader, tmp_path, 300)

    assert grown(read) < 1000


@pytest.mark.long
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_many_damaged_documents_end_in_one_error(reader: Callable[[bytes, Path], None], tmp_path: Path) -> None:
    with nothing_outside_but(tmp_path):
        fuzz(reader, tmp_path, 20_000)


@contextmanager
def nothing_outside_but(folder: Path) -> Iterator[None]:
    try:
        with nothing_outside():
            yield
    except AssertionError:
        outside = [event for event in _seen if str(folder) not in event and str(REAL) not in event]
        if outside or not _seen:
            raise


def test_infos_come_from_everywhere() -> None:
    assert [info.name for info in all_infos(parse_votable(b'<VOTABLE><INFO name="a" value="1"/></VOTABLE>'))] == ["a"]


def test_no_warning_is_shown_even_where_other_threads_show_all():
    """Filters are for all threads: another one may put its own before ours at any time."""
    document = b"""<VOTABLE version="1.4"><RESOURCE><TABLE><FIELD name="a" datatype="double"
        ucd="pos.errorEllipse;phys.angSize.smajAxis"/><DATA><TABLEDATA><TR><TD>1</TD></TR></TABLEDATA></DATA></TABLE>
        </RESOURCE></VOTABLE>"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cscwidgets.io.votable.quiet", nullcontext)
        assert len(first_table(parse_votable(document)).array) == 1
