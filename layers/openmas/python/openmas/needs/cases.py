"""What a person must look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from openmas.domain.case import Case, Closing, Look
from openmas.domain.complaints import Complaint


class Cases(Protocol):
    def open(self, case: Case) -> None:
        """The case is open, unless it was opened before."""
        ...

    def find(self, client: str, case: str) -> Case | None:
        """The case of this id, open or not."""
        ...

    def page(self, kind: str | None, after: str | None, limit: int) -> tuple[Sequence[Case], str | None]:
        """Some open cases, all or of one kind, by due time, and where to go on (None at the end).

        Shape: a page may hold fewer than its limit, and still not be the last.
        """
        ...

    def note_look(self, client: str, case: str, look: Look) -> None:
        """That a person looked at what the case is about is on record."""
        ...

    def looks(self, client: str, case: str) -> Sequence[Look]:
        """Who has looked, in the order of time."""
        ...

    def close(self, client: str, case: str, closing: Closing) -> Case:
        """The case as it stands closed; with the same outcome again it stays as it was closed first.

        Raises: NotFound if there is no such case; Conflict if it was closed with another outcome.
        """
        ...


class Complaints(Protocol):
    """What recipients complained of."""

    def keep(self, complaint: Complaint, before: Complaint | None = None) -> None:
        """The complaint stands as given, in place of what it was before; a new one that stands is left.

        Raises: Conflict if something else than `before` stands there.
        """
        ...

    def find(self, client: str, complaint: str) -> Complaint | None: ...

    def since(self, client: str, at: datetime) -> Sequence[Complaint]:
        """The complaints that recipients made from this time on, in the order of their times."""
        ...
