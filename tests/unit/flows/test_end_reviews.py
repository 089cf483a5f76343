"""A file that is held: its review ends once, and no case asks about what cannot go any more."""

from contextlib import suppress

import pytest

from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import CutStage
from openmas.domain.records import release_record
from openmas.errors import Conflict
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.release_batches import release_batch
from openmas.flows.review_content import give_verdict
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import sample
from tests.fakes.deadly import dying, interrupted
from tests.fakes.filed import cutting, live, number, step, submit, world_with
from tests.fakes.world import FakeWorld

LINES = ["号码,place", f"{number(1)},塔城", f"{number(2)},内部消息"]


def new_world() -> FakeWorld:
    world = world_with(LINES)
    world.words.put(Word("内部消息", ContentKind.RUMOURS, Action.HOLD))
    return world


def cancel(world: FakeWorld, batch: str) -> None:
    cancel_batch(world, sample.CLIENT, batch, "key sample")


def judge(world: FakeWorld, batch: str, outcome: str) -> None:
    give_verdict(world, sample.CLIENT, f"review#batch#{batch}", "p-1", "read it", outcome)
    for body in world.release_queue.queue.bodies:
        release_batch(world, *release_record(body))


def live_on(world: FakeWorld) -> None:
    """A day and more goes by, with its sweeps."""
    for _ in range(80):
        world.clock.tick(minutes=21)
        sweep_parcels(world)
        live(world)


def asked_about(world: FakeWorld) -> list[str]:
    return [case.id for case in world.cases.page("review", None, 10)[0]]


def outcomes(world: FakeWorld) -> list[str | None]:
    return [case.closing.outcome if case.closing else None for case in world.cases.cases.values()]


def test_a_held_file_that_is_cancelled_asks_for_no_look() -> None:
    world = new_world()
    batch = submit(world)
    live(world)
    assert asked_about(world) == [f"review#batch#{batch.id}"]

    cancel(world, batch.id)
    with pytest.raises(Conflict, match="case_closed"):
        judge(world, batch.id, "passed")
    live_on(world)

    assert outcomes(world) == ["cancelled"]
    assert (cutting(world, batch).stage, cutting(world, batch).code) == (CutStage.STOPPED, "cancelled")
    assert not world.carrier.calls


def test_a_refused_file_stays_so_though_its_client_cancels_before_that_is_carried_out() -> None:
    world = new_world()
    batch = submit(world)
    live(world)
    give_verdict(world, sample.CLIENT, f"review#batch#{batch.id}", "p-1", "read it", "refused")

    cancel(world, batch.id)

    assert (cutting(world, batch).stage, cutting(world, batch).code) == (
        CutStage.STOPPED,
        "content_refused.13",
    )


def test_a_held_file_that_nobody_looked_at_in_time_asks_for_no_look() -> None:
    world = new_world()
    batch = submit(world)
    live(world)

    live_on(world)

    assert outcomes(world) == ["expired"]
    assert cutting(world, batch).code == "validity_over"
    assert not world.carrier.calls


@pytest.mark.parametrize("at", range(1, 8))
def test_a_file_cancelled_at_any_write_of_its_reading_leaves_no_case_open(at: int) -> None:
    world = new_world()
    batch = submit(world)

    with interrupted(world, at, lambda: cancel(world, batch.id)):
        live(world)
    cancel(world, batch.id)

    assert asked_about(world) == []
    assert cutting(world, batch).cancelled
    live_on(world)
    assert not world.carrier.calls


@pytest.mark.parametrize("at", range(1, 8))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_reading_that_died_and_was_then_cancelled_leaves_no_case_open(at: int, after: bool) -> None:
    world = new_world()
    batch = submit(world)
    with dying(world, at, after=after):
        live(world)

    cancel(world, batch.id)
    world.cut_queue.queue.waiting.clear()
    live_on(world)

    assert asked_about(world) == []
    assert cutting(world, batch).cancelled
    assert not world.carrier.calls


@pytest.mark.parametrize("act", ["cancelled", "refused"])
@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_end_that_died_at_any_write_is_carried_out_by_the_sweep_or_the_next_try(
    act: str, at: int, after: bool
) -> None:
    world = new_world()
    batch = submit(world)
    live(world)

    def end() -> None:
        if act == "cancelled":
            cancel(world, batch.id)
        else:
            judge(world, batch.id, "refused")

    with dying(world, at, after=after):
        end()
    stands = world.messages.verdict(sample.CLIENT, batch.id)
    if stands is None:
        end()
    live_on(world)

    assert asked_about(world) == []
    assert outcomes(world) == [act]
    expected = "cancelled" if act == "cancelled" else "content_refused.13"
    assert (cutting(world, batch).stage, cutting(world, batch).code) == (CutStage.STOPPED, expected)
    assert not world.carrier.calls


@pytest.mark.parametrize("at", range(1, 8))
def test_a_cancellation_at_any_write_of_a_verdict_leaves_one_outcome_for_the_whole_file(at: int) -> None:
    world = new_world()
    batch = submit(world)
    live(world)

    with interrupted(world, at, lambda: cancel(world, batch.id)), suppress(Conflict):
        judge(world, batch.id, "passed")
        step(world)
        live(world)
    cancel(world, batch.id)
    live_on(world)

    stands = world.messages.verdict(sample.CLIENT, batch.id)
    assert stands
    assert outcomes(world) == [stands.outcome]
    if stands.outcome == "cancelled":
        assert not world.carrier.calls
    assert max(world.carrier.sent.values(), default=1) == 1
