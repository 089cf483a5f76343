"""For every recipient it is told what was decided, by which version of the contract and which clause."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch
from openmas.domain.carrier import Accepted, Ambiguous
from openmas.domain.case import Closing
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category
from openmas.domain.cutting import CutStage
from openmas.domain.decision import Decision, Outcome
from openmas.domain.limits import Level
from openmas.domain.listing import BLACK, Act, ListEntry
from openmas.domain.parcel import Law, Refusal
from openmas.domain.profile import Mode
from openmas.domain.review import review_of
from openmas.domain.submission import Submission
from openmas.edge.wire import progress_document
from openmas.edge.wire_decisions import decision_document
from openmas.errors import NotFound
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.dry_run import rehearse_file
from openmas.flows.read_decisions import read_decisions
from openmas.flows.read_messages import read_progress
from openmas.flows.send_parcels import send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import filed, limited, sample
from tests.fakes.world import FakeWorld

CONTRACT = Law("新移塔分政企产品协议[2024]02445号", 1)


def all_pages(world: FakeWorld, batch: Batch, limit: int) -> list[Decision]:
    found: list[Decision] = []
    start: int | None = 0
    while start is not None:
        page, start = read_decisions(world, batch.client, batch.id, start, limit)
        assert len(page) <= limit
        found += page
    return found


def kept(world: FakeWorld, batch: Batch) -> Batch:
    world.messages.keep_parcels(sample.parcels(batch))
    world.messages.keep_batch(batch)
    return batch


@given(st.data(), st.integers(1, 350), st.integers(1, 130))
def test_every_recipient_has_one_decision_whatever_the_page_size(
    data: st.DataObject, recipients: int, limit: int
) -> None:
    out = data.draw(st.frozensets(st.integers(0, recipients - 1), max_size=40))
    listed = frozenset(place for place in out if place % 3 == 0)
    refused = {"number_duplicate": tuple(sorted(out - listed)), "number_on_black_list": tuple(sorted(listed))}
    world = FakeWorld().with_sample()
    batch = kept(world, replace(sample.batch(recipients), refused=refused))

    found = all_pages(world, batch, limit)

    numbers = iter(sample.numbers(recipients - len(out)))
    expected = [
        (place, "number_on_black_list" if place in listed else "number_duplicate", None)
        if place in out
        else (place, "accepted", next(numbers))
        for place in range(recipients)
    ]
    assert [(each.place, each.reason, each.number) for each in found] == expected
    assert {each.law for each in found} == {CONTRACT}


def test_a_message_names_its_decision_and_the_decision_its_message() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, sample.batch(102))

    found = all_pages(world, batch, 50)

    assert found[0].message == f"{batch.id}-0000-00"
    assert found[101].message == f"{batch.id}-0001-01"


def test_what_was_taken_out_later_rests_on_the_law_of_that_moment() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, sample.batch(3))
    sample.put_in_force(world.registry, sample.CLIENT, replace(sample.contract(), version=2))
    entry = ListEntry("13800130001", "key sample", sample.NOW, "asked")
    world.lists.change(sample.CLIENT, BLACK, Act.ADDED, [entry])

    send_parcel(world, batch.client, f"{batch.id}-0000", 0)

    assert told(world, batch) == [
        (Outcome.ACCEPTED, "accepted", 1),
        (Outcome.REFUSED, "number_on_black_list", 2),
        (Outcome.ACCEPTED, "accepted", 1),
    ]


def test_what_is_held_is_told_with_the_clause_of_its_kind_until_somebody_judges() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, replace(sample.batch(2), held=(ContentKind.RUMOURS,)))

    waiting = all_pages(world, batch, 10)
    judged = Closing("operator", "核实无误", sample.NOW, "passed")
    world.messages.keep_verdict(batch.client, batch.id, judged)
    passed = all_pages(world, batch, 10)

    assert [(each.outcome, each.reason, each.clause) for each in waiting] == [
        (Outcome.HELD, "content_held", "11.3.13")
    ] * 2
    assert [each.outcome for each in passed] == [Outcome.ACCEPTED] * 2


@pytest.mark.parametrize(
    ("reason", "clause", "zh", "en"),
    [
        ("content_refused.13", "11.3.13", "虚假信息、谣言", "false information or rumours"),
        ("content_refused", "11.3", "第十一条（三）", "clause 11.3"),
    ],
)
def test_what_a_person_refused_is_told_with_the_kind_that_is_known(
    reason: str, clause: str, zh: str, en: str
) -> None:
    world = FakeWorld().with_sample()
    batch = replace(sample.batch(1), held=(ContentKind.RUMOURS,))
    refused = {0: Refusal(reason)}
    world.messages.keep_parcels(
        [each.refuse(refused).closed_unsent(sample.NOW) for each in sample.parcels(batch)]
    )
    world.messages.keep_batch(batch)

    (decision,) = all_pages(world, batch, 10)

    document = decision_document(decision)
    assert (document["outcome"], document["code"], document["clause"]) == (
        "refused",
        "content_refused",
        clause,
    )
    assert zh in str(document["detail_zh"])
    assert en in str(document["detail"])


def test_the_carriers_own_refusal_is_told_with_its_code() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, sample.batch(2))
    world.carrier.then(Accepted("group", {"13800130001": "IllegalMobile"}))

    send_parcel(world, batch.client, f"{batch.id}-0000", 0)

    second = all_pages(world, batch, 10)[1]
    assert (second.reason, second.carrier_code) == ("carrier_number_refused", "IllegalMobile")


def test_another_clients_batch_is_not_there() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, sample.batch(2))

    with pytest.raises(NotFound):
        read_decisions(world, "another-one", batch.id, 0, 10)


def told(world: FakeWorld, batch: Batch, limit: int = 700) -> list[tuple[Outcome, str, int]]:
    """Outcome, reason and version of every recipient in order."""
    found = all_pages(world, batch, limit)
    assert [each.place for each in found] == list(range(len(found)))
    return [(each.outcome, each.reason, each.law.version) for each in found]


def test_a_batch_whose_first_messages_are_kept_no_longer_is_not_there() -> None:
    world = FakeWorld().with_sample()
    batch = sample.batch(150)
    # Items whose time is over go one by one.
    world.messages.keep_parcels(sample.parcels(batch)[1:])
    world.messages.keep_batch(batch)

    with pytest.raises(NotFound):
        read_decisions(world, sample.CLIENT, batch.id, 0, 10)


@pytest.mark.parametrize("held", [(), (ContentKind.RUMOURS,)])
@pytest.mark.parametrize("swept", [False, True])
def test_what_waited_until_its_validity_ended_is_told_as_expired(
    held: tuple[ContentKind, ...], swept: bool
) -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, replace(sample.batch(2), held=held))
    if held:
        world.cases.open(review_of(batch))
    world.clock.at = batch.valid_until

    for _ in range(3 * swept):
        sweep_parcels(world)
        world.clock.tick(hours=1)

    assert told(world, batch) == [(Outcome.REFUSED, "expired", 1)] * 2
    assert (world.messages.verdict(batch.client, batch.id) is not None) == bool(held and swept)


def test_what_may_have_been_sent_does_not_expire() -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, sample.batch(2))
    world.carrier.then(Ambiguous("time-out"), took=True)
    send_parcel(world, batch.client, f"{batch.id}-0000", 0)
    (called,) = world.messages.parcels.values()
    world.messages.save(called.repeat(world.clock.now()))

    world.clock.at = batch.valid_until

    assert told(world, batch) == [(Outcome.ACCEPTED, "accepted", 1)] * 2


@pytest.mark.parametrize("outcome", ["refused", "cancelled"])
def test_what_a_verdict_refuses_is_told_so_before_its_parcels_are_closed(outcome: str) -> None:
    world = FakeWorld().with_sample()
    batch = kept(world, replace(sample.batch(2), held=(ContentKind.RUMOURS,)))
    world.messages.keep_verdict(batch.client, batch.id, Closing("operator", "谣言", sample.NOW, outcome))

    reason = "cancelled" if outcome == "cancelled" else "content_refused.13"
    assert told(world, batch) == [(Outcome.REFUSED, reason, 1)] * 2


def test_each_refusal_tells_the_law_that_it_was_made_under() -> None:
    world = FakeWorld().with_sample()
    first, second = Refusal("number_on_black_list"), Refusal("number_too_often")
    batch = sample.batch(4)
    (parcel,) = sample.parcels(batch)
    later = [replace(CONTRACT, version=version) for version in (2, 3)]
    parcel = (
        parcel.refuse({0: first}, later[0]).refuse({1: second}, later[1]).refuse({2: Refusal("cancelled")})
    )
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)

    assert [each.law.version for each in all_pages(world, batch, 10)] == [2, 3, 1, 1]


def test_a_file_is_told_of_from_when_it_was_read_until_all_of_it_went() -> None:
    world = filed.world_with(filed.plain(4_500))
    batch = filed.submit(world, parameters=filed.SAME)

    before = told(world, batch)
    filed.step(world)
    read = told(world, batch)
    filed.live(world)

    assert before == []
    assert read == [(Outcome.ACCEPTED, "accepted_so_far", 1)] * 4_500
    assert told(world, batch) == [(Outcome.ACCEPTED, "accepted", 1)] * 4_500
    assert [each.number for each in all_pages(world, batch, 999)] == filed.plain(4_500)


def test_a_file_that_is_held_for_its_lines_is_told_as_held_until_somebody_judges() -> None:
    world = filed.world_with(["手机号码,place", *(f"{filed.number(n)},内部消息" for n in range(3))])
    world.words.put(Word("内部消息", ContentKind.RUMOURS, Action.HOLD))
    batch = filed.submit(world)
    for _ in range(3):
        filed.step(world)

    waiting = all_pages(world, batch, 2)
    world.messages.keep_verdict(batch.client, batch.id, Closing("operator", "谣言", sample.NOW, "refused"))

    held = [(each.outcome, each.reason, each.clause, each.number) for each in waiting]
    assert held == [(Outcome.HELD, "content_held", "11.3.13", filed.number(n)) for n in range(3)]
    assert told(world, batch) == [(Outcome.REFUSED, "content_refused.13", 1)] * 3


def test_the_rest_of_a_file_that_is_cancelled_is_refused_with_place_and_number() -> None:
    world = filed.world_with(filed.plain(50_000))
    batch = filed.submit(world, parameters=filed.SAME)
    for _ in range(2):
        filed.step(world)
    filed.send_all(world)
    cut = filed.cutting(world, batch).messages

    cancel_batch(world, batch.client, batch.id, "key sample")

    found = all_pages(world, batch, 1_000)
    assert 0 < cut < 50_000
    assert {each.outcome for each in found[:cut]} == {Outcome.ACCEPTED}
    assert {(each.outcome, each.reason, each.message) for each in found[cut:]} == {
        (Outcome.REFUSED, "cancelled", None)
    }
    assert [each.number for each in found] == filed.plain(50_000)


def test_the_rest_of_a_file_beyond_the_units_is_refused_under_the_law_that_stopped_it() -> None:
    world = filed.world_with(filed.plain(6_000))
    batch = filed.submit(world, parameters=filed.SAME)
    per_day = limited.contract(per_day=Level(3_000, 4_000))
    sample.put_in_force(world.registry, sample.CLIENT, replace(per_day, version=2))

    filed.live(world)

    assert told(world, batch) == [
        *[(Outcome.ACCEPTED, "accepted", 1)] * 4_000,
        *[(Outcome.REFUSED, "units_beyond_day", 2)] * 2_000,
    ]


def test_the_rest_of_a_file_whose_validity_is_over_is_told_so_before_and_after_it_stops() -> None:
    world = filed.world_with(filed.plain(10))
    batch = filed.submit(world, parameters=filed.SAME)
    filed.step(world)
    world.clock.at = batch.valid_until

    before = told(world, batch)
    filed.live(world)

    assert before == told(world, batch) == [(Outcome.REFUSED, "validity_over", 1)] * 10


def test_a_line_that_is_refused_as_its_part_is_cut_tells_the_law_of_that_day() -> None:
    world = filed.world_with(filed.plain(3))
    batch = filed.submit(world, parameters=filed.SAME)
    filed.step(world)
    once = limited.contract(frequency={Category.NOTICE: [(1, 86_400)]})
    sample.put_in_force(world.registry, sample.CLIENT, replace(once, version=2))
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    other = Submission(recipients=(filed.number(1),), template="flu-notice", parameters={"place": "沙湾"})
    submit_batch(world, profile, Mode.LIVE, other, "k2", "d2")

    filed.live(world)

    assert told(world, batch) == [
        (Outcome.ACCEPTED, "accepted", 1),
        (Outcome.REFUSED, "number_too_often", 2),
        (Outcome.ACCEPTED, "accepted", 1),
    ]


@pytest.mark.parametrize("left_out", [0, 3])
@pytest.mark.parametrize("at", range(1, 21))
def test_progress_and_decisions_agree_after_a_kill_and_a_cancellation(at: int, left_out: int) -> None:
    world = filed.world_with(filed.plain(2_500))
    batch = filed.submit(world, parameters=filed.SAME)
    filed.step(world)
    kept_messages, killing = world.messages, cast("Any", filed.Killing(world.messages, [at]))
    world.messages = killing
    with suppress(filed.Killed):
        filed.step(world)
    world.messages = kept_messages
    if filed.cutting(world, batch).parcels == 0:
        # It died as it stored them.
        for name in sorted(world.messages.parcels)[1 : 1 + left_out]:
            del world.messages.parcels[name]
    cancel_batch(world, batch.client, batch.id, "key sample")
    profile = world.registry.profile(sample.CLIENT)
    assert profile

    progress = read_progress(world, profile, batch.id)
    found = all_pages(world, batch, 700)

    in_parcels = sum(progress.states.values())
    assert cast("dict[str, object]", progress_document(*progress)["file"])["cut"] == in_parcels
    assert sum(each.message is not None for each in found) == in_parcels
    assert [(each.outcome, each.reason) for each in found] == [(Outcome.REFUSED, "cancelled")] * 2_500
    assert [each.number for each in found] == filed.plain(2_500)


def test_nothing_is_decided_of_a_rehearsal() -> None:
    world = filed.world_with(filed.plain(3))
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    wanted = Submission(recipients=(), file=filed.UPLOAD, template="flu-notice", parameters=filed.SAME)
    batch = rehearse_file(world, profile, Mode.LIVE, wanted)
    for _ in range(3):
        filed.step(world)

    assert filed.cutting(world, batch).stage is CutStage.DONE
    assert told(world, batch) == []
