"""The operator's book of words: what they stand for, who put them there, when and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openmas.domain.content import Word
from openmas.errors import LimitExceeded

WORDS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class WordEntry:
    """A word, and who last put it into the book, when and why."""

    word: Word
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class WordChange:
    """What was done with the book (`added` or `struck`), to which words, by whom, when and why."""

    what: str
    words: tuple[str, ...]
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
        more = {**self.entries, **{entry.word.folded: entry for entry in entries}}
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
