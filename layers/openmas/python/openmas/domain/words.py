"""The operator's book of words: what they stand for, who put them there, when and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openmas.domain.change import Change
from openmas.domain.content import Word
from openmas.errors import LimitExceeded

WORDS_MAX = 100_000
# Changes are told in pages, which end once they hold so many words.
PAGE_WORDS = 10_000


@dataclass(frozen=True, slots=True)
class WordEntry:
    """A word, and who last put it into the book, when and why."""

    word: Word
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class WordBook:
    """All the words at one time; a change makes the next version.

    Shape: `entries` by what each word reads as, so that two that read alike are one.
    """

    version: int = 0
    entries: Mapping[str, WordEntry] = field(default_factory=dict)

    def with_words(self, entries: Iterable[WordEntry]) -> "WordBook":
        """The next book, which holds these words too, each as it is given last.

        Raises: LimitExceeded if they are too many together.
        """
        more = {**self.entries, **{entry.word.plain: entry for entry in entries}}
        if len(more) > WORDS_MAX:
            raise LimitExceeded("words_too_many", f"The book holds at most {WORDS_MAX:,} words.")
        return WordBook(self.version + 1, more)

    def without(self, read_as: Iterable[str]) -> "WordBook":
        """The next book, which does not hold the words that read so."""
        gone = set(read_as)
        return WordBook(self.version + 1, {key: e for key, e in self.entries.items() if key not in gone})

    def page(self, after: str | None, limit: int) -> tuple[Sequence[WordEntry], str | None]:
        """Some entries in the order of what they read as, and where to go on (None at the end)."""
        rest = sorted(key for key in self.entries if after is None or key > after)
        page = [self.entries[key] for key in rest[:limit]]
        return page, rest[limit - 1] if len(rest) > limit else None


@dataclass(frozen=True, slots=True)
class WordChange:
    """What led to a version of the book: by whom, when and why, and what came in and went out by it.

    Shape: a word that came in again, of another kind or with another action, was `added`.
    """

    version: int
    change: Change
    added: tuple[Word, ...] = ()
    struck: tuple[Word, ...] = ()

    @staticmethod
    def between(before: WordBook, after: WordBook, change: Change) -> "WordChange":
        """What made the book after of the book before."""
        added = (entry.word for key, entry in after.entries.items() if before.entries.get(key) != entry)
        struck = (entry.word for key, entry in before.entries.items() if key not in after.entries)
        return WordChange(after.version, change, tuple(added), tuple(struck))

    @property
    def words(self) -> int:
        return len(self.added) + len(self.struck)


def page_full(changes: Sequence[WordChange], limit: int) -> bool:
    """Whether no more changes are told in one page."""
    return len(changes) >= limit or sum(change.words for change in changes) >= PAGE_WORDS
