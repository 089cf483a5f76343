"""Send a parcel at most once: check again, take the call, make it, and write down what the answer proves."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import Accepted, Answer, Call, NotTaken
from openmas.domain.contract import Category
from openmas.domain.ids import batch_of
from openmas.domain.listing import decide, lists_to_ask
from openmas.domain.parcel import Parcel, Refusal, State
from openmas.errors import Conflict, Unavailable
from openmas.needs import Carriers, Clock, Lists, Messages, Registry, WorkQueue

NOT_TAKEN_DELAY_S = 30
SAVE_TRIES = 5


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


class Sent(StrEnum):
    """What became of one record."""

    NOT_WAITING = "not_waiting"
    NOT_COMMITTED = "not_committed"
    TAKEN_BY_ANOTHER = "taken_by_another"
    CLOSED_UNSENT = "closed_unsent"
    CALLED = "called"


def send_parcel(needs: Needs, client: str, parcel_id: str) -> tuple[Sent, Parcel | None]:
    """The parcel has been offered to its carrier, unless it was not to be; with the parcel as it stands.

    Raises: Unavailable when the record should be tried again.
    """
    parcel = needs.messages.parcel(client, parcel_id)
    if parcel is None or parcel.state is not State.QUEUED:
        return Sent.NOT_WAITING, parcel
    batch = needs.messages.batch(client, batch_of(parcel_id))
    if batch is None:
        return Sent.NOT_COMMITTED, parcel
    carrier = needs.carriers.named(parcel.carrier)
    now = needs.clock.now()
    parcel = parcel.refuse(_refused_now(needs, batch, parcel, now))
    closed = (
        not parcel.to_send
        or parcel.valid_until <= now
        or not parcel.may_repeat(now, carrier.capabilities.deduplicates_s)
    )
    parcel = parcel.closed_unsent(now) if closed else parcel.calling(now)
    try:
        needs.messages.save(parcel)
    except Conflict:
        return Sent.TAKEN_BY_ANOTHER, None
    if closed:
        return Sent.CLOSED_UNSENT, parcel
    answer = carrier.send(Call(parcel.reference, parcel.attempt, batch.port, batch.text, parcel.to_send))
    if isinstance(answer, Accepted) and answer.group and not carrier.capabilities.echoes_reference:
        # Before the parcel, so that a crash in between still lets the receipts find it.
        needs.messages.keep_reference(parcel.carrier, answer.group, client, parcel_id)
    return Sent.CALLED, _write_down(needs, parcel, answer)


def _refused_now(needs: Needs, batch: Batch, parcel: Parcel, now: datetime) -> Mapping[int, Refusal]:
    """What has changed since the batch was accepted: the contract, the template, the lists."""
    profile = needs.registry.profile(batch.client)
    reason: str | None = None
    if profile is None or profile.client.suspended:
        reason = reasons.CLIENT_SUSPENDED
    elif not profile.under_contract(shanghai_day(now)):
        reason = reasons.CONTRACT_ENDED
    elif batch.template is not None and profile.template_stopped(batch.template):
        reason = reasons.TEMPLATE_UNKNOWN
    if reason is not None:
        return {i: Refusal(reason) for i in range(len(parcel.numbers))}
    if needs.lists.clock(batch.client) == batch.lists_clock:
        return {}
    asked = lists_to_ask(batch.service, batch.category)
    listed = needs.lists.listed(batch.client, asked, parcel.numbers)
    decisions = {
        i: decide(batch.service, batch.category, [k for k in asked if number in listed.get(k, frozenset())])
        for i, number in enumerate(parcel.numbers)
    }
    return {i: Refusal(code) for i, code in decisions.items() if code is not None}


def _write_down(needs: Needs, called: Parcel, answer: Answer) -> Parcel:
    parcel = called
    for _ in range(SAVE_TRIES):
        after = parcel.answered(answer, called.attempt, needs.clock.now())
        if after is parcel:
            return parcel
        try:
            needs.messages.save(after)
        except Conflict:
            # A receipt was quicker than the answer, or the sweep gave this call up.
            parcel = needs.messages.parcel(parcel.client, parcel.id) or parcel
            continue
        if isinstance(answer, NotTaken) and after.state is State.QUEUED:
            urgent = after.category is Category.VERIFICATION
            needs.queue.put(after.client, [after.id], urgent=urgent, delay_s=NOT_TAKEN_DELAY_S)
        return after
    raise Unavailable("parcel_contended", "Too many others are writing this parcel.")
