"""Whatever ended before it was offered to a carrier counts as written to nobody, whoever ended it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters.recent import AwsRecent
from openmas.domain.batch import Batch
from openmas.domain.carrier import Accepted, NotTaken, Refused
from openmas.domain.case import Closing
from openmas.domain.change import Change
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category
from openmas.domain.frequency import Book, Request
from openmas.domain.ids import batch_of
from openmas.domain.listing import BLACK, Act, ListEntry
from openmas.domain.measures import Cause, Measure
from openmas.domain.parcel import MessageState, Parcel
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.keep_contracts import show_client
from openmas.flows.keep_measures import lift_measure, take_measure
from openmas.flows.send_parcels import send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import limited, sample
from tests.fakes.deadly import dying
from tests.fakes.table import FakeTable
from tests.fakes.world import FakeWorld

ONCE = limited.contract(frequency={Category.NOTICE: [(1, 30 * 86_400)]})
NUMBERS = sample.numbers(150)


def new_world(*, aws: bool = False) -> FakeWorld:
    world = FakeWorld().with_sample()
    sample.put_in_force(world.registry, sample.CLIENT, replace(ONCE, version=2))
    if aws:
        world.recent = AwsRecent(FakeTable(), world.clock)  # type: ignore[arg-type, assignment]
    return world


def submit(world: FakeWorld, numbers: Sequence[str], key: str) -> Batch:
    wanted = Submission(recipients=tuple(numbers), template="flu-notice", parameters={"place": "塔城"})
    return submit_batch(world, show_client(world, sample.CLIENT), Mode.LIVE, wanted, key, f"body of {key}")


def parcels_of(world: FakeWorld, batch: Batch) -> list[Parcel]:
    return [each for each in world.messages.parcels.values() if batch_of(each.id) == batch.id]


def first_of(world: FakeWorld, batch: Batch) -> str:
    return parcels_of(world, batch)[0].numbers[0]


def send(world: FakeWorld, batch: Batch) -> None:
    for parcel in parcels_of(world, batch):
        send_parcel(world, parcel.client, parcel.id, parcel.attempt)


def offered(world: FakeWorld) -> set[str]:
    return {number for call in world.carrier.calls for number in call.numbers}


def listed(world: FakeWorld, batch: Batch) -> None:
    entry = ListEntry(first_of(world, batch), "a test", world.clock.now(), "asked")
    world.lists.change(sample.CLIENT, BLACK, Act.ADDED, [entry])
    send(world, batch)
    world.lists.change(sample.CLIENT, BLACK, Act.STRUCK, [entry])


def stopped(world: FakeWorld, batch: Batch) -> None:
    taken = Change("operator", world.clock.now(), "欠费")
    measure = Measure(id=batch.id, cause=Cause.ARREARS, taken=taken, stops=frozenset({Category.NOTICE}))
    take_measure(world, show_client(world, sample.CLIENT), measure)
    send(world, batch)
    lift_measure(world, show_client(world, sample.CLIENT), batch.id, "operator", "已缴清")


def held_and_refused(world: FakeWorld, batch: Batch, carry_out: Callable[[FakeWorld, Batch], object]) -> None:
    held = replace(batch, held=(ContentKind.TERROR_AND_CULTS,))
    world.messages.batches[batch.client, batch.id] = held
    verdict = Closing("p-1", "赌博", world.clock.now(), "refused")
    world.messages.keep_verdict(batch.client, batch.id, verdict)
    carry_out(world, held)


def swept(world: FakeWorld, _batch: Batch) -> None:
    world.clock.tick(hours=2)
    sweep_parcels(world)


def too_late(world: FakeWorld, batch: Batch) -> None:
    world.clock.at = batch.valid_until
    send(world, batch)


def too_late_for_the_sweep(world: FakeWorld, batch: Batch) -> None:
    world.clock.at = batch.valid_until
    sweep_parcels(world)


def not_taken_until_it_was_too_late(world: FakeWorld, batch: Batch) -> None:
    world.carrier.then(NotTaken("busy"))
    send(world, batch)
    world.carrier.calls.clear()
    too_late(world, batch)


def refused_by_the_carrier(world: FakeWorld, batch: Batch) -> None:
    world.carrier.then(Refused("Closed"))
    send(world, batch)
    # Its record comes again.
    send(world, batch)


def one_refused_by_the_carrier(world: FakeWorld, batch: Batch) -> None:
    world.carrier.then(Accepted("G1", {first_of(world, batch): "IllegalMobile"}))
    send(world, batch)


def cancelled(world: FakeWorld, batch: Batch) -> None:
    cancel_batch(world, sample.CLIENT, batch.id, "key sample")


FATES: list[Callable[[FakeWorld, Batch], None]] = [
    send,
    listed,
    stopped,
    lambda world, batch: held_and_refused(world, batch, send),
    lambda world, batch: held_and_refused(world, batch, swept),
    too_late,
    too_late_for_the_sweep,
    not_taken_until_it_was_too_late,
    refused_by_the_carrier,
    one_refused_by_the_carrier,
    cancelled,
]


def going(world: FakeWorld, batch: Batch) -> set[str]:
    """The numbers that got the message, or may have."""
    (parcel,) = parcels_of(world, batch)
    ended = (MessageState.REFUSED, MessageState.EXPIRED)
    return {n for n, state in zip(parcel.numbers, parcel.states(), strict=True) if state not in ended}


def counting(world: FakeWorld, numbers: Sequence[str]) -> set[str]:
    """The numbers that were written to, or are to be, as far as anybody has noted."""
    now = world.clock.now()
    asked = Request(b"last", now, now)
    seen = world.recent.seen(Book(sample.CLIENT, Category.NOTICE, False), numbers, asked, timedelta(days=30))
    return set(seen.events)


@given(
    st.lists(st.tuples(st.sampled_from(FATES), st.sampled_from([3, 25])), min_size=1, max_size=4),
    st.booleans(),
)
def test_what_counts_is_what_was_offered_to_a_carrier_and_nothing_else(
    fates: list[tuple[Callable[[FakeWorld, Batch], None], int]], aws: bool
) -> None:
    world, went = new_world(aws=aws), set[str]()
    for n, (fate, count) in enumerate(fates):
        batch = submit(world, NUMBERS[n * 25 : n * 25 + count], f"k{n}")
        assert batch.accepted == count
        fate(world, batch)
        went |= offered(world)

    assert counting(world, NUMBERS[:100]) == went


def test_what_is_simply_sent_asks_nothing_of_what_was_noted() -> None:
    world = new_world()
    batch = submit(world, NUMBERS, "k1")
    world.recent = None  # type: ignore[assignment]

    send(world, batch)
    sweep_parcels(world)

    assert len(world.carrier.sent) == len(NUMBERS)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 4))
@pytest.mark.parametrize("fate", [listed, stopped, too_late])
def test_a_sender_that_died_is_made_good_by_its_record_which_comes_again(
    fate: Callable[[FakeWorld, Batch], None], at: int, after: bool
) -> None:
    world = new_world()
    batch = submit(world, NUMBERS[:25], "k1")
    (parcel,) = parcels_of(world, batch)

    with dying(world, at, after=after):
        fate(world, batch)
    assert counting(world, NUMBERS[:25]) >= going(world, batch)
    send_parcel(world, parcel.client, parcel.id, parcel.attempt)

    assert counting(world, NUMBERS[:25]) == going(world, batch)


def test_what_of_a_batch_expires_together_is_taken_back_together() -> None:
    world = new_world()
    submit(world, NUMBERS[:140], "k1")
    world.clock.tick(minutes=1)
    last = submit(world, NUMBERS[140:], "k2")

    with dying(world, 100, after=True) as watched:
        too_late_for_the_sweep(world, last)

    assert counting(world, NUMBERS) == set()
    # Three parcels of two batches.
    assert watched.writes == 3 + 2
