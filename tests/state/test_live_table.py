"""The explorer's table tells of its columns; what is taken of it is nobody's but the reader's."""

import pickle

import astropy.units as u
from astropy.table import QTable

from cscwidgets.state.live_table import LiveTable


def test_slices_and_copies_are_tables_like_any_other():
    told = []
    live = LiveTable.of(QTable({"name": ["a", "b"], "flux": [1.0, 2.0] * u.Jy}, meta={"x": 1}), told.append)
    kept = pickle.loads(pickle.dumps(live.copy()))
    for other in (live[:1], live[[True, False]], live["name", "flux"], live.copy(), kept):
        assert type(other) is QTable
        assert other.meta == {"x": 1}
        assert other["flux"].unit == u.Jy
        other["flux"] = [3.0] * len(other)
    assert told == []
    assert live["flux"][0] == 1 * u.Jy
