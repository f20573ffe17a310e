"""The command line: what it prints, how it fails, and a real server in a process of its own."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pyarrow as pa
import pytest
import requests

import cscwidgets
from cscwidgets.__main__ import main
from cscwidgets.archive.folder import ArchiveInfo, read_info, write_folder


def test_import_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("name,ra,dec,mystery\n2CXO J1,1,2,x\n")
    arguments = [
        "import",
        str(tmp_path / "t.csv"),
        "--into",
        str(tmp_path / "a"),
        "--title",
        "Mine",
        "--release",
        "csc2.0",
    ]
    assert main(arguments) == 0
    assert "mystery (kept as master_source.mystery)" in capsys.readouterr().out
    assert read_info(tmp_path / "a").title == "Mine"
    assert main(arguments) == 1
    refused = capsys.readouterr()
    assert refused.out == ""
    assert refused.err.startswith("cscwidgets: The archive folder")
    assert main([*arguments, "--replace"]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "nowhere"], "no such folder"),
        (["import", "nothing.csv", "--into", "x"], "nothing.csv was not imported"),
    ],
)
def test_errors_are_sentences(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_wrong_use_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["serve"])
    assert stopped.value.code == 2
    assert "folder" in capsys.readouterr().err


def test_serve_prints_addresses_that_answer(tmp_path: Path) -> None:
    table = pa.table({"name": ["SIM J1"], "ra": [1.0], "dec": [2.0]})
    info = ArchiveInfo("One source", "csc2.1", "csc21", "Made up", True, "2026-01-01T00:00:00Z")
    write_folder(tmp_path / "a", {"master_source": table}, info)
    command = [sys.executable, "-m", "cscwidgets", "serve", str(tmp_path / "a"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            tap, cone = (process.stdout.readline().split()[-1] for _ in range(2))
            with requests.Session() as session:
                query = {"LANG": "ADQL", "FORMAT": "csv", "QUERY": "SELECT name FROM master_source"}
                assert session.post(f"{tap}/sync", data=query).text == "name\r\nSIM J1\r\n"
                assert session.get(cone, params={"RA": 1, "DEC": 2, "SR": 1}).status_code == 200
        finally:
            process.terminate()


def test_tour_copies_notebooks_and_never_writes_over_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import nbformat

    folder = tmp_path / "new" / "tours"
    assert main(["tour", str(folder)]) == 0
    *names, last = capsys.readouterr().out.splitlines()
    assert [Path(name) for name in names] == sorted(folder.iterdir())
    assert last == f"Begin with: jupyter lab {names[0]}"
    for name in names:
        nbformat.validate(nbformat.read(name, as_version=4))

    original = Path(names[0]).read_bytes()
    Path(names[0]).write_text("mine")
    Path(names[1]).unlink()
    assert main(["tour", str(folder)]) == 1
    assert Path(names[0]).name in capsys.readouterr().err
    assert Path(names[0]).read_text() == "mine"
    assert not Path(names[1]).exists()  # all or none
    assert main(["tour", str(folder), "--replace"]) == 0
    assert Path(names[0]).read_bytes() == original
    assert main(["tour", str(folder)]) == 0  # the same notebooks are in nobody's way


def test_tour_says_what_is_wrong_with_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["tour", str(tmp_path / "file")]) == 1
    assert "Choose another folder" in capsys.readouterr().err


def test_the_command_is_installed_and_says_its_version() -> None:
    (command,) = entry_points(group="console_scripts", name="cscwidgets")
    assert command.load() is main
    said = subprocess.run(
        [sys.executable, "-m", "cscwidgets", "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert said == f"cscwidgets {cscwidgets.__version__}\n"
