"""The parcel: what one carrier call carries, and everything that is known of its messages.

    QUEUED ──► CALLING ──► SUBMITTED          the carrier took it
      ▲  │        ├──────► REFUSED            the carrier will not take it
      │  │        └──────► UNKNOWN ──► SUBMITTED   a receipt, or the answer to a repeated call, proves it
      │  └──► EXPIRED                  │
      └────────────────────────────────┘      only for a carrier that deduplicates

Every change makes a new parcel with the next version; storing it is one write on the condition that the
stored version is the one before. Proof of acceptance may be written over any state. `REFUSED` and `EXPIRED`
are never written while an earlier attempt may have been taken. Where the carrier's own answer was lost, each
message needs a proof of its own: the answer may have refused some of them.
"""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from openmas.domain import reasons
from openmas.domain.carrier import Accepted, Ambiguous, Answer, NotTaken, Refused
from openmas.domain.contract import Category
from openmas.domain.receipts import Proof, Receipt, proof_of, settle
from openmas.domain.tariff import ChargedOn

QUEUE_GRACE = timedelta(minutes=5)
CALL_LEASE = timedelta(minutes=2)
RECEIPTS_WITHIN = timedelta(hours=72)
REPEATS_MAX = 5
CODES_MAX = 8
NOT_TAKEN_DELAY_S = 30
NOT_TAKEN_DELAY_MAX_S = 900


class State(StrEnum):
    QUEUED = "queued"
    CALLING = "calling"
    SUBMITTED = "submitted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


FINAL = frozenset({MessageState.DELIVERED, MessageState.FAILED, MessageState.REFUSED, MessageState.EXPIRED})
_WITHOUT_RECEIPT = {
    State.QUEUED: MessageState.QUEUED,
    State.CALLING: MessageState.SENDING,
    State.SUBMITTED: MessageState.SUBMITTED,
    State.REFUSED: MessageState.REFUSED,
    State.UNKNOWN: MessageState.UNKNOWN,
    State.EXPIRED: MessageState.EXPIRED,
}

_WEIGHT = {Proof.DELIVERED: 0, Proof.FAILED: 1, Proof.PENDING: 2}


def charged_states(charged_on: ChargedOn) -> Set[MessageState]:
    """The states of messages that a contract charges: proved to be taken, or proved to be delivered."""
    taken = {MessageState.SUBMITTED, MessageState.DELIVERED, MessageState.FAILED}
    return taken if charged_on is ChargedOn.ACCEPTED else {MessageState.DELIVERED}


@dataclass(frozen=True, slots=True)
class Law:
    """The contract, and which version of it, that a decision rests on."""

    contract: str
    version: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message was not sent; `raw` is the carrier's code, `under` the law, if not its batch's own."""

    reason: str
    raw: str | None = None
    under: Law | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Up to 100 messages of one batch, their attempts and their receipts.

    Shape: `numbers` and `units` run in parallel, and so do `values`, if there are any: what fills the gaps of
    the batch's text in each message, in the order of their variables; `refused` is keyed by the place in
    them; `ambiguous_since` is when the first attempt was made that may have been taken; `send_at` is the time
    that it waits for, if it does; `due_at` is when the sweep looks at it, None once nothing more can happen;
    `holds` names the counters that hold its units; `lists_clock` stands where its lists were asked apart.
    """

    client: str
    id: str
    numbers: tuple[str, ...]
    units: tuple[int, ...]
    category: Category
    carrier: str
    accepted_at: datetime
    valid_until: datetime
    values: tuple[tuple[str, ...], ...] = ()
    holds: tuple[str, ...] = ()
    test: bool = False
    state: State = State.QUEUED
    version: int = 1
    attempt: int = 0
    repeats: int = 0
    ambiguous_since: datetime | None = None
    called_at: datetime | None = None
    submitted_at: datetime | None = None
    group: str | None = None
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    receipts: frozenset[Receipt] = frozenset()
    due_at: datetime | None = None
    send_at: datetime | None = None
    lists_clock: int | None = None

    def queued(self, look_after: timedelta = QUEUE_GRACE) -> "Parcel":
        """The parcel at the start of its life."""
        return replace(self, due_at=self.starts_at + look_after)

    @property
    def starts_at(self) -> datetime:
        """From when on it may be sent."""
        return self.send_at or self.accepted_at

    @property
    def ambiguous(self) -> bool:
        return self.ambiguous_since is not None

    @property
    def urgent(self) -> bool:
        """Whether somebody is waiting for it with the telephone in hand."""
        return self.category is Category.VERIFICATION

    @property
    def reference(self) -> str:
        """Our name for the call, the same in every attempt, so that a carrier can recognise a repetition."""
        return f"{self.client}/{self.id}"

    @property
    def to_send(self) -> tuple[str, ...]:
        """The numbers that a call would carry now."""
        return tuple(n for i, n in enumerate(self.numbers) if i not in self.refused)

    @property
    def places_to_send(self) -> tuple[int, ...]:
        """Where those numbers stand."""
        return tuple(i for i in range(len(self.numbers)) if i not in self.refused)

    def place_of(self, number: str) -> int | None:
        """Where a number stands in the parcel; None for a stranger or one that was never sent."""
        if not self.attempt or number not in self.numbers:
            return None
        index = self.numbers.index(number)
        refusal = self.refused.get(index)
        return None if refusal and refusal.raw is None else index

    def refuse(self, refusals: Mapping[int, Refusal], under: Law | None = None) -> "Parcel":
        """Some messages are taken out, by this law; the parcel is stored with the next change."""
        if not refusals:
            return self
        if under is not None:
            refusals = {place: replace(each, under=under) for place, each in refusals.items()}
        return replace(self, refused={**self.refused, **refusals})

    def calling(self, now: datetime) -> "Parcel":
        """The call is about to be made: from here on nobody else may make it."""
        assert self.state is State.QUEUED, "only what waits is called"
        assert self.to_send, "a call has somebody to reach"
        # What waited long, or was held, is looked for late: its call, should it be lost, must not be.
        soon = min(self.due_at or now + QUEUE_GRACE, now + QUEUE_GRACE)
        return self._next(state=State.CALLING, attempt=self.attempt + 1, called_at=now, due_at=soon)

    def closed_unsent(self, now: datetime) -> "Parcel":
        """It will not be called any more: its validity passed, or somebody must not get it.

        What may have been sent already is not closed: it goes on waiting for proof.
        """
        assert self.state is State.QUEUED, "only what waits can be closed unsent"
        if self.ambiguous:
            return self._unknown(now)
        state = State.EXPIRED if self.to_send else State.REFUSED
        return self._next(state=state, due_at=None)

    def stopped(self, reason: str, now: datetime) -> "Parcel":
        """It will not be called any more, for this reason; the same parcel if it may have been sent."""
        if self.state is not State.QUEUED or self.ambiguous:
            return self
        return self.refuse({i: Refusal(reason) for i in self.places_to_send}).closed_unsent(now)

    def answered(self, answer: Answer, attempt: int, now: datetime) -> "Parcel":
        """What the carrier's answer to one attempt makes of it.

        An acceptance is written over any state; all else says something of the attempt that it answers only.
        """
        match answer:
            case Accepted(group, refused):
                return self._taken(now, group, refused)
            case _ if self.state is not State.CALLING or self.attempt != attempt:
                return self
            case Refused(_, repeated) if repeated and self.ambiguous:
                return self._taken(now, None, {})
            case Refused(_, repeated) if repeated and attempt > 1:
                # It was sure that the attempt before was not taken, and the carrier says otherwise.
                return self._unknown(now)
            case Refused(code) if not self.ambiguous:
                raw = {i: Refusal(reasons.REFUSED_BY_CARRIER, code) for i in self.places_to_send}
                return self.refuse(raw)._next(state=State.REFUSED, due_at=None)
            case NotTaken() if not self.ambiguous:
                later = timedelta(seconds=self.try_again_s)
                return self._next(state=State.QUEUED, due_at=now + later + QUEUE_GRACE)
            case Refused() | NotTaken() | Ambiguous():
                return self._unknown(now)

    def lease_over(self, now: datetime) -> bool:
        return (
            self.state is State.CALLING and self.called_at is not None and self.called_at + CALL_LEASE <= now
        )

    def call_lost(self, now: datetime) -> "Parcel":
        """Whoever made the call has died, so nobody knows what the carrier said."""
        return self._unknown(now) if self.state is State.CALLING else self

    @property
    def try_again_s(self) -> int:
        """How long to wait after an attempt that was not taken: twice as long each time, up to a limit."""
        return int(min(NOT_TAKEN_DELAY_MAX_S, NOT_TAKEN_DELAY_S * 2 ** min(self.attempt - 1, 10)))

    def recognised(self, now: datetime, deduplicates_s: int) -> bool:
        """Whether the carrier would surely recognise a repetition, had it taken the first ambiguous call."""
        if self.ambiguous_since is None:
            return True
        return now + CALL_LEASE <= self.ambiguous_since + timedelta(seconds=deduplicates_s)

    def may_repeat(self, now: datetime, deduplicates_s: int) -> bool:
        """Whether an unknown call is worth and safe to be made again."""
        wanted = self.repeats < REPEATS_MAX and now < self.valid_until
        return wanted and self.recognised(now, deduplicates_s)

    def repeat(self, now: datetime) -> "Parcel":
        """An unknown call goes back to the queue: only for a carrier that recognises our reference."""
        assert self.state is State.UNKNOWN, "only an unknown call is repeated"
        return self._next(state=State.QUEUED, repeats=self.repeats + 1, due_at=now + QUEUE_GRACE)

    def merge(self, receipts: Iterable[Receipt], now: datetime) -> "Parcel":
        """The parcel that also knows these receipts; the same parcel if it knew them all."""
        known = essential(self.receipts | frozenset(receipts))
        if known == self.receipts:
            return self
        proved = replace(self, receipts=known)
        if self.state is not State.SUBMITTED:
            return proved._taken(now, self.group, {})
        return proved._next(due_at=self.due_at if proved.open_places() else None)

    def rest(self, due_at: datetime | None) -> "Parcel":
        """Nothing changes but when the sweep looks again."""
        return self._next(due_at=due_at)

    def states(self) -> tuple[MessageState, ...]:
        """The state of every message, in the parcel's order."""
        codes: dict[int, set[str]] = {}
        for receipt in self.receipts:
            codes.setdefault(receipt.index, set()).add(receipt.code)
        unheard = _WITHOUT_RECEIPT[self.state]
        if self.state is State.SUBMITTED and self.group is None:
            unheard = MessageState.UNKNOWN
        unheard_of = [
            MessageState.REFUSED if i in self.refused else unheard for i in range(len(self.numbers))
        ]
        return tuple([_heard(codes[i]) if i in codes else state for i, state in enumerate(unheard_of)])

    def open_places(self) -> tuple[int, ...]:
        """The messages about which something may still be learnt."""
        return tuple(i for i, state in enumerate(self.states()) if state not in FINAL)

    @property
    def unsent_units(self) -> int:
        """The units of the messages that were refused, or ended before they were sent."""
        if self.state is not State.EXPIRED and not self.refused:
            return 0
        unsent = {MessageState.REFUSED, MessageState.EXPIRED}
        return sum(units for units, state in zip(self.units, self.states(), strict=True) if state in unsent)

    def held_units(self, charged_on: ChargedOn) -> int:
        """The units of the messages that are charged, or may yet be."""
        held = set(self.billed_places(charged_on))
        if self.due_at is not None:
            held.update(self.open_places())
        return sum(self.units[place] for place in held)

    def billed_places(self, charged_on: ChargedOn) -> tuple[int, ...]:
        """The messages that the contract charges."""
        charged = charged_states(charged_on)
        return tuple(i for i, state in enumerate(self.states()) if state in charged)

    def _taken(self, now: datetime, group: str | None, refused: Mapping[str, str]) -> "Parcel":
        raw = {
            self.numbers.index(number): Refusal(reasons.CARRIER_NUMBER_REFUSED, code)
            for number, code in refused.items()
            if number in self.numbers
        }
        taken = self.refuse(raw)._next(
            state=State.SUBMITTED,
            group=group or self.group,
            submitted_at=self.submitted_at or now,
            due_at=(self.submitted_at or now) + RECEIPTS_WITHIN,
        )
        return taken if taken.open_places() else replace(taken, due_at=None)

    def _unknown(self, now: datetime) -> "Parcel":
        since = self.ambiguous_since or self.called_at or now
        return self._next(state=State.UNKNOWN, ambiguous_since=since, due_at=now + CALL_LEASE)

    def _next(self, **changes: object) -> "Parcel":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


def _heard(codes: Collection[str]) -> MessageState:
    """The state of a message for which there are receipts."""
    outcome = settle(codes)
    return MessageState.SUBMITTED if outcome is Proof.PENDING else MessageState(outcome.value)


def essential(receipts: Iterable[Receipt]) -> frozenset[Receipt]:
    """The receipts that say all there is: the first time of each code, and a few codes a message.

    A carrier may repeat itself with ever new times; what is kept is bounded and depends on no order.
    """
    first: dict[int, dict[str, Receipt]] = {}
    for receipt in receipts:
        codes = first.setdefault(receipt.index, {})
        codes[receipt.code] = min(receipt, codes.get(receipt.code, receipt))
    return frozenset(
        kept for codes in first.values() for kept in sorted(codes.values(), key=_weight)[:CODES_MAX]
    )


def _weight(receipt: Receipt) -> tuple[int, str]:
    return _WEIGHT[proof_of(receipt.code)], receipt.code
