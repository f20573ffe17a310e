"""The first value of several files is kept, whatever the files call their columns and whatever they are called."""

import pyarrow.parquet as pq

from cscwidgets.service.imports.importer import import_tables

NAME = "2CXO J053515.7-052309"


def test_a_column_of_row_numbers_does_not_say_which_row_is_first(tmp_path):
    for number, (ra, row) in enumerate([(83.8154, 9), (83.9154, 1)]):
        (tmp_path / f"{number}.csv").write_text(f"name,ra,row_number\n{NAME},{ra},{row}\n")
    import_tables([tmp_path / "0.csv", tmp_path / "1.csv"], tmp_path / "folder")
    (written,) = (tmp_path / "folder").rglob("master_source.parquet")
    assert pq.read_table(written, columns=["ra", "row_number"]).to_pylist() == [{"ra": 83.8154, "row_number": 9}]


def test_a_file_called_contradictions_does_not_take_the_place_of_those_of_the_import(tmp_path):
    (tmp_path / "contradictions.csv").write_text("name,z\nfoo,2\n")
    for number, ra in enumerate([83.8154, 83.9154]):
        (tmp_path / f"{number}.csv").write_text(f"name,ra\n{NAME},{ra}\n")
    import_tables([tmp_path / f"{stem}.csv" for stem in ("contradictions", 0, 1)], tmp_path / "folder")
    tables = {path.stem: pq.read_table(path) for path in (tmp_path / "folder").rglob("*.parquet")}
    assert tables["contradictions"]["value"].to_pylist() == ["83.8154", "83.9154"]
    assert tables["contradictions_2"].to_pylist() == [{"name": "foo", "z": 2}]
