"""Black, white and opt-out lists, and the files that go in and out of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from openmas.domain.change import Change
from openmas.domain.listing import Act, ListChange, ListEntry, ListKind, ListName
from openmas.domain.loading import Loaded, Loading
from openmas.domain.sheet import FileForm, Row
from openmas.domain.transfer import Transfer, UploadForm


class Lists(Protocol):
    """Black, white and opt-out lists, whole or limited to a category or signature."""

    def clock(self, client: str) -> int:
        """A number that grows with every acknowledged change of the client's lists; read consistently."""
        ...

    def listed(
        self, client: str, names: Collection[ListName], numbers: Collection[str]
    ) -> Mapping[ListName, frozenset[str]]:
        """Which of the numbers count as standing on which of the lists; read consistently.

        Shape: whatever is frozen counts on a black or opt-out list and does not on a white one.
        """
        ...

    def change(
        self,
        client: str,
        name: ListName,
        act: Act,
        entries: Sequence[ListEntry],
        *,
        by_operator: bool = False,
    ) -> frozenset[str]:
        """The numbers are added, struck, frozen or thawed, the change is on record, and the clock has moved.

        Shape: the numbers that were not struck, because they are frozen and no operator asks.
        Raises: NotAllowed if a client strikes from a black or opt-out list that is frozen; LimitExceeded if
        the list grows too long.
        """
        ...

    def load(self, client: str, name: ListName, loading: Loading) -> Loaded:
        """All of a file counts, from one moment to the next, and the clock has moved.

        Shape: what others change meanwhile counts as if it came after.
        Raises: as `change`.
        """
        ...

    def freeze(self, client: str, name: ListName, change: Change) -> None:
        """The whole list is frozen, that is on record, and the clock has moved."""
        ...

    def thaw(self, client: str, name: ListName, change: Change) -> None:
        """The list is not frozen as a whole any more, that is on record, and the clock has moved."""
        ...

    def frozen(self, client: str) -> Mapping[ListName, Change | None]:
        """Every list that was ever used, and who froze it."""
        ...

    def entry(self, client: str, name: ListName, number: str) -> ListEntry | None: ...

    def page(
        self, client: str, name: ListName, after: str | None, limit: int
    ) -> tuple[Sequence[ListEntry], str | None]:
        """Some entries, by their last digits, and where to go on (None at the end)."""
        ...

    def changes(
        self, client: str, kind: ListKind, month: str, before: str | None, limit: int
    ) -> tuple[Sequence[ListChange], str | None]:
        """Some changes of a month such as 202511, the newest first, and where to go on (None at the end)."""
        ...


class Transfers(Protocol):
    """Lists that go in or out as files."""

    def find(self, client: str, transfer: str) -> Transfer | None: ...

    def save(self, transfer: Transfer) -> None:
        """The transfer is stored as it stands."""
        ...


class Uploads(Protocol):
    """Files that clients upload."""

    def form(self, client: str, upload: str) -> UploadForm: ...

    def there(self, client: str, upload: str) -> bool: ...

    def rows(self, client: str, upload: str) -> AbstractContextManager[Iterator[Row]]:
        """The rows of a file, read as they are taken.

        Raises: NotFound if the client has no such file; InvalidInput and LimitExceeded for one that cannot be
        read, also while rows are taken.
        """
        ...


class Exports(Protocol):
    """Files that clients may fetch."""

    def keep(self, client: str, export: str, form: FileForm, rows: Iterable[Sequence[str]]) -> int:
        """The rows stand in a file; how many they were. No cell of it can become a formula."""
        ...

    def link(self, client: str, export: str, form: FileForm) -> str:
        """An address under which the file can be fetched for a quarter of an hour."""
        ...
