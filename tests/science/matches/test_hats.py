"""Without LSDB one error says how to get it."""

import importlib
import sys

import pytest

from cscwidgets.errors import CscError


def test_without_lsdb_the_way_to_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "lsdb", None)
    for name in ("hats", "hats_algorithm", "crossmatch_hats"):
        monkeypatch.delitem(sys.modules, f"cscwidgets.science.{name}", raising=False)
    with pytest.raises(CscError, match=r"LSDB is not installed .*pip install 'cscwidgets\[scale\]'"):
        importlib.import_module("cscwidgets.science.crossmatch_hats")
