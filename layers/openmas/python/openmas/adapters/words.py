"""The operator's words in DynamoDB, and the machine that finds all of them in one pass (Aho-Corasick)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from openmas.adapters import items_words as items
from openmas.adapters.items_words import Columns
from openmas.adapters.packing import Item
from openmas.adapters.table import ABSENT, Table
from openmas.domain.content import Word, WordList
from openmas.domain.words import WordBook, WordChange, page_full
from openmas.errors import Conflict, Unavailable
from openmas.needs import Clock

LOOKED = timedelta(seconds=5)
TRIES = 3


class AwsWords:
    """Shape: the list is loaded when it is first asked for; for a newer one it is looked every 5 s."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._list: WordList | None = None
        self._looked_at: datetime | None = None

    def current(self) -> WordList:
        now = self._clock.now()
        if self._list is None or self._looked_at is None or now - self._looked_at >= LOOKED:
            version = self._version(self._head())
            if self._list is None or self._list.version != version:
                self._list = ready(self._columns())
            self._looked_at = now
        return self._list

    def book(self) -> WordBook:
        columns = self._columns()
        return columns.book() if columns else WordBook()

    def keep(self, book: WordBook, change: WordChange) -> None:
        before = self._head()
        if self._version(before) != book.version - 1:
            raise _overtaken()
        packed = items.pack_book(book)
        name = f"book#{book.version:08d}#{sha256(packed).hexdigest()[:12]}"
        slices = items.slice_items(name, packed)
        self._table.put_all(slices)
        told = items.pack_change(change, _name_in(before))
        self._table.put_all(items.slice_items(f"change#{name.removeprefix('book#')}", told))
        condition = "version = :before" if before else ABSENT
        values = {":before": {"N": str(book.version - 1)}} if before else None
        head = items.head_item(book.version, name, len(slices))
        stored = self._table.put_if(condition, head, values)
        # A write whose answer was lost is made again by the library and meets itself.
        if stored is not None and stored.get("book") != head["book"]:
            raise _overtaken()
        self._forget(book.version, before["book"]["S"] if before else "")

    def changes(self, after: str | None, limit: int) -> tuple[Sequence[WordChange], str | None]:
        found: list[WordChange] = []
        wanted = _name_in(self._head()) if after is None else after
        for name, packed in self._told(wanted):
            if name != wanted:
                # It was overtaken, and came to nothing.
                continue
            change, wanted = items.change_from(packed)
            found.append(change)
            if page_full(found, limit):
                break
        return found, wanted or None

    def _told(self, last: str) -> Iterator[tuple[str, bytes]]:
        """The changes on record, from the last one backwards, by name."""
        values = {
            ":pk": {"S": items.PARTITION},
            ":first": {"S": "change#"},
            ":last": {"S": f"change#{last}#~"},
        }
        slices = self._table.query("pk = :pk AND sk BETWEEN :first AND :last", values, ScanIndexForward=False)
        for name, parts in groupby(slices, key=lambda item: item["sk"]["S"].rpartition("#")[0]):
            packed = [part["slice"]["B"] for part in parts]
            yield name.removeprefix("change#"), b"".join(reversed(packed))

    def _columns(self) -> Columns | None:
        for _ in range(TRIES):
            head = self._head()
            if head is None:
                return None
            slices = self._under(head["book"]["S"])
            # Whoever reads long enough may see the book taken away that counted when he began.
            if len(slices) == int(head["slices"]["N"]):
                return Columns(slices)
        raise Unavailable("stored_unreadable", "The book of words is gone while it is read.")

    def _head(self) -> Item | None:
        found = self._table.first(1, "pk = :pk AND sk = :sk", _head_values())
        return found[0] if found else None

    def _under(self, name: str) -> list[Item]:
        values = {":pk": {"S": items.PARTITION}, ":name": {"S": f"{name}#"}}
        return list(self._table.query("pk = :pk AND begins_with(sk, :name)", values))

    def _forget(self, version: int, before: str) -> None:
        """Of the earlier books only the last one stays; a later one may be on its way already."""
        values = {
            ":pk": {"S": items.PARTITION},
            ":first": {"S": "book#"},
            ":last": {"S": f"book#{version:08d}"},
        }
        earlier = self._table.query(
            "pk = :pk AND sk BETWEEN :first AND :last", values, ProjectionExpression="pk, sk"
        )
        self._table.delete_all([item for item in earlier if not item["sk"]["S"].startswith(f"{before}#")])

    @staticmethod
    def _version(head: Item | None) -> int:
        return int(head["version"]["N"]) if head else 0


def ready(columns: Columns | None) -> WordList:
    """The words of a book, ready to be looked for."""
    if columns is None or not columns.folded:
        return WordList(columns.version if columns else 0, lambda _text: (), _no_word)
    # It costs a cold start what few functions need.
    from ahocorasick_rs import AhoCorasick, Implementation  # noqa: PLC0415

    machine = AhoCorasick(columns.folded, implementation=Implementation.ContiguousNFA, store_patterns=False)

    def spot(text: str) -> Iterable[tuple[int, int, int]]:
        return machine.find_matches_as_indexes(text, overlapping=True)

    return WordList(columns.version, spot, columns.word)


def _no_word(number: int) -> Word:
    raise AssertionError(f"an empty book finds no word, hence not number {number}")


def _name_in(head: Item | None) -> str:
    """The name of the book that counts; empty if there is none."""
    return head["book"]["S"].removeprefix("book#") if head else ""


def _head_values() -> Item:
    head = items.head_key()
    return {":pk": head["pk"], ":sk": head["sk"]}


def _overtaken() -> Conflict:
    return Conflict("words_overtaken", "Somebody else changed the words in the meantime: try again.")
