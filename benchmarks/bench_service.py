"""The embedded archive beside what an astronomer would use without it. Run: python benchmarks/bench_service.py.

Cones over 100,000 sources: pyvo through the in-process adapter against astropy's SkyCoord on the table in
memory. A table of 50,000 rows x 20 columns: the service's VOTable through pyvo against a VOTable written and
read by astropy.
"""

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import astropy.units as u
import numpy as np
import pyarrow as pa
import pyvo
import requests
from astropy.coordinates import SkyCoord
from astropy.io.votable import parse_single_table
from astropy.table import MaskedColumn, Table

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.service.database import Database
from cscwidgets.service.fields import field_of
from cscwidgets.service.opening import mount
from cscwidgets.service.vo.votable import votable

SOURCES = 100_000
CENTRES = [(10.68, 41.27), (359.99, -0.01), (83.8, -5.4), (245.9, -26.5), (120.0, 89.8)]
POLYGON = "POLYGON(10,40, 12,40, 12,42, 11,40.5, 10,42)"
COLUMNS = [
    "name",
    "ra",
    "dec",
    "conf_flag",
    "var_intra_index_b",
    "flux_aper_b",
    "flux_aper_lolim_b",
    "flux_aper_hilim_b",
    "significance",
    "hard_hm",
    "hard_hm_lolim",
    "hard_hm_hilim",
    "hard_ms",
    "hard_ms_lolim",
    "hard_ms_hilim",
    "hard_hs",
    "var_intra_prob_b",
    "var_inter_prob_b",
    "gal_l",
    "gal_b",
]


def sources(count: int) -> pa.Table:
    rng = np.random.default_rng(1)
    columns: dict[str, pa.Array] = {
        "name": pa.array([f"SIM J{i:06d}.0+000000" for i in range(count)]),
        "ra": pa.array(rng.uniform(0, 360, count)),
        "dec": pa.array(np.degrees(np.arcsin(rng.uniform(-1, 1, count)))),
        "conf_flag": pa.array(rng.random(count) < 0.2, mask=rng.random(count) < 0.1),
        "var_intra_index_b": pa.array(rng.integers(0, 11, count), pa.int32(), mask=rng.random(count) < 0.2),
    }
    for name in COLUMNS[5:]:
        columns[name] = pa.array(rng.normal(size=count), mask=rng.random(count) < 0.1)
    return pa.table(columns)


def timed(action: Callable[[], object], repeat: int = 15) -> tuple[float, float]:
    """Median and worst time of an action, after one to warm up, in ms."""
    action()
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        action()
        times.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(times), max(times)


def row(what: str, times: tuple[float, float], target: str = "") -> None:
    print(f"{what:<74}{times[0]:>9.1f}{times[1]:>9.1f}  {target}")


@contextmanager
def archive() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "archive"
        info = ArchiveInfo("Benchmark", "csc2.1", "csc21", "Made up", True, "2026-01-01T00:00:00Z")
        write_folder(folder, {"master_source": sources(SOURCES)}, info)
        yield folder


def cones(folder: Path, session: requests.Session, base: str) -> None:
    tap = pyvo.dal.TAPService(f"{base}/tap", session=session)
    cone = pyvo.dal.SCSService(f"{base}/scs/coneSearch", session=session)
    table = sources(SOURCES)
    places = SkyCoord(table["ra"].to_numpy(), table["dec"].to_numpy(), unit="deg")
    centres = [SkyCoord(*centre, unit="deg") for centre in CENTRES]
    names = ", ".join(COLUMNS)

    def adql(ra: float, dec: float) -> str:
        return (
            f"SELECT {names} FROM csc21.master_source"
            f" WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', {ra}, {dec}, 1))"
        )

    def each(ask: Callable[[int], object]) -> Callable[[], object]:
        turn = iter(range(10**9))
        return lambda: ask(next(turn) % len(CENTRES))

    for number, centre in enumerate(CENTRES):
        found = len(tap.search(adql(*centre)))
        assert found == (places.separation(centres[number]) <= 1 * u.deg).sum()
    polygon = f"SELECT {names} FROM csc21.master_source WHERE 1 = CONTAINS(POINT(ra, dec), {POLYGON})"
    row("cone 1 deg, 20 columns, pyvo TAP in process", timed(each(lambda i: tap.search(adql(*CENTRES[i])))), "<= 25")
    row("cone 1 deg, VERB=2, pyvo cone search in process", timed(each(lambda i: cone.search(CENTRES[i], 1.0))), "<= 25")
    row("polygon with a notch, 20 columns, pyvo TAP in process", timed(lambda: tap.search(polygon)))
    row(
        "same cone, astropy SkyCoord.separation on the table (peer)",
        timed(each(lambda i: places.separation(centres[i]) < 1 * u.deg)),
    )
    row("loading the archive", timed(lambda: Database(folder).close(), repeat=3))


def tables(session: requests.Session, base: str) -> None:
    tap = pyvo.dal.TAPService(f"{base}/tap", session=session)
    adql = f"SELECT TOP 50000 {', '.join(COLUMNS)} FROM csc21.master_source"
    rows = sources(50_000)
    fields = [field_of(column, "master_source") for column in rows.schema]
    row("50,000 x 20 through pyvo, in process", timed(lambda: tap.search(adql).to_table(), repeat=5), "<= 1500")
    for serialization in ("binary2", "tabledata"):
        document = b"".join(votable(rows, fields, serialization=serialization))
        row(f"  writing {serialization}", timed(lambda s=serialization: [*votable(rows, fields, serialization=s)], 3))
        row(f"  astropy reading {serialization}", timed(lambda d=document: parse_single_table(io.BytesIO(d)), 3))
    peer = Table(
        {
            name: MaskedColumn(
                column.fill_null("" if name == "name" else False if name == "conf_flag" else 0).to_numpy(
                    zero_copy_only=False
                ),
                mask=column.is_null().to_numpy(zero_copy_only=False),
            )
            for name, column in zip(rows.column_names, (c.combine_chunks() for c in rows.columns), strict=True)
        }
    )
    peer["name"] = peer["name"].astype(str)

    def written(serialization: str) -> bytes:
        buffer = io.BytesIO()
        peer.write(buffer, format="votable", tabledata_format=serialization)
        return buffer.getvalue()

    for serialization in ("binary2", "tabledata"):
        row(f"  astropy writing {serialization} (peer)", timed(lambda s=serialization: written(s), 1))
        document = written(serialization)
        row(
            f"  astropy reading its own {serialization} (peer)",
            timed(lambda d=document: parse_single_table(io.BytesIO(d)), 1),
        )


def main() -> None:
    print(f"{'ms, ' + format(SOURCES, ',') + ' sources':<74}{'median':>9}{'worst':>9}  target")
    with archive() as folder, requests.Session() as session:
        base = mount(session, folder)
        cones(folder, session, base)
        tables(session, base)


if __name__ == "__main__":
    main()
