"""``make bench``: every measurement, as Markdown tables."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from . import (
    bench_all_sky,
    bench_blocks,
    bench_catalogue,
    bench_coverage,
    bench_crossmatch,
    bench_images,
    bench_lists,
    bench_products,
    bench_screen,
    bench_selection,
    bench_service,
    bench_session,
    bench_spectra,
)
from .measurement import Measurement, markdown

RUNS = 7
FITS = 50  # of simulated spectra in each row: some minutes


def import_time(statement: str) -> float:
    """Median time in ms of a Python that only runs a statement."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    imports = Measurement(
        "import cscwidgets, Python's own start included",
        import_time("import cscwidgets"),
        "import astropy.table",
        import_time("import astropy.table"),
        "≤ 1000",
    )
    print(markdown([imports, *bench_screen.run(), *bench_selection.run(), *bench_products.run(), *bench_blocks.run()]))
    print()
    bench_service.main()
    print()
    bench_spectra.main(FITS)
    print()
    bench_crossmatch.main()
    print()
    bench_coverage.main(["500", "2000", "survey"])
    print()
    print(markdown([*bench_images.run(), *bench_lists.run(), *bench_session.run()]))
    print()
    print(markdown([*bench_catalogue.run(), *bench_all_sky.run()]))


if __name__ == "__main__":
    main()
