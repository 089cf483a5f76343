"""Keep the operator's words: put them into the book and strike them, with who did it, when and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from openmas.domain.change import Change
from openmas.domain.content import WORD_LENGTH_MAX, Hit, Word, can_be_found, hits
from openmas.domain.likeness import plain
from openmas.domain.words import WordBook, WordChange, WordEntry
from openmas.errors import Conflict, Fault, InvalidInput
from openmas.needs import Clock, Words

# Two operators at once are rare, and the second one's change is made on what the first one left.
TRIES = 5


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def words(self) -> Words: ...


@dataclass(frozen=True, slots=True)
class KeptWords:
    """The book after a change, and how many words it concerned."""

    version: int
    words: int
    changed: int


def keep_words(needs: Needs, words: Sequence[Word], by: str, why: str) -> KeptWords:
    """The words are in the book, each as it was given last.

    Raises: InvalidInput with a fault for each that cannot be looked for; LimitExceeded for too many together.
    """
    _check([word.text for word in words])
    at = needs.clock.now()
    entries = [WordEntry(word, by, at, why) for word in words]
    return _changed(needs, Change(by, at, why), lambda book: book.with_words(entries))


def strike_words(needs: Needs, texts: Sequence[str], by: str, why: str) -> KeptWords:
    """Whatever reads like these words is not in the book any more."""
    read_as = set(map(plain, texts))
    return _changed(needs, Change(by, needs.clock.now(), why), lambda book: book.without(read_as))


def _check(texts: Sequence[str]) -> None:
    faults = [
        Fault(
            f"/words/{place}", f"A word has at most {WORD_LENGTH_MAX} characters, and two that can be read."
        )
        for place, text in enumerate(texts)
        if not can_be_found(text)
    ]
    if faults:
        raise InvalidInput("word_unfit", "Not all of these can be looked for.", None, tuple(faults))


def _changed(needs: Needs, change: Change, act: Callable[[WordBook], WordBook]) -> KeptWords:
    for left in reversed(range(TRIES)):
        before = needs.words.book()
        after = act(before)
        made = WordChange.between(before, after, change)
        try:
            needs.words.keep(after, made)
        except Conflict:
            if not left:
                raise
            continue
        return KeptWords(after.version, len(after.entries), made.words)
    raise AssertionError("the last try ends the loop")


def try_text(needs: Needs, text: str) -> Sequence[Hit]:
    """What would be found in a text now."""
    return hits(text, needs.words.current())
