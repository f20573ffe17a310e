"""Answers that are not what was asked for: one error that says what is missing, and nothing computed with them."""

import pytest

from cscwidgets.archive.answer_checks import require, single_count
from cscwidgets.archive.catalogues.tap_columns import describe_table, tables_with_positions
from cscwidgets.archive.connection import connect_to
from cscwidgets.archive.detections import detections_of
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.query import Query
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.archive.services import cone_search, tap
from cscwidgets.archive.truncation import counted, cut_to, limited
from cscwidgets.archive.whole_answer import require_all
from cscwidgets.csc.releases import RELEASES
from cscwidgets.errors import CscError, QueryError, ServiceUnreachable
from cscwidgets.sky.target import region_of

from .replying import replying

HEAD = '<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
ROW = ("2CXO J1", "10.0", "20.0", "3e-14")
COLUMNS = {"name": "char", "ra": "double", "dec": "double", "flux_aper_b": "double"}


def document(columns=COLUMNS, row=ROW, info='<INFO name="QUERY_STATUS" value="OK"/>') -> bytes:
    fields = "".join(
        f'<FIELD name="{name}" datatype="{kind}"' + (' arraysize="*"/>' if kind == "char" else "/>")
        for name, kind in columns.items()
    )
    cells = "".join(f"<TD>{cell}</TD>" for cell in row)
    data = f"<DATA><TABLEDATA><TR>{cells}</TR></TABLEDATA></DATA>" if row else ""
    return f"{HEAD}{info}<TABLE>{fields}{data}</TABLE></RESOURCE></VOTABLE>".encode()


def renamed(old: str, new: str) -> dict[str, str]:
    return {new if name == old else name: kind for name, kind in COLUMNS.items()}


def search(reply):
    """What `Archive.search` does with an answer."""
    with replying(reply) as (url, _), ServiceSession(2, 5) as session:
        line = connect_to(url, "a service", session)
        query = Query("csc21", columns=("flux_aper_b",))

        def ask(adql: str, table: str | None):
            return tap(line, adql, table=table, maxrec=None, monitor=SILENT)

        return cut_to(region_of("10 20", "1 deg"), counted(query, ask))


@pytest.mark.parametrize("info", ["", '<INFO name="query_status" value="ok"/>', '<INFO name="x" value="y"/>'])
def test_without_a_status_an_answer_is_an_answer(info: str) -> None:
    assert search(lambda _: document(info=info))["flux_aper_b"][0].value == 3e-14


@pytest.mark.parametrize("change", [str.upper, str.title])
def test_names_in_another_case_are_known(change) -> None:
    found = search(lambda _: document({change(name): kind for name, kind in COLUMNS.items()}))
    assert found.colnames == list(COLUMNS)
    assert str(found["flux_aper_b"].unit) == str(search(lambda _: document())["flux_aper_b"].unit)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(QueryError, match=f"no column {name};"):
        search(lambda _: document(renamed(name, "something")))


@pytest.mark.parametrize("name", ["ra", "dec", "flux_aper_b"])
def test_words_are_no_numbers(name: str) -> None:
    place = list(COLUMNS).index(name)
    row = [*ROW[:place], "brightish", *ROW[place + 1 :]]
    for kind in ("char", "double", "int"):
        with pytest.raises(QueryError, match=r"holds words|understood"):
            search(lambda _, kind=kind: document(COLUMNS | {name: kind}, row))
    sent_as_text = search(lambda _: document(COLUMNS | {name: "char"}))
    assert sent_as_text[name].dtype == float


EMPTY = [
    b"<VOTABLE/>",
    HEAD.encode() + b"</RESOURCE></VOTABLE>",
    HEAD.encode() + b'<INFO name="QUERY_STATUS" value="OK"/></RESOURCE></VOTABLE>',
    document({}, ()),
    b"",
    b"<html><body>sorry</body></html>",
]


@pytest.mark.parametrize("body", EMPTY, ids=range(len(EMPTY)))
def test_an_answer_without_a_table_is_refused(body: bytes) -> None:
    with pytest.raises(QueryError):
        search(lambda _: body)
    with replying(lambda _: body) as (url, _), ServiceSession(2, 5) as session:
        line = connect_to(url, "a service", session)
        if body != EMPTY[3]:
            with pytest.raises(QueryError, match="could not be"):
                cone_search(line, region_of("10 20", "1 deg"), verbosity=2, monitor=SILENT)


@pytest.mark.parametrize(
    "info", ['<INFO name="QUERY_STATUS" value="ERROR">no</INFO>', '<INFO name="Query_Status" value="error">no</INFO>']
)
def test_an_error_is_one_however_it_is_written(info: str) -> None:
    with pytest.raises(QueryError, match="refused the query"):
        search(lambda _: document(info=info))


def test_rows_that_come_with_a_failure_are_not_taken() -> None:
    with pytest.raises((QueryError, ServiceUnreachable)):
        search(lambda _: (500, document()))


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ({"total": "int"}, ["5"]),
        ({"n": "char"}, ["many"]),
        ({"n": "double"}, ["NaN"]),
        ({"n": "double"}, ["-3"]),
        ({"n": "int"}, ()),
        ({"n": "int"}, [""]),
    ],
)
def test_a_count_that_is_none_is_refused(columns: dict[str, str], row: list[str]) -> None:
    overflow = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>'

    def reply(request):
        return document(columns, row) if "COUNT" in request.values["QUERY"] else document(info=overflow)

    with pytest.raises(QueryError):
        search(reply)
    good = search(
        lambda request: document({"N": "int"}, ["7"]) if "COUNT" in request.values["QUERY"] else document(info=overflow)
    )
    assert good.meta["provenance"].requested == 7


def test_every_question_checks_its_answer() -> None:
    with replying(lambda _: document({"x": "int"}, ["1"])) as (url, _), ServiceSession(2, 5) as session:
        line = connect_to(url, "a service", session)

        def ask(adql: str):
            return tap(line, adql, table=None, maxrec=None, monitor=SILENT)

        for question in (
            lambda: describe_table("t", "", "", ask),
            lambda: tables_with_positions(ask),
            lambda: detections_of(["2CXO J1"], (), RELEASES["csc2.1"], ask, SILENT),
            lambda: single_count(ask("SELECT 1 AS n")),
            lambda: require(ask("SELECT 1 AS n"), ["y"]),
            lambda: require_all(ask("SELECT 1 AS n"), ["y"]),
        ):
            with pytest.raises(CscError, match=r"of a service cannot be used\. It has no column"):
                question()


def test_what_others_rest_on_is_whole_and_told_once() -> None:
    """The columns of a table, the stacks: kept for long, so that a lost row would be lost for as long."""
    overflow = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>'
    columns = {"table_name": "char", "description": "char"}

    def found(body: bytes) -> list[tuple[str, str]]:
        with replying(lambda _: body) as (url, _), ServiceSession(2, 5) as session:
            line = connect_to(url, "a service", session)
            return tables_with_positions(lambda adql: tap(line, adql, table=None, maxrec=None, monitor=SILENT))

    whole = document(columns, ["s.t", "a table"])
    assert found(whole) == [("a table", "t")]
    row = whole[whole.index(b"<TR>") : whole.index(b"</TR>") + 5]
    assert found(whole.replace(row, row + row)) == [("a table", "t")]
    with pytest.raises(QueryError, match=r"sent 1 rows of it, and says that there are more"):
        found(document(columns, ["s.t", "a table"], overflow))


def test_rows_left_out_at_the_limit_without_a_word_are_counted() -> None:
    """A service of TAP 1.0 may stop at MAXREC and say that all is well."""

    def reply(request):
        return document({"N": "int"}, ["7"]) if "COUNT" in request.values["QUERY"] else document()

    with replying(reply) as (url, _), ServiceSession(2, 5) as session:
        line = connect_to(url, "a service", session)

        def ask(adql: str, table: str | None):
            return limited(
                tap(line, adql, table=table, maxrec=1 if table else None, monitor=SILENT), 1 if table else None
            )

        provenance = counted(Query("csc21", columns=("flux_aper_b",)), ask).meta["provenance"]
    assert (provenance.requested, provenance.truncated) == (7, 6)


def test_a_long_query_is_not_repeated_whole() -> None:
    refused = '<INFO name="QUERY_STATUS" value="ERROR">no</INFO>'
    with replying(lambda _: document(info=refused)) as (url, _), ServiceSession(2, 5) as session:
        line = connect_to(url, "a service", session)
        with pytest.raises(QueryError) as said:
            tap(line, "SELECT " + "x, " * 5000 + "y FROM t", table=None, maxrec=None, monitor=SILENT)
    assert len(str(said.value)) < 500
