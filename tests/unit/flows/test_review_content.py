"""Held batches wait for a person: passed, they go; refused, they never do; whoever dies wherever."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from openmas.domain.batch import HELD_LOOK, Batch
from openmas.domain.case import Closing
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.parcel import MessageState
from openmas.domain.profile import Mode
from openmas.domain.records import release_record
from openmas.domain.submission import Submission
from openmas.errors import Conflict, NotFound
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.end_reviews import let_expire
from openmas.flows.read_messages import read_progress
from openmas.flows.release_batches import release_batch
from openmas.flows.review_content import give_verdict, show_held
from openmas.flows.send_parcels import Sent, send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import sample
from tests.fakes.deadly import dying, interrupted
from tests.fakes.queues import FakeQueue
from tests.fakes.world import FakeClock, FakeWorld

RECIPIENTS = sample.numbers(150)
ODD = Word("内部消息", ContentKind.RUMOURS, Action.HOLD)


def new_world() -> FakeWorld:
    world = FakeWorld().with_sample()
    world.words.put(ODD)
    return world


def submit(world: FakeWorld, place: str = "内部消息", ahead: timedelta | None = None) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    send_at = world.clock.now() + ahead if ahead else None
    submission = Submission(
        recipients=RECIPIENTS, template="flu-notice", parameters={"place": place}, send_at=send_at
    )
    return submit_batch(world, profile, Mode.LIVE, submission, "k1", "d1")


def the_case(world: FakeWorld) -> str:
    (case,) = [case.id for case in world.cases.cases.values() if case.kind == "review"]
    return case


def judge(world: FakeWorld, outcome: str, why: str = "read it") -> Closing:
    return give_verdict(world, sample.CLIENT, the_case(world), "p-1", why, outcome)


def work(world: FakeWorld) -> None:
    """Everything that waits in a queue is worked on."""
    while world.release_queue.queue.waiting or world.queue.bulk.waiting:
        for body in _taken(world.release_queue.queue):
            release_batch(world, *release_record(body))
        for body in _taken(world.queue.bulk):
            send_parcel(world, body["client"], body["parcel"], body["attempt"])


def outcome_of_case(world: FakeWorld) -> str | None:
    case = world.cases.find(sample.CLIENT, the_case(world))
    return case.closing.outcome if case and case.closing else None


def reasons_of(world: FakeWorld) -> set[str]:
    return {r.reason for parcel in world.messages.parcels.values() for r in parcel.refused.values()}


def _taken(queue: FakeQueue) -> list[Any]:
    bodies = list(queue.bodies)
    queue.waiting.clear()
    return bodies


def live_on(world: FakeWorld, hours: int) -> None:
    """So many hours pass, with a sweep in each."""
    for _ in range(hours):
        world.clock.tick(hours=1, seconds=1)
        sweep_parcels(world)
        work(world)


def states(world: FakeWorld) -> Counter[MessageState]:
    return Counter(state for parcel in world.messages.parcels.values() for state in parcel.states())


def test_nothing_of_a_held_batch_is_sent_before_somebody_passed_it() -> None:
    world = new_world()
    batch = submit(world)

    live_on(world, 3)
    world.queue.put(sample.parcels(batch))
    outcomes = [
        send_parcel(world, parcel.client, parcel.id, 0)[0] for parcel in world.messages.parcels.values()
    ]

    assert outcomes == [Sent.HELD, Sent.HELD]
    assert world.carrier.calls == []
    assert states(world) == {MessageState.QUEUED: 150}


def test_a_passed_batch_goes_at_once_and_its_case_is_closed() -> None:
    world = new_world()
    batch = submit(world)

    verdict = judge(world, "passed", "an ordinary notice")
    work(world)

    assert sorted(number for call in world.carrier.calls for number in call.numbers) == sorted(RECIPIENTS)
    case = world.cases.find(sample.CLIENT, f"review#batch#{batch.id}")
    assert case
    assert case.closing == verdict
    assert verdict == Closing("p-1", "an ordinary notice", sample.NOW, "passed")


def test_a_refused_batch_is_closed_and_says_why() -> None:
    world = new_world()
    batch = submit(world)

    judge(world, "refused", "rumours")
    work(world)

    assert world.carrier.calls == []
    assert states(world) == {MessageState.REFUSED: 150}
    assert reasons_of(world) == {"content_refused.13"}
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    progress = read_progress(world, profile, batch.id)
    assert progress.verdict
    assert (progress.verdict.outcome, progress.verdict.why) == ("refused", "rumours")
    assert progress.states == {MessageState.REFUSED: 150}


@pytest.mark.parametrize(
    ("held", "named", "reason"),
    [
        ((ContentKind.RUMOURS,), None, "content_refused.13"),
        ((ContentKind.RUMOURS,), ContentKind.SPAM, "content_refused.19"),
        ((ContentKind.RUMOURS, ContentKind.SPAM), None, "content_refused"),
        ((ContentKind.RUMOURS, ContentKind.SPAM), ContentKind.SPAM, "content_refused.19"),
    ],
)
@pytest.mark.parametrize("carried_out_by", ["the release", "the sender", "the sweep"])
def test_whoever_carries_a_refusal_out_says_the_kind_that_is_known_and_guesses_none(
    held: tuple[ContentKind, ...], named: ContentKind | None, reason: str, carried_out_by: str
) -> None:
    world = new_world()
    batch = replace(submit(world), held=held)
    world.messages.batches[batch.client, batch.id] = batch

    give_verdict(world, sample.CLIENT, the_case(world), "p-1", "read it", "refused", kind=named)
    if carried_out_by == "the release":
        work(world)
    elif carried_out_by == "the sweep":
        world.release_queue.queue.waiting.clear()
        live_on(world, 2)
    else:
        for parcel in sample.parcels(batch):
            send_parcel(world, parcel.client, parcel.id, 0)

    assert reasons_of(world) == {reason}
    assert states(world) == {MessageState.REFUSED: 150}


def test_a_verdict_is_given_once() -> None:
    world = new_world()
    submit(world)
    first = judge(world, "passed")
    world.clock.tick(hours=1)

    again = judge(world, "passed", "again")
    with pytest.raises(Conflict, match="case_closed"):
        judge(world, "refused")
    work(world)

    assert again == first
    assert len(world.carrier.calls) == 2


def test_the_texts_are_shown_with_what_was_found_and_who_looked_is_on_record() -> None:
    world = new_world()
    batch = submit(world)
    show_held(world, sample.CLIENT, the_case(world), "p-2")
    world.clock.tick(minutes=1)

    held = show_held(world, sample.CLIENT, the_case(world), "p-1")

    ((text, (found,)),) = held.texts
    assert text == batch.text
    assert text[found.begin : found.end] == "内部消息"
    assert [look.by for look in held.looks] == ["p-2", "p-1"]


def test_of_texts_that_differ_the_doubtful_ones_are_shown_first() -> None:
    world = new_world()
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    own = (*({"place": f"第{n}街"} for n in range(119)), {"place": "内部消息"})
    submission = Submission(recipients=RECIPIENTS[:120], template="flu-notice", own=own)
    submit_batch(world, profile, Mode.LIVE, submission, "k1", "d1")

    held = show_held(world, sample.CLIENT, the_case(world), "p-1")

    assert len(held.texts) == 50
    assert [bool(found) for _, found in held.texts[:2]] == [True, False]


def test_what_is_held_longer_than_it_is_valid_expires() -> None:
    world = new_world()
    submit(world)

    live_on(world, 25)

    assert states(world) == {MessageState.EXPIRED: 150}
    assert outcome_of_case(world) == "expired"
    with pytest.raises(Conflict, match="case_closed"):
        judge(world, "passed")
    work(world)
    assert world.carrier.calls == []


def test_what_is_passed_before_its_time_waits_for_its_time() -> None:
    world = new_world()
    batch = submit(world, ahead=timedelta(days=2))

    judge(world, "passed")
    work(world)
    assert world.carrier.calls == []
    world.clock.tick(days=2)
    release_batch(world, sample.CLIENT, batch.id, None)
    work(world)

    assert len(world.carrier.calls) == 2


def test_whose_time_comes_before_the_verdict_waits_for_the_verdict() -> None:
    world = new_world()
    batch = submit(world, ahead=timedelta(hours=2))
    world.clock.tick(hours=2)

    assert release_batch(world, sample.CLIENT, batch.id, None).parcels == 0
    assert world.queue.bulk.bodies == []
    judge(world, "passed")
    work(world)

    assert len(world.carrier.calls) == 2


@pytest.mark.parametrize("outcome", ["passed", "refused"])
def test_a_cancelled_batch_asks_for_no_look_and_stays_cancelled_whatever_is_said_of_it(outcome: str) -> None:
    world = new_world()
    batch = submit(world)
    cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    assert world.cases.page("review", None, 10) == ([], None)
    with pytest.raises(Conflict, match="case_closed"):
        judge(world, outcome)
    work(world)

    assert world.carrier.calls == []
    assert states(world) == {MessageState.REFUSED: 150}
    assert reasons_of(world) == {"cancelled"}
    case = world.cases.find(sample.CLIENT, the_case(world))
    assert case
    assert case.closing == Closing("key sample", "Cancelled by the client.", sample.NOW, "cancelled")


@pytest.mark.parametrize(("outcome", "sent"), [("passed", 150), ("refused", 0)])
def test_who_cancels_after_the_verdict_finds_it_and_changes_it_no_more(outcome: str, sent: int) -> None:
    world = new_world()
    batch = submit(world)
    verdict = judge(world, outcome)
    work(world)

    done = cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    assert done.already_sent == sent
    assert world.messages.verdict(sample.CLIENT, batch.id) == verdict
    assert outcome_of_case(world) == outcome


class Rushing(FakeClock):
    """Whoever asks for the time has none left."""

    def now(self) -> datetime:
        return self.tick(11)


@pytest.mark.parametrize("clock", [FakeClock, Rushing])
def test_what_was_refused_stays_so_though_its_client_cancels_before_that_is_carried_out(
    clock: type[FakeClock],
) -> None:
    world = new_world()
    batch = submit(world)
    judge(world, "refused")
    world.release_queue.queue.waiting.clear()
    world.clock = clock()

    cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    left = len(world.release_queue.queue.waiting)
    work(world)

    assert left == (clock is Rushing)
    assert states(world) == {MessageState.REFUSED: 150}
    assert reasons_of(world) == {"content_refused.13"}


@pytest.mark.parametrize("outcome", ["passed", "refused"])
def test_no_verdict_is_taken_once_the_validity_is_over_though_no_sweep_came_by(outcome: str) -> None:
    world = new_world()
    batch = submit(world)
    world.clock.at = batch.valid_until

    with pytest.raises(Conflict, match="case_closed"):
        judge(world, outcome)

    assert outcome_of_case(world) == "expired"
    work(world)
    assert world.carrier.calls == []


def test_a_verdict_that_was_given_in_time_may_be_said_again_later() -> None:
    world = new_world()
    batch = submit(world)
    first = judge(world, "passed")
    world.clock.at = batch.valid_until

    assert judge(world, "passed") == first


@pytest.mark.parametrize("outcome", ["passed", "refused"])
@pytest.mark.parametrize("at", range(1, 12))
def test_a_cancellation_at_any_write_of_a_verdict_leaves_one_outcome_and_carries_it_out(
    outcome: str, at: int
) -> None:
    world = new_world()
    batch = submit(world)

    def cancel() -> None:
        cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    with interrupted(world, at, cancel), suppress(Conflict):
        judge(world, outcome)
        work(world)
    cancel()
    live_on(world, 2)

    stands = world.messages.verdict(sample.CLIENT, batch.id)
    assert stands
    assert outcome_of_case(world) == stands.outcome
    if stands.outcome != "passed":
        assert world.carrier.calls == []
        assert states(world) == {MessageState.REFUSED: 150}
    one_or_the_other(world)


def one_or_the_other(world: FakeWorld) -> None:
    """Every message was sent, once, or not."""
    called = {number for call in world.carrier.calls for number in call.numbers}
    stopped = {
        parcel.numbers[place] for parcel in world.messages.parcels.values() for place in parcel.refused
    }
    assert called & stopped == set()
    assert called | stopped == set(RECIPIENTS)
    assert max(world.carrier.sent.values(), default=1) == 1


def test_a_verdict_that_time_gave_sends_nothing_even_by_a_clock_that_is_behind() -> None:
    world = new_world()
    batch = submit(world)
    world.clock.tick(days=2)
    let_expire(world, sample.CLIENT, batch.id)
    world.clock.tick(days=-2)

    outcomes = [send_parcel(world, parcel.client, parcel.id, 0)[0] for parcel in sample.parcels(batch)]
    released = release_batch(world, sample.CLIENT, batch.id, None)

    assert outcomes == [Sent.HELD, Sent.HELD]
    assert released.parcels == 0
    assert states(world) == {MessageState.QUEUED: 150}
    live_on(world, 25)
    assert states(world) == {MessageState.EXPIRED: 150}


def test_what_was_never_committed_leaves_no_case_once_nobody_can_complete_it() -> None:
    world = new_world()
    with dying(world, 4, after=False):
        submit(world)
    assert world.messages.batches == {}

    live_on(world, 26)

    assert outcome_of_case(world) == "expired"
    assert world.carrier.calls == []


def test_a_case_whose_verdict_died_before_it_was_closed_is_closed_by_the_sweep() -> None:
    world = new_world()
    submit(world)
    with dying(world, 1, after=True):
        judge(world, "refused")

    live_on(world, 2)

    assert outcome_of_case(world) == "refused"
    assert states(world) == {MessageState.REFUSED: 150}


def test_a_verdict_on_a_submission_that_was_never_completed_holds_for_whoever_completes_it() -> None:
    for outcome, calls in (("passed", 2), ("refused", 0)):
        world = new_world()
        with dying(world, 4, after=False):
            submit(world)
        assert world.messages.batches == {}
        with pytest.raises(NotFound, match="batch_unknown"):
            show_held(world, sample.CLIENT, the_case(world), "p-1")

        judge(world, outcome)
        submit(world)
        live_on(world, 2)

        assert len(world.carrier.calls) == calls


@pytest.mark.parametrize("case", ["unknown#x", "review#signature#1", "review#batch#20251124"])
def test_what_is_no_review_of_a_batch_is_said_to_be_none(case: str) -> None:
    with pytest.raises(NotFound, match="case_unknown"):
        give_verdict(new_world(), sample.CLIENT, case, "p-1", "no", "passed")
    with pytest.raises(NotFound, match="case_unknown"):
        show_held(new_world(), sample.CLIENT, case, "p-1")


def _submission(world: FakeWorld) -> None:
    submit(world)


def _passing(world: FakeWorld) -> None:
    judge(world, "passed")
    work(world)


def _refusing(world: FakeWorld) -> None:
    judge(world, "refused")
    work(world)


def _cancelling(world: FakeWorld) -> None:
    (batch,) = world.messages.batches.values()
    cancel_batch(world, sample.CLIENT, batch.id, "key sample")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_submission_that_dies_at_any_write_neither_sends_nor_loses_its_case(after: bool) -> None:
    with dying(new := new_world(), 0, after=after) as undisturbed:
        submit(new)
    assert undisturbed.writes == 4

    for at in range(1, undisturbed.writes + 1):
        world = new_world()
        with dying(world, at, after=after):
            submit(world)
        live_on(world, 2)

        assert world.carrier.calls == []
        assert len(world.cases.cases) >= len(world.messages.batches), "what is committed has its case"
        submit(world)
        live_on(world, 2)
        assert world.carrier.calls == []
        assert len(world.cases.cases) == len(world.messages.batches) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("repeated", [False, True], ids=["only swept", "repeated"])
@pytest.mark.parametrize(
    ("act", "end"),
    [
        (_passing, MessageState.SUBMITTED),
        (_refusing, MessageState.REFUSED),
        (_cancelling, MessageState.REFUSED),
    ],
)
def test_a_verdict_or_a_cancellation_that_dies_at_any_write_is_carried_out_all_the_same(
    act: Callable[[FakeWorld], None], end: MessageState, *, after: bool, repeated: bool
) -> None:
    undisturbed = new_world()
    submit(undisturbed)
    with dying(undisturbed, 0, after=after) as deadly:
        act(undisturbed)

    for at in range(1, deadly.writes + 1):
        world = new_world()
        batch = submit(world)
        with dying(world, at, after=after):
            act(world)
        said = world.messages.verdict(sample.CLIENT, batch.id)
        if repeated or said is None:
            act(world)
        live_on(world, int(HELD_LOOK.total_seconds() // 3600) + 1)

        honest(world, end)
        assert outcome_of_case(world), "no case asks about what was decided"


def honest(world: FakeWorld, end: MessageState) -> None:
    """Every message ended so, but for a call that was cut off, of which nobody claims to know."""
    known = states(world)
    assert known[end] + known[MessageState.UNKNOWN] == 150
    assert sum(known.values()) == 150
    if end is MessageState.REFUSED:
        assert world.carrier.calls == []
    assert max(world.carrier.sent.values(), default=1) == 1
