"""The command ``cscwidgets``: serve or make archive folders, copy the tours, check an archive's services."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from cscwidgets import __version__
from cscwidgets.errors import CscError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "serve":
            _serve(options.folder, options.port, open_to_all=options.no_token)
        elif options.command == "import":
            _import(options)
        elif options.command == "tour":
            _tour(options.folder, replace=options.replace)
        elif options.command == "doctor":
            from cscwidgets.doctor.command import run  # noqa: PLC0415

            return run(options)
        else:
            _mirror(options)
    except CscError as error:
        print(f"cscwidgets: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0 if options.command == "serve" else 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cscwidgets", description="Serve an archive folder, make one, copy the tours, or check an archive."
    )
    parser.add_argument("--version", action="version", version=f"cscwidgets {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve an archive folder over TAP and cone search, on this machine only")
    serve.add_argument("folder", help="an archive folder, or 'demo' for the simulated sky")
    serve.add_argument("--port", type=int, default=8080, help="port on 127.0.0.1; 0 takes a free one (default 8080)")
    serve.add_argument("--no-token", action="store_true", help="addresses without the word that keeps others out")
    imports = commands.add_parser("import", help="make an archive folder from CSC tables, in any format")
    imports.add_argument("files", nargs="+", type=Path, metavar="FILE")
    imports.add_argument("--into", required=True, type=Path, metavar="FOLDER")
    imports.add_argument("--title", help="what the archive is called")
    imports.add_argument("--release", choices=("csc2.0", "csc2.1"), help="release (default: what the files say)")
    imports.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=TABLE.COLUMN",
        help="where a column belongs; NAME#2 is the second of that name (may be given several times)",
    )
    imports.add_argument("--replace", action="store_true", help="replace an archive folder that is there")
    mirror = commands.add_parser("mirror", help="make an archive folder of a region or of all; run again to go on")
    mirror.add_argument("region", nargs="?", help="object name, coordinates, DS9 text or file")
    mirror.add_argument("--all", action="store_true", help="whole tables in place of a region, without product files")
    mirror.add_argument("--tables", help="with --all, e.g. master_source,detect_stack (default master_source)")
    mirror.add_argument("--radius", help="around a name or position (default '0.5 deg')")
    mirror.add_argument("--from", dest="archive", default="csc2.1", help="release, demo or folder (default csc2.1)")
    mirror.add_argument("--into", required=True, type=Path, metavar="FOLDER")
    mirror.add_argument("--kinds", default="", help="product files to fetch, e.g. lc,regevt (default none)")
    mirror.add_argument("--bands", default="b", help="energy bands, e.g. bsmh (default b)")
    tour = commands.add_parser("tour", help="copy the tours, notebooks over the simulated sky, into a folder")
    tour.add_argument("folder", type=Path, help="is made if it is not there")
    tour.add_argument("--replace", action="store_true", help="write over notebooks of the same names")
    doctor = commands.add_parser("doctor", help="check whether an archive's services are as this package expects them")
    doctor.add_argument(
        "archive",
        nargs="?",
        default="csc2.1",
        help="release, demo, folder, or the address of a server (default csc2.1)",
    )
    doctor.add_argument(
        "--only", action="append", metavar="STEP", help="ask this step alone (may be given several times)"
    )
    doctor.add_argument("--list", action="store_true", help="list the steps; nothing is asked")
    doctor.add_argument("--report", type=Path, metavar="FILE", help="write what was found, to be attached to an issue")
    doctor.add_argument(
        "--cone", default="", metavar="URL", help="of a server: its cone search, where it lies elsewhere"
    )
    doctor.add_argument(
        "--products", default="", metavar="URL", help="of a server: its csccli, where it lies elsewhere"
    )
    doctor.add_argument(
        "--release", default="csc2.1", choices=("csc2.0", "csc2.1"), help="of a server: whose tables it has"
    )
    return parser


def _serve(name: str, port: int, *, open_to_all: bool) -> None:
    from cscwidgets.service.server import serve  # noqa: PLC0415  # loading DuckDB takes longer than --help should

    if name == "demo":
        from cscwidgets.demo.build import demo_folder  # noqa: PLC0415
        from cscwidgets.demo.files.picture_store import demo_pictures  # noqa: PLC0415
        from cscwidgets.demo.files.product_store import demo_store  # noqa: PLC0415

        serve(demo_folder(), port, demo_store(), demo_pictures(), open_to_all=open_to_all)
    else:
        serve(Path(name), port, open_to_all=open_to_all)


def _import(options: argparse.Namespace) -> None:
    from cscwidgets.service.imports.importer import import_tables  # noqa: PLC0415

    report = import_tables(
        options.files,
        options.into,
        title=options.title,
        release=options.release,
        columns=dict(map(_column, options.column)),
        replace=options.replace,
    )
    print(report)


def _column(text: str) -> tuple[str, str]:
    name, sign, where = text.rpartition("=")
    if not sign:
        raise CscError(f"--column {text} was not understood", "there is no =", "Write it as NAME=TABLE.COLUMN.")
    return name, where


def _mirror(options: argparse.Namespace) -> None:
    from cscwidgets.archive import Archive  # noqa: PLC0415

    archive, monitor = Archive(options.archive), _Printed(sys.stderr)
    if options.all == (options.region is not None):
        raise CscError(
            "Nothing was mirrored", "either a region or --all is needed", "Write e.g. mirror M33 --into m33."
        )
    if options.all and (options.kinds or options.radius):
        raise CscError("Nothing was mirrored", "--all takes rows alone", "Leave out --kinds and --radius.")
    if options.tables and not options.all:
        raise CscError("Nothing was mirrored", "--tables goes with --all", "A region is mirrored with all its tables.")
    if options.all:
        tables = [name.strip() for name in (options.tables or "master_source").split(",") if name.strip()]
        archive.mirror(None, options.into, tables=tables, monitor=monitor)
    else:
        archive.mirror(
            options.region, options.into, options.kinds, options.bands, radius=options.radius, monitor=monitor
        )
    print(f"{options.into} holds the mirror: Archive({str(options.into)!r}) opens it.")


def _tour(folder: Path, *, replace: bool) -> None:
    from cscwidgets.demo.tours import copy_tours  # noqa: PLC0415

    tours = copy_tours(folder, replace=replace)
    print(*tours, f"Begin with: jupyter lab {shlex.quote(str(tours[0]))}", sep="\n")


class _Printed:
    """Progress on one line of a terminal, and not elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def report(self, message: str, fraction: float | None = None) -> None:
        if self._stream is not None:
            done = "" if fraction is None else f"{fraction:4.0%} "
            print(f"\r\033[K{done}{message}", end="\n" if fraction == 1 else "", file=self._stream, flush=True)

    def check(self) -> None:
        """Ctrl-C stops it; what was fetched stays."""


if __name__ == "__main__":
    sys.exit(main())
