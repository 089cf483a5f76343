"""The ledger and the cases in memory, with the promises of the real ones; they count their writes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from openmas.domain.case import Case, Closing, Look
from openmas.domain.journal import Entry, LateNote, Standing
from openmas.domain.statement import DayStatement
from openmas.errors import Conflict, NotFound
from openmas.needs import Clock


class FakeLedger:
    """Fulfils `needs.Ledger` and `needs.LateFacts`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.writes = 0
        self.revisions: dict[tuple[str, date], list[DayStatement]] = {}
        self.heads: dict[tuple[str, date], int] = {}
        self.kept: dict[tuple[str, date, int], Entry] = {}
        self.notes: dict[tuple[str, date], LateNote] = {}
        self.nights: dict[str, date] = {}

    @property
    def state(self) -> tuple[Any, ...]:
        """Everything that stands, to be compared."""
        return (
            self.revisions.copy(),
            self.heads.copy(),
            self.kept.copy(),
            self.notes.copy(),
            self.nights.copy(),
        )

    def standing(self, client: str, first_on: date, last_on: date) -> Mapping[date, Standing]:
        return {
            on: self._standing(owner, on)
            for owner, on in sorted(self.revisions)
            if owner == client and first_on <= on <= last_on
        }

    def keep_revision(self, statement: DayStatement) -> None:
        stored = self.revisions.setdefault((statement.client, statement.on), [])
        if statement.revision > len(stored):
            self.writes += 1
            stored.append(statement)
        if stored[statement.revision - 1] != statement:
            raise Conflict("revision_taken", "This revision is stored with other content.")

    def keep_entry(self, entry: Entry) -> None:
        key = (entry.client, entry.on, entry.revision)
        if key not in self.kept:
            self.writes += 1
            self.kept[key] = entry

    def flip(self, statement: DayStatement) -> None:
        key = (statement.client, statement.on)
        if self.heads.get(key, 0) == statement.revision:
            return
        if self.heads.get(key, 0) != statement.revision - 1:
            raise Conflict("revision_overtaken", "The revision before this one is not the current one.")
        self.writes += 1
        self.heads[key] = statement.revision

    def entries(self, client: str, first_on: date, last_on: date) -> Sequence[Entry]:
        return [e for (owner, on, _), e in sorted(self.kept.items(), key=lambda each: each[0])
                if owner == client and first_on <= on <= last_on]  # fmt: skip

    def note_late(self, client: str, on: date) -> None:
        self.writes += 1
        self.notes[client, on] = LateNote(on, self._clock.now())

    def late_notes(self, client: str) -> Sequence[LateNote]:
        return [
            note
            for (owner, _), note in sorted(self.notes.items(), key=lambda each: each[0])
            if owner == client
        ]

    def clear_late(self, client: str, note: LateNote) -> None:
        if self.notes.get((client, note.on)) == note:
            self.writes += 1
            del self.notes[client, note.on]

    def last_night(self, client: str) -> date | None:
        return self.nights.get(client)

    def keep_night(self, client: str, as_of: date) -> None:
        self.writes += 1
        self.nights[client] = as_of

    def _standing(self, client: str, on: date) -> Standing:
        stored, current = self.revisions[client, on], self.heads.get((client, on), 0)
        return Standing(stored[current - 1] if current else None, tuple(stored[current:]))


class FakeCases:
    def __init__(self) -> None:
        self.writes = 0
        self.cases: dict[tuple[str, str], Case] = {}
        self.looked: dict[tuple[str, str], set[Look]] = defaultdict(set)

    def open(self, case: Case) -> None:
        if (case.client, case.id) not in self.cases:
            self.writes += 1
            self.cases[case.client, case.id] = case

    def find(self, client: str, case: str) -> Case | None:
        return self.cases.get((client, case))

    def note_look(self, client: str, case: str, look: Look) -> None:
        self.looked[client, case].add(look)

    def looks(self, client: str, case: str) -> Sequence[Look]:
        return sorted(self.looked[client, case])

    def close(self, client: str, case: str, closing: Closing) -> Case:
        known = self.cases.get((client, case))
        if known is None:
            raise NotFound("case_unknown", "There is no case of this name.")
        closed = known.closed(closing)
        if closed is not known:
            self.writes += 1
            self.cases[client, case] = closed
        return closed

    def page(self, kind: str | None, after: str | None, limit: int) -> tuple[Sequence[Case], str | None]:
        places = {
            f"{case.due_at.timestamp():015.3f} {case.client} {case.id}": case
            for case in self.cases.values()
            if case.closing is None and kind in (None, case.kind)
        }
        rest = [place for place in sorted(places) if after is None or place > after]
        return [places[place] for place in rest[:limit]], rest[limit - 1] if len(rest) > limit else None
