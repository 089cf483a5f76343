"""The term of a contract: from when until when it runs, and how it renews itself (clauses 9, 7.2, 10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum


class TermPhase(StrEnum):
    NOT_STARTED = "not_started"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Term:
    """The agreed term and how it renews.

    Shape: both days belong to it; `renew_months` 0 means that it does not renew; `renewals_max` None that it
    does without end. An objection stops the first renewal for which it was received in time; one that came
    too late for this end counts for the next. `extended_days` move the first end (7.2). `terminated_on` is
    the last day of all, if the parties ended the contract before (10).
    """

    start_on: date
    end_on: date
    renew_months: int
    notice_days: int
    renewals_max: int | None = None
    objection_received_on: date | None = None
    extended_days: int = 0
    terminated_on: date | None = None


@dataclass(frozen=True, slots=True)
class TermState:
    """Where a day lies; the days of the term in force, if one is."""

    state: TermPhase
    start_on: date | None = None
    end_on: date | None = None


def term_state(term: Term, on: date) -> TermState:
    """What the contract's term is on a day in Shanghai."""
    if on < term.start_on:
        return TermState(TermPhase.NOT_STARTED)
    for start_on, end_on in terms(term):
        if on <= end_on:
            return TermState(TermPhase.ACTIVE, start_on, end_on)
    return TermState(TermPhase.ENDED)


def hangs_on_renewal(term: Term, today: date, on: date) -> bool:
    """Whether a day lies in a term that an objection received from today on could still prevent."""
    for _, end_on in terms(term):
        if on <= end_on:
            return False
        if today <= end_on - timedelta(days=term.notice_days):
            return True
    return False


def last_day(term: Term, on: date) -> date | None:
    """The last day of a term that is over on a day; None before that."""
    ended_on = None
    for _, end_on in terms(term):
        if on <= end_on:
            return None
        ended_on = end_on
    return ended_on


def terms(term: Term) -> Iterator[tuple[date, date]]:
    """The first term and every renewal of it, without a gap between them, as far as the calendar goes."""
    last_on = term.terminated_on
    for start_on, end_on in _agreed_terms(term):
        if last_on is not None and last_on <= end_on:
            yield start_on, last_on
            return
        yield start_on, end_on


def _agreed_terms(term: Term) -> Iterator[tuple[date, date]]:
    start_on, end_on = term.start_on, term.end_on + timedelta(days=term.extended_days)
    renewed_on = end_on + timedelta(days=1)
    renewals = 0
    yield start_on, end_on
    while _renews(term, end_on, renewals):
        renewals += 1
        # Always reckoned from the first renewal, so that a short month does not shorten all that follow.
        next_start_on = add_months(renewed_on, renewals * term.renew_months)
        start_on, end_on = end_on + timedelta(days=1), next_start_on - timedelta(days=1)
        yield start_on, end_on


def add_months(on: date, months: int) -> date:
    """The same day so many months later, or the last of that month if it has no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, _days_of_month(year, month + 1)))


def _renews(term: Term, end_on: date, renewals: int) -> bool:
    if term.renew_months == 0 or end_on.year + term.renew_months // 12 + 1 >= MAXYEAR:
        return False
    if term.renewals_max is not None and renewals >= term.renewals_max:
        return False
    objection = term.objection_received_on
    return objection is None or objection > end_on - timedelta(days=term.notice_days)


def _days_of_month(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
