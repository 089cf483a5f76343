"""The operator's words in memory, found one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from openmas.domain.content import Word, WordList
from openmas.domain.words import WordBook, WordChange, WordEntry, page_full
from openmas.errors import Conflict
from tests.fakes import sample


@dataclass
class FakeWords:
    """Shape: `made` is what led from one book to the next; `looked` counts the questions for the list."""

    stands: WordBook = field(default_factory=WordBook)
    made: list[WordChange] = field(default_factory=list)
    looked: int = 0

    def current(self) -> WordList:
        self.looked += 1
        return word_list([entry.word for entry in self.stands.entries.values()], self.stands.version)

    def book(self) -> WordBook:
        return self.stands

    def keep(self, book: WordBook, change: WordChange) -> None:
        if book.version != self.stands.version + 1:
            raise Conflict("words_overtaken", "Somebody else changed the words in the meantime: try again.")
        self.stands = book
        self.made.append(change)

    def changes(self, after: str | None, limit: int) -> tuple[Sequence[WordChange], str | None]:
        found: list[WordChange] = []
        earlier = [each for each in reversed(self.made) if after is None or each.version < int(after)]
        for change in earlier:
            found.append(change)
            if page_full(found, limit):
                break
        return found, str(found[-1].version) if len(found) < len(earlier) else None

    def put(self, *words: Word) -> None:
        """The words are in the book."""
        entries = [WordEntry(word, "p-1", sample.NOW, "a test") for word in words]
        self.stands = self.stands.with_words(entries)


def word_list(words: Sequence[Word], version: int = 1) -> WordList:
    """The words, looked for in the simplest way."""
    folded = [word.folded for word in words]

    def spot(text: str) -> Iterator[tuple[int, int, int]]:
        for number, wanted in enumerate(folded):
            begin = text.find(wanted)
            while begin >= 0:
                yield number, begin, begin + len(wanted)
                begin = text.find(wanted, begin + 1)

    return WordList(version, spot, words.__getitem__)
