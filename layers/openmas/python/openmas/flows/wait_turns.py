"""Wait for a parcel's turn: a short pause where the next free slot is near, else a place in the line."""

from datetime import datetime, timedelta
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.hours import may_go_at
from openmas.domain.pace import LINE_MAX_S, PAUSE_MAX_S, come_back_s, limits_on
from openmas.domain.parcel import QUEUE_GRACE, Parcel
from openmas.domain.profile import Profile
from openmas.domain.rules import objection
from openmas.needs import Clock, Messages, Pace, Registry, WorkQueue


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def pace(self) -> Pace: ...
    def pause(self, duration_s: float, /) -> None: ...


def wait_turn(needs: Needs, batch: Batch, parcel: Parcel) -> bool:
    """Whether the parcel may be called now, if anything else lets it; if not, it stands in line.

    Shape: before the other checks, which then see the world after the pause. What costs nothing stays free:
    without a rate no slot is asked for.
    Raises: Conflict if the parcel has moved on.
    """
    again_s = None if batch.test else _come_again_s(needs, batch, parcel)
    if again_s is None:
        return True
    again_at = needs.clock.now() + timedelta(seconds=again_s)
    # The sweep would make a second record of one that only waits, and the line would be full of doubles.
    if parcel.due_at is None or parcel.due_at < again_at + QUEUE_GRACE / 2:
        parcel = parcel.rest(again_at + QUEUE_GRACE)
        needs.messages.save(parcel)
    needs.queue.put([parcel], delay_s=again_s)
    return False


def _must_not_go(batch: Batch, profile: Profile, now: datetime) -> bool:
    """Whether the contract lets it not go now, so that it needs no turn."""
    on = shanghai_day(now)
    contract = profile.contract_on(on)
    at_night = contract is not None and may_go_at(contract, batch.category, now) > now
    return at_night or objection(batch.sending, profile, on) is not None


def _come_again_s(needs: Needs, batch: Batch, parcel: Parcel) -> int | None:
    """In how many seconds the parcel is to come again; None if it is its turn now, perhaps after a pause."""
    profile, now = needs.registry.profile(batch.client), needs.clock.now()
    if profile is None or parcel.valid_until <= now or _must_not_go(batch, profile, now):
        return None
    messages = len(parcel.to_send)
    for limit in limits_on(profile, batch.port):
        wait_s = needs.pace.reserve(batch.client, limit.name, limit.slot_s(messages), PAUSE_MAX_S)
        if wait_s is None:
            place_s = needs.pace.reserve(batch.client, limit.line, limit.place_s(messages), LINE_MAX_S)
            return come_back_s(parcel.id) if place_s is None else max(1, round(place_s))
        if wait_s:
            needs.pause(wait_s)
    return None
