"""An archive that lacks what a question needs says what, and no SQL."""

from pathlib import Path

import pytest

from cscwidgets import Archive
from cscwidgets.errors import QueryError
from cscwidgets.service.imports.importer import import_tables

NAME = "2CXO J084233.8-480742"


def imported(text: str, folder: Path) -> Archive:
    (folder / "mine.csv").write_text(text)
    import_tables([folder / "mine.csv"], folder / "archive")
    return Archive(folder / "archive")


def refusal(ask) -> str:
    with pytest.raises(QueryError) as caught:
        ask()
    words = str(caught.value)
    assert "SELECT" not in words
    assert "Did you mean" not in words
    return words


def test_a_folder_without_detections(tmp_path: Path) -> None:
    archive = imported(f"name,ra,dec,flux_aper_b\n{NAME},130.641,-48.1286,3e-15\n", tmp_path)
    assert len(archive.search("130.641 -48.1286", radius="1 arcmin")) == 1
    assert "has no stacks of sources" in refusal(lambda: archive.detections(NAME))
    assert "Import a table that has them" in refusal(lambda: archive.products(NAME, "lc"))
    assert "has no list of stacks" in refusal(lambda: archive.stacks("130.641 -48.1286"))


def test_a_folder_without_positions(tmp_path: Path) -> None:
    archive = imported(f"name,flux_aper_b\n{NAME},3e-15\n", tmp_path)
    assert "have no ra and no dec" in refusal(lambda: archive.search("130.641 -48.1286"))
    assert "have no ra and no dec" in refusal(lambda: archive.cone("130.641 -48.1286"))


def test_a_folder_of_somebody_s_own_list(tmp_path: Path) -> None:
    archive = imported("name,ra,dec\nCyg X-1,299.59,35.2\nVela X-1,135.5,-40.55\n", tmp_path)
    assert "has no sources (master_source)" in refusal(lambda: archive.search("299.59 35.2"))
    assert [catalogue.title for catalogue in archive.catalogues()]
    assert len(archive.query("SELECT * FROM csc21.mine")) == 2


def test_doubts_come_with_the_archive(tmp_path: Path) -> None:
    archive = imported(f"name,ra,dec,flux_aper_b,obsid,obi,region_id,hard_hm\n{NAME},1,2,3e-15,5,0,1,.1\n", tmp_path)
    assert "flux_aper_b, hard_hm went to tables by their rows or their order" in archive.doubts[0]
    assert "not everything was certain" in archive.search("1 2").meta["provenance"].origin
