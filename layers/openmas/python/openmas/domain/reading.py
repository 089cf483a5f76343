"""A document that is read to its end: every fault in it is noted, with its place and its clause."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time
from re import Pattern
from typing import TypeVar, cast

from openmas.domain import documents
from openmas.domain.documents import Document, Kind, Value
from openmas.errors import Fault, InvalidInput

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Reader:
    """One object of a document, and the faults found so far in the whole of it.

    Shape: `clause` is what its members rest on where they name none of their own.
    """

    document: Document
    pointer: str = ""
    clause: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def only(self, names: frozenset[str]) -> None:
        """The object has no other members than these."""
        self._note(documents.only, self.document, self.pointer, names)

    def text(self, name: str, form: Pattern[str], clause: str | None = None) -> str:
        return self._read(documents.text, name, form, clause=clause)

    def texts(self, name: str, form: Pattern[str], count_max: int, clause: str) -> tuple[str, ...]:
        """The texts in a list, or none where the member is missing."""
        return self._read(documents.texts, name, form, count_max, clause=clause)

    def whole(self, name: str, low: int, high: int, clause: str | None = None) -> int:
        return self._read(documents.whole, name, low, high, clause=clause)

    def whole_if_any(self, name: str, low: int, high: int, clause: str | None = None) -> int | None:
        return self._read(documents.whole_if_any, name, low, high, clause=clause)

    def whole_or(self, usual: int, name: str, low: int, high: int, clause: str | None = None) -> int:
        """The whole number, or the usual one where the member is missing; null is none."""
        return self.whole(name, low, high, clause) if name in self.document else usual

    def flag(self, name: str, clause: str | None = None) -> bool:
        return self._read(documents.flag, name, clause=clause)

    def day(self, name: str, clause: str | None = None) -> date:
        return self._read(documents.day, name, clause=clause)

    def day_if_any(self, name: str, clause: str | None = None) -> date | None:
        return self._read(documents.day_if_any, name, clause=clause)

    def clock_time(self, name: str, clause: str | None = None) -> time:
        return self._read(documents.clock_time, name, clause=clause)

    def choice(self, name: str, kinds: type[Kind], clause: str | None = None) -> Kind:
        found: Kind = self._read(documents.choice, name, kinds, clause=clause)
        return found

    def choice_or(self, usual: Kind, name: str, clause: str | None = None) -> Kind:
        """One of the kinds, or the usual one where the member is missing; null is none."""
        return self.choice(name, type(usual), clause) if name in self.document else usual

    def choices(
        self, name: str, kinds: type[Kind], clause: str | None = None, at_least: int = 1
    ) -> frozenset[Kind]:
        return self._read(documents.choices, name, kinds, at_least, clause=clause)

    def choices_if_any(self, name: str, kinds: type[Kind], clause: str | None = None) -> frozenset[Kind]:
        """The same, or none where the member is missing."""
        return self.choices(name, kinds, clause, at_least=0) if name in self.document else frozenset()

    def part(self, name: str, read: "Callable[[Reader], Part]", clause: str | None = None) -> Part:
        """What `read` makes of the object that stands here."""
        found = self._read(documents.part, name, clause=clause)
        return cast("Part", None) if found is None else read(self._inner(name, found, clause))

    def part_if_any(
        self, name: str, read: "Callable[[Reader], Part]", clause: str | None = None
    ) -> Part | None:
        """The same, or None where the member is missing or null."""
        return None if self.document.get(name) is None else self.part(name, read, clause)

    def by_kind(
        self, name: str, kinds: type[Kind], read: "Callable[[Reader], Part]", clause: str | None = None
    ) -> dict[Kind, tuple[Part, ...]]:
        """An object that has a list of objects for each kind that it names; none where it is missing."""
        return self.part_if_any(name, lambda inner: dict(inner._lists(kinds, read)), clause) or {}

    def require(self, names: tuple[str, ...], holds: Callable[[], bool], detail: str, clause: str) -> None:
        """These members, where each could be read, go together; if not, the first is at fault."""
        if all(map(self._read_well, names)) and not holds():
            self.faults.append(Fault(f"{self.pointer}/{names[0]}", detail, clause))

    def _lists(
        self, kinds: type[Kind], read: "Callable[[Reader], Part]"
    ) -> Iterator[tuple[Kind, tuple[Part, ...]]]:
        self.only(frozenset(kinds))
        for kind in kinds:
            if kind in self.document:
                yield kind, tuple(map(read, self._objects(kind)))

    def _objects(self, name: str) -> "Iterator[Reader]":
        found = self._read(documents.objects, name) or ()
        return (self._inner(f"{name}/{place}", each, None) for place, each in enumerate(found))

    def _inner(self, name: str, found: Document, clause: str | None) -> "Reader":
        return Reader(found, f"{self.pointer}/{name}", clause or self.clause, self.faults)

    def _read_well(self, name: str) -> bool:
        place = f"{self.pointer}/{name}"
        return not any(
            fault.pointer == place or fault.pointer.startswith(f"{place}/") for fault in self.faults
        )

    def _read(self, read: Callable[..., Value], name: str, *form: object, clause: str | None = None) -> Value:
        return self._note(read, self.document, self.pointer, name, *form, clause=clause)

    def _note(self, read: Callable[..., Value], *where: object, clause: str | None = None) -> Value:
        try:
            return read(*where)
        except InvalidInput as error:
            self.faults.extend(replace(fault, clause=clause or self.clause) for fault in error.faults)
            # Nobody uses it: whoever asked for the document is told of the fault.
            return cast("Value", None)
