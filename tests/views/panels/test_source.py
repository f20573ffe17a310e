"""The source panel: from a name to a card and a table of observations."""

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from cscwidgets.views.disposal import close_all
from cscwidgets.views.panels.source import SourcePanel, detection_table


@pytest.fixture
def panel(workspace, sky):
    panel = SourcePanel(workspace, sky)
    yield panel
    close_all(panel.widget)


def wait(panel):
    panel.state.explorer.desk.tasks.wait(30)


def test_a_typed_name_is_completed_and_shown(panel, curves, demo, eclipser):
    assert "Click a source" in panel.widget.invitation
    panel._name.value = eclipser[0]
    wait(panel)
    assert eclipser[0] in panel._card.value
    assert "SIMULATED" in panel._card.value
    assert panel._rows.layout.display == ""
    assert panel._rows._status["total"] == len(demo.detections(eclipser[0]))
    # The archive's own prefix is known from its sources.
    curves.source.explorer.table = demo.search("47 Tuc", radius="1 arcmin")
    panel._name.value = eclipser[0].removeprefix("SIM ").lower()
    assert panel._name.value == curves.source.explorer.focus == eclipser[0]
    assert curves.desk.messages.entries == ()


def test_the_name_follows_the_focus(panel, curves, eclipser):
    curves.source.explorer.focus = eclipser[0]
    assert panel._name.value == eclipser[0]
    panel._name.value = ""
    assert curves.source.explorer.focus == panel._name.value == eclipser[0]


def test_the_observations_are_the_tables_in_order_of_time(focused):
    rows = focused.source.detections
    table = detection_table(rows)
    assert list(table["date"]) == sorted(rows["time"].strftime("%Y-%m-%d"))
    assert len(set(table["detection"])) == len(rows)
    flux = dict(zip(table["detection"], table["photflux_aper_b"], strict=True))
    for row in rows:
        shown = flux[f"{row['obsid']}.{row['obi']}.{row['region_id']}"]
        np.testing.assert_array_equal(shown, row["photflux_aper_b"])
    assert set(table["match"]) <= {"unique", "ambiguous", "not detected"}
    assert "time" in rows.colnames  # what the state holds is not changed


def test_kinds_of_match_are_counted(panel, focused):
    source = focused.source
    rows = source.detections.copy()
    kinds = (["u", "a", "n"] * len(rows))[: len(rows)]
    rows["match_type"] = kinds
    with source.hold_trait_notifications():
        source.detections, source.name = rows, "SIM J000000.0+000000"
    expected = f"{kinds.count('u')} unique, {kinds.count('a')} ambiguous, {kinds.count('n')} not detected."
    assert f"{len(rows)} observations: {expected}" in panel._counts.value


def test_a_limit_among_the_observations_reads_as_one(panel, focused):
    source = focused.source
    rows = source.detections.copy()
    rows["flux_aper_b"][0], rows["flux_aper_lolim_b"][0] = 0, 0
    with source.hold_trait_notifications():
        source.detections, source.name = rows, "SIM J000000.0+000000"
    content = panel._rows._content
    column = content["columns"].index("flux_aper_b")
    key = f"{rows['obsid'][0]}.{rows['obi'][0]}.{rows['region_id'][0]}"
    cell = content["cells"][content["names"].index(key)][column]
    assert cell == f"< {rows['flux_aper_hilim_b'][0].value:.2e}"


def test_next_and_previous_go_through_the_table(panel, curves, demo):
    explorer = curves.source.explorer
    panel._next.click()
    assert explorer.focus == ""
    explorer.table = demo.search("47 Tuc", radius="30 arcsec")
    names = [str(name) for name in explorer.table["name"]]
    panel._next.click()
    assert explorer.focus == names[0]
    panel._next.click()
    assert explorer.focus == names[1]
    for _ in range(2):
        panel._previous.click()
    assert explorer.focus == names[-1]
    wait(panel)


def test_a_panel_leaves_nothing_behind(workspace, sky):
    before = set(_instances)
    panel = SourcePanel(workspace, sky)
    assert set(_instances) - before
    panel.close()
    assert set(_instances) == before
