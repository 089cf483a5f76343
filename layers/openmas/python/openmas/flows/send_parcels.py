"""Send a parcel at most once: check again, take the call, make it, and write down what the answer proves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.batch import Batch, call_for
from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import Accepted, Answer, Call, NotTaken
from openmas.domain.hours import may_go_at
from openmas.domain.ids import batch_of
from openmas.domain.listing import lists_to_ask, refused_by_lists
from openmas.domain.parcel import Law, Parcel, Refusal, State
from openmas.domain.profile import Profile
from openmas.domain.review import reason_of_refusal, undecided
from openmas.domain.rules import PUT_OFF, objection
from openmas.errors import Conflict, Unavailable
from openmas.flows.hold_units import save_parcel
from openmas.flows.unsent import unsent
from openmas.flows.wait_turns import wait_turn
from openmas.needs import (
    Carrier,
    Carriers,
    Clock,
    Lists,
    Messages,
    Pace,
    Recent,
    Registry,
    Units,
    WorkQueue,
)

AGAIN_DELAY_S = 10
QUEUE_DELAY_MAX_S = 900
SECOND = timedelta(seconds=1)
SAVE_TRIES = 20
# How soon a parcel that is put off, on a closed port say, is looked at again.
PUT_OFF_FOR = timedelta(minutes=2)


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def carriers(self) -> Carriers: ...
    @property
    def units(self) -> Units: ...
    @property
    def recent(self) -> Recent: ...
    @property
    def pace(self) -> Pace: ...
    def pause(self, duration_s: float, /) -> None: ...


class Sent(StrEnum):
    """What became of one record."""

    NOT_WAITING = "not_waiting"
    NOT_COMMITTED = "not_committed"
    NOT_YET = "not_yet"
    HELD = "held"
    TAKEN_BY_ANOTHER = "taken_by_another"
    CLOSED_UNSENT = "closed_unsent"
    PUT_OFF = "put_off"
    IN_LINE = "in_line"
    CALLED = "called"
    LATER = "later"


def send_parcel(needs: Needs, client: str, parcel_id: str, attempt: int) -> tuple[Sent, Parcel | None]:
    """The parcel has been offered to its carrier, unless it was not to be; with the parcel as it stands.

    Shape: `attempt` is how many attempts had been made when the record was written; one that was overtaken is
    done, or every doubled record would live as long as its parcel.
    Raises: Unavailable when the record should be tried again.
    """
    parcel = needs.messages.parcel(client, parcel_id)
    if parcel is None:
        return Sent.NOT_WAITING, None
    if parcel.state is not State.QUEUED or parcel.attempt != attempt:
        _keep_reference(needs, parcel)
        _take_back(needs, parcel)
        return Sent.NOT_WAITING, parcel
    try:
        ready = _ready(needs, parcel)
    except Unavailable:
        # Nothing was called yet. The queue itself would bring the record again only after many minutes.
        needs.queue.put([parcel], delay_s=AGAIN_DELAY_S)
        return Sent.LATER, parcel
    if isinstance(ready, Sent):
        return ready, parcel
    if ready.call is None:
        unsent(needs, ready.batch, [ready.parcel])
        return Sent.CLOSED_UNSENT, ready.parcel
    answered = _write_down(needs, ready.parcel, ready.carrier.send(ready.call))
    if ready.refused:
        # Behind the call: nobody else's message waits for it.
        unsent(needs, ready.batch, [ready.parcel])
    return Sent.CALLED, answered


@dataclass(frozen=True, slots=True)
class _Ready:
    """A parcel that is ours to call, or, without a call, one that was closed.

    Shape: the carrier was found before the parcel was taken, as one that is missing must not leave a doubt;
    with `refused` some of it was taken out just now.
    """

    batch: Batch
    parcel: Parcel
    carrier: Carrier
    call: Call | None
    refused: bool


def _ready(needs: Needs, parcel: Parcel) -> _Ready | Sent:
    batch = needs.messages.batch(parcel.client, batch_of(parcel.id))
    if batch is None:
        return Sent.NOT_COMMITTED
    carrier, now = needs.carriers.named(parcel.carrier), needs.clock.now()
    if batch.send_at is not None and batch.waits(now):
        # Released by a clock that was a little ahead of ours.
        needs.queue.put([parcel], delay_s=min(QUEUE_DELAY_MAX_S, -(-(batch.send_at - now) // SECOND)))
        return Sent.NOT_YET
    verdict = needs.messages.verdict(batch.client, batch.id) if batch.held else None
    if batch.held and undecided(verdict):
        return Sent.HELD
    profile, reason = _objection(needs, batch, now)
    if profile is not None and reason is None:
        try:
            if not wait_turn(needs, batch, parcel, profile):
                return Sent.IN_LINE
        except Conflict:
            return Sent.TAKEN_BY_ANOTHER
        # The world may have changed during the pause.
        now = needs.clock.now()
        profile, reason = _objection(needs, batch, now)
    reason = reason_of_refusal(batch, verdict) or reason
    if batch.file is not None and _cancelled(needs, batch):
        reason = reasons.CANCELLED
    if (until := _put_off_until(profile, batch, reason, now)) > now and parcel.valid_until > now:
        return _put_off(needs, parcel, until)
    refused = _refused_now(needs, batch, parcel, reason)
    # What may have been sent already is not taken out: its receipt must still find it.
    left = parcel.refuse(refused, _law(profile, now)) if not parcel.ambiguous else parcel
    doubtful = parcel.ambiguous and (
        refused or not parcel.recognised(now, carrier.capabilities.deduplicates_s)
    )
    closed = doubtful or not left.to_send or parcel.valid_until <= now
    ours = left.closed_unsent(now) if closed else left.calling(now)
    try:
        save_parcel(needs, parcel, ours)
    except Conflict:
        return Sent.TAKEN_BY_ANOTHER
    return _Ready(batch, ours, carrier, None if closed else call_for(batch, ours), bool(refused))


def _objection(needs: Needs, batch: Batch, now: datetime) -> tuple[Profile | None, str | None]:
    """What is known of the client, and the rule that the batch breaks now, if it does.

    Shape: what is known may be some seconds old. Nothing is refused for that: before, it is asked afresh.
    """
    for fresh in (False, True):
        profile = needs.registry.profile(batch.client, fresh=fresh)
        on = shanghai_day(now)
        reason = objection(batch.sending, profile, on) if profile else reasons.CLIENT_SUSPENDED
        if reason is None:
            break
    return profile, reason


def _law(profile: Profile | None, now: datetime) -> Law | None:
    contract = profile.contract_on(shanghai_day(now)) if profile else None
    return Law(contract.number, contract.version) if contract else None


def _cancelled(needs: Needs, batch: Batch) -> bool:
    """Whether a batch from a file was cancelled while some of its parcels were yet to be made."""
    cutting = needs.messages.cutting(batch.client, batch.id)
    return cutting is not None and cutting.cancelled


def _put_off_until(profile: Profile | None, batch: Batch, reason: str | None, now: datetime) -> datetime:
    """When to look again at what must not go now, but is not refused: a closed port, marketing at night."""
    if reason in PUT_OFF:
        return now + PUT_OFF_FOR
    contract = profile.contract_on(shanghai_day(now)) if profile else None
    return may_go_at(contract, batch.category, now) if contract and reason is None else now


def _put_off(needs: Needs, parcel: Parcel, until: datetime) -> Sent:
    """The parcel waits without a record; the sweep makes one for each look, so records never pile up."""
    try:
        needs.messages.save(parcel.rest(min(until, parcel.valid_until)))
    except Conflict:
        return Sent.TAKEN_BY_ANOTHER
    return Sent.PUT_OFF


def _refused_now(needs: Needs, batch: Batch, parcel: Parcel, reason: str | None) -> Mapping[int, Refusal]:
    """Who must not get it any more: everybody for a reason of the rules, or whom the lists now name.

    Shape: those who were refused before keep their reason.
    """
    if reason is not None and reason not in PUT_OFF:
        return {place: Refusal(reason) for place in parcel.places_to_send}
    asked_at = batch.lists_clock if parcel.lists_clock is None else parcel.lists_clock
    if needs.lists.clock(batch.client) == asked_at:
        return {}
    stated = batch.consent is not None
    asked = lists_to_ask(batch.service, batch.category, batch.signature, consent_stated=stated)
    listed = needs.lists.listed(batch.client, asked, parcel.to_send)
    places = zip(parcel.places_to_send, parcel.to_send, strict=True)
    by_lists = refused_by_lists(batch.service, batch.category, places, listed, consent_stated=stated)
    return {place: Refusal(code) for place, code in by_lists}


def _take_back(needs: Needs, parcel: Parcel) -> None:
    """Whoever closed the parcel, or took some of it out, may have died before he took back what was noted."""
    if parcel.state is State.EXPIRED or parcel.refused:
        batch = needs.messages.batch(parcel.client, batch_of(parcel.id))
        if batch is not None:
            unsent(needs, batch, [parcel])


def _write_down(needs: Needs, called: Parcel, answer: Answer) -> Parcel:
    unkept = _reference_unkept(needs, called, answer)
    parcel = called
    for _ in range(SAVE_TRIES):
        after = parcel.answered(answer, called.attempt, needs.clock.now())
        if after is parcel:
            break
        try:
            save_parcel(needs, parcel, after)
        except Conflict:
            # A receipt was quicker than the answer, or the sweep gave this call up.
            parcel = needs.messages.parcel(parcel.client, parcel.id) or parcel
            continue
        if isinstance(answer, NotTaken) and after.state is State.QUEUED:
            needs.queue.put([after], delay_s=after.try_again_s)
        parcel = after
        break
    else:
        raise Unavailable("parcel_contended", "Too many others are writing this parcel.")
    if unkept is not None:
        raise unkept
    return parcel


def _reference_unkept(needs: Needs, called: Parcel, answer: Answer) -> Unavailable | None:
    """The carrier's name for the call is kept before its answer, so that after a crash the receipts find it.

    If that fails, the answer must still be written down; the record then comes again and keeps the name.
    """
    if not isinstance(answer, Accepted):
        return None
    try:
        _keep_reference(needs, replace(called, group=answer.group))
    except Unavailable as error:
        return error
    return None


def _keep_reference(needs: Needs, parcel: Parcel) -> None:
    if parcel.group is None or needs.carriers.named(parcel.carrier).capabilities.echoes_reference:
        return
    needs.messages.keep_reference(parcel.carrier, parcel.group, parcel.client, parcel.id)
