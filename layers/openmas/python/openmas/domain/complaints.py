"""Complaints (投诉) and the ladder that they climb: warned, slowed, marketing stopped, all stopped.

The rate is complaints for a million messages that went on the air in a rolling month; the numbers stand in
the contract. What was found unfounded does not count, nor what concerns a message from before a measure was
lifted, nor what nobody can tie to a message of the client; and what one recipient has against one message
counts once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openmas.domain.batch import Batch
from openmas.domain.calendar import day_start_at, shanghai_day
from openmas.domain.contract import Category
from openmas.domain.cutting import OfDay
from openmas.domain.ids import day_of
from openmas.domain.limits import ComplaintLadder
from openmas.domain.measures import Cause, Measure, Rung
from openmas.domain.tally import on_air, tally_day
from openmas.domain.template import Template

ROLLING_MONTH = timedelta(days=30)
_MILLION = 1_000_000


class Finding(StrEnum):
    """What came of looking into a complaint."""

    UPHELD = "upheld"
    UNFOUNDED = "unfounded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a recipient complained of, with the message that he most likely means.

    Shape: `at` is when he complained; `message` is the newest one that he could have seen by then, or the one
    that was named, None where there is none; `template`, its version, `category`, and `starts_at`, from when
    on it might be sent, are those of the message; `finding` None while nobody has looked into it.
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
    template_version: int | None = None
    category: Category | None = None
    starts_at: datetime | None = None
    finding: Finding | None = None

    def concerns(self, template: Template) -> bool:
        """Whether it is about a message with the text of this very version."""
        return (self.template, self.template_version) == (template.id, template.version)


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


def counted(
    complaints: Iterable[Complaint], since: datetime, until: datetime, anew_at: datetime | None = None
) -> list[Complaint]:
    """The complaints that the ladder looks at: the first about each message, if it is of this time.

    Shape: a message has one recipient, who may complain of it in several places; `anew_at` is the time from
    which messages count, None for all.
    """
    first: dict[str, Complaint] = {}
    for each in sorted(complaints, key=lambda each: each.at):
        if each.message is not None and each.finding is not Finding.UNFOUNDED and each.at <= until:
            first.setdefault(each.message, each)
    counting = [each for each in first.values() if each.at >= since]
    return [each for each in counting if anew_at is None or (each.starts_at or each.at) >= anew_at]


def told_from(complaints: Iterable[Complaint]) -> datetime | None:
    """From when on recipients may have complained of the messages that these are about; None if of none."""
    days = [day_of(each.message) for each in complaints if each.message is not None]
    return day_start_at(min(days)) if days else None


def counts_anew_at(measures: Iterable[Measure], template: str | None = None) -> datetime | None:
    """From when on messages count: since a measure for complaints was last lifted; None for all of them.

    Shape: against a template counts less, as a measure against it alone may have been lifted, too.
    """
    return max(_lifted_at(measures, template), default=None)


def lifts(measures: Iterable[Measure], template: str) -> int:
    """How often the count about a template has begun anew with a measure that was lifted."""
    return len(set(_lifted_at(measures, template)))


def _lifted_at(measures: Iterable[Measure], template: str | None) -> Iterator[datetime]:
    against = (each for each in measures if each.template in (None, template))
    return (each.lifted.at for each in against if each.cause is Cause.COMPLAINTS and each.lifted)


def begun(day: Iterable[OfDay], since: datetime, template: Template | None) -> int:
    """How many of a day's messages went that might be sent from then on, by this version if one is meant.

    Shape: each batch comes before its own parcels.
    """

    def counts(each: OfDay) -> bool:
        if not isinstance(each, Batch):
            return True
        asked = template is None or (each.template, each.template_version) == (template.id, template.version)
        return asked and (each.send_at or each.accepted_at) >= since

    # The parcels of a batch that is left out are nobody's, and are not counted.
    return on_air(tally_day(filter(counts, day), None).states)


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
