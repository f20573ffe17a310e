"""FITS files whose headers promise what the file does not hold are refused at once, before room is made for it."""

import io
import time
import tracemalloc
import warnings

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.io.files import read_file
from cscwidgets.io.fits import open_fits
from cscwidgets.io.fits_headers import BLOCK, FitsWalker, TooLarge
from cscwidgets.io.reading import Unreadable
from cscwidgets.science.header import open_product


def _bytes(*hdus):
    buffer = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(buffer)
    return buffer.getvalue()


def _table(**columns):
    made = [fits.Column(name, form, array=values) for name, (form, values) in columns.items()]
    return fits.BinTableHDU.from_columns(made, name="T")


@pytest.fixture
def table():
    return _bytes(_table(A=("J", np.arange(9)), B=("D", np.ones(9)), C=("5A", ["x"] * 9)))


@pytest.fixture
def arrays():
    values = np.empty(3, dtype=object)
    values[:] = [np.arange(2.0), np.arange(3.0), np.arange(1.0)]
    return _bytes(_table(A=("PD()", values)))


def set_card(content, key, value):
    """The last card of a keyword, which is the table's, with another value."""
    at = content.rindex(f"{key:8}= ".encode())
    return content[:at] + f"{key:8}= {value:>20}".encode().ljust(80) + content[at + 80 :]


def test_a_whole_file_is_opened(table, arrays):
    np.testing.assert_array_equal(open_fits(table)["T"].data["A"], np.arange(9))
    np.testing.assert_array_equal(open_fits(arrays)["T"].data["A"][1], np.arange(3.0))


WRONG = ["-1", "-2", "1000000000000", "99999999999999999999", "NaN", "'text'", "'1'", "1.5", ""]


@pytest.mark.parametrize("key", ["NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "TFIELDS", "BITPIX"])
@pytest.mark.parametrize("value", WRONG)
def test_no_number_of_a_header_makes_anybody_wait_or_takes_memory(table, key, value):
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(Unreadable):
            open_fits(set_card(table, key, value))
        assert time.process_time() - start < 1
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "card", ["GCOUNT  \x87      1", "gcount   1", " GCOUNT 1", "NAXIS1   36", "BITPIX  8", "TFORM1   'J'"]
)
def test_a_word_of_the_datas_form_without_a_value_is_no_comment(table, card):
    """astropy takes what stands there for a text, and reckons with it."""
    key = card.split()[0].upper()
    at = table.rindex(f"{key:8}= ".encode())
    with pytest.raises(Unreadable, match=f"{key} (has no value|is there twice, or misspelt)"):
        open_fits(table[:at] + card.encode("latin-1").ljust(80) + table[at + 80 :])


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("TFORM1", "'999999999J'", "columns of a table have .* bytes, its rows 17"),
        ("TFORM1", "'Z'", "column 1 of a table has the form 'Z', which FITS does not know"),
        ("TFORM2", "'J'", "columns of a table have 13 bytes, its rows 17"),
        ("TFIELDS", "2", "columns of a table have 12 bytes"),
        ("TFIELDS", "4", "no form for column 4"),
    ],
)
def test_columns_that_do_not_fit_their_rows_are_refused(table, key, value, words):
    with pytest.raises(Unreadable, match=words):
        open_fits(set_card(table, key, value))


@pytest.mark.parametrize(
    ("count", "offset", "words"),
    [
        (2_000_000_000, 0, "array in row 2 of column 1 of a table leaves the table"),
        (-1, 0, "row 2"),
        (3, 10_000, "row 2"),
        (3, -8, "row 2"),
        (7, 0, "row 2"),
    ],
)
def test_arrays_stay_within_their_table(arrays, count, offset, words):
    unit = _walked(arrays).units[1]
    cell = np.array([count, offset], ">i4").tobytes()
    at = unit.start + 8
    with pytest.raises(Unreadable, match=words):
        open_fits(arrays[:at] + cell + arrays[at + 8 :])


def test_arrays_that_share_their_place_may_not_be_too_large_in_all():
    rows = 50_000
    values = np.empty(rows, dtype=object)
    values[:] = [np.zeros(0)] * rows
    values[0] = np.zeros(10_000)
    content = bytearray(_bytes(_table(A=("PD()", values))))
    unit = _walked(bytes(content)).units[1]
    content[unit.start : unit.start + 8 * rows] = np.tile(np.array([10_000, 0], ">i4"), rows).tobytes()  # 4 GB
    with pytest.raises(Unreadable, match="share their place"):
        open_fits(bytes(content))


def test_a_keyword_that_is_there_twice_or_misspelt_is_no_way_around(table):
    for card in (
        "NAXIS2  =                 9999",
        "naxis2  =                 9999",
        "NAXIS2 = 9999",
        "HIERARCH NAXIS2 = 9999",
    ):
        at = table.rindex(b"TFIELDS =")
        with pytest.raises(Unreadable, match="NAXIS2 is there twice, or misspelt"):
            open_fits(table[:at] + card.encode().ljust(80) + table[at + 80 :])


def test_a_packed_image_is_bounded_by_what_it_unpacks_to():
    content = _bytes(fits.CompImageHDU(np.zeros((64, 64), np.int16), name="I"))
    assert open_fits(content, images=True)["I"].data.shape == (64, 64)
    assert isinstance(open_fits(content)["I"], fits.BinTableHDU)
    with pytest.raises(Unreadable, match="larger than"):
        open_fits(set_card(content, "ZNAXIS1", "999999999"), images=True)
    with pytest.raises(Unreadable, match="tiles that have no size"):
        open_fits(set_card(content, "ZTILE1", "0"), images=True)


@pytest.mark.parametrize("key", ["TFIELDS", "WCSAXES", "A_ORDER", "BP_ORDER"])
def test_what_astropy_counts_up_to_is_bounded_in_images_too(key):
    content = _bytes(fits.ImageHDU(np.zeros((2, 2)), header=fits.Header([("PADDING", 2)])))
    content = content.replace(b"PADDING = ", f"{key:8}= ".encode())
    assert open_fits(content)[1].shape == (2, 2)
    with pytest.raises(Unreadable, match=f"{key} is 1000000000000"):
        open_fits(set_card(content, key, "1000000000000"))


def test_parts_and_headers_do_not_go_on_for_ever():
    part = fits.ImageHDU().header.tostring().encode()
    with pytest.raises(Unreadable, match="more than 1000 parts"):
        open_fits(_bytes() + part * 1001)
    with pytest.raises(Unreadable, match="header does not end"):
        open_fits(b"SIMPLE  =                    T".ljust(BLOCK) + b" " * BLOCK * 1001)


def test_what_is_too_large_is_told_apart():
    walker = FitsWalker(10_000)
    with pytest.raises(TooLarge, match="larger than 0 MB"):
        walker.feed(_bytes(fits.ImageHDU(np.zeros(10_000))))


@pytest.mark.parametrize("step", [1, 79, 2880, 4000])
def test_a_file_may_pass_by_in_pieces(table, step):
    walker = FitsWalker(len(table))
    for at in range(0, len(table), step):
        walker.feed(table[at : at + step])
    walker.finish()
    assert [(unit.start, unit.size) for unit in walker.units] == [
        (unit.start, unit.size) for unit in _walked(table).units
    ]


def test_a_product_says_what_is_wrong_with_its_file(table, tmp_path):
    path = tmp_path / "evt3.fits"
    with pytest.raises(CscError, match=r"evt3\.fits is not there"):
        open_product(path, "event list", ())
    path.write_bytes(set_card(table, "NAXIS2", "-2"))
    with pytest.raises(CscError, match=r"evt3.fits cannot be read.*an axis is -2 long.*Fetch it again"):
        open_product(path, "event list", ())
    path.write_bytes(table)
    with pytest.raises(CscError, match=r"is no event list.*no EVENTS extension; it has: T"):
        open_product(path, "event list", ("EVENTS",))
    with pytest.raises(CscError, match="cannot be read"):
        open_product(tmp_path, "event list", ())


def test_a_pipe_is_no_file(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreadable, match="no file"):
        read_file(tmp_path / "pipe", 100)


def test_a_file_may_not_be_larger_than_asked(tmp_path):
    (tmp_path / "large").write_bytes(bytes(101))
    assert read_file(tmp_path / "large", 101) == bytes(101)
    with pytest.raises(Unreadable, match="larger"):
        read_file(tmp_path / "large", 100)


def _walked(content):
    walker = FitsWalker(len(content))
    walker.feed(content)
    walker.finish()
    return walker


def test_a_part_that_astropy_gives_up_makes_the_file_unreadable():
    """astropy warns only, and takes a table whose XTENSION it cannot read for none."""
    content = _bytes(fits.BinTableHDU.from_columns([fits.Column("A", "J", array=[1])], name="LOST"))
    at = content.index(b"XTENSION= 'BINTABLE'") + 25
    broken = content[:at] + b"\xff" + content[at + 1 :]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not isinstance(fits.open(io.BytesIO(broken))[1], fits.BinTableHDU)
        with pytest.raises(Unreadable, match="one of its parts cannot be read"):
            open_fits(broken)


@pytest.mark.parametrize(
    ("key", "value", "read"), [("TSCAL1", 2.0, False), ("TZERO1", 1.0, False), ("TSCAL1", 1.0, True)]
)
def test_arrays_that_are_scaled_are_refused(key, value, read):
    """astropy 8 scales the array of the first row, and no other."""
    rows = np.empty(2, object)
    rows[:] = [np.array([1.0, 2.0], np.float32), np.array([3.0], np.float32)]
    table = fits.BinTableHDU.from_columns([fits.Column("A", "PE()", array=rows)])
    table.header[key] = value
    if read:
        assert open_fits(_bytes(table))[1].data["A"][1].tolist() == [3.0]
    else:
        with pytest.raises(Unreadable, match=f"arrays of column 1 of a table are scaled .{key}"):
            open_fits(_bytes(table))
