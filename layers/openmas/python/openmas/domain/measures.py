"""Measures: what the operator holds against a client, its ports or its messages until it is lifted.

A measure stops some categories, or slows all of them, for a cause that the contract names; it never deletes
anything. What it means for messages that are under way is the same for every cause:

    queued, scheduled, held    asked again before their call: refused with the measure's own reason
    under way with a carrier   the call is finished, its receipts are taken, and what was taken is billed
    unknown                    not called again while the measure stands; its receipt still settles it

Source: clauses 2.1.6, 2.2.3, 11.9 and 11.14.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from openmas.domain import reasons
from openmas.domain.change import Change
from openmas.domain.contract import Category


class Cause(StrEnum):
    """Why a measure was taken."""

    COMPLAINTS = "complaints"
    ARREARS = "arrears"
    EMERGENCY = "emergency"
    VIOLATION = "violation"


class Rung(StrEnum):
    """The steps that complaints climb, the mildest first."""

    WARN = "warn"
    SLOW = "slow"
    STOP_MARKETING = "stop_marketing"
    STOP_ALL = "stop_all"

    @property
    def stops(self) -> frozenset[Category]:
        """The categories that it keeps from being sent."""
        match self:
            case Rung.STOP_MARKETING:
                return frozenset({Category.MARKETING})
            case Rung.STOP_ALL:
                return frozenset(Category)
        return frozenset()

    @property
    def height(self) -> int:
        return list(Rung).index(self)


REASON_OF: dict[Cause, str] = {
    Cause.COMPLAINTS: reasons.STOPPED_FOR_COMPLAINTS,
    Cause.ARREARS: reasons.STOPPED_FOR_ARREARS,
    Cause.EMERGENCY: reasons.STOPPED_IN_EMERGENCY,
    Cause.VIOLATION: reasons.STOPPED_FOR_VIOLATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure against one client, or against all versions of one `template` of it.

    Shape: `stops` are the categories that may not be sent, none of them for a mere warning; `rate_per_s` is
    how many messages a second all the others may make; `rung` is the step at which complaints brought it
    about; one that was lifted is kept and counts no more.
    """

    id: str
    cause: Cause
    taken: Change
    stops: frozenset[Category] = field(default_factory=frozenset)
    rate_per_s: int | None = None
    rung: Rung | None = None
    template: str | None = None
    appeal: Change | None = None
    lifted: Change | None = None

    @property
    def in_force(self) -> bool:
        return self.lifted is None


def stopped_by(
    measures: Iterable[Measure], category: Category, template: str | None = None
) -> Measure | None:
    """The measure that keeps a category from being sent, by this template if by any; the one taken first."""
    against = [
        each
        for each in measures
        if each.in_force and category in each.stops and each.template in (None, template)
    ]
    return min(against, key=lambda each: (each.taken.at, each.id), default=None)


def slowed_to(measures: Iterable[Measure], template: str | None = None) -> int | None:
    """The messages a second that the measures in force leave a client, or one template; None for no limit."""
    against = _against(measures, template)
    return min((each.rate_per_s for each in against if each.rate_per_s), default=None)


def frees(others: Iterable[Measure], lifted: Measure) -> bool:
    """Whether anything may go faster now that this measure was lifted, whatever others still stand."""
    left = [each for each in others if each.in_force and each.template in (None, lifted.template)]
    rate = lifted.rate_per_s
    return rate is not None and all(each.rate_per_s is None or each.rate_per_s > rate for each in left)


def height_of(measures: Iterable[Measure], template: str | None = None) -> int:
    """How high on the ladder the measures in force put a client, or one template; below zero: not on it."""
    return max((each.rung.height for each in _against(measures, template) if each.rung), default=-1)


def _against(measures: Iterable[Measure], template: str | None) -> Iterator[Measure]:
    return (each for each in measures if each.in_force and each.template == template)
