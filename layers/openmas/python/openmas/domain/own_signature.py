"""Whether a text brings a signature of its own, which only the platform may put there (2.1.9).

A reader takes what stands in brackets at either end of a text for a signature, whichever brackets they are,
and whatever invisible, combined or merely decorative characters stand before them. So both ends are read as
a reader does: letters, digits and brackets only, each in its plainest form; a single stroke says nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openmas.domain.characters import (
    CLOSING,
    DRAWN_ALONE,
    DRAWN_CLOSING,
    DRAWN_OPENING,
    FRAMING,
    OPENING,
    ORDINARY_CLOSING,
    ORDINARY_OPENING,
    REORDERING,
    STROKES,
    is_unseen,
)

_ORDINARY = ORDINARY_OPENING | ORDINARY_CLOSING
_FRAMES = OPENING | CLOSING | DRAWN_OPENING | DRAWN_CLOSING
_BRACKETS = _FRAMES | _ORDINARY
_FRAMING = re.compile(f"[{re.escape(''.join(FRAMING))}]")
# Those that are a frame whichever way round they stand; Unicode counts ornate ones from the right.
_EITHER_WAY = frozenset("【】〖〗﴾﴿")
# Words that are no more than a line beside a bracket, unless they number what follows.
_LINES = frozenset("一Il")
_NUMBERING = frozenset("、.,:;。")
# Letters of words and digits; modifier letters, marks, symbols and punctuation are no more than decoration.
_SAYING = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"})


@dataclass(frozen=True, slots=True)
class _Side:
    """Which brackets open and close, as seen from one end of a text."""

    opening: frozenset[str]
    closing: frozenset[str]
    ordinary: frozenset[str]
    ordinary_closing: frozenset[str]
    drawn: frozenset[str]
    drawn_closing: frozenset[str]
    step: int


_FROM_START = _Side(
    OPENING, CLOSING, ORDINARY_OPENING, ORDINARY_CLOSING, DRAWN_OPENING, DRAWN_CLOSING, step=1
)
_FROM_END = _Side(CLOSING, OPENING, ORDINARY_CLOSING, ORDINARY_OPENING, DRAWN_CLOSING, DRAWN_OPENING, step=-1)


def has_own_signature(text: str) -> bool:
    """Whether a reader would take brackets at the start or the end of a text for a signature."""
    if _FRAMING.search(text) is None:
        return False
    starts = _signed(_read(text, _FROM_START), _FROM_START)
    return starts or _signed(_read(reversed(text), _FROM_END), _FROM_END) or _moves_brackets(text)


def _read(text: Iterable[str], side: _Side) -> Iterator[str]:
    """What a reader sees of a text from one end on; lazily, for most texts begin with a word."""
    lines = ""
    for character in text:
        alone = DRAWN_ALONE.get(character, character)
        forms = alone if alone in _BRACKETS else unicodedata.normalize("NFKD", character)[:: side.step]
        for plain in forms:
            if plain in _LINES:
                lines += plain
            elif plain in _FRAMES:
                lines = ""
                yield plain
            elif plain in _ORDINARY or _says(plain):
                yield from lines
                lines = ""
                yield plain
            elif plain in _NUMBERING:
                yield from lines
                lines = ""
    yield from lines


def _says(plain: str) -> bool:
    return unicodedata.category(plain) in _SAYING and plain not in STROKES and not is_unseen(plain)


def _signed(read: Iterator[str], side: _Side) -> bool:
    """Whether something in brackets comes first; a bracket that closes nothing is decoration, too."""
    first = next(read, "")
    if first not in _BRACKETS:
        return False
    rest = list(read)
    if _framed(first, rest, side):
        return True
    return unicodedata.category(first) not in _SAYING and _signed(iter(rest), side)


def _framed(first: str, rest: Sequence[str], side: _Side) -> bool:
    """Whether the first of what is read opens what a reader takes for a signature."""
    brackets = [character for character in rest if character in _BRACKETS]
    if first in side.opening:
        return any(each in side.closing | side.ordinary_closing | side.drawn_closing for each in brackets)
    if first in side.closing:
        return first in _EITHER_WAY and not _EITHER_WAY.isdisjoint(rest[1:])
    if first in side.drawn:
        nearest = next((each for each in brackets if each not in _ORDINARY and each != rest[0]), "")
        return nearest in side.closing or nearest in side.drawn_closing
    return first in side.ordinary and brackets[:1] != [] and brackets[0] in side.closing


def _moves_brackets(text: str) -> bool:
    """Whether brackets from the middle could be shown at an end."""
    if REORDERING.isdisjoint(text):
        return False
    read = set(_read(text, _FROM_START))
    return not (read.isdisjoint(OPENING) or read.isdisjoint(CLOSING))
