"""What a soak and idle explorers came to, for `docs/reliability.md`."""

from __future__ import annotations

from typing import Any

__all__ = ["idle_words", "soak_words"]

_COUNTED = ("objects", "widgets", "comms", "threads", "files")


def soak_words(found: dict[str, Any]) -> str:
    """Journeys under faults, and what the kernels held."""
    text = (
        "`make soak`: two kernels with one cache take the four journeys (hardness and variability, one source,"
        " counterparts, sky coverage) one after the other, each in an explorer that stays open for many, while one"
        " request in twelve meets a fault of the matrix. A journey comes to the same numbers as without faults, says"
        " what is missing, or ends with one error; at the end every journey works in the same explorer.\n"
    )
    soak = found.get("soak")
    if soak is None:
        return f"{text}\nNot run."
    wrong = "".join(f" **{' '.join(line.split())[:300]}**" for line in soak["wrong"][:10])
    lines = [
        text,
        f"- {soak['minutes']:.0f} minutes, seed {soak['seed']}: {soak['done']:,} journeys came to their end,",
        f"  {soak['partial']} of them said what was missing, {soak['refused']:,} ended with an error.",
        f"- {soak['disturbed']:,} of {soak['requests']:,} requests were disturbed.",
        f"- {len(soak['wrong'])} things were wrong.{wrong}",
        f"- The cache had at most {soak['cache'] / 1e6:.1f} MB. Its limit is 3 MB, so that files come",
        "  and go; what a journey uses stays.\n",
        f"| kernel | looked at | {' | '.join(_COUNTED)} | malloc (MB) | resident (MB) |",
        "|---" * 9 + "|",
    ]
    for name, seen in soak["looks"].items():
        for when in ("first", "last"):
            look = seen[when]
            counts = " | ".join(str(look[what]) for what in _COUNTED)
            memory = f"{look['held']:.0f} | {look['megabytes']:.0f}"
            lines.append(f"| {name} | {when} of {seen['number']} | {counts} | {memory} |")
    return "\n".join(lines)


def idle_words(found: dict[str, Any]) -> str:
    """Explorers that are left alone."""
    idle = found.get("idle")
    if idle is None:
        return "Not run."
    each = idle["explorers"] // idle["kernels"]
    figures = [
        *(f"{idle[what]:,.0f}" for what in ("a kernel", "with the package", "with one explorer")),
        *(f"{idle['with all its explorers']:,.0f}", f"{idle['all together']:,.0f}"),
        *(f"{idle['all together'] / idle['explorers']:,.0f}", f"{idle['processor']:.1%} of one"),
    ]
    lines = [
        f"`make soak`: {idle['explorers']} explorers over the demo, {each} in each of {idle['kernels']} kernels. MB",
        "that are a kernel's own, or its share of what several use. Most of a kernel's is the demo's catalogue.\n",
        "| a kernel | with the package | with one explorer | with all | all together | an explorer | processor |",
        "|---" * 7 + "|",
        f"| {' | '.join(figures)} |",
    ]
    return "\n".join(lines)
