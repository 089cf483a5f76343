"""When something is to be sent: how far ahead, and whether its contract still stands then (clause 9)."""

from datetime import datetime, timedelta

from openmas.domain import reasons
from openmas.domain.calendar import shanghai_day
from openmas.domain.contract import Contract
from openmas.domain.term import hangs_on_renewal
from openmas.errors import InvalidInput

AHEAD_MAX = timedelta(days=35)


def check_ahead(send_at: datetime | None, now: datetime) -> None:
    """The time, if one is asked for, lies ahead and not too far.

    Raises: InvalidInput.
    """
    if send_at is not None and send_at <= now:
        raise InvalidInput("send_at_past", "`send_at` has passed; leave it out to send at once.")
    if send_at is not None and send_at > now + AHEAD_MAX:
        raise InvalidInput("send_at_too_far", f"`send_at` lies at most {AHEAD_MAX.days} days ahead.")


def whole_second(at: datetime) -> datetime:
    """The first whole second from this time on: no schedule knows a part of one."""
    return at + timedelta(microseconds=-at.microsecond % 1_000_000)


def warnings_of(contract: Contract, now: datetime, starts_at: datetime) -> tuple[str, ...]:
    """What the client should know of the time at which its accepted submission is to be sent."""
    hangs = hangs_on_renewal(contract.term, shanghai_day(now), shanghai_day(starts_at))
    return (reasons.HANGS_ON_RENEWAL,) if hangs else ()
