"""Nulls of FITS tables as the FITS Standard 4.0 defines them (7.2.3: TNULL is of what is stored; 7.3.3.1: flags)."""

import io
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.io.tables.read import read_tables

STILTS = shutil.which("stilts")


def _written(*columns, **cards):
    hdu = fits.BinTableHDU.from_columns(columns)
    hdu.header.update(cards)
    content = io.BytesIO()
    hdu.writeto(content)
    return content.getvalue()


def _values(content):
    (table,) = read_tables(content, "t.fits")
    return {column.name: column.values.to_pylist() for column in table.columns}


def test_a_null_of_scaled_numbers_is_none_and_no_number():
    stored = np.array([100, -32768, 5], "i2")
    content = _written(fits.Column("flux", "I", array=stored), TSCAL1=0.01, TZERO1=1.0, TNULL1=-32768)
    assert _values(content)["flux"] == [2.0, None, 1.05]


def test_a_null_of_unsigned_numbers_is_that_of_what_is_stored():
    stored = np.array([0, -32768], "i2")
    content = _written(fits.Column("counts", "I", array=stored), TZERO1=32768, TNULL1=-32768)
    assert _values(content)["counts"] == [32768, None]


def _flags():
    """Three rows: true, false and the byte 0, which is neither, alone and in an array."""
    text = fits.Column("text", "1A", array=["x"] * 3)
    content = bytearray(_written(text, fits.Column("flag", "L", array=[True, False, True])))
    at = content.index(b"xTxFxT")
    content[at + 5] = 0
    return bytes(content)


def test_a_flag_that_is_neither_true_nor_false_is_none():
    assert _values(_flags())["flag"] == [True, False, None]


@pytest.mark.stilts
@pytest.mark.skipif(STILTS is None, reason="stilts is not installed")
def test_stilts_reads_the_same_flags_and_writes_them_so(tmp_path):
    (tmp_path / "in.fits").write_bytes(_flags())
    for kind in ("csv", "fits-basic"):
        command = [STILTS, "tcopy", f"in={tmp_path / 'in.fits'}", f"ofmt={kind}", f"out={tmp_path / kind}"]
        subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "csv").read_text().split() == ["text,flag", "x,true", "x,false", "x,"]
    assert _values((tmp_path / "fits-basic").read_bytes())["flag"] == [True, False, None]
