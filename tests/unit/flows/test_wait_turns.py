"""Parcels take turns: many workers together never go faster than their port may, and hardly slower."""

import heapq
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from openmas.domain.batch import Batch, cut
from openmas.domain.carrier import Answer, Call
from openmas.domain.measures import Cause, Measure
from openmas.domain.pace import LINE_MAX_S, parcel_size
from openmas.domain.parcel import QUEUE_GRACE, Parcel, State
from openmas.domain.port import Flow, FlowState
from openmas.domain.profile import Profile
from openmas.errors import Conflict
from openmas.flows.send_parcels import Sent, send_parcel
from openmas.flows.sweep_parcels import sweep_parcels
from openmas.flows.wait_turns import wait_turn
from openmas.flows.wake_ports import DUE_WITHIN, wake_port
from tests.fakes import sample
from tests.fakes.carrier import FakeCarrier
from tests.fakes.messages import FakeMessages
from tests.fakes.registry import FakeRegistry
from tests.fakes.world import FakeWorld

WORKERS = 40
LINE = f"{sample.PORT}#line1"


def paced(rate_per_s: int) -> FakeWorld:
    world = FakeWorld().with_sample()
    world.registry.keep_port(sample.CLIENT, sample.port(rate_per_s=rate_per_s))
    return world


def accepted(world: FakeWorld, messages: int, size: int | None = None, **more: object) -> list[Parcel]:
    """The parcels of one batch from the paced port, cut as a submission cuts them, and queued."""
    profile = world.registry.profile(sample.CLIENT)
    assert profile is not None
    size = size or parcel_size(profile, sample.PORT)
    batch: Batch = replace(sample.batch(messages), port=sample.PORT, parcel_size=size, **more)  # type: ignore[arg-type]
    parcels = list(cut(batch, sample.numbers(messages)))
    world.messages.keep_parcels(parcels)
    world.messages.keep_batch(batch)
    world.queue.put(parcels)
    return parcels


class Interrupted(FakeWorld):
    """A world in which the client is suspended during every pause."""

    def pause(self, duration_s: float, /) -> None:
        self.registry.keep_client(sample.suspended())
        super().pause(duration_s)


@dataclass
class SlowCarrier(FakeCarrier):
    """A carrier at a distance that is never twice the same, which notes when each message came to it."""

    world: FakeWorld | None = None
    chance: Random = field(default_factory=Random)
    seen: list[tuple[datetime, int]] = field(default_factory=list)

    def send(self, call: Call) -> Answer:
        assert self.world is not None
        self.seen.append((self.world.clock.tick(self.chance.uniform(0.002, 0.02)), len(call.numbers)))
        self.world.clock.tick(self.chance.uniform(0.02, 0.2))
        return super().send(call)


@dataclass
class SlowMessages(FakeMessages):
    """A table that takes its time for each write, but not always as long."""

    world: FakeWorld | None = None
    chance: Random = field(default_factory=Random)

    def save(self, parcel: Parcel) -> None:
        assert self.world is not None
        self.world.clock.tick(self.chance.uniform(0.003, 0.03))
        super().save(parcel)


def worked_off(world: FakeWorld, seed: int) -> list[tuple[datetime, int]]:
    """When how many messages reached the carrier while so many workers emptied the queue.

    Shape: each worker has a time of its own, and the one that is furthest behind acts next.
    """
    chance = Random(seed)
    carrier = SlowCarrier(world.clock, world=world, chance=chance)
    world.carriers.by_name[sample.CARRIER] = carrier
    world.messages.__class__ = SlowMessages
    vars(world.messages).update(world=world, chance=chance)
    queue = world.queue.bulk
    free = [(world.clock.now(), worker) for worker in range(WORKERS)]
    while queue.waiting:
        world.clock.at, worker = heapq.heappop(free)
        event = queue.event(1)
        if event is None:
            world.clock.at = max(world.clock.at, min(each.visible_at for each in queue.waiting))
        else:
            record = json.loads(event["Records"][0]["body"])
            send_parcel(world, record["client"], record["parcel"], record["attempt"])
            queue.done(event, None)
        heapq.heappush(free, (world.clock.tick(chance.uniform(0.001, 0.3)), worker))
    return sorted(carrier.seen)


def peak(seen: list[tuple[datetime, int]]) -> int:
    """The most that came in any one second, that is, in one of those that begin with a call."""
    second = timedelta(seconds=1)
    return max(sum(count for at, count in seen if begin <= at < begin + second) for begin, _ in seen)


@pytest.mark.parametrize(
    ("rate", "messages", "seed"), [(100, 3_000, 1), (500, 5_000, 2), (20, 400, 3), (3, 60, 4)]
)
def test_forty_workers_stay_within_the_rate_in_every_second_and_use_nine_tenths_of_it(
    rate: int, messages: int, seed: int
) -> None:
    world = paced(rate)
    accepted(world, messages)

    seen = worked_off(world, seed)

    took_s = (seen[-1][0] - seen[0][0]).total_seconds()
    sent, used = sum(count for _, count in seen), messages / took_s / rate
    print(f"rate {rate}/s, {WORKERS} workers: peak {peak(seen)}/s, {used:.1%} of the rate used")  # noqa: T201 (a figure to look at)
    assert sent == messages
    assert peak(seen) <= rate
    assert used >= 0.85


def test_parcels_that_were_cut_before_the_port_was_limited_keep_the_rate_in_the_mean() -> None:
    world = paced(20)
    accepted(world, 600, size=100)

    seen = worked_off(world, 5)

    gaps = [(after - before).total_seconds() for (before, _), (after, _) in pairwise(seen)]
    assert sum(count for _, count in seen) == 600
    assert min(gaps) >= 100 / 20


def test_what_has_no_rate_and_what_is_a_test_take_no_turns() -> None:
    free, test = FakeWorld().with_sample(), paced(1)
    free.registry.keep_port(sample.CLIENT, sample.port())

    for world, parcel in ((free, accepted(free, 1)[0]), (test, accepted(test, 1, test=True)[0])):
        send_parcel(world, parcel.client, parcel.id, 0)
        assert world.pace.taken == {}


def test_a_short_wait_is_slept_and_a_long_one_goes_back_to_the_queue() -> None:
    world = paced(10)
    parcels = accepted(world, 30)
    world.queue.bulk.waiting.clear()

    told = [send_parcel(world, each.client, each.id, 0)[0] for each in parcels[:3]]
    assert told == [Sent.CALLED] * 3
    assert world.clock.now() - sample.NOW == timedelta(seconds=2 / 9)

    # Eleven others came at the same time.
    world.pace.next_at[sample.CLIENT, sample.PORT] += 11 / 9
    assert send_parcel(world, parcels[3].client, parcels[3].id, 0)[0] is Sent.IN_LINE
    assert len(world.queue.bulk.bodies) == 1
    assert world.messages.parcel(parcels[3].client, parcels[3].id) == parcels[3]


def test_the_sweep_makes_no_second_record_of_what_stands_in_line() -> None:
    world = paced(1)
    parcel = accepted(world, 1)[0]
    world.queue.bulk.waiting.clear()
    now = world.clock.now().timestamp()
    world.pace.next_at[sample.CLIENT, sample.PORT] = now + 5
    world.pace.next_at[sample.CLIENT, LINE] = now + 600

    assert send_parcel(world, parcel.client, parcel.id, 0)[0] is Sent.IN_LINE
    world.clock.tick(seconds=599)
    sweep_parcels(world)

    assert len(world.queue.bulk.bodies) == 1
    world.clock.tick(seconds=1)
    assert world.queue.bulk.event() is not None
    world.clock.tick(seconds=2 * QUEUE_GRACE.total_seconds())
    assert sweep_parcels(world)["queued_again"] == 1


def test_what_the_sweep_had_put_off_for_long_is_woken_with_the_others_in_its_line() -> None:
    world = paced(1)
    parcel = accepted(world, 1)[0]
    # It waited for hours, with its record in a queue that nobody read.
    world.messages.save(parcel.rest(world.clock.now() + timedelta(hours=3)))
    world.pace.next_at[sample.CLIENT, sample.PORT] = world.clock.now().timestamp() + 5

    assert send_parcel(world, parcel.client, parcel.id, 0)[0] is Sent.IN_LINE

    assert wake_port(world, sample.CLIENT, None) == 1
    # Not sooner than the waker looks: the longer it waits, the rarer the sweep makes another record of it.
    (waiting,) = world.messages.parcels.values()
    assert waiting.due_at == world.clock.now() + DUE_WITHIN


def test_whoever_finds_the_line_too_long_comes_back_later() -> None:
    world = paced(1)
    parcel = accepted(world, 1)[0]
    world.queue.bulk.waiting.clear()
    world.pace.next_at[sample.CLIENT, sample.PORT] = world.clock.now().timestamp() + 60
    world.pace.next_at[sample.CLIENT, LINE] = world.clock.now().timestamp() + LINE_MAX_S + 1

    send_parcel(world, parcel.client, parcel.id, 0)

    world.clock.tick(seconds=LINE_MAX_S // 2 - 1)
    assert world.queue.bulk.event() is None
    world.clock.tick(seconds=LINE_MAX_S // 2 + 1)
    assert world.queue.bulk.event() is not None


@pytest.mark.parametrize("template", [None, "flu-notice"])
def test_a_measure_slows_a_client_or_a_template_on_every_port(template: str | None) -> None:
    world = FakeWorld().with_sample()
    slow = Measure(id="m-1", cause=Cause.COMPLAINTS, taken=sample.CHANGE, rate_per_s=10, template=template)
    world.registry.keep_measure(sample.CLIENT, slow)
    batch = replace(sample.batch(2), parcel_size=1)
    world.messages.keep_batch(batch)
    world.messages.keep_parcels(cut(batch, sample.numbers(2)))

    for parcel in cut(batch, sample.numbers(2)):
        send_parcel(world, parcel.client, parcel.id, 0)

    assert len(world.carrier.calls) == 2
    assert world.clock.now() - sample.NOW == timedelta(seconds=1 / 9)


def test_a_lower_rate_counts_for_what_is_queued_already() -> None:
    world = paced(1_000)
    parcels = accepted(world, 200, size=100)
    port = world.registry.port_versions(sample.CLIENT, sample.PORT)[-1]
    world.registry.keep_port(sample.CLIENT, port.with_flow(Flow(FlowState.LIMITED, sample.CHANGE, 10)))

    told = [send_parcel(world, each.client, each.id, 0)[0] for each in parcels]

    assert told == [Sent.CALLED, Sent.IN_LINE]
    assert [len(call.numbers) for call in world.carrier.calls] == [100]


@pytest.mark.parametrize("change", ["closed", "expired", "suspended"])
def test_no_slot_is_taken_for_what_will_not_be_called(change: str) -> None:
    world = paced(10)
    parcel = accepted(world, 1)[0]
    if change == "closed":
        port = world.registry.port_versions(sample.CLIENT, sample.PORT)[-1]
        world.registry.keep_port(sample.CLIENT, port.with_flow(Flow(FlowState.CLOSED, sample.CHANGE)))
    elif change == "expired":
        world.clock.tick(days=2)
    else:
        world.registry.keep_client(sample.suspended())

    send_parcel(world, parcel.client, parcel.id, 0)

    assert world.pace.taken == {}
    assert world.carrier.calls == []


def test_the_rules_are_asked_after_the_pause() -> None:
    world = paced(10)
    first, second = accepted(world, 2)
    send_parcel(world, first.client, first.id, 0)
    world.__class__ = Interrupted

    assert send_parcel(world, second.client, second.id, 0)[0] is Sent.CLOSED_UNSENT

    after = world.messages.parcel(second.client, second.id)
    assert after is not None
    assert (after.state, len(world.carrier.calls)) == (State.REFUSED, 1)


def test_of_two_that_put_the_same_parcel_in_line_one_does() -> None:
    world = paced(1)
    parcel = accepted(world, 1)[0]
    batch = world.messages.batch(parcel.client, parcel.id.rpartition("-")[0])
    assert batch is not None
    profile = world.registry.profile(sample.CLIENT)
    assert profile is not None
    world.pace.next_at[sample.CLIENT, sample.PORT] = world.clock.now().timestamp() + 60
    world.pace.next_at[sample.CLIENT, LINE] = world.clock.now().timestamp() + 600

    assert not wait_turn(world, batch, parcel, profile)
    with pytest.raises(Conflict):
        wait_turn(world, batch, parcel, profile)


@dataclass
class Remembered(FakeRegistry):
    """A registry as a machine meets it that read the client some seconds ago."""

    read: Profile | None = None

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        return super().profile(client) if fresh else self.read


def remembering(world: FakeWorld, *flows: Flow) -> None:
    """The port stands as the last flow says; the machine knows only those before."""
    for flow in flows:
        read = world.registry.profile(sample.CLIENT)
        port = world.registry.port_versions(sample.CLIENT, sample.PORT)[-1]
        world.registry.keep_port(sample.CLIENT, port.with_flow(flow))
    world.registry.__class__ = Remembered
    vars(world.registry).update(read=read)


def test_nobody_stands_in_line_for_a_rate_that_is_over() -> None:
    world = FakeWorld().with_sample()
    world.registry.keep_port(sample.CLIENT, sample.port())
    parcel = accepted(world, 1)[0]
    remembering(world, Flow(FlowState.LIMITED, sample.CHANGE, 1), Flow(FlowState.OPEN, sample.CHANGE))
    world.pace.next_at[sample.CLIENT, sample.PORT] = world.clock.now().timestamp() + 60

    assert send_parcel(world, parcel.client, parcel.id, 0)[0] is Sent.CALLED


def test_what_opens_at_a_rate_takes_turns_also_where_it_is_remembered_as_closed() -> None:
    world = FakeWorld().with_sample()
    world.registry.keep_port(sample.CLIENT, sample.port())
    parcel = accepted(world, 1)[0]
    remembering(world, Flow(FlowState.CLOSED, sample.CHANGE), Flow(FlowState.LIMITED, sample.CHANGE, 1))

    assert send_parcel(world, parcel.client, parcel.id, 0)[0] is Sent.CALLED
    assert world.pace.taken == {sample.PORT: 1}
