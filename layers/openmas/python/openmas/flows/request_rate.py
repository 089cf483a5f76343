"""Take no more submissions from a client than its contract allows in a second (2.2.5)."""

from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.profile import Mode, Profile
from openmas.domain.reasons import REASONS, REQUESTS_TOO_FAST
from openmas.errors import LimitExceeded
from openmas.needs import Clock, Pace

# So far ahead of its pace may a client be: in t seconds it gets no more than t + 1 seconds' requests and one.
BURST_S = 1.0
RETRY_AFTER_S = 1


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def pace(self) -> Pace: ...


def check_rate(needs: Needs, profile: Profile, mode: Mode) -> None:
    """The request is within the client's rate, and counts towards it; without a rate nothing is asked.

    Raises: LimitExceeded, and then it does not count.
    """
    contract = profile.contract_on(shanghai_day(needs.clock.now()))
    rate = contract.limits.requests_per_s if contract else None
    if rate is None:
        return
    name = "requests" if mode is Mode.LIVE else "test-requests"
    if needs.pace.reserve(profile.client.id, name, 1 / rate, BURST_S) is None:
        reason = REASONS[REQUESTS_TOO_FAST]
        told = f"{reason.en} It allows {rate} in a second."
        raise LimitExceeded(reason.code, told, reason.clause, retry_after_s=RETRY_AFTER_S)
