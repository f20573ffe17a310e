"""What a session keeps of a state: each state says for itself, and gives itself back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from astropy.coordinates import SkyCoord
from traitlets import Bool, Enum, Float, HasTraits, Int, TraitType, Unicode

from cscwidgets.io.json_schema import Schema, nullable, number, one_of, record, text

__all__ = ["FLAG", "PLACE", "Field", "Keeps", "Kept", "Renewal"]

Kept: TypeAlias = dict[str, Any]
"""Values by the names of fields: plain ones of JSON in a file, and as a state has them once they were read."""


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Field:
    """How one attribute of a state is kept.

    Attributes
    ----------
    schema : mapping
        What it is in JSON.
    write : callable
        Makes a plain value of the attribute's; `NameSet` stands for a set of names of sources.
    read : callable
        Makes the attribute's value of a plain one that is as the schema says; raises what is wrong with it all the
        same. Nothing that it reads is executed, fetched or opened.
    """

    schema: Schema
    write: Callable[[Any], Any] = _same
    read: Callable[[Any], Any] = _same


@dataclass(frozen=True)
class Renewal:
    """What a session had and must ask for again.

    Attributes
    ----------
    words : str
        What it is, for people; empty for nothing.
    outside : bool
        Whether the session itself names the address or the path that would be asked: never unasked.
    """

    words: str = ""
    outside: bool = False


class Keeps(HasTraits):
    """A state that sessions keep.

    Attributes
    ----------
    plain : tuple of str
        Traits that are kept as they are: truth values, numbers, texts and choices.
    fields : mapping of str to Field
        Others, and properties. The order of both, these last, is that in which they are restored.
    """

    plain: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[Mapping[str, Field]] = {}

    @classmethod
    def all_fields(cls) -> dict[str, Field]:
        """All that is kept, by name."""
        traits = cls.class_traits()
        return {name: _field_of(traits[name]) for name in cls.plain} | dict(cls.fields)

    @classmethod
    def json_schema(cls) -> Schema:
        """What is kept, in JSON."""
        return record({name: field.schema for name, field in cls.all_fields().items()})

    @classmethod
    def read_kept(cls, kept: Kept) -> Kept:
        """The values of a record that is as the schema says; raises what is wrong with one."""
        return {name: field.read(kept[name]) for name, field in cls.all_fields().items()}

    @classmethod
    def write_kept(cls, values: Kept) -> Kept:
        """Values, plain: what `read_kept` reads."""
        return {name: field.write(values[name]) for name, field in cls.all_fields().items()}

    @property
    def kept_values(self) -> Kept:
        """What is kept, as it is at present."""
        return {name: getattr(self, name) for name in self.all_fields()}

    def keep(self) -> Kept:
        """The same, plain."""
        return self.write_kept(self.kept_values)

    def unkept(self) -> Iterator[str]:
        """What a session cannot keep of the present state, in words."""
        yield from ()

    def restore(self, kept: Kept) -> Iterator[None]:
        """Take values that were read; pauses where what was asked for by then must have come."""
        self.assign(kept)
        yield from ()

    def renewal(self, kept: Kept) -> Renewal:  # noqa: ARG002 - for subclasses
        """What `renew` would ask for."""
        return Renewal()

    def renew(self, kept: Kept) -> Iterator[None]:  # noqa: ARG002 - for subclasses
        """Ask for what was there, once everything is restored; pauses as `restore` does."""
        yield from ()

    def assign(self, kept: Kept, *names: str) -> None:
        """Set traits of these names, or all that are kept, one after the other."""
        for name in names or kept:
            if self.has_trait(name):
                setattr(self, name, kept[name])


def _write_number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _read_number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _field_of(trait: TraitType[Any, Any]) -> Field:
    """How a trait is kept whose values are plain already."""
    if isinstance(trait, Bool):
        return FLAG
    if isinstance(trait, Enum):
        return Field(one_of(trait.values or ()))
    if isinstance(trait, Float):
        low, high = (None if bound is None or math.isinf(bound) else bound for bound in (trait.min, trait.max))
        return Field(nullable(number(low, high)), _write_number, _read_number)
    if isinstance(trait, Int):
        return Field({**number(trait.min, trait.max), "type": "integer"}, read=int)
    if isinstance(trait, Unicode):
        return Field(text(_LONGEST))
    raise TypeError(f"{trait.name} of {trait.this_class} is no plain value")


_LONGEST = 20_000  # characters: of a query, the longest of them

FLAG = Field({"type": "boolean"})
"""A truth value."""


def _write_place(place: SkyCoord | None) -> dict[str, float] | None:
    return None if place is None else {"ra": float(place.icrs.ra.deg), "dec": float(place.icrs.dec.deg)}


def _read_place(kept: dict[str, float] | None) -> SkyCoord | None:
    return None if kept is None else SkyCoord(kept["ra"], kept["dec"], unit="deg")


PLACE = Field(nullable(record({"ra": number(-360, 360), "dec": number(-90, 90)})), _write_place, _read_place)
"""A position, ICRS degrees."""
