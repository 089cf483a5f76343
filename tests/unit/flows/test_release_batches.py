"""What waits for its time is released when that has come: not before, not twice, whatever dies."""

from datetime import date, timedelta

import pytest

from openmas.domain.batch import Batch
from openmas.domain.calendar import day_start_at
from openmas.domain.parcel import MessageState, State
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.errors import NotFound
from openmas.flows.reconcile_billing import reconcile
from openmas.flows.release_batches import PARCELS_A_RECORD, Released, release_batch
from openmas.flows.send_parcels import Sent, send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.flows.sweep_parcels import sweep_parcels
from openmas.flows.usage import usage
from tests.fakes import sample
from tests.fakes.world import FakeWorld

IN_TEN_DAYS = timedelta(days=10)


def submitted(world: FakeWorld, ahead: timedelta = IN_TEN_DAYS, recipients: int = 250) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    submission = Submission(
        recipients=sample.numbers(recipients),
        template="flu-notice",
        parameters={"place": "城南门诊"},
        send_at=world.clock.now() + ahead,
        valid_for_s=3_600,
    )
    return submit_batch(world, profile, Mode.LIVE, submission, "k1", "d1")


def released(world: FakeWorld) -> list[Released]:
    """Everything in the release queue has been worked on."""
    done = []
    while world.release_queue.queue.waiting:
        body = world.release_queue.queue.bodies[0]
        del world.release_queue.queue.waiting[0]
        done.append(release_batch(world, body["client"], body["batch"], body.get("after")))
    return done


def sent(world: FakeWorld) -> list[Sent]:
    """Every record in the bulk queue has been worked on, once."""
    bodies = list(world.queue.bulk.bodies)
    world.queue.bulk.waiting.clear()
    return [send_parcel(world, body["client"], body["parcel"], body["attempt"])[0] for body in bodies]


def test_what_is_to_be_sent_later_is_stored_and_scheduled_and_not_queued() -> None:
    world = FakeWorld().with_sample()

    batch = submitted(world)

    assert batch.send_at == world.clock.now() + IN_TEN_DAYS
    assert batch.valid_until == batch.send_at + timedelta(hours=1)
    assert world.schedule.planned == {(sample.CLIENT, batch.id): batch.send_at}
    assert len(world.messages.parcels) == 3
    assert world.queue.bulk.bodies == []


def test_nothing_happens_to_it_before_its_time_and_everything_after() -> None:
    world = FakeWorld().with_sample()
    batch = submitted(world)
    world.clock.at = batch.send_at or world.clock.at

    world.clock.tick(seconds=-1)
    before = (world.schedule.fire(), sweep_parcels(world))
    world.clock.tick(seconds=1)
    assert world.schedule.fire() == 1

    assert before == (0, {})
    assert released(world) == [Released(True, 3)]
    assert sent(world) == [Sent.CALLED] * 3
    assert sum(world.carrier.sent.values()) == 250


def test_a_record_that_comes_before_the_time_waits_for_it() -> None:
    world = FakeWorld().with_sample()
    batch = submitted(world, timedelta(seconds=10))
    release_batch(world, sample.CLIENT, batch.id, None)

    early = sent(world)
    hidden = world.queue.bulk.event()
    world.clock.tick(seconds=10)

    assert early == [Sent.NOT_YET] * 3
    assert hidden is None
    assert sent(world) == [Sent.CALLED] * 3


def test_a_release_done_twice_sends_nothing_twice() -> None:
    world = FakeWorld().with_sample()
    batch = submitted(world)
    world.clock.tick(days=10)

    release_batch(world, sample.CLIENT, batch.id, None)
    release_batch(world, sample.CLIENT, batch.id, None)
    done = sent(world)
    release_batch(world, sample.CLIENT, batch.id, None)

    assert done == [Sent.CALLED] * 3 + [Sent.NOT_WAITING] * 3
    assert world.queue.bulk.bodies == []
    assert set(world.carrier.sent.values()) == {1}


def test_a_batch_whose_schedule_was_lost_is_brought_forward_by_the_sweep_within_six_minutes() -> None:
    world = FakeWorld().with_sample()
    submitted(world)
    world.schedule.planned.clear()
    world.clock.tick(days=10)

    for _ in range(6):
        sweep_parcels(world)
        world.clock.tick(minutes=1)

    assert sent(world) == [Sent.CALLED] * 3


def test_the_schedule_of_what_was_never_committed_finds_nothing() -> None:
    world = FakeWorld().with_sample()
    batch = submitted(world)
    del world.messages.batches[sample.CLIENT, batch.id]
    world.clock.tick(days=10)
    world.schedule.fire()

    assert released(world) == [Released(committed=False)]
    assert world.queue.bulk.bodies == []


def test_a_large_batch_is_released_in_parts_that_leave_a_record_for_the_next() -> None:
    world = FakeWorld().with_sample()
    batch = sample.batch(100 * PARCELS_A_RECORD + 1)
    world.messages.keep_parcels(sample.parcels(batch))
    world.messages.keep_batch(batch)

    first = release_batch(world, sample.CLIENT, batch.id, None)

    assert first == Released(True, PARCELS_A_RECORD, f"{batch.id}-0999")
    assert released(world) == [Released(True, 1)]
    assert len({body["parcel"] for body in world.queue.bulk.bodies}) == PARCELS_A_RECORD + 1


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(NotFound, match="batch_unknown"):
        release_batch(FakeWorld().with_sample(), sample.CLIENT, "everything", None)


def test_a_retry_after_the_time_has_come_queues_what_still_waits() -> None:
    world = FakeWorld().with_sample()
    first = submitted(world, timedelta(hours=1))
    world.schedule.planned.clear()
    world.clock.tick(hours=1)

    profile = world.registry.profile(sample.CLIENT)
    assert profile
    again = submit_batch(
        world,
        profile,
        Mode.LIVE,
        Submission(recipients=sample.numbers(250), template="flu-notice"),
        "k1",
        "d1",
    )

    assert again == first
    assert len(world.queue.bulk.bodies) == 3


def test_what_the_rules_say_when_it_is_sent_counts() -> None:
    world = FakeWorld().with_sample()
    batch = submitted(world)
    world.registry.keep_client(sample.suspended())
    world.clock.tick(days=10)

    release_batch(world, sample.CLIENT, batch.id, None)

    assert sent(world) == [Sent.CLOSED_UNSENT] * 3
    states = {parcel.state for parcel in world.messages.parcels.values()}
    assert (states, world.carrier.calls) == ({State.REFUSED}, [])


def test_a_day_far_ahead_is_billed_and_stated_when_it_is_sent_and_no_day_before_knows_of_it() -> None:
    world = FakeWorld().with_sample()
    accepted_on, send_on = sample.TODAY, sample.TODAY + timedelta(days=35)
    batch = submitted(world, timedelta(days=35))

    def night_after(on: date) -> None:
        world.clock.at = day_start_at(on + timedelta(days=1)) + timedelta(hours=2.5)
        reconcile(world, sample.CLIENT, world.clock.now())

    # The day of acceptance has been closed for weeks when the batch goes.
    for nights in range(35):
        night_after(accepted_on + timedelta(days=nights))
    waiting = usage(world, sample.CLIENT, world.clock.now())
    world.clock.at = batch.send_at or world.clock.at
    release_batch(world, sample.CLIENT, batch.id, None)
    sent(world)
    night_after(send_on)

    standing = world.ledger.standing(sample.CLIENT, accepted_on, send_on)
    *days_before, day = [each.current for each in standing.values() if each.current]
    assert waiting.units == 0
    assert [(each.batches, each.messages, each.units) for each in days_before] == [(0, 0, 0)] * 35
    assert (day.units, day.states) == (250 * batch.units_each, {MessageState.SUBMITTED: 250})
    assert world.cases.cases == {}
