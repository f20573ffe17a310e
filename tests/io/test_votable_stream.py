"""Binary rows of VOTables, written by astropy: whole ones are read, all others refused, and none is lost silently."""

import base64
import io
import re
import warnings

import numpy as np
import pytest
from astropy.io.votable import from_table, writeto
from astropy.table import Table

from cscwidgets.io.reading import Unreadable
from cscwidgets.io.votable import first_table, parse_votable

STREAM = re.compile(rb"(<STREAM[^>]*>)(.*?)(</STREAM>)", re.DOTALL)


def document(form, table):
    body = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        writeto(from_table(table), body, tabledata_format=form)
    return body.getvalue()


TABLES = {
    "fixed": Table({"ra": np.arange(5.0), "n": np.arange(5), "x": np.arange(5, dtype="f4"), "good": [True] * 5}),
    "texts": Table({"name": np.array(["a", "bb", "", "dddd", "e"], object), "ra": np.arange(5.0)}),
    "arrays": Table({"ra": np.arange(5.0), "pair": np.arange(10.0).reshape(5, 2), "word": ["abc"] * 5}),
}


def changed(content, change):
    def again(part):
        raw = base64.b64decode(b"".join(part[2].split()))
        return part[1] + base64.b64encode(change(raw)) + part[3]

    return STREAM.sub(again, content)


@pytest.mark.parametrize("form", ["binary", "binary2"])
@pytest.mark.parametrize("table", TABLES)
def test_whole_rows_are_read_and_a_part_of_one_is_refused(form, table):
    content = document(form, TABLES[table])
    assert len(first_table(parse_votable(content)).array) == 5
    for lost in (1, 2, 5):
        with pytest.raises(Unreadable, match="break off"):
            parse_votable(changed(content, lambda raw, lost=lost: raw[:-lost]))
    with pytest.raises(Unreadable, match="break off"):
        parse_votable(changed(content, lambda raw: raw + b"\0"))


def test_letters_that_mean_nothing_are_not_passed_over():
    content = document("binary", TABLES["fixed"])
    assert b"!" not in STREAM.search(content)[2]
    with pytest.raises(Unreadable, match="no base64"):
        parse_votable(STREAM.sub(lambda part: part[1] + b"!!!!" + part[2][4:] + part[3], content))


def test_no_rows_are_no_rows():
    content = document("binary", TABLES["texts"])
    assert len(first_table(parse_votable(changed(content, lambda raw: b""))).array) == 0
