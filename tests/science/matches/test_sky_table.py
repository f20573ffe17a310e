"""Tables with everything that goes wrong in tables: counted, or refused in clear words."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time

from cscwidgets.errors import CscError
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.sky_table import read_positions


def _read(table, error=None, **options):
    return read_positions(table, ColumnRoles.guess(table), "catalogue", error, **options)


def _adds_up(counts):
    return counts["rows"] == counts["used"] + counts["without_position"] + counts["repeated"]


def test_rows_without_position_are_counted():
    table = Table(
        {"ra": [1, np.nan, 3, 4], "dec": MaskedColumn([1.0, 2, 3, 4], mask=[0, 0, 1, 0]), "pos_err": [0.1] * 4}
    )
    read = _read(table)
    assert read.row.tolist() == [0, 3]
    assert read.ra.tolist() == [1, 4]
    assert (read.counts["without_position"], read.counts["used"]) == (2, 2)
    assert _adds_up(read.counts)


def test_units_are_converted():
    table = QTable({"ra": [1, 2] * u.hourangle, "dec": [0.1, 0.2] * u.rad, "pos_err": [100, 300] * u.mas})
    table["pmra"], table["pmdec"] = [[1, 2], [3, 4]] * u.arcsec / u.yr
    read = _read(table)
    np.testing.assert_allclose(read.ra, [15, 30])
    np.testing.assert_allclose(read.dec, np.degrees([0.1, 0.2]))
    np.testing.assert_allclose(read.errors.north, [0.01, 0.09])
    np.testing.assert_allclose(read.pmdec, [3000, 4000])


def test_gaia_s_errors_without_a_unit_are_mas():
    read = _read(Table({"ra": [1.0], "dec": [1.0], "ra_error": [300.0], "dec_error": [400.0], "ra_dec_corr": [0.5]}))
    np.testing.assert_allclose([read.errors.east, read.errors.north, read.errors.cross], [[0.09], [0.16], [0.06]])


def test_missing_errors_are_the_median_or_the_one_given():
    table = Table({"ra": np.arange(5.0), "dec": np.zeros(5), "pos_err": [1, 2, np.nan, 0, 3]})
    read = _read(table)
    np.testing.assert_allclose(read.errors.east, [1, 4, 4, 4, 9])
    assert read.counts["without_error"] == 2
    np.testing.assert_allclose(_read(table, 0.5 * u.arcsec).errors.north, [1, 4, 0.25, 0.25, 9])
    assert _read(table["ra", "dec"]).errors is None
    np.testing.assert_allclose(_read(table["ra", "dec"], 300 * u.mas).errors.east, 0.09)


def test_an_ellipse_without_minor_axis_or_angle_is_a_circle():
    table = Table(
        {
            "ra": np.zeros(3),
            "dec": np.zeros(3),
            "errMaj": [2.0, 2, 2],
            "errMin": [1, np.nan, 1],
            "errPA": [0, 0, np.nan],
        }
    )
    read = _read(table)
    np.testing.assert_allclose(read.errors.north, 4)
    np.testing.assert_allclose(read.errors.east, [1, 4, 4])


def test_repeated_objects_count_once():
    table = Table(
        {"id": [1, 2, 1, 1, 3, 3], "ra": [5.0, 5, 5, 6, 5, 5], "dec": [1.0, 1, 1, 1, 1, 2], "pos_err": [0.1] * 6}
    )
    read = _read(table, once=True)
    assert read.row.tolist() == [0, 1, 3, 4, 5]
    assert read.counts["repeated"] == 1
    assert _adds_up(read.counts)
    assert _read(table).counts["repeated"] == 0


def test_motions_that_are_missing_stay_and_are_counted():
    motion = MaskedColumn([5.0, 6, 7], mask=[0, 1, 0], unit=u.mas / u.yr)
    table = Table(
        {"ra": np.zeros(3), "dec": np.zeros(3), "pos_err": np.ones(3), "pmra": motion, "pmdec": [1, 2, np.nan]}
    )
    read = _read(table)
    assert read.pmra.tolist() == [5, 0, 0]
    assert read.pmdec.tolist() == [1, 0, 0]
    assert read.counts["without_motion"] == 2
    assert _read(table["ra", "dec", "pos_err"]).counts["without_motion"] == 3


def test_epochs_are_julian_years():
    table = QTable({"ra": np.zeros(2) * u.deg, "dec": np.zeros(2) * u.deg})
    assert np.isnan(_read(table).epoch).all()
    time = Time([2000.5, 2016.0], format="jyear")
    for epoch in (time, time.jyear, time.mjd * u.d, time.jd * u.d):
        table["epoch"] = epoch
        np.testing.assert_allclose(_read(table).epoch, [2000.5, 2016.0], atol=1e-4)
    np.testing.assert_allclose(_read(table, epoch=Time("2010-01-01T12:00:00")).epoch, 2010, atol=0.01)


def test_coordinates_of_any_frame():
    galactic = SkyCoord([0] * u.deg, [90] * u.deg, frame="galactic")
    read = _read(QTable({"where": galactic}))
    np.testing.assert_allclose([read.ra[0], read.dec[0]], [192.85948, 27.12825], atol=1e-4)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (Table({"x": [1.0]}), "is known as a position"),
        (Table({"ra": ["unknown"], "dec": [1.0]}), "ra holds no numbers"),
        (QTable({"ra": [1] * u.s, "dec": [1] * u.deg}), "Column ra is in s, which is not an angle"),
        (QTable({"ra": [1] * u.deg, "dec": [1] * u.deg, "pos_err": [1] * u.mag}), "pos_err is in mag"),
        (Table({"ra": [1.0, 1.0], "dec": [1.0, 91.0]}), "Row 1 has ra 1, dec 91"),
        (Table({"ra": [1.0, -999.0], "dec": [1.0, 1.0]}), "Row 1 has ra -999, dec 1"),
        (Table({"ra": [1e6], "dec": [1.0]}), "Check the columns"),
        (
            Table({"ra": [1.0], "dec": [1.0], "pmra": u.Quantity([1] * u.km / u.s), "pmdec": [1.0]}),
            "not convertible to mas / yr",
        ),
    ],
)
def test_what_is_no_table_of_positions_is_refused(table, words):
    with pytest.raises(CscError, match=words):
        _read(table)


def test_a_wrong_role_or_error_is_refused():
    table = Table({"ra": [1.0], "dec": [1.0]})
    with pytest.raises(CscError, match="no column other"):
        read_positions(table, ColumnRoles(ra="ra", dec="other"), "sources")
    for error in (1 * u.mag, 0.3, -1 * u.arcsec):
        with pytest.raises(CscError, match="cannot be matched"):
            _read(table, error)


def test_a_table_without_rows():
    read = _read(Table({"ra": np.zeros(0), "dec": np.zeros(0), "pos_err": np.zeros(0)}), once=True)
    assert len(read) == 0
    assert _adds_up(read.counts)


@pytest.mark.parametrize("role", ["name", "major", "pmra"])
def test_of_arrays_no_value_is_taken_and_one_in_an_array_is_itself(role):
    values = {"ra": [1.0, 2], "dec": [3.0, 4], "name": ["a", "b"], "major": [0.1, 0.2], "pmra": [1.0, 2]}
    roles = ColumnRoles(ra="ra", dec="dec", name="name", major="major", pmra="pmra", pmdec="pmra")
    plain = read_positions(Table(values), roles, "catalogue", epoch=2016.0)
    alone = read_positions(Table({**values, role: np.reshape(values[role], (2, 1))}), roles, "catalogue", epoch=2016.0)
    assert alone.names.tolist() == plain.names.tolist()
    np.testing.assert_array_equal([alone.errors.north, alone.pmra], [plain.errors.north, plain.pmra])
    several = Table({**values, role: [[value, value] for value in values[role]]})
    with pytest.raises(CscError, match=f"{role} holds arrays of 2 values"):
        read_positions(several, roles, "catalogue", epoch=2016.0)


@pytest.mark.parametrize("kind", ["mjd", "jd"])
def test_dates_without_a_unit_are_no_years_of_a_far_future(kind):
    """Against astropy's own conversion; as years they moved positions by 55,000 years of proper motion."""
    time = Time([2000.0, 2016.0], format="jyear", scale="tt")
    epochs = [*getattr(time, kind), 0.0, -999.0, 1991.25]
    table = Table({"ra": [10.0] * 5, "dec": [5.0] * 5, "epoch": epochs})
    read = read_positions(table, ColumnRoles(ra="ra", dec="dec", epoch="epoch"), "catalogue").epoch
    np.testing.assert_allclose(read, [2000.0, 2016.0, np.nan, np.nan, 1991.25], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "empty", [MaskedColumn(["", ""], mask=[True, True]), ["", " "], np.array([None, None], object)]
)
def test_columns_that_are_empty_in_all_rows_are_of_no_value(empty):
    """As proper motions and errors are in CDS X-Match's answer in CSV where Gaia has none."""
    roles = ColumnRoles(ra="ra", dec="dec", pmra="pm", pmdec="pm", ra_error="pm", dec_error="pm", epoch="pm")
    table = Table({"ra": [10.0, 11.0], "dec": [5.0, 6.0], "pm": empty})
    read = read_positions(table, roles, "catalogue")
    assert (read.counts["without_motion"], read.errors, np.isnan(read.epoch).all()) == (2, None, True)
