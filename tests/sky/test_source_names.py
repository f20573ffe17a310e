"""Names of sources as people write them are one name, at every door."""

import warnings

import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable, Table
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.csc.filenames import source_folder
from cscwidgets.errors import CscError, NotFound, SomeNotFound
from cscwidgets.sky.source_names import names_of, source_name, source_position

_TWO = st.integers(0, 59).map("{:02d}".format)
PLACES = st.builds(
    "J{}{}{}.{}{}{}{}{}{}".format,
    st.integers(0, 23).map("{:02d}".format), _TWO, _TWO, st.integers(0, 9),
    st.sampled_from("+-"), st.integers(0, 89).map("{:02d}".format), _TWO, _TWO, st.sampled_from(["", "X", "A"]),
)  # fmt: skip

BLANKS = ["", " ", "  ", "\t", "\N{NO-BREAK SPACE}", "\N{THIN SPACE}", "_", " \N{ZERO WIDTH SPACE}"]
MINUS = ["-", "\N{MINUS SIGN}", "\N{EN DASH}", "\N{NON-BREAKING HYPHEN}", "\N{FULLWIDTH HYPHEN-MINUS}", " -"]
WRAPS = [
    "{}", "'{}'", '"{}"', " {} ", "{}\t", "\N{LEFT DOUBLE QUOTATION MARK}{}\N{RIGHT DOUBLE QUOTATION MARK}", "{},",
    "b'{}'", '"{}";', "`{}`",
]  # fmt: skip
KINDS = [str, np.str_, str.encode, lambda text: np.bytes_(text.encode()), np.array]


@st.composite
def written(draw, prefix, place):
    """One way to write a name down."""
    text = prefix + draw(st.sampled_from(BLANKS)) + place.replace("-", draw(st.sampled_from(MINUS)))
    text = draw(st.sampled_from([str, str.lower, str.upper]))(text)
    return draw(st.sampled_from(KINDS))(draw(st.sampled_from(WRAPS)).format(text))


@given(PLACES, st.sampled_from(["2CXO", "SIM", ""]), st.booleans(), st.data())
def test_names_are_one_however_they_are_written(place, prefix, simulated, data):
    text = data.draw(written(prefix, place))
    expected = f"{prefix or ('SIM' if simulated else '2CXO')} {place}"
    assert source_name(text, simulated=simulated) == expected
    assert source_name(expected, simulated=not simulated) == expected
    assert source_name(text, simulated=None).endswith(place)


@given(PLACES, st.sampled_from(["2CXO", "SIM"]))
def test_names_of_folders_and_files_are_names(place, prefix):
    name = f"{prefix} {place}"
    assert source_name(source_folder(name)) == name
    token = place.replace(".", "").replace("+", "p").replace("-", "m")
    assert source_name(f"{prefix}{token}") == name


@given(st.text())
def test_other_words_stay_as_they_are(text):
    if "J" not in text.upper() and not set(text) & set("'\"<>`"):
        assert source_name(text).split() == text.replace("−", "-").replace("–", "-").split()


@pytest.mark.real
def test_names_of_the_real_catalogue_stand(pulsars):
    for name in pulsars["name"]:
        assert source_name(str(name)) == source_name(str(name).removeprefix("2CXO ")) == name


@given(PLACES)
def test_a_name_says_where_its_source_is(place):
    at = source_position(place)
    hms = at.ra.to_string("hour", sep="", pad=True, precision=3)
    dms = at.dec.to_string("deg", sep="", pad=True, alwayssign=True, precision=2)
    assert f"{float(hms):010.3f}".startswith(place[1:9]) or abs(float(hms) - float(place[1:9])) < 1e-2
    assert abs(float(dms) - float(place[9:16])) < 0.02


@pytest.mark.parametrize("text", ["M33", "2CXO J250000.0+000000", "J006000.0+000000", "2MASS J05351647-0523230", ""])
def test_other_names_have_no_position(text):
    assert source_position(text) is None


def test_columns_rows_and_masked_names():
    name = "2CXO J002404.2-720457"
    column = MaskedColumn([name, "x", name.lower()], mask=[False, True, False])
    assert names_of(column) == [name]
    assert names_of(Table({"name": column})) == [name]
    assert names_of(iter([name, name.encode()])) == [name]
    assert names_of([np.ma.masked]) == []


@pytest.mark.parametrize("names", [None, 42, [42], [None], [["a"]], Table({"ra": [1]}), 1.5, object()])
def test_what_is_no_name_is_told_at_once(warm_demo, names):
    for ask in (names_of, warm_demo.detections, lambda names: warm_demo.products(names, "lc")):
        if isinstance(names, Table) and ask not in (names_of, warm_demo.detections):
            continue  # rows of a table tell products in other ways too
        with pytest.raises(CscError, match=r"by their names|name no products"):
            ask(names)


def test_every_door_of_an_archive_knows_them(warm_demo, eclipser):
    name = eclipser[0]
    expected = warm_demo.detections(name)
    for text in (name.replace(" ", ""), name.lower(), name.removeprefix("SIM "), f'"{name}"', name.encode()):
        found = warm_demo.detections([text])
        assert set(found["name"]) == {name}
        assert len(found) == len(expected)
    assert len(warm_demo.products(name.replace(" ", "\t"), "lc")) == len(warm_demo.products(name, "lc")) > 0


def test_names_that_are_not_there_are_named(warm_demo, eclipser):
    missing = [f"SIM J00000{n}.0+000000" for n in range(7)]
    with pytest.raises(NotFound, match=r"None of 7 names is in .* and 2 more") as told:
        warm_demo.detections(missing)
    assert told.value.names == tuple(missing)
    with pytest.warns(SomeNotFound, match=r"7 of 8 names are not in .*SIM J000000.0\+000000") as said:
        found = warm_demo.detections([eclipser[0], *missing])
    assert set(found["name"]) == {eclipser[0]}
    assert said[0].message.names == tuple(missing)
    with pytest.raises(NotFound, match="unknown"):
        warm_demo.products("unknown", "lc")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(warm_demo.detections(QTable({"name": []}))) == 0
