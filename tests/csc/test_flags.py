"""Flags in words, for every flag the catalogue has."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable, Table

from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.flags import MATCH_TYPES, SOURCE_FLAGS, flags_set


@pytest.mark.real
def test_every_flag_of_the_real_catalogue_has_words(real):
    header = (real / "tables" / "csc20_full_schema_137_pulsars.tsv").read_text().splitlines()
    names = max((line.split("\t") for line in header if not line.startswith("#")), key=len)
    assert {name.strip() for name in names if name.strip().endswith("_flag")} == SOURCE_FLAGS.keys()


def test_words_are_for_columns_there_are():
    known = {name for table in TABLES.values() for name in table}
    assert SOURCE_FLAGS.keys() <= known


def test_only_what_is_true_is_said():
    table = QTable(
        {
            "name": ["a", "b"],
            "conf_flag": [True, False],
            "extent_flag": MaskedColumn([True, True], mask=[True, False]),
            "sat_src_flag": [False, True],
        }
    )
    assert flags_set(table[0]) == {"conf_flag": "confused"}
    assert list(flags_set(table[1])) == ["sat_src_flag", "extent_flag"]
    assert flags_set(Table({"name": ["a"]})[0]) == {}


def test_flags_of_the_demo_are_those_of_its_rows(demo):
    row = demo.query("SELECT TOP 1 * FROM csc21.master_source WHERE conf_flag = 1 AND extent_flag = 0")[0]
    said = flags_set(row)
    assert said["conf_flag"] == "confused"
    assert "extent_flag" not in said
    assert all(np.bool_(row[flag]) for flag in said)


def test_match_types_of_the_demo_have_words(demo, eclipser):
    assert {str(kind).strip() for kind in demo.detections(eclipser[0])["match_type"]} <= MATCH_TYPES.keys()
