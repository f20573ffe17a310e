"""An explorer over somebody's own tables says what was not certain when they were imported."""

from pathlib import Path

from cscwidgets import Archive
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.state.explorer import ExplorerState

ROW = "2CXO J084233.8-480742,130.641,-48.1286,3e-15,24613,0,42"


def explored(header: str, row: str, folder: Path) -> list[str]:
    (folder / "mine.csv").write_text(f"{header}\n{row}\n")
    import_tables([folder / "mine.csv"], folder / "archive")
    state = ExplorerState(Archive(folder / "archive"), reraise=True)
    for _ in range(2):  # said once
        state.search("130.641 -48.1286", "1 arcmin")
        state.desk.tasks.wait()
    assert len(state.table) == 1
    return [f"{message.level}: {message}" for message in state.desk.messages.entries]


def test_a_guess_is_said_once(tmp_path: Path) -> None:
    messages = explored("name,ra,dec,flux_aper_b,obsid,obi,region_id", ROW, tmp_path)
    assert len(messages) == 1
    assert messages[0].startswith("note: Imported from mine.csv: not everything was certain.")
    assert "of mine.csv, flux_aper_b went to tables by their rows or their order" in messages[0].lower()


def test_what_is_certain_needs_no_words(tmp_path: Path) -> None:
    assert explored("name,ra,dec,significance,obsid,obi,region_id", ROW, tmp_path) == []
