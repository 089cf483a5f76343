"""A text as it is read, not as it is spelled: disguises taken off, with the way back to what was written.

Characters are made compatible (NFKD: full-width, circled, Kangxi radicals), marks and what nobody sees are
dropped, cases folded, strangers read as the Latin letters that they look like, digits of every script as our
own, Han characters in their simplified form. What separates characters is left out and remembered as a gap;
so are letters that say nothing: modifiers and single strokes, and what Unicode has not given a meaning.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from unicodedata import category, digit, normalize

from openmas.domain.characters import SIGN_CATEGORIES, STROKES, UNSEEN, is_unseen
from openmas.domain.han import SIMPLIFIED
from openmas.domain.lookalikes import LATIN
from openmas.domain.semblance import folded

_LINE_ENDS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
# Where one phrase ends and another begins; whoever reads on does not read one word.
_PHRASE_ENDS = _LINE_ENDS | frozenset("。！？；，、：…—!?;,:")
_PHRASE_END_CATEGORIES = frozenset({"Ps", "Pe", "Pi", "Pf"})
_MARKS = frozenset({"Mn", "Me"})
# Letters without case: most of what Unicode has assigned.
_PLAIN = "Lo"
_BUT_FOR = UNSEEN.union(LATIN, SIMPLIFIED, STROKES)
# Merchants' numerals; the first is a stroke, and Unicode has them as letters.
_HANGZHOU = {numeral: figure for figure, numeral in enumerate("〢〣〤〥〦〧〨〩", start=2)}
# What stands for money or an address alone, and for a letter among letters.
_SIGNS = {"$": "s", "＄": "s", "﹩": "s", "💲": "s", "€": "e", "@": "a", "＠": "a", "﹫": "a"}
_SIGN = re.compile(f"[{''.join(_SIGNS)}]")
_REMEMBERED_MAX = 30_000


class Gap(IntEnum):
    """What stands between two characters: nothing, something to be read over, the end of a phrase."""

    NONE = 0
    SEPARATED = 1
    PHRASE_END = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text reads as.

    Shape: `folded` is what words are looked for in; `plain`, just as long, still tells 0 from o, 六 from 6
    and 赌 from 睹; `written` are the characters that were taken for these, `places` where they stand in the
    text, `gaps` what stands before each; `length` is the text's, and `last_gap` stands at its end.
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
    read = [_known[character] for character in text]
    seen = "".join([each for each, _ in read])
    places = tuple([place for place, (each, _) in enumerate(read) for _ in each])
    gaps = bytearray(len(places) + 1)
    for place, (_, makes) in enumerate(read):
        if makes:
            behind = bisect_left(places, place)
            gaps[behind] = max(gaps[behind], makes)
    last_gap = gaps.pop()
    written = "".join([text[place] for place in places])
    return Reading(folded(seen), seen, written, places, bytes(gaps), len(text), last_gap)


def plain(text: str) -> str:
    """What the text reads as, and nothing else about it."""
    return text.translate(_plainly)


def has_signs(text: str) -> bool:
    """Whether there is anything in it that might be spelled out."""
    return _SIGN.search(text) is not None


def spelled_out(text: str) -> str:
    """The text, just as long, with letters for the signs $, € and @ that stand in a run of Latin letters."""
    if not has_signs(text):
        return text
    before, behind = _behind_letters(text), _behind_letters(text[::-1])
    spelled = list(text)
    for place, beside in before.items():
        if beside or behind[len(text) - 1 - place]:
            spelled[place] = _SIGNS[text[place]]
    return "".join(spelled)


def _behind_letters(text: str) -> Mapping[int, bool]:
    """For each such sign whether a Latin letter goes before, with nothing else seen between."""
    told: dict[int, bool] = {}
    for found in _SIGN.finditer(text):
        at = found.start() - 1
        while at >= 0 and text[at] not in _SIGNS and _known[text[at]] == ("", Gap.NONE):
            at -= 1
        told[found.start()] = at >= 0 and (told[at] if at in told else _is_latin(text[at]))
    return told


def _is_latin(character: str) -> bool:
    seen, _ = _known[character]
    return seen.isascii() and seen.isalpha()


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


class _Known(dict[str, tuple[str, int]]):
    """How each character is read, reckoned when it is first met."""

    def __missing__(self, character: str) -> tuple[str, int]:
        if (
            category(character) == _PLAIN
            and character not in _BUT_FOR
            and normalize("NFKD", character) == character
        ):
            # Told at a glance: a text of nothing but characters never met before takes little longer.
            read = (character, 0)
        else:
            read = _seen_as(character)
        if len(self) < _REMEMBERED_MAX:
            self[character] = read
        return read


_known = _Known()


class _Plainly(dict[int, str]):
    """What each character reads as, by its code."""

    def __missing__(self, code: int) -> str:
        read = _known[chr(code)][0]
        if len(self) < _REMEMBERED_MAX:
            self[code] = read
        return read


_plainly = _Plainly()


def _seen_as(character: str) -> tuple[str, int]:
    """What a reader takes the character for, and the gap that it makes where it is nothing but a gap."""
    if character in _PHRASE_ENDS:
        return "", Gap.PHRASE_END
    if is_unseen(character) and character != "\t":
        return "", Gap.NONE
    parts = [part for part in normalize("NFKD", _letter(character)) if not _is_mark(part)]
    seen = "".join(map(_as_read, parts))
    if seen or not parts:
        return seen, Gap.NONE
    return "", max(_gap(part) for part in parts)


def _as_read(part: str) -> str:
    """One compatible character as it is read; nothing if it only separates."""
    part = SIMPLIFIED.get(part, part)
    kind = category(part)
    if part in STROKES or (kind in SIGN_CATEGORIES and part not in LATIN):
        return ""
    if kind == _PLAIN:
        return _letter(part)
    if kind[0] in "PSZC":
        return ""
    figure = _HANGZHOU.get(part, digit(part, None))
    if figure is not None:
        return str(figure)
    return "".join(_letter(SIMPLIFIED.get(each, each)) for each in _letter(part).casefold())


def _letter(character: str) -> str:
    return LATIN.get(character, character)


def _is_mark(part: str) -> bool:
    return category(part) in _MARKS


def _gap(part: str) -> Gap:
    ends = part in _PHRASE_ENDS or category(part) in _PHRASE_END_CATEGORIES
    return Gap.PHRASE_END if ends else Gap.SEPARATED
