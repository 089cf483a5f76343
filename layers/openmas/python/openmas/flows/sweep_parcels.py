"""Bring forward what stands still: lost records, lost calls, unknown calls, receipts that never came."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Protocol

from openmas.domain.batch import HELD_LOOK, IDEMPOTENT_FOR, Batch
from openmas.domain.case import Case
from openmas.domain.cutting import CUT_GRACE
from openmas.domain.ids import batch_of, day_of, is_batch, parcel_number
from openmas.domain.parcel import CALL_LEASE, QUEUE_GRACE, RECEIPTS_WITHIN, Parcel, State
from openmas.domain.review import reason_of_refusal, undecided
from openmas.errors import Conflict, OpenMasError, Unavailable
from openmas.flows.end_reviews import close_review, let_expire
from openmas.flows.hold_units import save_parcel
from openmas.flows.unsent import unsent
from openmas.needs import Carriers, Cases, Clock, CutQueue, Messages, Recent, Units, WorkQueue

# An idempotency key is remembered for less than this, so no client can complete such a batch any more.
UNCOMMITTED_FOR = IDEMPOTENT_FOR + timedelta(hours=1)
# The next sweep comes a minute later, and this one must have ended by then.
SWEEP_FOR = timedelta(seconds=45)
CASE_WITHIN = timedelta(hours=48)
# No more parcels go on counting although they were not sent, should a sweep die.
ENDED_MAX = 100


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def cut_queue(self) -> CutQueue: ...
    @property
    def carriers(self) -> Carriers: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def units(self) -> Units: ...
    @property
    def recent(self) -> Recent: ...


def sweep_parcels(needs: Needs, limit: int = 8_000) -> Counter[str]:
    """Overdue parcels, as many as limit and time allow, have been moved on; counts by what was done."""
    done: Counter[str] = Counter()
    ended = _Ended(needs)
    now = needs.clock.now()
    for client, parcel_id in needs.messages.due(now, limit):
        if needs.clock.now() >= now + SWEEP_FOR:
            done["left_for_the_next"] += 1
            break
        if is_batch(parcel_id):
            done[_cut_on(needs, client, parcel_id, now)] += 1
            continue
        parcel = needs.messages.parcel(client, parcel_id)
        # The index may lag behind the parcel.
        if parcel is None or parcel.due_at is None or parcel.due_at > now:
            continue
        done[_moved(needs, parcel, now, ended)] += 1
    ended.tell()
    return done


class _Ended:
    """Parcels of one batch that were just closed unsent; what was noted of them is taken back in one go.

    Shape: those of a batch are due together.
    """

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._parcels: list[Parcel] = []

    def add(self, parcel: Parcel) -> None:
        """The parcel is stored so."""
        if self._parcels and batch_of(self._parcels[0].id) != batch_of(parcel.id):
            self.tell()
        self._parcels.append(parcel)
        if len(self._parcels) >= ENDED_MAX:
            self.tell()

    def tell(self) -> None:
        """What is gathered here counts as written to nobody."""
        parcels, self._parcels = self._parcels, []
        if not parcels:
            return
        try:
            batch = self._needs.messages.batch(parcels[0].client, batch_of(parcels[0].id))
        except Unavailable:
            return
        if batch is not None:
            unsent(self._needs, batch, parcels)


def _cut_on(needs: Needs, client: str, batch: str, now: datetime) -> str:
    """What was done about the file of a batch that nobody has been cutting for too long."""
    cutting = needs.messages.cutting(client, batch)
    if cutting is None or cutting.due_at is None or cutting.due_at > now:
        return "cut_meanwhile"
    committed = needs.messages.batch(client, batch) is not None
    # A client may complete such a batch for a day; after that nobody can.
    again = None if cutting.version > 1 else now + UNCOMMITTED_FOR
    try:
        taken_up = cutting.rest(now + CUT_GRACE if committed else again)
        needs.messages.save_cutting(taken_up)
    except Conflict:
        return "moved_by_another"
    if not committed:
        return "uncommitted"
    needs.cut_queue.put(taken_up)
    return "cut_again"


def _moved(needs: Needs, parcel: Parcel, now: datetime, ended: _Ended) -> str:
    """What was done with the parcel; one that cannot be moved on stops none of the others."""
    try:
        return _move_on(needs, parcel, now, ended)
    except Conflict:
        return "moved_by_another"
    except Unavailable:
        try:
            needs.messages.save(parcel.rest(now + QUEUE_GRACE))
        except OpenMasError:
            return "failed"
        return "put_off"


def _move_on(needs: Needs, parcel: Parcel, now: datetime, ended: _Ended) -> str:
    match parcel.state:
        case State.QUEUED:
            return _queued(needs, parcel, now, ended)
        case State.CALLING if parcel.lease_over(now):
            needs.messages.save(parcel.call_lost(now))
            return "call_lost"
        case State.CALLING:
            needs.messages.save(parcel.rest(now + CALL_LEASE))
            return "calling"
        case State.UNKNOWN:
            return _unknown(needs, parcel, now)
        case _:
            needs.messages.save(parcel.rest(None))
            return "without_receipt"


def _queued(needs: Needs, parcel: Parcel, now: datetime, ended: _Ended) -> str:
    if parcel.valid_until <= now:
        _nobody_looks(needs, parcel)
        _close(needs, parcel, parcel.closed_unsent(now), ended)
        return "expired"
    batch = needs.messages.batch(parcel.client, batch_of(parcel.id))
    if batch is None:
        if parcel.starts_at + UNCOMMITTED_FOR <= now:
            _nobody_looks(needs, parcel)
            save_parcel(needs, parcel, parcel.closed_unsent(now))
            return "never_committed"
        needs.messages.save(parcel.rest(now + QUEUE_GRACE))
        return "uncommitted"
    if batch.held and (moved := _held(needs, batch, parcel, now, ended)) is not None:
        return moved
    # The longer it waits, the rarer it is queued again: a backlog must not feed itself.
    _queued_as(needs, parcel.rest(now + max(QUEUE_GRACE, now - parcel.starts_at)))
    return "queued_again"


def _nobody_looks(needs: Needs, parcel: Parcel) -> None:
    """No case asks about a batch of which nothing can go any more; its first parcel tells for all."""
    if parcel_number(parcel.id) == 0:
        let_expire(needs, parcel.client, batch_of(parcel.id))


def _held(needs: Needs, batch: Batch, parcel: Parcel, now: datetime, ended: _Ended) -> str | None:
    """What was done with a parcel at whose batch a person must look; None if he has passed it."""
    verdict = needs.messages.verdict(parcel.client, batch_of(parcel.id))
    if verdict is None or undecided(verdict):
        needs.messages.save(parcel.rest(min(now + HELD_LOOK, parcel.valid_until)))
        return "held"
    if parcel_number(parcel.id) == 0:
        # Whoever said so may have died before he closed it.
        close_review(needs, batch.client, batch.id, verdict)
    if (reason := reason_of_refusal(batch, verdict)) is not None and not parcel.ambiguous:
        _close(needs, parcel, parcel.stopped(reason, now), ended)
        return "refused_by_review"
    return None


def _close(needs: Needs, before: Parcel, after: Parcel, ended: _Ended) -> None:
    save_parcel(needs, before, after)
    ended.add(after)


def _unknown(needs: Needs, parcel: Parcel, now: datetime) -> str:
    since = parcel.ambiguous_since or parcel.starts_at
    if now >= since + RECEIPTS_WITHIN:
        return _left_unknown(needs, parcel, now)
    if parcel.may_repeat(now, needs.carriers.named(parcel.carrier).capabilities.deduplicates_s):
        _queued_as(needs, parcel.repeat(now))
        return "repeated"
    needs.messages.save(parcel.rest(since + RECEIPTS_WITHIN))
    return "waiting_for_proof"


def _left_unknown(needs: Needs, parcel: Parcel, now: datetime) -> str:
    needs.cases.open(
        Case(
            id=f"unknown#{parcel.id}",
            client=parcel.client,
            kind="unknown",
            on=day_of(parcel.id),
            due_at=now + CASE_WITHIN,
            detail=f"{len(parcel.to_send)} messages: the carrier never said whether it took them.",
        )
    )
    needs.messages.save(parcel.rest(None))
    return "left_unknown"


def _queued_as(needs: Needs, parcel: Parcel) -> None:
    """The parcel is stored so, and has a record; should we die in between, the next sweep makes one."""
    needs.messages.save(parcel)
    needs.queue.put([parcel])
