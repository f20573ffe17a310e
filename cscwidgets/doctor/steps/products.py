"""Product files: what csccli lists, and a small one of each kind, read by the package's own readers."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from astropy.table import QTable, Table, vstack

from cscwidgets.csc.filenames import ProductFile
from cscwidgets.csc.products import KINDS
from cscwidgets.errors import IncompleteFetch, ProductError
from cscwidgets.science import lightcurve, region_file, spectrum
from cscwidgets.science.header import open_product
from cscwidgets.science.images import read_image
from cscwidgets.science.maps import read_field_of_view, read_sensitivity_map
from cscwidgets.science.times import read_events

from ..findings import NEWER
from ..visit import NothingToAsk, Step, Visit

__all__ = ["FILES", "LISTING"]

_AGAIN = "Fetch it again later; if it stays so, attach this report to an issue."
_LARGEST = 6_000_000  # bytes of a file that is fetched
_FEW = 4  # detections whose products are listed
_TOGETHER = ("pha", "arf")  # in one tar
# A spectrum is read with its responses, which it names: they come before.
_READERS: Mapping[str, Callable[[Path], object]] = {
    "arf": lambda path: open_product(path, "effective area (ARF)", ("SPECRESP",)),
    "rmf": lambda path: open_product(path, "redistribution matrix (RMF)", ("EBOUNDS",)),
    "pha": spectrum.read,
    "lc": lightcurve.read,
    "reg": region_file.read_regions,
    "regevt": read_events,
    "regimg": read_image,
    "fov": read_field_of_view,
    "sensity": read_sensitivity_map,
}


def _listing(visit: Visit) -> None:
    if not visit.connection.release.csccli:
        raise NothingToAsk("the archive has no service of product files")
    with visit.part("The list of product files"):
        files = _files(visit)
        held = [kind for kind in _READERS if kind in set(files["kind"])]
        visit.remark(f"{len(files)} files of {len(held)} of {len(_READERS)} kinds: {', '.join(held) or 'none'}.")
        if not held and visit.subject.reference.complete:
            visit.deviates(
                "No product files are listed",
                expected=f"light curves and spectra of {', '.join(visit.names)}",
                found=f"an empty list, HTTP status {visit.last.status}",
                follows="Light curves, spectra and images do not come.",
                do=NEWER,
            )


def _files(visit: Visit) -> Table:
    """Files of a few detections, asked for once."""
    if visit.facts.files is None:
        visit.facts.files = visit.archive.products(_some(visit.detections), list(_READERS), "b")
    return visit.facts.files


def _some(detections: QTable) -> QTable:
    """The detections whose files are listed: unique ones, of ACIS where the rows tell."""
    kept = np.char.strip(np.ma.filled(np.ma.asarray(detections["match_type"]).astype(str), "")) == "u"
    acis = np.char.startswith(np.ma.filled(np.ma.asarray(detections["detect_stack_id"]).astype(str), ""), "acis")
    for chosen in (kept & acis, kept, np.ones(len(detections), bool)):
        if chosen.any():
            return detections[np.flatnonzero(chosen)[:_FEW]]
    raise NothingToAsk("there are no detections in the circle that is asked about")


def _fetched(visit: Visit) -> None:
    if not visit.connection.release.csccli:
        raise NothingToAsk("the archive has no service of product files")
    paths: dict[str, Path] = {}
    with visit.part("The list of product files"):
        chosen = _chosen(visit, _files(visit))
        if not chosen:
            raise NothingToAsk("no small files are listed")
        if not visit.connection.local and all(kind in chosen for kind in _TOGETHER):
            with visit.part("A tar of two files"):
                paths |= _tar(visit, {kind: chosen[kind] for kind in _TOGETHER})
        for kind in [kind for kind in _READERS if kind in chosen and kind not in paths]:
            with visit.part(f"A file of kind {kind}"):
                paths |= _fetch(visit, {kind: chosen[kind]})
        for kind in [kind for kind in _READERS if kind in paths]:
            _read(visit, kind, paths)


def _chosen(visit: Visit, files: Table) -> dict[str, Table]:
    """A file of each kind: the spectrum with its own responses, of the others the smallest."""
    sizes = np.ma.filled(np.ma.asarray(files["size"]), 0)
    small = files[sizes <= _LARGEST]
    small = small[np.argsort(np.ma.filled(np.ma.asarray(small["size"]), 0), kind="stable")]
    chosen: dict[str, Table] = {}
    for kind in _READERS:
        if len(of_kind := small[small["kind"] == kind]):
            chosen[kind] = of_kind[:1]
    if "pha" in chosen:
        own = [
            np.ma.asarray(small[key]) == np.ma.asarray(chosen["pha"][key])[0] for key in ("obsid", "obi", "region_id")
        ]
        same = np.ma.filled(np.logical_and.reduce(own), False)
        for kind in ("arf", "rmf"):
            if len(of_kind := small[same & (np.asarray(small["kind"]) == kind)]):
                chosen[kind] = of_kind[:1]
    if lacking := [kind for kind in _READERS if kind not in chosen]:
        visit.remark(f"No small file of kind {', '.join(lacking)} is listed here.")
    return chosen


def _fetch(visit: Visit, wanted: Mapping[str, Table]) -> dict[str, Path]:
    try:
        paths = visit.archive.fetch(vstack(list(wanted.values()), metadata_conflicts="silent"))
    except IncompleteFetch as incomplete:
        for name, error in incomplete.failed.items():
            if visit.session.left and not _was_transport(visit):
                _damaged(visit, name, error.why or error.what)
            else:
                raise error from None
        return {}
    return dict(zip(wanted, paths, strict=True))


def _tar(visit: Visit, wanted: Mapping[str, Table]) -> dict[str, Path]:
    first = len(visit.session.exchanges)
    paths = _fetch(visit, wanted)
    asked = visit.session.exchanges[first:]
    names = {str(rows["filename"][0]) for rows in wanted.values()}
    tars = [one for one in asked if one.question.address.partition("?")[0].endswith("/retrieve")]
    if len(asked) > len(tars) and tars:
        held = list(_members(bytes(tars[0].body)))
        strange = [name for name in held if name not in names]
        kinds = {_kind(name) for name in strange} - {""}
        of_kind = f" (of kind {', '.join(sorted(kinds))})" if kinds else ""
        visit.deviates(
            "A tar of csccli brings files of the wrong kind" if kinds else "A tar of csccli does not bring its files",
            expected=", ".join(sorted(names)),
            found=f"it held {', '.join(strange or held) or 'nothing that can be read'}{of_kind}",
            follows="The client fetches each file by itself, which takes longer.",
            do=NEWER,
        )
    return paths


def _members(content: bytes) -> Iterator[str]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for member in tar:
                yield Path(member.name).name.removesuffix(".gz")
    except (tarfile.TarError, EOFError, OSError):
        return


def _kind(filename: str) -> str:
    try:
        return ProductFile(filename).name.kind.name
    except ProductError:
        return ""


def _was_transport(visit: Visit) -> bool:
    last = visit.last
    return last.status != 200 or last.is_page or last.failure is not None


def _damaged(visit: Visit, name: str, why: str) -> None:
    visit.deviates(
        f"The file {name} arrives damaged, or is something else",
        expected=f"{KINDS[_kind(name)].words if _kind(name) else 'a product file'}, gzipped",
        found=why,
        follows="What is drawn from it stays empty, with this reason.",
        do=_AGAIN,
    )


def _read(visit: Visit, kind: str, paths: Mapping[str, Path]) -> None:
    path = paths[kind]
    if kind == "pha" and not {"arf", "rmf"} <= set(paths):
        visit.remark("The spectrum is not read: its responses are not here.")
        return
    first = len(visit.deviations)
    with visit.part(f"{path.name} as {KINDS[kind].words}"):
        _READERS[kind](path)
        visit.remark(f"{KINDS[kind].words}: {path.name}, {path.stat().st_size / 1e3:,.0f} kB.")
    if len(visit.deviations) > first:
        found = visit.deviations.pop()
        visit.deviates(
            f"The file {path.name} is no {KINDS[kind].words}",
            expected=f"a file of kind {kind}",
            found=found.found,
            follows="What is drawn from it stays empty, with this reason.",
            do=NEWER,
        )


LISTING = Step("listing", "Product files that csccli lists", _listing, seconds=45.0)
FILES = Step("files", "A small product file of each kind", _fetched, seconds=45.0)
