"""Product files from the embedded archive on a loopback port, beside a plain requests loop.

1000 products are listed and 200 fetched, with all that makes a file safe: checksum, FITS structure, fsync, index. The
loop only receives and writes. Run: python -m benchmarks.bench_products.
"""

from __future__ import annotations

import logging
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import requests
from astropy.table import Table

from cscwidgets import Archive
from cscwidgets.archive.connection import Connection
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.csc.filenames import ProductName
from cscwidgets.csc.products import KINDS, Observation
from cscwidgets.csc.releases import RELEASES
from cscwidgets.service.server import make_archive_server
from tests.product_files import product_bytes

from .measurement import Measurement, markdown

LISTED, FETCHED = 1000, 200
RUNS = 5
ROWS = 150  # of a light curve: 12 kB zipped, a common size
ALLOWED = 10  # ms a file may take longer than in the plain loop


@contextmanager
def served(place: Path) -> Iterator[str]:
    """The base URL of an archive with light curves."""
    folder = place / "archive"
    info = ArchiveInfo("Benchmark", "csc2.1", "csc21", "Made up", True, "2026-01-01T00:00:00Z")
    write_folder(folder, {"master_source": pa.table({"name": ["SIM J000000.0+000000"]})}, info)
    for number in range(LISTED):
        name = ProductName(Observation(number + 1, 0, 1), KINDS["lc"], 21, "b", instrument="acis")
        (folder / "products" / f"{name}.gz").write_bytes(product_bytes(number, ROWS))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_archive_server(folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def median(action: Callable[[], object]) -> float:
    """Median time of an action in ms."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def run() -> list[Measurement]:
    """Medians for listing and fetching, ours and the loop's."""
    rows = Table(
        {"obsid": range(1, LISTED + 1), "obi": [0] * LISTED, "region_id": [1] * LISTED, "instrument": ["ACIS"] * LISTED}
    )
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as base, requests.Session() as session:
        fresh = iter(range(10**6))
        archive = Archive(cache=Cache(Path(place) / "cache"))
        release = replace(RELEASES["csc2.1"], csccli=f"{base}/csccli")

        def connect(*, local: bool) -> None:
            # Files of a distant service come in tars, those of a local one singly.
            archive._connection = Connection(release, ServiceSession(), local=local, key=f"run{next(fresh)}")

        connect(local=True)
        listed = archive.products(rows, "lc")
        assert len(listed) == LISTED
        chosen = listed[:FETCHED]

        def plain_list() -> None:
            ids = [f"{number}.0.1/lightcurve/b" for number in range(1, LISTED + 1)]
            for start in range(0, LISTED, 50):
                session.get(f"{base}/csccli/browse", params={"packageset": ",".join(ids[start : start + 50])}).json()

        def plain_fetch() -> None:
            with tempfile.TemporaryDirectory(dir=place) as folder:
                for name in chosen["filename"]:
                    asked = {"filetype": "lightcurve", "filename": name}
                    answer = session.get(f"{base}/csccli/retrieveFile", params=asked)
                    (Path(folder) / f"{name}.gz").write_bytes(answer.content)

        def fetch(*, local: bool) -> None:
            connect(local=local)
            assert len(archive.fetch(chosen)) == FETCHED

        listing, loop = median(plain_list), median(plain_fetch)
        allowed = f"≤ {loop + ALLOWED * FETCHED:,.0f}"
        peer = "requests loop"
        connect(local=True)
        return [
            Measurement(f"{LISTED:,} products listed", median(lambda: archive.products(rows, "lc")), peer, listing),
            Measurement(f"{FETCHED} files fetched singly", median(lambda: fetch(local=True)), peer, loop, allowed),
            Measurement(f"{FETCHED} files fetched as tars", median(lambda: fetch(local=False)), peer, loop, allowed),
            Measurement(f"{FETCHED} files found in the cache", median(lambda: archive.fetch(chosen)), peer, loop),
        ]


if __name__ == "__main__":
    print(markdown(run()))
