"""Whatever is imported is in the archive: in its place, or where the report says."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.table import MaskedColumn, Table
from hypothesis import given, settings
from hypothesis import strategies as st

from cscwidgets.service.imports.importer import import_tables
from cscwidgets.service.imports.report import ImportReport

MASTER = ("flux_aper_b", "flux_aper_lolim_b", "hard_hm", "significance", "var_inter_prob_b", "acis_time")
DETECTION = ("flux_aper_b", "flux_aper_lolim_b", "hard_hm", "theta", "livetime", "src_cnts_aper_b", "my_own")
STYLES = ("same name", "pandas", "topcat", "csccli", "suffix")


@dataclass
class Joined:
    """Sources and their detections on common rows, and which column is whose."""

    table: Table
    of_master: dict[str, str]
    of_detection: dict[str, str]
    several: int


def values(draw: st.DrawFn, count: int) -> list[float | None]:
    number = st.floats(1e-16, 1e6, allow_nan=False, allow_subnormal=False)
    return draw(st.lists(st.none() | number, min_size=count, max_size=count, unique_by=lambda x: x or object()))


@st.composite
def joined(draw: st.DrawFn) -> Joined:
    detections = draw(st.lists(st.integers(1, 3), min_size=1, max_size=6))
    sources = [f"2CXO J0842{n:02d}.8-480742" for n in range(len(detections))]
    owner = np.repeat(np.arange(len(sources)), detections)
    rows = owner.size
    keys = {
        "name": [sources[n] for n in owner],
        "obsid": list(range(100, 100 + rows)),
        "obi": [0] * rows,
        "region_id": list(range(1, rows + 1)),
    }
    masters = draw(st.lists(st.sampled_from(MASTER), unique=True, min_size=1))
    finer = draw(st.lists(st.sampled_from(DETECTION), unique=True, min_size=1))
    style = draw(st.sampled_from(STYLES))
    columns: dict[str, tuple[str, list]] = {}
    for name in masters:
        each = values(draw, len(sources))
        columns[f"m {name}"] = (_written(name, style, shared=name in finer, side=0), [each[n] for n in owner])
    for name in finer:
        columns[f"d {name}"] = (_written(name, style, shared=name in masters, side=1), values(draw, rows))
    order = draw(st.permutations([*keys, *columns]))
    if style == "pandas":  # the second of a name, wherever it stands, has the ".1"
        order = sorted(order, key=lambda item: item.startswith("d "))
    table, of_master, of_detection, used = Table(), {}, {}, {}
    for item in order:
        if item in keys:
            table[item] = keys[item]
            continue
        name, cells = columns[item]
        used[name] = used.get(name, 0) + 1
        label = name if used[name] == 1 else f"{name}#{used[name]}"
        mask = [cell is None for cell in cells]
        table[label] = MaskedColumn([0.0 if cell is None else cell for cell in cells], mask=mask)
        (of_master if item.startswith("m ") else of_detection)[label] = item[2:]
    return Joined(table, of_master, of_detection, sum(count > 1 for count in detections))


def _written(name: str, style: str, *, shared: bool, side: int) -> str:
    if not shared or style == "same name":
        return name
    return {
        "pandas": (name, f"{name}.1"),
        "topcat": (f"{name}_1", f"{name}_2"),
        "csccli": (f"mstr_{name}", name),
        "suffix": (f"{name}_mstr", f"{name}_obs"),
    }[style][side]


def write_csv(table: Table, path: Path) -> None:
    lines = [",".join(name.partition("#")[0] for name in table.colnames)]
    lines += [",".join("" if np.ma.is_masked(cell) else str(cell) for cell in row) for row in table]
    path.write_text("\n".join(lines) + "\n")


def write_votable(table: Table, path: Path) -> None:
    from astropy.io import votable

    plain = Table(list(table.columns.values()), names=[f"col{number}" for number in range(len(table.colnames))])
    document = votable.from_table(plain)
    for name, field in zip(table.colnames, document.get_first_table().fields, strict=True):
        field.name = name.partition("#")[0]
    votable.writeto(document, str(path))


def cells_of(label: str, kept: Joined, report: ImportReport, folder: Path) -> list[float | None]:
    """What the archive has for each row of a column of the file, by what the report says of it."""
    (said,) = report.files
    plain = label.partition("#")[0]
    if label in said.left_out:
        whole = pq.read_table(folder / f"{said.kept_as}.parquet")
        number = [name.partition("#")[0] for name in kept.table.colnames[: kept.table.colnames.index(label)]].count(
            plain
        )
        return whole[plain if not number else f"{plain}_{number + 1}"].to_pylist()
    if label in said.repeated:
        return cells_of(said.repeated[label].removeprefix("it says the same as "), kept, report, folder)
    table, _, column = next(d.place for d in said.decisions if d.column == label).rpartition(".")
    rows = pq.read_table(folder / f"{table}.parquet")
    key = ("name",) if table == "master_source" else ("obsid", "obi", "region_id")
    known = dict(zip(zip(*(rows[k].to_pylist() for k in key), strict=True), rows[column].to_pylist(), strict=True))
    return [known[tuple(row[k].item() if hasattr(row[k], "item") else row[k] for k in key)] for row in kept.table]


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_csv, write_votable])
@given(kept=joined())
@settings(max_examples=20, deadline=None)
def test_every_cell_of_a_joined_table_is_in_the_archive(write, kept: Joined) -> None:
    with tempfile.TemporaryDirectory() as place:
        path, folder = Path(place) / "joined.dat", Path(place) / "archive"
        write(kept.table, path)
        report = import_tables([path], folder)
        for label in [*kept.of_master, *kept.of_detection]:
            column = kept.table[label]
            given_cells = [None if masked else float(cell) for cell, masked in zip(column, column.mask, strict=True)]
            assert cells_of(label, kept, report, folder) == given_cells, label
        doubtful = {decision.column for decision in report.files[0].doubtful}
        placed = {d.column: d.place for d in report.files[0].decisions}
        for label, name in kept.of_detection.items():
            steady = placed.get(label) == f"master_source.{name}"
            assert not steady or label in doubtful or _is_steady(kept, label), label
        for label, name in kept.of_master.items():
            finer = placed.get(label, "").startswith("observation_source") and name in MASTER
            assert not finer or label in doubtful, label


def _is_steady(kept: Joined, label: str) -> bool:
    """Whether a detection's values happen to be one for each source."""
    seen: dict[str, set] = {}
    for name, cell in zip(kept.table["name"], kept.table[label], strict=True):
        seen.setdefault(name, set()).add(None if np.ma.is_masked(cell) else float(cell))
    return all(len(found) == 1 for found in seen.values())
