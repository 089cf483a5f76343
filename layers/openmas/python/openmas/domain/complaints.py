"""Complaints (投诉) and the ladder that they climb: warned, slowed, marketing stopped, all stopped.

The rate is complaints for a million messages that went on the air in a rolling month; the numbers stand in
the contract. What was found unfounded does not count, nor what came before a measure was lifted, nor what
nobody can tie to a message of the client; and what one recipient has against one message counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openmas.domain.calendar import shanghai_day
from openmas.domain.contract import Category
from openmas.domain.limits import ComplaintLadder
from openmas.domain.measures import Cause, Measure, Rung

ROLLING_MONTH = timedelta(days=30)
_MILLION = 1_000_000


class Finding(StrEnum):
    """What came of looking into a complaint."""

    UPHELD = "upheld"
    UNFOUNDED = "unfounded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a recipient complained of, with the message that he most likely means.

    Shape: `at` is when he complained; `message`, `template` and `category` are those of the newest message
    that he could have seen by then, None where there is none; `finding` None while nobody has looked into it.
    """

    id: str
    client: str
    number: str
    at: datetime
    source: str
    text: str
    filed_by: str
    filed_at: datetime
    message: str | None = None
    template: str | None = None
    category: Category | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a complaint when it came in.

    Shape: `message` is named by whoever knows it; otherwise it is looked for.
    """

    number: str
    at: datetime
    source: str
    text: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ComplaintRate:
    """How often recipients complained of a client in its rolling month.

    Shape: `rung` is where the contract's ladder puts that, None for nowhere or where there is no ladder.
    """

    since: datetime
    complaints: int
    messages: int
    rung: Rung | None

    @property
    def said(self) -> str:
        """The rate in words, for whoever asks why."""
        return f"{self.complaints} complaints about {self.messages} messages since {shanghai_day(self.since)}"


def counted(complaints: Iterable[Complaint], since: datetime, until: datetime) -> list[Complaint]:
    """The complaints that the ladder looks at: the first about each message, if it is of this time.

    Shape: a message has one recipient, who may complain of it in several places.
    """
    first: dict[str, Complaint] = {}
    for each in sorted(complaints, key=lambda each: each.at):
        if each.message is not None and each.finding is not Finding.UNFOUNDED and each.at <= until:
            first.setdefault(each.message, each)
    return [each for each in first.values() if each.at >= since]


def counts_from(measures: Iterable[Measure], now: datetime, template: str | None = None) -> datetime:
    """From when on complaints count: a month ago, or when a measure for complaints was last lifted.

    Shape: against a template counts less, as a measure against it alone may have been lifted, too.
    """
    lifted = [
        each.lifted.at
        for each in measures
        if each.cause is Cause.COMPLAINTS and each.lifted and each.template in (None, template)
    ]
    return max([now - ROLLING_MONTH, *lifted])


def rung_of(ladder: ComplaintLadder, complaints: int, messages: int) -> Rung | None:
    """How far up the ladder so many complaints about so many messages lead; None if not even to its foot."""
    if messages < ladder.messages_min:
        return None
    limits_ppm = (ladder.warn_ppm, ladder.slow_ppm, ladder.stop_marketing_ppm, ladder.stop_all_ppm)
    reached = [
        rung
        for rung, limit_ppm in zip(Rung, limits_ppm, strict=True)
        if complaints * _MILLION >= limit_ppm * messages
    ]
    return reached[-1] if complaints and reached else None
