"""Days of batches and parcels in every state, made the way the flows make them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from openmas.domain.batch import Batch
from openmas.domain.calendar import day_start_at
from openmas.domain.carrier import Accepted, Ambiguous, Answer, Refused
from openmas.domain.contract import Category, Contract
from openmas.domain.parcel import Parcel, State
from openmas.domain.receipts import Receipt
from openmas.domain.tariff import ChargedOn
from tests.fakes import sample


def sample_contract(included_units: int = 1_000_000, charged_on: ChargedOn = ChargedOn.ACCEPTED) -> Contract:
    """The sample contract, perhaps with a smaller bundle."""
    contract = sample.contract()
    tariff = replace(contract.tariff, included_units=included_units, charged_on=charged_on)
    return replace(contract, tariff=tariff)


def hour(on: date, hours: float) -> datetime:
    """So many hours into a Shanghai day."""
    return day_start_at(on) + timedelta(hours=hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One batch to be, and what became of its parcels.

    Shape: `receipts` are (place, code) pairs about the first parcel.
    """

    on: date
    n: int
    messages: int = 1
    units_each: int = 1
    state: State = State.SUBMITTED
    category: Category = Category.NOTICE
    test: bool = False
    refused: Mapping[str, int] = field(default_factory=dict)
    receipts: Iterable[tuple[int, str]] = ()

    @property
    def batch(self) -> Batch:
        refused, place = {}, self.messages
        for reason, count in self.refused.items():
            refused[reason] = tuple(range(place, place + count))
            place += count
        return replace(
            sample.batch(place, n=self.n, on=self.on, accepted_at=hour(self.on, 9)),
            test=self.test,
            category=self.category,
            units_each=self.units_each,
            refused=refused,
        )

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        first, *others = (moved(parcel, self.state) for parcel in sample.parcels(self.batch))
        return (reported(first, self.receipts), *others)


def moved(parcel: Parcel, state: State) -> Parcel:
    """A queued parcel that has come to a state."""
    at = parcel.accepted_at + timedelta(seconds=5)
    if state is State.QUEUED:
        return parcel
    if state is State.EXPIRED:
        return parcel.closed_unsent(parcel.valid_until)
    answers: dict[State, Answer] = {
        State.SUBMITTED: Accepted("G1"),
        State.REFUSED: Refused("Closed"),
        State.UNKNOWN: Ambiguous("time-out"),
    }
    called = parcel.calling(at)
    return called.answered(answers[state], 1, at) if state in answers else called


def reported(parcel: Parcel, receipts: Iterable[tuple[int, str]]) -> Parcel:
    """The parcel with receipts of places that it has."""
    at = parcel.accepted_at + timedelta(minutes=1)
    known = [Receipt(place, code, at) for place, code in receipts if place < len(parcel.numbers)]
    return parcel.merge(known, at)
