"""Layers of one's own in sessions: by the paths of their files, which are not read unasked."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable, Table

from cscwidgets.errors import CscError
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.sky.target import read_region
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.reopening import Reopening
from cscwidgets.state.session_file import SessionFile
from cscwidgets.state.workspace import KEPT, Workspace

from .test_session_walk import reopened, saved


def test_layers_of_files_are_kept_by_their_paths_and_others_are_named(workspace, tmp_path):
    QTable({"l": [133.6, 133.7] * u.deg, "b": [-31.3, -31.4] * u.deg, "mag": [1, 2]}).write(tmp_path / "a b.fits")
    Table({"who": ["x", "y"], "where": [23.4, 23.5], "height": [30.6, 30.7]}).write(tmp_path / "mine.csv")
    (tmp_path / "mine.reg").write_text('icrs; circle(23.46, 30.66, 60")')
    layers = workspace.layers
    layers.add(f"{tmp_path / 'a b.fits'}[1]", colour="#7a23e4")
    layers.add(tmp_path / "mine.csv", "stars", roles=ColumnRoles(ra="where", dec="height", name="who"))
    layers.add_area(tmp_path / "mine.reg", "area")
    layers.add(QTable({"ra": [1] * u.deg, "dec": [2] * u.deg}), "made here")
    layers.add_area(read_region("23.4 30.6", "1 arcmin"), "drawn")
    layers.choose("stars", [1])
    before = saved(workspace, tmp_path / "a.csc.json")
    assert before["not kept"] == [
        "the layer made here, which is of no file",
        "the area drawn, which is of no file",
    ]

    other = Workspace(ExplorerState(workspace.desk.archive, reraise=True))
    reopening = Reopening(other, SessionFile.read(tmp_path / "a.csc.json", KEPT))
    reopening.start()
    other.desk.tasks.settle(timeout=60)
    assert other.layers.names == []  # a session names these paths: they are not read unasked
    assert "the layers a b, stars, area" in other.desk.messages.entries[-1].what
    assert "layers" in reopening.still_pending()
    reopening.fetch_again()
    other.desk.tasks.settle(timeout=60)
    assert other.layers.files == layers.files
    assert other.layers.names == ["a b", "stars", "area"]
    assert (other.layers["a b"].colour, list(other.layers["stars"].chosen)) == ("#7a23e4", [1])
    np.testing.assert_array_equal(other.layers["a b"].ra, layers["a b"].ra)
    assert other.layers["stars"].labels == ["x", "y"]

    (tmp_path / "mine.csv").unlink()
    with pytest.raises(CscError, match=r"mine\.csv was not read\. No such file"):
        reopened(workspace, tmp_path / "a.csc.json")
