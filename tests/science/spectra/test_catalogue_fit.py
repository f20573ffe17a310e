"""The catalogue's own fits, from the demo's tables and from rows as other readers give them."""

import numpy as np
import pytest
from astropy.table import Table

from cscwidgets.csc import families
from cscwidgets.errors import CscError
from cscwidgets.science.spectra.catalogue_fit import CATALOGUE, catalogue_fits

ROW = {
    "powlaw_gamma": 1.8,
    "powlaw_gamma_lolim": 1.7,
    "powlaw_gamma_hilim": 1.95,
    "powlaw_nh": 25.0,
    "powlaw_nh_lolim": np.ma.masked,
    "powlaw_nh_hilim": 31.0,
    "powlaw_stat": 0.9,
}


def test_the_column_is_in_the_unit_of_models():
    found = catalogue_fits(ROW)
    nh = found[found["name"] == "phabs.nH"][0]
    assert (nh["value"], nh["upper"], nh["unit"]) == (0.25, 0.31, "1e+22 / cm2")
    assert np.isnan(nh["lower"])
    assert list(found["name"]) == ["phabs.nH", "powerlaw.gamma"]
    assert list(found["statistic"]) == [0.9, 0.9]


def test_every_parameter_column_of_the_catalogue_is_read():
    columns = [column.name for column in families.spectral_fits()]
    row = {name: float(number) for number, name in enumerate(columns, start=1)}
    found = catalogue_fits(row)
    values = {row[name] for name in columns if not name.endswith(("_rhat", "_lolim", "_hilim", "_stat"))}
    columns_of_nh = {f"{model}_nh" for model in CATALOGUE}
    read = set(found["value"]) | {value * 100 for value in found["value"][found["name"] == "phabs.nH"]}
    assert values <= {round(float(value), 9) for value in read}
    assert len(found) == len(values)
    assert columns_of_nh <= set(columns)


def test_a_bright_source_of_the_demo_and_a_faint_one(demo):
    table = demo.query("SELECT TOP 400 * FROM csc21.master_source ORDER BY flux_aper_b DESC")
    fitted = np.isfinite(np.ma.filled(table["powlaw_gamma"], np.nan))
    assert fitted.any()
    assert not fitted.all()
    bright = catalogue_fits(table[int(np.flatnonzero(fitted)[0])])
    assert list(dict.fromkeys(bright["expression"])) == list(CATALOGUE.values())
    assert (bright["lower"] <= bright["value"]).all()
    assert (bright["value"] <= bright["upper"]).all()
    faint = catalogue_fits(table[int(np.flatnonzero(~fitted)[0])])
    assert (len(faint), faint.colnames) == (0, bright.colnames)


def test_a_table_without_such_columns_is_refused():
    with pytest.raises(CscError, match="none of their columns"):
        catalogue_fits(Table({"name": ["a"]})[0])
