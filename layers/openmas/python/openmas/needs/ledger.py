"""What days came to, and what is still to be rated."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from openmas.domain.journal import Entry, LateNote, Standing
from openmas.domain.statement import DayStatement


class LateFacts(Protocol):
    """The part of the ledger that says which closed days have learnt something."""

    def note_late(self, client: str, on: date) -> None:
        """The night will look at this closed day again."""
        ...


class Ledger(Protocol):
    """Statements in revisions, the entries between them, and what the nights remember."""

    def standing(self, client: str, first_on: date, last_on: date) -> Mapping[date, Standing]:
        """The days of a span that have a statement, in rising order."""
        ...

    def keep_revision(self, statement: DayStatement) -> None:
        """The revision is stored beside the earlier ones.

        Raises: Conflict if this revision is stored with other content.
        """
        ...

    def keep_entry(self, entry: Entry) -> None:
        """The entry is stored, if it was not there already."""
        ...

    def flip(self, statement: DayStatement) -> None:
        """The revision is the current one.

        Raises: Conflict if the revision before it is not the current one.
        """
        ...

    def entries(self, client: str, first_on: date, last_on: date) -> Sequence[Entry]: ...

    def late_notes(self, client: str) -> Sequence[LateNote]: ...

    def clear_late(self, client: str, note: LateNote) -> None:
        """The note is gone, unless it was made again."""
        ...

    def last_night(self, client: str) -> date | None:
        """The day of the newest night that came to its end."""
        ...

    def keep_night(self, client: str, as_of: date) -> None: ...
