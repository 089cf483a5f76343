"""Whatever stands still is brought forward, and a doubtful call is never simply made again."""

from datetime import datetime

import pytest

from openmas.domain.carrier import Ambiguous, Capabilities
from openmas.domain.parcel import CALL_LEASE, RECEIPTS_WITHIN, Parcel, State
from openmas.flows.send_parcels import send_parcel
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import sample
from tests.fakes.world import FakeWorld


def kept(world: FakeWorld, *, committed: bool = True) -> Parcel:
    batch = sample.batch(3, accepted_at=world.clock.now())
    parcel = sample.parcels(batch)[0]
    world.messages.keep_parcels([parcel])
    if committed:
        world.messages.keep_batch(batch)
    return parcel


def now_of(world: FakeWorld, parcel: Parcel) -> Parcel:
    found = world.messages.parcel(parcel.client, parcel.id)
    assert found
    return found


def unknown(world: FakeWorld, capabilities: Capabilities) -> Parcel:
    carrier = world.add_carrier(sample.CARRIER, capabilities)
    parcel = kept(world)
    carrier.then(Ambiguous("time-out"), took=True)
    send_parcel(world, parcel.client, parcel.id, now_of(world, parcel).attempt)
    return parcel


def test_a_parcel_whose_record_was_lost_is_queued_again() -> None:
    world = FakeWorld().with_sample()
    parcel = kept(world)
    world.clock.tick(minutes=5)

    assert sweep_parcels(world) == {"queued_again": 1}
    assert [body["parcel"] for body in world.queue.bulk.bodies] == [parcel.id]


def test_a_parcel_that_waits_long_is_queued_ever_more_rarely() -> None:
    world = FakeWorld().with_sample()
    kept(world)

    for _ in range(24 * 60 - 1):
        world.clock.tick(minutes=1)
        sweep_parcels(world)

    assert 5 <= len(world.queue.bulk.bodies) <= 10


def test_nothing_is_done_before_it_is_due() -> None:
    world = FakeWorld().with_sample()
    kept(world)
    world.clock.tick(minutes=4)

    assert sweep_parcels(world) == {}


def test_a_parcel_that_was_never_committed_is_never_queued_and_closed_in_the_end() -> None:
    world = FakeWorld().with_sample()
    parcel = kept(world, committed=False)

    for _ in range(26):
        world.clock.tick(hours=1)
        sweep_parcels(world)

    assert world.queue.bulk.bodies == []
    assert (now_of(world, parcel).state, now_of(world, parcel).due_at) == (State.EXPIRED, None)


def test_a_call_whose_worker_died_becomes_unknown_after_its_lease() -> None:
    world = FakeWorld().with_sample()
    parcel = kept(world)
    world.clock.tick(minutes=4)
    world.messages.save(parcel.calling(world.clock.now()))
    world.clock.tick(minutes=1)

    assert sweep_parcels(world) == {"calling": 1}
    world.clock.tick(seconds=CALL_LEASE.total_seconds())
    assert sweep_parcels(world) == {"call_lost": 1}
    assert now_of(world, parcel).state is State.UNKNOWN


def test_an_unknown_call_is_repeated_where_the_carrier_recognises_it() -> None:
    world = FakeWorld().with_sample()
    parcel = unknown(world, Capabilities(echoes_reference=True, deduplicates_s=86_400))
    world.clock.tick(seconds=CALL_LEASE.total_seconds())

    assert sweep_parcels(world) == {"repeated": 1}
    send_parcel(world, parcel.client, parcel.id, now_of(world, parcel).attempt)

    assert now_of(world, parcel).state is State.SUBMITTED
    assert set(world.carriers.by_name[sample.CARRIER].sent.values()) == {1}


def test_an_unknown_call_waits_for_proof_where_the_carrier_would_send_it_twice() -> None:
    world = FakeWorld().with_sample()
    parcel = unknown(world, Capabilities(echoes_reference=True))
    world.clock.tick(seconds=CALL_LEASE.total_seconds())

    assert sweep_parcels(world) == {"waiting_for_proof": 1}
    world.clock.tick(seconds=RECEIPTS_WITHIN.total_seconds())
    assert sweep_parcels(world) == {"left_unknown": 1}

    assert (now_of(world, parcel).state, now_of(world, parcel).due_at) == (State.UNKNOWN, None)
    assert world.queue.bulk.bodies == []
    assert [case.kind for case in world.cases.cases.values()] == ["unknown"]


def test_a_parcel_without_its_last_receipt_rests_after_three_days() -> None:
    world = FakeWorld().with_sample()
    parcel = kept(world)
    send_parcel(world, parcel.client, parcel.id, now_of(world, parcel).attempt)
    world.clock.tick(seconds=RECEIPTS_WITHIN.total_seconds())

    assert sweep_parcels(world) == {"without_receipt": 1}
    assert (now_of(world, parcel).state, now_of(world, parcel).due_at) == (State.SUBMITTED, None)


@pytest.mark.parametrize("limit", [1, 3])
def test_a_sweep_keeps_to_its_limit(limit: int) -> None:
    world = FakeWorld().with_sample()
    at: datetime = world.clock.now()
    for n in range(20):
        batch = sample.batch(1, n=n, accepted_at=at)
        world.messages.keep_parcels(sample.parcels(batch))
        world.messages.keep_batch(batch)
    world.clock.tick(minutes=5)

    assert sum(sweep_parcels(world, limit).values()) == limit


def test_a_parcel_that_cannot_be_moved_on_stops_none_of_the_others() -> None:
    world = FakeWorld().with_sample()
    lost = unknown(world, Capabilities())
    del world.carriers.by_name[sample.CARRIER]
    other = sample.batch(1, n=7, accepted_at=world.clock.now())
    world.messages.keep_parcels(sample.parcels(other))
    world.messages.keep_batch(other)
    world.clock.tick(minutes=5)

    assert sweep_parcels(world) == {"put_off": 1, "queued_again": 1}
    assert sweep_parcels(world) == {}
    assert now_of(world, lost).state is State.UNKNOWN


def test_an_unknown_call_is_not_repeated_after_its_validity() -> None:
    world = FakeWorld().with_sample()
    unknown(world, Capabilities(echoes_reference=True, deduplicates_s=10 * 86_400))
    world.clock.tick(days=1)

    assert sweep_parcels(world) == {"waiting_for_proof": 1}


def test_an_unknown_call_is_repeated_five_times_at_most() -> None:
    world = FakeWorld().with_sample()
    parcel = unknown(world, Capabilities(echoes_reference=True, deduplicates_s=86_400))
    world.registry.keep_client(sample.suspended())

    rounds = 0
    for _ in range(200):
        world.clock.tick(minutes=6)
        rounds += sweep_parcels(world)["repeated"]
        send_parcel(world, parcel.client, parcel.id, now_of(world, parcel).attempt)

    assert rounds == 5
    assert len(world.carriers.by_name[sample.CARRIER].calls) == 1
