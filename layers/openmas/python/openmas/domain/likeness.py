"""A text as it is read, not as it is spelled: disguises taken off, with the way back to what was written.

Characters are made compatible (NFKD: full-width, circled, Kangxi radicals), marks and what nobody sees are
dropped, cases folded, strangers read as the Latin letters that they look like, digits of every script as our
own, Han characters in their simplified form. What separates characters is left out and remembered as a gap.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from openmas.domain.characters import is_unseen
from openmas.domain.han import SIMPLIFIED
from openmas.domain.lookalikes import LATIN

_LINE_ENDS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
# Where one phrase ends and another begins; whoever reads on does not read one word.
_PHRASE_ENDS = _LINE_ENDS | frozenset("。！？；，、：…—!?;,:")
_PHRASE_END_CATEGORIES = frozenset({"Ps", "Pe", "Pi", "Pf"})
_MARKS = frozenset({"Mn", "Me"})
# 0 is written for o, and 1 for i and l.
_FOLDED = str.maketrans("01l", "oii")
_REMEMBERED_MAX = 30_000


class Gap(IntEnum):
    """What stands between two characters: nothing, something to be read over, the end of a phrase."""

    NONE = 0
    SEPARATED = 1
    PHRASE_END = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text reads as.

    Shape: `folded` is what words are looked for in; `plain`, just as long, still tells 0 from o, and 1, i and
    l from each other; `written` are the characters that were taken for these, `places` where they stand in
    the text, `gaps` what stands before each; `length` is the text's, and `last_gap` stands at its end.
    """

    folded: str
    plain: str
    written: str
    places: tuple[int, ...]
    gaps: bytes
    length: int
    last_gap: int = Gap.NONE


def undisguised(text: str) -> Reading:
    """The text as it is read."""
    plain: list[str] = []
    places: list[int] = []
    gaps = bytearray()
    gap: int = Gap.NONE
    for place, character in enumerate(text):
        seen, makes = _known.get(character) or _remembered(character)
        for each in seen:
            plain.append(each)
            places.append(place)
            gaps.append(gap)
            gap = Gap.NONE
        gap = max(gap, makes)
    joined = "".join(plain)
    written = "".join([text[place] for place in places])
    return Reading(joined.translate(_FOLDED), joined, written, tuple(places), bytes(gaps), len(text), gap)


def joined(readings: Sequence[Reading]) -> Reading:
    """The texts one behind the other, as they are read."""
    places: list[int] = []
    gaps = bytearray()
    gap, length = int(Gap.NONE), 0
    for each in readings:
        places += [length + place for place in each.places]
        length += each.length
        if each.gaps:
            gaps.append(max(gap, each.gaps[0]))
            gaps += each.gaps[1:]
            gap = each.last_gap
        else:
            gap = max(gap, each.last_gap)
    return Reading(
        folded="".join([each.folded for each in readings]),
        plain="".join([each.plain for each in readings]),
        written="".join([each.written for each in readings]),
        places=tuple(places),
        gaps=bytes(gaps),
        length=length,
        last_gap=gap,
    )


_known: dict[str, tuple[str, int]] = {}


def _remembered(character: str) -> tuple[str, int]:
    seen = _seen_as(character)
    if len(_known) < _REMEMBERED_MAX:
        _known[character] = seen
    return seen


def _seen_as(character: str) -> tuple[str, int]:
    """What a reader takes the character for, and the gap that it makes where it is nothing but a gap."""
    if character in _PHRASE_ENDS:
        return "", Gap.PHRASE_END
    if is_unseen(character) and character != "\t":
        return "", Gap.NONE
    parts = [part for part in unicodedata.normalize("NFKD", _letter(character)) if not _is_mark(part)]
    seen = "".join(map(_as_read, parts))
    if seen or not parts:
        return seen, Gap.NONE
    return "", max(_gap(part) for part in parts)


def _as_read(part: str) -> str:
    """One compatible character as it is read; nothing if it only separates."""
    part = SIMPLIFIED.get(part, part)
    if unicodedata.category(part)[0] in "PSZC":
        # What is kept for private use may look like anything, so it is something.
        return part if unicodedata.category(part) in {"Co", "Cn"} else ""
    digit = unicodedata.decimal(part, None)
    if digit is not None:
        return str(digit)
    return "".join(_letter(SIMPLIFIED.get(each, each)) for each in _letter(part).casefold())


def _letter(character: str) -> str:
    return LATIN.get(character, character)


def _is_mark(part: str) -> bool:
    return unicodedata.category(part) in _MARKS


def _gap(part: str) -> Gap:
    ends = part in _PHRASE_ENDS or unicodedata.category(part) in _PHRASE_END_CATEGORIES
    return Gap.PHRASE_END if ends else Gap.SEPARATED
