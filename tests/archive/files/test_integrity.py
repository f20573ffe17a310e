"""A whole product passes, and nothing else does: against astropy's files and every way to break them."""

import gzip
import io
import struct
import zlib

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.archive.files.integrity import Damaged, NotTheFile, check

from ...product_files import fits_bytes, product_bytes

WHOLE = product_bytes(1)


def passes(content, piece=1000, **limits):
    """What is stored of the content, sent in pieces."""
    sink = io.BytesIO()
    found = check((content[at : at + piece] for at in range(0, len(content), piece)), sink, **limits)
    assert found.size == len(sink.getvalue())
    return sink.getvalue()


def records(rows, width):
    return np.array([(number, b"x" * width) for number in range(rows)], [("n", ">i4"), ("s", f"S{width}")])


shapes = st.one_of(
    st.builds(
        np.zeros,
        st.lists(st.integers(0, 40), min_size=1, max_size=3),
        st.sampled_from(["u1", ">i2", ">i4", ">f4", ">f8"]),
    ),
    st.builds(
        records,
        st.integers(0, 500),
        st.integers(1, 50),
    ),
)


@given(st.lists(shapes, max_size=4), st.integers(1, 9000))
def test_what_astropy_writes_passes_unchanged(arrays, piece):
    hdus = [fits.PrimaryHDU()]
    hdus += [fits.BinTableHDU(array) if array.dtype.names else fits.ImageHDU(array) for array in arrays]
    buffer = io.BytesIO()
    fits.HDUList(hdus).writeto(buffer)
    content = gzip.compress(buffer.getvalue())
    assert passes(content, piece) == content


def test_variable_length_columns_and_random_groups_are_measured(tmp_path):
    column = fits.Column("v", "PJ()", array=np.array([np.arange(n) for n in range(400)], dtype=object))
    parameters = np.zeros(20)
    groups = fits.GroupsHDU(fits.GroupData(np.zeros((20, 1, 1, 7)), parnames=["u"], pardata=[parameters], bitpix=-32))
    for hdus in ([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([column])], [groups]):
        fits.HDUList(hdus).writeto(tmp_path / "made.fits", overwrite=True)
        passes(gzip.compress((tmp_path / "made.fits").read_bytes()))


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 5000))
def test_a_file_that_breaks_off_is_damaged(length, piece):
    with pytest.raises((Damaged, NotTheFile)):
        passes(WHOLE[:length], piece)


# Deflate has bits without a meaning: padding, lengths of codes that do not occur.
@given(st.integers(12, len(WHOLE) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_damage_or_changes_nothing(at, bit):
    broken = bytearray(WHOLE)
    broken[at] ^= 1 << bit
    try:
        passes(bytes(broken))
    except (Damaged, NotTheFile):
        return
    assert gzip.decompress(bytes(broken)) == gzip.decompress(WHOLE)


@given(st.integers(len(WHOLE) - 8, len(WHOLE) - 1), st.integers(0, 7))
def test_a_flipped_bit_of_the_checksum_is_damage(at, bit):
    broken = bytearray(WHOLE)
    broken[at] ^= 1 << bit
    with pytest.raises((Damaged, NotTheFile)):
        passes(bytes(broken))


def test_headers_that_contradict_the_file():
    plain = fits_bytes()
    longer = plain.replace(b"NAXIS2  =                   40", b"NAXIS2  =                  940", 1)
    for content in (plain[:-2880], plain + b"\0" * 2880, plain[:-1], longer, plain.replace(b"NAXIS2  =", b"NAXIS2  x")):
        assert content != plain
        with pytest.raises(Damaged):
            passes(gzip.compress(content))


def test_members_and_padding_of_gzip():
    plain = fits_bytes()
    parts = gzip.compress(plain[:5000]) + gzip.compress(plain[5000:]) + b"\0" * 512
    assert passes(parts) == parts
    with pytest.raises(Damaged):
        passes(WHOLE + b"rubbish")


def test_a_file_sent_plain_is_zipped():
    assert gzip.decompress(passes(fits_bytes())) == fits_bytes()


def test_a_picture_is_kept_as_it_is():
    picture = b"\xff\xd8\xff\xe0" + bytes(500) + b"\xff\xd9"
    assert passes(picture) == picture
    with pytest.raises(Damaged, match="breaks off"):
        passes(picture[:-1])


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"<!DOCTYPE html><html><head><title>Down for\n maintenance</title>", "a web page.*: Down for maintenance"),
        (b"<html><body><h1>404 &amp; gone</h1>", "a web page.*404 & gone"),
        (b'<?xml version="1.0"?><VOTABLE><INFO ID="Error" name="Error" value="Illegal format"/></VOTABLE>', "Illegal"),
        (b'<VOTABLE><INFO name="QUERY_STATUS" value="ERROR">No such file</INFO></VOTABLE>', "No such file"),
        (b"Error executing query: bad\ncolumn", "words.*Error executing query: bad"),
        (bytes(range(256)) * 4, "neither"),
    ],
)
def test_other_documents_are_put_into_words(document, words):
    for content in (document, gzip.compress(document)):
        with pytest.raises(NotTheFile, match=words):
            passes(content)


def test_a_bomb_is_known_before_it_is_unpacked():
    zeros = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(zeros.compress(bytes(1 << 20)) for _ in range(200)) + zeros.flush()
    with pytest.raises(NotTheFile, match="neither"):
        passes(bomb)
    header = fits.Header({"SIMPLE": True, "BITPIX": -64, "NAXIS": 2, "NAXIS1": 40_000, "NAXIS2": 40_000})
    image = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = image.compress(header.tostring().encode()) + b"".join(image.compress(bytes(1 << 20)) for _ in range(50))
    with pytest.raises(NotTheFile, match="unpack to more"):
        passes(bomb)
    with pytest.raises(NotTheFile, match="unpack to more"):
        passes(WHOLE, largest=4000)


def test_a_large_image_of_nothing_passes():
    # One byte in a thousand: gzip's best, and what an empty exposure map comes near.
    buffer = io.BytesIO()
    fits.PrimaryHDU(np.zeros((3000, 1000))).writeto(buffer)
    content = gzip.compress(buffer.getvalue(), 9)
    assert len(content) * 900 < len(buffer.getvalue())
    for piece in (100, len(content)):
        assert passes(content, piece) == content


@pytest.mark.real
def test_every_real_product_passes(real):
    files = [*real.glob("lightcurves/*/*/*.fits.gz"), *real.glob("spectra/csc_pha3/*.fits*")]
    assert len(files) > 40
    for path in files:
        passes(path.read_bytes(), 1 << 16)


def test_a_wrong_length_in_the_gzip_trailer_is_damage():
    with pytest.raises(Damaged):
        passes(WHOLE[:-4] + struct.pack("<I", 7))
