"""Counts that were published."""

from __future__ import annotations

from cscwidgets.archive.answer_checks import single_count

from ..visit import Step, Visit

__all__ = ["COUNTS"]


def _counts(visit: Visit) -> None:
    counts = visit.subject.reference.counts
    if not counts:
        visit.remark("Nothing was published of this archive: nothing is asked.")
    for published in counts:
        with visit.part(f"The number of {published.what}"):
            number = single_count(visit.tap(published.adql.format(schema=visit.schema)))
            if number == published.number:
                visit.remark(f"{number:,} {published.what}, as published.")
                continue
            others = [title for title, other in published.others.items() if other == number]
            visit.deviates(
                f"The number of {published.what} is another one" + (f": that of {others[0]}" if others else ""),
                expected=f"{published.number:,}, as published",
                found=f"{number:,}",
                follows=f"Another release answers: {others[0]}."
                if others
                else "The catalogue has changed, or is not complete; results cannot be compared with earlier ones.",
                do="Open the release you want by its name, and keep the provenance with your results."
                if others
                else "Look for news of the catalogue, and attach this report to an issue.",
            )


COUNTS = Step("counts", "Counts that were published", _counts, seconds=30.0)
