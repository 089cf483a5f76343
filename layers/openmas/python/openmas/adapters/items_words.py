"""The items of the operator's words: a book is one compressed text in slices, a head says which book counts.

pattern                                  table     key                                     operation
which book counts, how far it is         registry  #words / head                           Query, PutItem
the slices of a book                     registry  #words / book#{name}#{n}                Query, BatchWrite
who changed the words, when and why      registry  #words / change#{name}#{n}              Query, BatchWrite

A book and the change that led to it have one name, `{version}#{hash}`. A change that was overtaken stays on
record, but nothing leads to it: each change names the book before it, and the newest book is the head's.
"""

import json
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from openmas.adapters.packing import Item, key
from openmas.domain.change import Change
from openmas.domain.content import Action, Word, looked_for
from openmas.domain.content_kinds import ContentKind
from openmas.domain.words import WordBook, WordChange, WordEntry

PARTITION = "#words"
# An item holds 400 KB with its names.
SLICE_BYTES_MAX = 350_000


def head_key() -> Item:
    return key(PARTITION, "head")


def head_item(version: int, book: str, slices: int) -> Item:
    counted = {"version": {"N": str(version)}, "slices": {"N": str(slices)}}
    return {**head_key(), **counted, "book": {"S": book}}


def slice_items(name: str, packed: bytes) -> list[Item]:
    """The slices of something packed, their keys in order."""
    starts = range(0, len(packed), SLICE_BYTES_MAX)
    return [
        {**key(PARTITION, f"{name}#{n:03d}"), "slice": {"B": packed[start : start + SLICE_BYTES_MAX]}}
        for n, start in enumerate(starts)
    ]


def pack_book(book: WordBook) -> bytes:
    """The book column by column: words of one change share who, when and why.

    Shape: words stand as they were written; what they read as is reckoned by whoever looks for them, so that
    no book is read in an older way than texts are.
    """
    entries = book.entries.values()
    numbered = {change: n for n, change in enumerate(dict.fromkeys(map(_change, entries)))}
    return _packed(
        {
            "version": book.version,
            "changes": list(numbered),
            "words": [entry.word.text for entry in entries],
            "kinds": [entry.word.kind.value for entry in entries],
            "holds": [n for n, entry in enumerate(entries) if entry.word.action is Action.HOLD],
            "by": [numbered[_change(entry)] for entry in entries],
        }
    )


def pack_change(change: WordChange, before: str) -> bytes:
    """The change, with the name of the book before it, which is empty for the first one."""
    words = {"added": list(map(_word, change.added)), "struck": list(map(_word, change.struck))}
    return _packed({"version": change.version, "before": before, "who": _who(change.change), **words})


def change_from(packed: bytes) -> tuple[WordChange, str]:
    told = json.loads(zlib.decompress(packed))
    by, at, why = told["who"]
    who = Change(by, datetime.fromisoformat(at), why)
    added, struck = (tuple(map(_word_from, told[each])) for each in ("added", "struck"))
    return WordChange(told["version"], who, added, struck), told["before"]


class Columns:
    """A packed book as it is looked into, word by word.

    Shape: `folded` is what each word is looked for as, in order.
    """

    def __init__(self, slices: Iterable[Item]) -> None:
        packed = b"".join(item["slice"]["B"] for item in slices)
        self._told: dict[str, Any] = json.loads(zlib.decompress(packed))
        self._holds = set(self._told["holds"])
        self.version = int(self._told["version"])
        self.folded = list(map(looked_for, self._told["words"]))

    def word(self, n: int) -> Word:
        action = Action.HOLD if n in self._holds else Action.REFUSE
        return Word(self._told["words"][n], ContentKind(self._told["kinds"][n]), action)

    def book(self) -> WordBook:
        changes = [(by, datetime.fromisoformat(at), why) for by, at, why in self._told["changes"]]
        who = [changes[n] for n in self._told["by"]]
        # Of two that have come to read alike the one that refuses stays.
        order = sorted(range(len(who)), key=self._holds.__contains__, reverse=True)
        entries = [WordEntry(self.word(n), *who[n]) for n in order]
        return WordBook(self.version, {entry.word.plain: entry for entry in entries})


def _word(word: Word) -> tuple[str, int, str]:
    return word.text, word.kind.value, word.action


def _word_from(told: tuple[str, int, str]) -> Word:
    text, kind, action = told
    return Word(text, ContentKind(kind), Action(action))


def _change(entry: WordEntry) -> tuple[str, str, str]:
    return _who(Change(entry.by, entry.at, entry.why))


def _who(change: Change) -> tuple[str, str, str]:
    return change.by, change.at.astimezone(UTC).isoformat(), change.why


def _packed(told: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())
