"""The sky that detect stacks cover, and how faint a source they show at each place.

Stacks are searched for sources one by one, and the catalogue holds what any of them shows: where stacks overlap, the
lowest limit counts. Each map is sampled at the centres of HEALPix cells, which are of equal area; no pixel is averaged
with another, so no edge grows or shrinks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from cscwidgets.errors import CscError

from .maps.sensitivity_map import THRESHOLDS, SensitivityMap, read_sensitivity_map
from .maps.sky_mosaic import Mosaic, depth_for

__all__ = ["mosaic"]

Progress = Callable[[float], None]
Maps = Iterable[SensitivityMap | str | os.PathLike[str]]

_AHEAD = 2  # maps that are read while one is sampled


def _silent(_: float) -> None: ...


def mosaic(
    maps: Maps,
    *,
    threshold: str = "TRUE",
    band: str | None = None,
    depth: int | None = None,
    onto: Mosaic | None = None,
    without_map: Mapping[str, str] | Sequence[str] = (),
    workers: int | None = None,
    progress: Progress = _silent,
) -> Mosaic:
    """Combine sensitivity maps.

    A map that cannot be used hides no other: it is kept in the mosaic's `unknown`, with the reason.

    Parameters
    ----------
    maps : iterable of SensitivityMap or path
        sens3 files are read as they are needed, two ahead, so that memory is needed for the mosaic and a few maps.
    threshold : {"TRUE", "MARGINAL"}
        Which of the two limits of a map.
    band : str, optional
        One letter; by default that of the first map.
    depth : int, optional
        HEALPix depth; by default that whose cells are just smaller than the pixels of the first map.
    onto : Mosaic, optional
        To add to, in place; maps that it holds are passed over without being read.
    without_map : mapping of str to str, or sequence of str
        Detect stacks that touch the region and have no map, and why: their area is unknown.
    workers : int, optional
        Threads; by default one for each processor, at most 8.
    progress : callable
        Called with the fraction done after each map; what it raises ends the work. The mosaic added `onto` then
        holds the maps that were done.

    Returns
    -------
    Mosaic
        The lowest limits, and which stack each is of.

    Raises
    ------
    CscError
        If no map can be used, or an option does not go with the mosaic.

    Examples
    --------
    >>> from cscwidgets.science import coverage
    >>> mosaic = coverage.mosaic(["stack1_sens3.fits", "stack2_sens3.fits"], depth=12)
    >>> mosaic.stacks
    ['acisfJ0000000p000000_001', 'acisfJ0000001p000000_001']
    >>> print(f"{mosaic.curve().total:.2f}")
    0.42 deg2
    """
    if threshold not in THRESHOLDS:
        raise CscError(f"No threshold {threshold!r}", f"there are {' and '.join(THRESHOLDS)}")
    combined = onto
    if combined is not None and (
        combined.threshold != threshold or band not in {None, combined.band} or depth not in {None, combined.depth}
    ):
        raise CscError(
            "The maps cannot be added", "the mosaic is of another band, threshold or depth", "Make a new one."
        )
    listed = [
        one for name, one in {_name(one): one for one in maps}.items() if combined is None or name not in combined.files
    ]
    failed: dict[str, CscError] = {}
    count = workers or min(os.cpu_count() or 1, 8)
    with ThreadPoolExecutor(count) as pool, ThreadPoolExecutor(1) as reader:
        try:
            for number, (name, result) in enumerate(_ahead(listed, threshold, reader)):
                try:
                    one = result.result()
                    if combined is None:
                        combined = Mosaic(band or one.band, threshold, depth_for(one.pixel) if depth is None else depth)
                    combined.add(one, pool)
                except CscError as error:
                    failed[name] = error
                progress((number + 1) / len(listed))
        finally:
            pool.shutdown(cancel_futures=True)
            reader.shutdown(cancel_futures=True)
    if combined is None:
        raise _nothing(failed)
    reasons = without_map if isinstance(without_map, Mapping) else dict.fromkeys(without_map, "it has no map")
    combined.unknown |= failed | {
        stack: CscError(f"The area of {stack} is unknown", why) for stack, why in reasons.items()
    }
    return combined


def _name(one: SensitivityMap | str | os.PathLike[str]) -> str:
    return (one.file or one.stack) if isinstance(one, SensitivityMap) else os.fspath(one)


def _ahead(
    listed: Sequence[SensitivityMap | str | os.PathLike[str]], threshold: str, pool: ThreadPoolExecutor
) -> Iterator[tuple[str, Future[SensitivityMap]]]:
    """Names and maps, while the next ones are read."""
    waiting: list[tuple[str, Future[SensitivityMap]]] = []
    for one in chain(listed, [None] * _AHEAD):
        if one is not None:
            waiting.append((_name(one), pool.submit(_read, one, threshold)))
        if waiting and (one is None or len(waiting) > _AHEAD):
            yield waiting.pop(0)


def _read(one: SensitivityMap | str | os.PathLike[str], threshold: str) -> SensitivityMap:
    return one if isinstance(one, SensitivityMap) else read_sensitivity_map(one, threshold)


def _nothing(failed: Mapping[str, CscError]) -> CscError:
    if not failed:
        return CscError("No sky coverage", "no sensitivity map was given", "Fetch the maps of the stacks first.")
    listed = [f"{Path(name).name}: {error.why or error.what}" for name, error in list(failed.items())[:5]]
    more = [f"and {len(failed) - 5} more"] if len(failed) > 5 else []
    return CscError(f"No sky coverage: none of {len(failed)} maps can be used", "; ".join(listed + more))
