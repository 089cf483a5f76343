"""What a text holds of the operator's words, and what follows from it (clauses 11.2 and 11.3).

A word is found however it is disguised: word and text are both read as a reader would (domain/likeness.py),
and the word is looked for in what is read. What could be chance is then left out (domain/semblance.py), and
what a person must judge is held.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, chain, zip_longest
from string import ascii_lowercase

from openmas.domain.content_kinds import ContentKind
from openmas.domain.likeness import Gap, Reading, has_signs, joined, plain, spelled_out, undisguised
from openmas.domain.reasons import CONTENT_REFUSED
from openmas.domain.semblance import Semblance, folded, is_chance, semblance
from openmas.domain.wording import VARIABLE, Gapped, gapped
from openmas.errors import NotAllowed

WORD_LENGTH_MAX = 32
_READ_LENGTH_MIN = 2
# What stands for a variable, and between texts. For private use, hence never read: no text brings it, and no
# word has it.
_ANYTHING = "\ue000"
# Likewise for what is nowhere found.
_NOTHING = "\ue001"
# A word of its own which between the characters of another is seen as a dash.
_DASH = "一"


class Action(StrEnum):
    """What a word does to a text that holds it."""

    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the operator wrote it, the kind of content that it betrays, and what it does."""

    text: str
    kind: ContentKind
    action: Action

    @property
    def plain(self) -> str:
        """What it reads as; two words that read alike are one."""
        return plain(self.text)

    @property
    def folded(self) -> str:
        """What it is looked for as."""
        return looked_for(self.text)


def looked_for(text: str) -> str:
    """What a word of this text is looked for as; if too little of it can be read, nothing that is found."""
    read = folded(plain(text))
    return read if len(read) >= _READ_LENGTH_MIN else _NOTHING


# Finds every word in what is read: the word's number, and where it begins and ends.
Spot = Callable[[str], Iterable[tuple[int, int, int]]]


@dataclass(frozen=True, slots=True)
class WordList:
    """The operator's words at one time, ready to be looked for; `word` gives one by its number."""

    version: int
    spot: Spot
    word: Callable[[int], Word]


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A word in a text: its kind, what follows, and from where to where it is written."""

    begin: int
    end: int
    kind: ContentKind
    action: Action


def can_be_found(text: str) -> bool:
    """Whether a text will do as a word: as it is read, not too short to mean anything, nor too long."""
    return len(text) <= WORD_LENGTH_MAX and len(plain(text)) >= _READ_LENGTH_MIN


def hits(text: str, words: WordList) -> Sequence[Hit]:
    """Every word that a reader would find in the text, in order."""
    return _in_all(text, lambda spelled: _found(undisguised(spelled), words))


def hits_in_template(text: str, words: WordList) -> Sequence[Hit]:
    """Every word in the text itself of a template, whatever its variables may come to hold."""
    variables = [variable.span() for variable in VARIABLE.finditer(text)]

    def look(spelled: str) -> Sequence[Hit]:
        read: list[Reading] = []
        at = 0
        for begin, end in variables:
            read += (undisguised(spelled[at:begin]), _anything(end - begin))
            at = end
        return _found(joined([*read, undisguised(spelled[at:])]), words)

    return _in_all(text, look)


def _anything(length: int) -> Reading:
    """What a variable reads as that is written with so many characters."""
    return Reading(_ANYTHING, _ANYTHING, _ANYTHING, (0,), bytes([Gap.NONE]), length)


def _in_all(text: str, look: Callable[[str], Sequence[Hit]]) -> Sequence[Hit]:
    """What is found in the text as it is, and with letters for its currency signs if that makes another."""
    spelled = spelled_out(text)
    return look(text) if spelled == text else sorted({*look(text), *look(spelled)})


@dataclass(frozen=True, slots=True)
class Checked:
    """A template's text that was looked through before, so that only its values are still to be looked at."""

    gaps: Gapped
    fixed: tuple[Reading, ...]

    @staticmethod
    def template(text: str) -> "Checked":
        gaps = gapped(text)
        return Checked(gaps, tuple(map(undisguised, gaps.fixed)))

    def hits(self, values: Sequence[str], words: WordList) -> Sequence[Hit]:
        """Every word that the values, in the order of the variables, bring into the text around them."""
        put_in = [values[gap] for gap in self.gaps.gaps]
        found = _brought(self.fixed, [_value(value) for value in put_in], words)
        whole = self.gaps.fill(values)
        spelled = spelled_out(whole)
        if spelled == whole:
            return found
        return sorted({*found, *_brought(*self._cut(spelled, put_in), words)})

    def hits_of_each(
        self, values: Mapping[int, tuple[str, ...]], words: WordList
    ) -> dict[int, Sequence[Hit]]:
        """By place what `hits` finds in the values there, where it finds anything."""
        found = {each: self.hits(each, words) for each in self._suspects(set(values.values()), words)}
        return {place: hits for place, each in values.items() if (hits := found.get(each))}

    def _suspects(self, values: Collection[tuple[str, ...]], words: WordList) -> list[tuple[str, ...]]:
        """Those that may bring in a word; all are searched at once, as nearly none does."""
        fixed = tuple([part.plain for part in self.fixed])
        fill, spotted_in, suspects = replace(self.gaps, fixed=fixed).fill, _Spotted(words), set[int]()
        read = [fill(tuple(map(plain, each))) for each in values]
        for dash in ("", _DASH):
            known = spotted_in.each({0: _ANYTHING.join(fixed).replace(dash, "")}).total()
            texts = {n: text.replace(dash, "") for n, text in enumerate(read) if dash in text}
            suspects |= {n for n, count in spotted_in.each(texts).items() if count > known}
        if has_signs("".join(chain(self.gaps.fixed, *values))):
            whole = enumerate(map(self.gaps.fill, values))
            suspects |= {n for n, text in whole if spelled_out(text) != text}
        return [each for n, each in enumerate(values) if n in suspects]

    def _cut(self, spelled: str, put_in: Sequence[str]) -> tuple[Sequence[Reading], Sequence[Reading]]:
        """How the fixed parts and the values read where all of it is spelled differently."""
        read, at = [], 0
        for length in chain.from_iterable(
            zip_longest(map(len, self.gaps.fixed), map(len, put_in), fillvalue=0)
        ):
            read.append(undisguised(spelled[at : at + length]))
            at += length
        return read[::2], read[1:-1:2]


class _Spotted:
    """What is spotted in texts as they are read, and may be judged to be there whatever stands around it."""

    def __init__(self, words: WordList) -> None:
        self._words = words
        self._passes: dict[tuple[int, str], bool] = {}

    def each(self, texts: Mapping[int, str]) -> Counter[int]:
        """How many there are in each text, by its number."""
        whole, numbers = _ANYTHING.join(texts.values()), tuple(texts)
        ends = list(accumulate([len(text) + 1 for text in texts.values()]))
        spots = self._words.spot(folded(whole))
        return Counter(
            numbers[bisect_right(ends, begin)]
            for number, begin, end in spots
            if self._may_pass(number, whole[begin:end])
        )

    def _may_pass(self, number: int, seen: str) -> bool:
        found = self._passes.get((number, seen))
        if found is None:
            # However it is written: only a stranger can be taken for any letter.
            alike = semblance(self._words.word(number).plain, seen, _ANYTHING * len(seen))
            found = self._passes[number, seen] = alike is not Semblance.NONE
        return found


def _brought(fixed: Sequence[Reading], put_in: Sequence[Reading], words: WordList) -> Sequence[Hit]:
    """The words that reach into what is put in between the fixed parts."""
    parts = [fixed[0]]
    spans: list[tuple[int, int]] = []
    at = len(fixed[0].plain)
    for value, behind in zip(put_in, fixed[1:], strict=True):
        parts += (value, behind)
        spans.append((at, at + len(value.plain)))
        at = spans[-1][1] + len(behind.plain)
    return _found(joined(parts), words, spans)


# Days, places and sums come again and again in one request.
_value = lru_cache(maxsize=2_048)(undisguised)


def _found(
    reading: Reading, words: WordList, spans: Sequence[tuple[int, int]] | None = None
) -> Sequence[Hit]:
    """The words in what is read; if spans are given, only those that reach into one of them."""
    spotted = [
        each
        for each in _spotted(reading, words)
        if spans is None or any(each[1][0] < end and begin <= each[1][-1] for begin, end in spans)
    ]
    return sorted({found for each in spotted for found in _judged(reading, words, *each)})


def _spotted(reading: Reading, words: WordList) -> Iterator[tuple[int, Sequence[int]]]:
    """The words' numbers, and where each of their characters is read; also of those read over a dash."""
    for number, begin, end in words.spot(reading.folded):
        yield number, range(begin, end)
    if _DASH not in reading.plain:
        return
    left = [place for place, each in enumerate(reading.plain) if each != _DASH]
    for number, begin, end in words.spot("".join([reading.folded[place] for place in left])):
        if left[end - 1] - left[begin] >= end - begin:
            yield number, left[begin:end]


def refused_for(found: Iterable[Hit]) -> ContentKind | None:
    """The kind for which a text with these hits is refused, the first one if there are several."""
    return next((each.kind for each in found if each.action is Action.REFUSE), None)


def refusal(kind: ContentKind) -> NotAllowed:
    """The error that says for which kind nobody may get a text; the word itself is not told."""
    told = f"The text holds what clause {kind.clause} forbids: {kind.en} ({kind.zh})."
    return NotAllowed(CONTENT_REFUSED, told, kind.clause)


def held_for(found: Iterable[Hit]) -> tuple[ContentKind, ...]:
    """The kinds for which a person must look at a text with these hits, each once."""
    return tuple(sorted({each.kind for each in found}))


def _judged(reading: Reading, words: WordList, number: int, read: Sequence[int]) -> Iterator[Hit]:
    word, begin, end = words.word(number), read[0], read[-1] + 1
    meant = word.plain
    seen, written = ("".join([text[place] for place in read]) for text in (reading.plain, reading.written))
    alike = semblance(meant, seen, written)
    if alike is Semblance.NONE or not _stands_alone(reading, begin, end, alike):
        return
    gap = max(reading.gaps[begin + 1 : end], default=Gap.NONE)
    over_dash = end - begin > len(read)
    doubtful = alike is Semblance.DOUBTFUL or over_dash
    if doubtful and not _of_one_piece(meant, seen, gap):
        return
    if doubtful and is_chance(*_beside(reading, begin, seen, end), over_dash=over_dash):
        return
    action = Action.HOLD if doubtful or gap == Gap.PHRASE_END else word.action
    yield Hit(reading.places[begin], reading.places[end - 1] + 1, word.kind, action)


def _beside(reading: Reading, begin: int, seen: str, end: int) -> tuple[str, str, str]:
    """What is seen, between the characters that stand right before and behind it."""
    before = reading.plain[begin - 1] if begin and not reading.gaps[begin] else ""
    behind = reading.plain[end] if end < len(reading.plain) and not reading.gaps[end] else ""
    return before, seen, behind


def _of_one_piece(meant: str, seen: str, gap: int) -> bool:
    """Whether what may be chance is none by where it is parted: 目睹，博士 are two words, and so are 5 ex."""
    figures = any(meant[n] in ascii_lowercase and seen[n] in "23456789" for n in (0, -1))
    return gap == Gap.NONE or (gap == Gap.SEPARATED and not figures)


def _stands_alone(reading: Reading, begin: int, end: int, alike: Semblance) -> bool:
    """Whether no run of letters or digits goes on beyond it: there is no sex in Essex, nor s3x in 4S3X."""
    return _begins_here(reading, begin, alike) and (
        end == len(reading.plain) or _begins_here(reading, end, alike)
    )


def _begins_here(reading: Reading, at: int, alike: Semblance) -> bool:
    if at == 0 or reading.gaps[at]:
        return True
    before, after = reading.plain[at - 1], reading.plain[at]
    if not (before.isascii() and after.isascii()):
        return True
    return alike is Semblance.SURE and before.isdigit() is not after.isdigit()
