import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.io.gzipped import gunzip
from cscwidgets.io.reading import Unreadable


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=3), st.integers(0, 9))
def test_members_are_unpacked_as_gzip_itself_does(parts, padding):
    content = b"".join(gzip.compress(part) for part in parts) + bytes(padding)
    assert gunzip(content, 10_000) == b"".join(parts) == gzip.decompress(content)


def test_what_is_not_gzipped_stays():
    assert gunzip(b"SIMPLE  =", 100) == b"SIMPLE  ="


def test_a_bomb_is_refused_before_it_fills_the_memory():
    bomb = gzip.compress(bytes(300_000_000), 9)
    with pytest.raises(Unreadable, match="larger than 10 MB"):
        gunzip(bomb, 10_000_000)


@pytest.mark.parametrize(
    "damage", [lambda c: c[:-9], lambda c: c[:40], lambda c: c[:-5] + b"\0" + c[-4:], lambda c: c[:2]]
)
def test_a_damaged_file_is_refused(damage):
    content = gzip.compress(bytes(range(256)) * 100)
    with pytest.raises(Unreadable):
        gunzip(damage(content), 10**6)


def test_further_members_are_bounded_together():
    with pytest.raises(Unreadable, match="larger"):
        gunzip(gzip.compress(bytes(800)) * 2, 1000)
    assert zlib.crc32(gunzip(gzip.compress(bytes(400)) * 2, 1000)) == zlib.crc32(bytes(800))
