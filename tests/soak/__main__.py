"""Travel for hours: ``python -m tests.soak --minutes 120``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cscwidgets.demo.build import demo_folder

from ..trust.report import write_findings
from .soak import Soak


def main() -> int:
    """Soak, telling how it goes; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=sys.modules[__name__].__doc__)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the faults and journeys; a new one")
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    with TemporaryDirectory() as folder:
        soak = Soak(demo_folder(), Path(folder), seed=args.seed)
        soak.travel(60 * args.minutes, tell=lambda line: print(line, flush=True))
    write_findings("soak", soak.as_dict())
    for line in soak.wrong:
        print(f"WRONG: {line}")
    print(soak.summary())
    return bool(soak.wrong)


if __name__ == "__main__":
    sys.exit(main())
