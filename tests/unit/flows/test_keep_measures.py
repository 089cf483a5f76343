"""Measures are taken, appealed against and lifted, and what they stop does not go."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest

from openmas.domain.change import Change
from openmas.domain.contract import Category
from openmas.domain.measures import Cause, Measure
from openmas.domain.parcel import MessageState, State
from openmas.domain.profile import Profile
from openmas.errors import Conflict, NotFound
from openmas.flows import keep_measures as flow
from openmas.flows.send_parcels import Sent, send_parcel
from tests.fakes import sample
from tests.fakes.deadly import dying
from tests.fakes.world import FakeWorld


def stop(name: str = "one", **changes: object) -> Measure:
    measure = Measure(
        id=name,
        cause=Cause.ARREARS,
        taken=Change("operator", sample.NOW, "欠费"),
        stops=frozenset({Category.NOTICE, Category.MARKETING}),
    )
    return replace(measure, **changes)  # type: ignore[arg-type]


def profile(world: FakeWorld) -> Profile:
    found = world.registry.profile(sample.CLIENT)
    assert found
    return found


def world_with(*measures: Measure) -> FakeWorld:
    world = FakeWorld().with_sample()
    for measure in measures:
        flow.take_measure(world, profile(world), measure)
    return world


def test_a_queued_message_of_a_stopped_category_is_refused_with_the_measures_reason() -> None:
    world = world_with()
    batch = sample.batch(3)
    (parcel,) = sample.parcels(batch)
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)
    flow.take_measure(world, profile(world), stop())

    sent, _ = send_parcel(world, parcel.client, parcel.id, 0)

    stored = world.messages.parcel(parcel.client, parcel.id)
    assert stored is not None
    assert (sent, stored.state) == (Sent.CLOSED_UNSENT, State.REFUSED)
    assert {refusal.reason for refusal in stored.refused.values()} == {"stopped_for_arrears"}
    assert set(stored.states()) == {MessageState.REFUSED}
    assert world.carrier.calls == []


def test_a_message_goes_again_once_the_measure_is_lifted() -> None:
    world = world_with(stop())
    batch = sample.batch(3)
    (parcel,) = sample.parcels(batch)
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)

    flow.lift_measure(world, profile(world), "one", "operator", "已缴清")

    assert send_parcel(world, parcel.client, parcel.id, 0)[0] is Sent.CALLED


def test_a_measure_that_says_the_same_is_not_taken_twice() -> None:
    world = world_with(stop("one"), stop("two"))

    assert [each.id for each in profile(world).measures] == ["one"]


def test_the_same_may_be_stopped_again_after_it_was_lifted() -> None:
    world = world_with(stop("one"))
    flow.lift_measure(world, profile(world), "one", "operator", "已缴清")

    flow.take_measure(world, profile(world), stop("two"))

    assert [(each.id, each.in_force) for each in profile(world).measures] == [("one", False), ("two", True)]


def test_of_two_who_lift_equally_slow_measures_at_once_one_wakes_what_waits() -> None:
    world = world_with(stop("one", rate_per_s=5), stop("two", cause=Cause.EMERGENCY, rate_per_s=5))
    both_see = profile(world)

    flow.lift_measure(world, both_see, "one", "operator", "已缴清")
    assert world.release_queue.queue.bodies == []
    flow.lift_measure(world, both_see, "two", "another", "已解除")

    assert world.release_queue.queue.bodies == [{"client": sample.CLIENT, "port": None}]


def test_an_appeal_waits_for_a_person_who_restores() -> None:
    world = world_with(stop())

    flow.appeal(world, profile(world), "one", "key sample", "已于昨日缴费")
    lifted = flow.lift_measure(world, profile(world), "one", "operator", "属实")

    assert lifted.lifted == Change("operator", sample.NOW, "属实")
    case = world.cases.find(sample.CLIENT, "review#measure#one")
    assert case is not None
    assert case.kind == "review"
    assert case.closing is not None
    assert (case.closing.outcome, case.closing.why) == ("lifted", "属实")


def test_an_appeal_may_be_refused_and_the_measure_still_be_lifted_later() -> None:
    world = world_with(stop())
    flow.appeal(world, profile(world), "one", "key sample", "请核实")

    flow.uphold_measure(world, profile(world), "one", "operator", "未见到账")
    assert not profile(world).measures[0].lifted
    flow.lift_measure(world, profile(world), "one", "operator", "已到账")

    case = world.cases.find(sample.CLIENT, "review#measure#one")
    assert case is not None
    assert case.closing is not None
    assert case.closing.outcome == "upheld"
    assert profile(world).measures[0].lifted


@pytest.mark.parametrize("act", ["appeal", "lift"])
def test_an_appeal_is_settled_although_it_or_the_lifting_died_half_way(act: str) -> None:
    world = world_with(stop())
    with dying(world, 1, after=False) if act == "appeal" else nullcontext():
        flow.appeal(world, profile(world), "one", "key sample", "已缴费")
    with dying(world, 1, after=False) if act == "lift" else nullcontext():
        flow.lift_measure(world, profile(world), "one", "operator", "属实")

    flow.lift_measure(world, profile(world), "one", "another", "again")

    case = world.cases.find(sample.CLIENT, "review#measure#one")
    assert case is not None
    assert case.closing is not None
    assert (case.closing.outcome, case.closing.by) == ("lifted", "operator")


@pytest.mark.parametrize(
    ("act", "error", "code"),
    [
        (lambda world: flow.lift_measure(world, profile(world), "no", "o", "w"), NotFound, "measure_unknown"),
        (lambda world: flow.appeal(world, profile(world), "no", "o", "w"), NotFound, "measure_unknown"),
        (
            lambda world: flow.uphold_measure(world, profile(world), "one", "o", "w"),
            NotFound,
            "appeal_unknown",
        ),
        (lambda world: flow.appeal(world, profile(world), "gone", "o", "w"), Conflict, "measure_lifted"),
        (lambda world: flow.appeal(world, profile(world), "asked", "o", "w"), Conflict, "measure_appealed"),
    ],
)
def test_what_makes_no_sense_is_refused(
    act: Callable[[FakeWorld], object], error: type[Exception], code: str
) -> None:
    world = world_with(
        stop("one"),
        stop("gone", cause=Cause.EMERGENCY, lifted=Change("operator", sample.NOW, "over")),
        stop("asked", cause=Cause.VIOLATION, appeal=Change("key sample", sample.NOW, "please")),
    )

    with pytest.raises(error) as told:
        act(world)

    assert getattr(told.value, "code", None) == code


def test_a_measure_is_lifted_once_and_keeps_its_first_word() -> None:
    world = world_with(stop())
    first = flow.lift_measure(world, profile(world), "one", "operator", "first")

    again = flow.lift_measure(world, profile(world), "one", "operator", "second")

    assert first == again == profile(world).measures[0]
