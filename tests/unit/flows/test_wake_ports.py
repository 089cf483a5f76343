"""A port or client that may send more goes on within seconds with what waits: nothing twice, nothing lost."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from openmas.domain.batch import Batch, cut
from openmas.domain.carrier import Answer, Call
from openmas.domain.change import Change
from openmas.domain.contract import Category
from openmas.domain.measures import Cause, Measure
from openmas.domain.parcel import Parcel, State
from openmas.domain.port import FlowState, Port, Terms
from openmas.flows.keep_contracts import show_client
from openmas.flows.keep_measures import lift_measure, take_measure
from openmas.flows.keep_ports import keep_port, set_flow
from openmas.flows.sweep_parcels import sweep_parcels
from openmas.flows.wake_ports import PARCELS_A_RECORD, wake_parcels, wake_port
from tests.fakes import sample
from tests.fakes.carrier import FakeCarrier
from tests.fakes.deadly import dying
from tests.fakes.gateway import function
from tests.fakes.world import FakeWorld

SAID = {"by": "p-operator", "why": "as agreed"}
OTHER = f"{sample.PORT[:-1]}7"


@dataclass
class NotingCarrier(FakeCarrier):
    """A carrier that notes when how many messages came to it."""

    seen: list[tuple[datetime, int]] = field(default_factory=list)

    def send(self, call: Call) -> Answer:
        self.seen.append((self.clock.now(), len(call.numbers)))
        return super().send(call)


@dataclass
class Platform:
    """Whatever works on queues, second by second."""

    world: FakeWorld = field(default_factory=lambda: FakeWorld().with_sample())
    sweeps: bool = False

    def __post_init__(self) -> None:
        self.carrier = NotingCarrier(self.world.clock)
        self.world.carriers.by_name[sample.CARRIER] = self.carrier
        keep_port(self.world, sample.CLIENT, sample.PORT, Terms(Category.NOTICE), **SAID)

    def flow(self, state: FlowState, rate: int | None = None) -> Port:
        return set_flow(self.world, sample.CLIENT, sample.PORT, state, rate, **SAID)

    def slow(self, rate: int, name: str) -> None:
        taken = Change("p-operator", self.world.clock.now(), "complaints")
        measure = Measure(id=name, cause=Cause.COMPLAINTS, taken=taken, rate_per_s=rate)
        take_measure(self.world, show_client(self.world, sample.CLIENT), measure)

    def lift(self, name: str) -> None:
        lift_measure(self.world, show_client(self.world, sample.CLIENT), name, "p-operator", "mended")

    def accept(self, messages: int, size: int, n: int = 0, port: str = sample.PORT) -> list[Parcel]:
        batch: Batch = replace(sample.batch(messages, n=n), port=port, parcel_size=size)
        parcels = list(cut(batch, sample.numbers(messages)))
        self.world.messages.keep_parcels(parcels)
        self.world.messages.keep_batch(batch)
        self.world.queue.put(parcels)
        return parcels

    def run(self, seconds: int) -> None:
        """So many seconds of the whole platform; its workers are quick, but wait for their slots."""
        release, send = (function(name).build(self.world) for name in ("release_batches", "send_parcels"))
        end = self.world.clock.now() + timedelta(seconds=seconds)
        while self.world.clock.now() < end:
            second = self.world.clock.now() + timedelta(seconds=1)
            self.world.release_queue.queue.deliver(release)
            while self.world.clock.now() < second and self.world.queue.bulk.deliver(send, 1):
                pass
            if self.sweeps and int(self.world.clock.now().timestamp()) % 60 == 0:
                sweep_parcels(self.world)
            self.world.clock.at = max(self.world.clock.now(), second)

    def sent(self, since: datetime, seconds: float) -> int:
        """How many messages went in these seconds."""
        return sum(n for at, n in self.carrier.seen if since <= at < since + timedelta(seconds=seconds))

    @property
    def peak(self) -> int:
        """The most that went in one second, that is, in one of those that begin with a call."""
        return max(self.sent(at, 1) for at, _ in self.carrier.seen)

    @property
    def waiting(self) -> int:
        return sum(each.state is State.QUEUED for each in self.world.messages.parcels.values())

    @property
    def went_once(self) -> bool:
        return set(self.carrier.sent.values()) == {1}


def test_what_waits_on_a_closed_port_goes_within_five_seconds_of_its_opening() -> None:
    platform = Platform()
    platform.accept(300, 100)
    platform.flow(FlowState.CLOSED)
    platform.run(10)
    assert platform.waiting == 3

    platform.flow(FlowState.OPEN)
    platform.run(5)

    assert (platform.waiting, platform.went_once) == (0, True)


def test_what_stands_in_the_line_of_a_low_rate_goes_within_five_seconds_of_the_end_of_the_rate() -> None:
    platform = Platform()
    platform.flow(FlowState.LIMITED, 1)
    platform.accept(400, 1)
    platform.run(10)
    assert platform.waiting > 385

    platform.flow(FlowState.OPEN)
    platform.run(5)

    assert (platform.waiting, platform.went_once) == (0, True)
    platform.run(900)
    assert platform.went_once
    assert platform.world.queue.bulk.waiting == []


@pytest.mark.parametrize(("size", "before", "after"), [(1, 1, 50), (100, 1, 200), (1, 5, 20)])
def test_a_higher_rate_holds_within_five_seconds_and_no_second_sees_more(
    size: int, before: int, after: int
) -> None:
    platform = Platform()
    platform.flow(FlowState.LIMITED, before)
    platform.accept(1_000, size)
    platform.run(10)
    raised_at, left = platform.world.clock.now(), 1_000 - sum(platform.carrier.sent.values())

    platform.flow(FlowState.LIMITED, after)
    platform.run(30)

    assert platform.sent(raised_at, 5) >= min(0.5 * after * 5, left)
    assert platform.sent(raised_at, 30) >= min(0.75 * after * 30, left)
    assert platform.peak <= after
    assert platform.went_once


def test_a_closed_port_that_opens_at_a_rate_keeps_it_from_the_first_second() -> None:
    platform = Platform()
    platform.accept(200, 1)
    platform.flow(FlowState.CLOSED)
    platform.run(10)

    opened_at = platform.world.clock.now()
    platform.flow(FlowState.LIMITED, 10)
    platform.run(15)

    assert platform.sent(opened_at, 5) > 25
    assert platform.peak <= 10


@pytest.mark.parametrize("state", [FlowState.CLOSED, FlowState.LIMITED])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_whoever_dies_on_the_way_loses_nothing_and_the_sweep_brings_the_rest(
    state: FlowState, at: int, after: bool
) -> None:
    platform = Platform(sweeps=True)
    platform.flow(state, 1 if state is FlowState.LIMITED else None)
    platform.accept(20, 1)
    platform.run(5)

    def opened() -> None:
        platform.flow(FlowState.OPEN)
        queue = platform.world.release_queue.queue
        while event := queue.event(1):
            function("release_batches").build(platform.world)(event, None)
            queue.done(event, None)

    with dying(platform.world, at, after=after) as deadly:
        opened()
    assert deadly.writes >= at
    platform.run(400)

    assert (platform.waiting, platform.went_once) == (0, True)


def test_what_a_measure_slowed_goes_within_five_seconds_of_its_lifting_on_every_port() -> None:
    platform = Platform()
    keep_port(platform.world, sample.CLIENT, OTHER, Terms(Category.NOTICE), **SAID)
    platform.slow(1, "one")
    platform.accept(200, 1)
    platform.accept(200, 1, n=1, port=OTHER)
    platform.run(10)
    assert platform.waiting > 385

    platform.lift("one")
    platform.run(5)

    assert (platform.waiting, platform.went_once) == (0, True)
    platform.run(900)
    assert platform.went_once


def test_a_slower_measure_that_still_stands_keeps_its_pace_and_wakes_nobody() -> None:
    platform = Platform()
    platform.slow(1, "one")
    platform.slow(5, "two")

    platform.lift("two")
    assert platform.world.release_queue.queue.bodies == []
    platform.slow(5, "three")
    platform.accept(300, 1)
    platform.run(10)
    lifted_at = platform.world.clock.now()
    platform.lift("one")
    platform.run(30)

    assert platform.sent(lifted_at, 30) >= 100
    assert platform.peak <= 5


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_as_he_lifts_a_measure_may_say_it_again(after: bool) -> None:
    platform = Platform()
    platform.slow(1, "one")
    platform.accept(50, 1)
    platform.run(5)

    with dying(platform.world, 1, after=after) as deadly:
        platform.lift("one")
    assert deadly.writes == 1
    platform.lift("one")
    platform.run(5)

    assert (platform.waiting, platform.went_once) == (0, True)


def test_only_what_waits_on_the_port_is_woken() -> None:
    platform = Platform()
    keep_port(platform.world, sample.CLIENT, OTHER, Terms(Category.NOTICE), **SAID)
    waits, elsewhere = platform.accept(2, 1), platform.accept(1, 1, n=1, port=OTHER)
    gone = replace(waits[0], state=State.SUBMITTED, version=2)
    platform.world.messages.save(gone)
    platform.world.queue.bulk.waiting.clear()
    names = [each.id for each in (*waits, *elsewhere)]

    looked_at = wake_port(platform.world, sample.CLIENT, sample.PORT)
    woken = wake_parcels(platform.world, sample.CLIENT, sample.PORT, names)

    assert (looked_at, woken) == (3, 1)
    assert [body["parcel"] for body in platform.world.queue.bulk.bodies] == [waits[1].id]
    assert wake_port(platform.world, "neighbour", sample.PORT) == 0


def test_a_record_names_so_many_parcels_that_it_is_done_in_a_second() -> None:
    platform = Platform()
    platform.accept(2 * PARCELS_A_RECORD + 1, 1)

    wake_port(platform.world, sample.CLIENT, sample.PORT)

    bodies = platform.world.release_queue.queue.bodies
    assert [len(body["parcels"]) for body in bodies] == [PARCELS_A_RECORD, PARCELS_A_RECORD, 1]
    assert max(len(json.dumps(body)) for body in bodies) < 20_000


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((FlowState.OPEN, None), (FlowState.CLOSED, None), False),
        ((FlowState.OPEN, None), (FlowState.LIMITED, 5), False),
        ((FlowState.LIMITED, 5), (FlowState.LIMITED, 4), False),
        ((FlowState.LIMITED, 5), (FlowState.CLOSED, None), False),
        ((FlowState.CLOSED, None), (FlowState.CLOSED, None), False),
        ((FlowState.LIMITED, 5), (FlowState.LIMITED, 6), True),
        ((FlowState.LIMITED, 5), (FlowState.OPEN, None), True),
        ((FlowState.CLOSED, None), (FlowState.LIMITED, 1), True),
        ((FlowState.CLOSED, None), (FlowState.OPEN, None), True),
        # Said again, as the first time may have been cut short.
        ((FlowState.OPEN, None), (FlowState.OPEN, None), True),
    ],
)
def test_those_who_wait_are_told_when_there_is_more_to_have(
    before: tuple[FlowState, int | None], after: tuple[FlowState, int | None], told: bool
) -> None:
    platform = Platform()
    platform.flow(*before)
    platform.world.release_queue.queue.waiting.clear()

    platform.flow(*after)

    record = {"client": sample.CLIENT, "port": sample.PORT}
    assert platform.world.release_queue.queue.bodies == ([record] if told else [])


def test_a_rate_that_is_agreed_anew_is_told_too() -> None:
    platform = Platform()

    for rate in (5, 9, 2):
        keep_port(platform.world, sample.CLIENT, sample.PORT, Terms(Category.NOTICE, rate_per_s=rate), **SAID)

    assert len(platform.world.release_queue.queue.bodies) == 1
