"""How often a number may be written to, and how soon with the same text (11.3.17)."""

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from unicodedata import normalize

from openmas.domain.batch import IDEMPOTENT_FOR
from openmas.domain.characters import is_unseen
from openmas.domain.contract import Category, Limits
from openmas.domain.limits import Frequency
from openmas.domain.reasons import NUMBER_TOO_OFTEN, SAME_TEXT_TOO_SOON

TEXT_BYTES = 4
# Whoever found two keys of one mark could pass every limit on how often a number is written to.
MARK_BYTES = 16
# 10:30 is not 1030, and 1.5 not 15.
_STOP = "[ .,:;!?、。—]"
_STOPS = re.compile(f"{_STOP}(?:(?<![0-9].){_STOP}*|{_STOP}*+(?![0-9]))")
# What is read as it is written; most texts are made of it, but for two that are rewritten quickly.
_LEGIBLE = re.compile(r"[ -~\u3001-\u3020\u4e00-\u9fff]*")
_REMEMBERED_MAX = 30_000


@dataclass(frozen=True, slots=True)
class Event:
    """A message that a number got, or is to get.

    Shape: `at` is when it is to be sent, `noted_at` when the request came that asked for it; `text` and
    `request` are the first bytes of a SHA-256: of the text as it is read, and of the request's idempotency
    key, by which a repeated request knows what it has counted already.
    """

    at: datetime
    text: bytes
    request: bytes
    noted_at: datetime

    @property
    def source(self) -> tuple[bytes, datetime, datetime]:
        """What all messages have in common that were noted at once, and no others."""
        return self.request, self.noted_at, self.at


@dataclass(frozen=True, slots=True)
class Book:
    """Where the messages of one category of one client are noted; those of test keys stand apart."""

    client: str
    category: Category
    test: bool


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks what was noted: the mark of its key, when it came, and when its messages are to be sent."""

    mark: bytes
    came_at: datetime
    at: datetime

    def noted(self, mark: bytes, noted_at: datetime) -> bool:
        """Whether it has noted this itself; once its key is forgotten, it stands for another request."""
        return mark == self.mark and abs(self.came_at - noted_at) < IDEMPOTENT_FOR

    def event(self, text: str) -> Event:
        """What is noted of one of its messages."""
        return Event(self.at, digest_of_text(text), self.mark, self.came_at)


@dataclass(frozen=True, slots=True)
class Seen:
    """What some numbers were sent near a time.

    Shape: `events` of those numbers that have any, without those of the request that asks; `noted` are the
    numbers that this request has noted before; `stands` is known to who has read it, and says what was read.
    """

    events: Mapping[str, Collection[Event]] = field(default_factory=dict)
    noted: frozenset[str] = frozenset()
    stands: object = None


@dataclass(frozen=True, slots=True)
class Spacing:
    """What a contract asks of the messages of one category to one number; all of it holds at once."""

    frequencies: tuple[Frequency, ...]
    same_text_within_s: int | None

    @property
    def reach(self) -> timedelta:
        """How far from a message another one may lie and still matter to it."""
        return timedelta(
            seconds=max(self.same_text_within_s or 0, *(f.within_s for f in self.frequencies), 0)
        )


def spacing_of(limits: Limits, category: Category) -> Spacing | None:
    """What the contract asks of a category; None if it asks nothing, which then costs nothing."""
    frequencies = tuple(limits.frequency.get(category, ()))
    if not frequencies and limits.same_text_within_s is None:
        return None
    return Spacing(frequencies, limits.same_text_within_s)


def mark_of(request: str) -> bytes:
    """By what a request knows itself when it comes again."""
    return sha256(request.encode()).digest()[:MARK_BYTES]


def digest(text: str) -> bytes:
    """By what a text is known again."""
    return sha256(text.encode()).digest()[:TEXT_BYTES]


# One text goes to many, and those of one template are often the same for some.
@lru_cache(maxsize=2_048)
def digest_of_text(text: str) -> bytes:
    """What tells one text from another that a reader takes for another.

    Shape: width, what nobody sees, blanks and stops make no difference, but those between two digits do.
    """
    return digest(_STOPS.sub("", _as_inked(text)))


def _as_inked(text: str) -> str:
    legible = text.replace("，", ",").replace("：", ":")
    if _LEGIBLE.fullmatch(legible):
        return legible
    # What was read character by character is in its normal form nearly always, which is seen at once.
    return normalize("NFKC", text.translate(_inked))


class _Inked(dict[int, str]):
    """Each character by its code as it is read: a blank for whatever is blank, nothing if nobody sees it."""

    def __missing__(self, code: int) -> str:
        inked = "".join(map(_inked_one, normalize("NFKC", chr(code))))
        if len(self) < _REMEMBERED_MAX:
            self[code] = inked
        return inked


def _inked_one(form: str) -> str:
    return " " if form.isspace() else "" if is_unseen(form) else form


_inked = _Inked()


def too_soon(spacing: Spacing, events: Collection[Event], at: datetime, text: bytes) -> str | None:
    """Why a number with these events may not get this text at this time; None if it may.

    Shape: events may lie before and after, as some messages wait for their time.
    """
    if not events:
        return None
    times = sorted(event.at for event in events)
    if any(_crowded(times, at, each) for each in spacing.frequencies):
        return NUMBER_TOO_OFTEN
    within = timedelta(seconds=spacing.same_text_within_s or 0)
    if any(event.text == text and abs(event.at - at) < within for event in events):
        return SAME_TEXT_TOO_SOON
    return None


def refused_by_frequency(
    spacing: Spacing, wanted: Mapping[str, Event], seen: Mapping[str, Collection[Event]]
) -> dict[str, str]:
    """The numbers that may not get what is wanted after what was seen of them, each with the reason."""
    return {
        number: code
        for number, events in seen.items()
        if (code := too_soon(spacing, events, wanted[number].at, wanted[number].text)) is not None
    }


def _crowded(times: list[datetime], at: datetime, rule: Frequency) -> bool:
    """Whether one more message at this time makes some stretch of time hold too many.

    Shape: times in rising order. Two messages as far apart as the stretch is long do not lie in one.
    """
    if len(times) < rule.messages:
        return False
    place = bisect_left(times, at)
    after = [*times[:place], at, *times[place:]]
    within = timedelta(seconds=rule.within_s)
    firsts = range(max(place - rule.messages, 0), min(place, len(after) - rule.messages - 1) + 1)
    return any(after[first + rule.messages] - after[first] < within for first in firsts)
