"""What the client warns of while an explorer asks is read in the explorer, and by the code that asked."""

import shutil

import pyarrow.parquet as pq
import pytest

from cscwidgets import Archive
from cscwidgets.errors import CscWarning
from cscwidgets.state.explorer import ExplorerState


@pytest.fixture
def explorer(demo_folder, tmp_path):
    """Over an archive that says that exposures are flux densities."""
    folder = tmp_path / "archive"
    shutil.copytree(demo_folder, folder, ignore=shutil.ignore_patterns("products"))
    table = pq.read_table(folder / "master_source.parquet")
    place = table.column_names.index("acis_time")
    field = table.schema.field(place).with_metadata({"unit": "Jy"})
    pq.write_table(table.set_column(place, field, table["acis_time"]), folder / "master_source.parquet")
    return ExplorerState(Archive(str(folder)), reraise=True)


def test_a_unit_that_cannot_be_is_told_where_the_sources_are_read(explorer):
    explorer.search("47 Tuc", "3 arcmin")
    with pytest.warns(CscWarning, match="acis_time is in 'Jy'"):
        explorer.settle()
    assert len(explorer.table)
    (warning,) = [message for message in explorer.desk.messages.entries if message.level == "warning"]
    assert "acis_time is in 'Jy', which is no s as in the catalogue" in str(warning)
