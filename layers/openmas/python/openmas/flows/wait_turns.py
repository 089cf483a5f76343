"""Wait for a parcel's turn: a short pause where the next free slot is near, else a place in the line."""

from datetime import datetime, timedelta
from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.hours import may_go_at
from openmas.domain.pace import LINE_MAX_S, PAUSE_MAX_S, come_back_s, limits_on
from openmas.domain.parcel import QUEUE_GRACE, Parcel
from openmas.domain.profile import Profile
from openmas.flows.wake_ports import DUE_WITHIN
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


def wait_turn(needs: Needs, batch: Batch, parcel: Parcel, profile: Profile) -> bool:
    """Whether the parcel, which may be called by the rules, may be called now; if not, it stands in line.

    Shape: what costs nothing stays free: without a rate no slot is asked for.
    Raises: Conflict if the parcel has moved on.
    """
    again_s = None if batch.test else _come_again_s(needs, batch, parcel, profile)
    if again_s is None:
        return True
    now = needs.clock.now()
    again_at = now + timedelta(seconds=again_s)
    due_at = parcel.due_at or now
    if due_at < again_at + QUEUE_GRACE / 2:
        # The sweep would make a second record of one that only waits, and the line would be full of doubles.
        due_at = again_at + QUEUE_GRACE
    # Who wakes what waits looks no further, and the sweep may have put it off for longer.
    due_at = min(due_at, now + DUE_WITHIN)
    if due_at != parcel.due_at:
        parcel = parcel.rest(due_at)
        needs.messages.save(parcel)
    needs.queue.put([parcel], delay_s=again_s)
    return False


def _must_not_go(batch: Batch, parcel: Parcel, profile: Profile, now: datetime) -> bool:
    """Whether its time lets it not go now, so that it needs no turn."""
    contract = profile.contract_on(shanghai_day(now))
    at_night = contract is not None and may_go_at(contract, batch.category, now) > now
    return at_night or parcel.valid_until <= now


def _come_again_s(needs: Needs, batch: Batch, parcel: Parcel, profile: Profile) -> int | None:
    """In how many seconds the parcel is to come again; None if it is its turn now, perhaps after a pause.

    Shape: what is known of the client may be some seconds old. Nobody stands in line for that: before, it is
    asked afresh.
    """
    if _must_not_go(batch, parcel, profile, needs.clock.now()):
        return None
    on = batch.port, batch.template
    messages, limits = len(parcel.to_send), tuple(limits_on(profile, *on))
    for limit in limits:
        slot_s = limit.slot_s(messages)
        wait_s = needs.pace.reserve(batch.client, limit.name, slot_s, PAUSE_MAX_S, limit.longest_s)
        if wait_s is None:
            known = needs.registry.profile(batch.client, fresh=True)
            if known is not None and tuple(limits_on(known, *on)) != limits:
                return _come_again_s(needs, batch, parcel, known)
            place_s = needs.pace.reserve(batch.client, limit.line, limit.place_s(messages), LINE_MAX_S)
            return come_back_s(parcel.id) if place_s is None else max(1, round(place_s))
        if wait_s:
            needs.pause(wait_s)
    return None
