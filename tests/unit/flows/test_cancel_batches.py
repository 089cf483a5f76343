"""A message is either cancelled or offered to its carrier, never both, and every wish is told the same."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch
from openmas.domain.cancellation import Cancellation
from openmas.domain.carrier import Accepted, Ambiguous, Answer, NotTaken, Refused
from openmas.domain.parcel import Parcel, Refusal, State
from openmas.domain.profile import Mode
from openmas.domain.records import release_record
from openmas.domain.submission import Submission
from openmas.errors import NotFound, Unavailable
from openmas.flows.cancel_batches import CLOSE_FOR, cancel_batch
from openmas.flows.release_batches import release_batch
from openmas.flows.send_parcels import send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.needs.machine import Outcome, Thing
from tests.fakes import filed, sample
from tests.fakes.messages import FakeMessages
from tests.fakes.queues import FakeSchedule
from tests.fakes.world import FakeClock, FakeCrew, FakeWorld

NOTHING_SENT = Cancellation(cancelled=250)
ANSWERS: dict[str, tuple[Answer, bool]] = {
    "taken": (Accepted("G1"), True),
    "refused": (Refused("Closed"), False),
    "not taken": (NotTaken("429"), False),
    "lost": (Ambiguous("time-out"), True),
}


def kept(world: FakeWorld, recipients: int = 250) -> Batch:
    batch = sample.batch(recipients)
    world.messages.keep_parcels(sample.parcels(batch))
    world.messages.keep_batch(batch)
    return batch


def parcels(world: FakeWorld) -> list[Parcel]:
    return [parcel for _, parcel in sorted(world.messages.parcels.items())]


def send_all(world: FakeWorld) -> None:
    for parcel in parcels(world):
        send_parcel(world, parcel.client, parcel.id, parcel.attempt)


def test_what_was_not_offered_is_cancelled_and_never_is() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world)

    done = cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    send_all(world)

    assert done == NOTHING_SENT
    assert world.carrier.calls == []
    assert {parcel.state for parcel in parcels(world)} == {State.REFUSED}
    assert {refusal.reason for parcel in parcels(world) for refusal in parcel.refused.values()} == {
        "cancelled"
    }


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        ("taken", Cancellation(cancelled=150, already_sent=100)),
        ("refused", Cancellation(cancelled=150, already_closed=100)),
        ("not taken", NOTHING_SENT),
        ("lost", Cancellation(cancelled=150, already_sent=100)),
    ],
)
def test_what_may_be_with_the_carrier_stays_as_it_is(answer: str, counted: Cancellation) -> None:
    world = FakeWorld().with_sample()
    batch = kept(world)
    said, took = ANSWERS[answer]
    world.carrier.then(said, took=took)
    first = parcels(world)[0]
    send_parcel(world, first.client, first.id, 0)
    before = parcels(world)[0]

    done = cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    assert done == counted
    assert (parcels(world)[0] == before) == (answer != "not taken")


def test_a_doubtful_call_that_waits_for_its_repetition_is_not_cancelled() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, 3)
    world.carrier.then(Ambiguous("time-out"), took=True)
    send_all(world)
    world.messages.save(parcels(world)[0].repeat(world.clock.now()))

    assert cancel_batch(world, sample.CLIENT, batch.id, "key sample") == Cancellation(already_sent=3)


def test_a_second_wish_is_told_the_same_and_changes_nothing() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world)
    first = cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    saves = world.messages.saves

    assert cancel_batch(world, sample.CLIENT, batch.id, "key sample") == first
    assert world.messages.saves == saves


@pytest.mark.parametrize("name", ["202511241aaaaaaaaaaab", "everything"])
def test_a_batch_of_nobodys_cannot_be_cancelled(name: str) -> None:
    world = FakeWorld().with_sample()
    kept(world)

    with pytest.raises(NotFound, match="batch_unknown"):
        cancel_batch(world, sample.CLIENT, name, "key sample")


def test_a_batch_of_another_client_cannot_be_cancelled() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world)

    with pytest.raises(NotFound, match="batch_unknown"):
        cancel_batch(world, "another-client", batch.id, "key sample")

    assert {parcel.state for parcel in parcels(world)} == {State.QUEUED}


class BusySchedule(FakeSchedule):
    def drop(self, client: str, batch: str) -> None:
        raise Unavailable("aws_busy", f"AWS is busy with {client} {batch}.")


class Racing(FakeMessages):
    """A table on which somebody else is quicker, just before a parcel is saved for the nth time."""

    def __init__(self, at: Iterable[int], act: Callable[[], object]) -> None:
        super().__init__()
        self._at, self._act, self._tried, self._racing = frozenset(at), act, 0, False

    def save(self, parcel: Parcel) -> None:
        self._tried += not self._racing
        if not self._racing and self._tried in self._at:
            self._racing = True
            self._act()
            self._racing = False
        super().save(parcel)


def raced(at: Iterable[int], others: Callable[[FakeWorld, str], object]) -> tuple[FakeWorld, str]:
    """A world in which the others do what they do at these saves of whoever was first."""
    world = FakeWorld().with_sample()
    batch = sample.batch(250)
    world.messages = Racing(at, lambda: others(world, batch.id))
    world.messages.keep_parcels(sample.parcels(batch))
    world.messages.keep_batch(batch)
    return world, batch.id


def check_each_message_is_one_or_the_other(world: FakeWorld, done: Cancellation) -> None:
    called = {number for call in world.carrier.calls for number in call.numbers}
    cancelled = {
        parcel.numbers[place]
        for parcel in parcels(world)
        for place, refusal in parcel.refused.items()
        if refusal.reason == "cancelled"
    }

    assert called & cancelled == set()
    assert called | cancelled == set(sample.numbers(250))
    assert done == Cancellation(cancelled=len(cancelled), already_sent=len(called))
    assert max(world.carrier.sent.values(), default=1) == 1


@given(st.sets(st.integers(1, 8)))
def test_a_sender_at_any_moment_of_a_cancellation_leaves_each_message_called_or_cancelled(
    at: set[int],
) -> None:
    world, batch = raced(at, lambda world, _batch: send_all(world))

    cancel_batch(world, sample.CLIENT, batch, "key sample")
    done = cancel_batch(world, sample.CLIENT, batch, "key sample")

    check_each_message_is_one_or_the_other(world, done)


@given(st.sets(st.integers(1, 8)))
def test_a_cancellation_at_any_moment_of_a_sender_leaves_each_message_called_or_cancelled(
    at: set[int],
) -> None:
    def cancel(world: FakeWorld, batch: str) -> Any:
        return cancel_batch(world, sample.CLIENT, batch, "key sample")

    world, batch = raced(at, cancel)

    send_all(world)
    done = cancel_batch(world, sample.CLIENT, batch, "key sample")

    check_each_message_is_one_or_the_other(world, done)


@pytest.mark.parametrize("busy", [False, True])
def test_the_schedule_goes_with_the_batch_and_is_harmless_where_it_stays(busy: bool) -> None:
    world = FakeWorld().with_sample()
    world.schedule = (BusySchedule if busy else FakeSchedule)(world.release_queue.queue)
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    later = Submission(
        recipients=sample.numbers(3),
        template="flu-notice",
        parameters={"place": "塔城"},
        send_at=world.clock.now() + timedelta(days=1),
    )
    batch = submit_batch(world, profile, Mode.LIVE, later, "k1", "d1")

    done = cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    world.clock.tick(days=1)
    fired = world.schedule.fire()
    release_batch(world, sample.CLIENT, batch.id, None)

    assert done == Cancellation(cancelled=3)
    assert fired == busy
    assert world.queue.bulk.bodies == []


class SlowCrew(FakeCrew):
    """Whose every act takes a tenth of a second."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def each(self, act: Callable[[Thing], Outcome], things: Iterable[Thing]) -> list[Outcome]:
        done = super().each(act, things)
        self._clock.tick(len(done) / 10)
        return done


@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize("read", [False, True])
def test_a_retry_after_a_cancellation_brings_nothing_back(in_file: bool, read: bool) -> None:
    world = filed.world_with(filed.plain(3))
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    wanted = Submission(
        recipients=() if in_file else sample.numbers(3),
        file=filed.UPLOAD if in_file else None,
        template="flu-notice",
        parameters={"place": "塔城"},
        send_at=world.clock.now() + timedelta(days=3),
    )
    batch = submit_batch(world, profile, Mode.LIVE, wanted, "k1", "d1")
    if read:
        filed.step(world)
    cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    stood = dict(world.messages.parcels)

    again = submit_batch(world, profile, Mode.LIVE, wanted, "k1", "d1")

    waiting = [world.messages.waiting(sample.CLIENT, sample.TODAY, in_files=files) for files in (False, True)]
    assert again == batch
    assert waiting == [{}, {}]
    assert world.schedule.planned == {}
    assert dict(world.messages.parcels) == stood


def worked_off(world: FakeWorld) -> int:
    """How many records it took to close what was left."""
    count = 0
    while world.release_queue.queue.waiting:
        (body,) = world.release_queue.queue.bodies
        world.release_queue.queue.waiting.clear()
        release_batch(world, *release_record(body))
        count += 1
    return count


def slow(world: FakeWorld, recipients: int) -> Batch:
    """A batch whose every message is a parcel of its own, on a world where each act takes its time."""
    world.crew = SlowCrew(world.clock)
    batch = replace(sample.batch(recipients), parcel_size=1)
    world.messages.keep_parcels(sample.parcels(batch))
    world.messages.keep_batch(batch)
    return batch


def test_what_there_is_no_time_for_is_closed_by_records_and_told_when_asked_again() -> None:
    world = FakeWorld().with_sample()
    batch = slow(world, 2_500)
    first = parcels(world)[0]
    send_parcel(world, first.client, first.id, 0)
    begun = world.clock.now()

    done = cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    took = world.clock.now() - begun

    assert done == Cancellation(cancelled=100, already_sent=1, being_cancelled=2_399)
    assert took <= CLOSE_FOR + timedelta(seconds=10)
    assert worked_off(world) == 3
    assert cancel_batch(world, sample.CLIENT, batch.id, "key sample") == Cancellation(2_499, 1)
    assert {parcel.state for parcel in parcels(world)[1:]} == {State.REFUSED}


def test_a_cancellation_whose_records_are_lost_is_resumed_by_the_same_wish() -> None:
    world = FakeWorld().with_sample()
    batch = slow(world, 350)

    told = []
    for _ in range(5):
        told.append(cancel_batch(world, sample.CLIENT, batch.id, "key sample"))
        world.release_queue.queue.waiting.clear()

    assert [(each.cancelled, each.being_cancelled) for each in told] == [
        (100, 250),
        (200, 150),
        (300, 50),
        (350, 0),
        (350, 0),
    ]


@given(st.integers(1, 300), st.sets(st.integers(0, 299)), st.sets(st.integers(0, 299)))
def test_every_message_is_counted_once_however_it_stands(
    recipients: int, called: set[int], listed: set[int]
) -> None:
    world = FakeWorld().with_sample()
    batch = slow(world, recipients)
    for place, parcel in enumerate(parcels(world)):
        if place in listed:
            out = parcel.refuse({0: Refusal("number_on_black_list")})
            world.messages.save(out.closed_unsent(world.clock.now()))
        elif place in called:
            send_parcel(world, parcel.client, parcel.id, 0)

    told = cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    worked_off(world)
    ended = cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    closed = len({place for place in listed if place < recipients})
    sent = len({place for place in called - listed if place < recipients})
    left = recipients - closed - sent
    assert (told.already_sent, told.already_closed) == (sent, closed)
    assert (told.cancelled, told.being_cancelled) == (min(left, 100), max(left - 100, 0))
    assert ended == Cancellation(left, sent, closed)
