"""For every recipient it is told what was decided, by which version of the contract and which clause."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch
from openmas.domain.carrier import Accepted
from openmas.domain.case import Closing
from openmas.domain.content_kinds import ContentKind
from openmas.domain.decision import Decision, Outcome
from openmas.domain.listing import BLACK, Act, ListEntry
from openmas.domain.parcel import Law, Refusal
from openmas.edge.wire_decisions import decision_document
from openmas.errors import NotFound
from openmas.flows.read_decisions import read_decisions
from openmas.flows.send_parcels import send_parcel
from tests.fakes import sample
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

    told = [(each.outcome, each.reason, each.law.version) for each in all_pages(world, batch, 10)]
    assert told == [
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

    told = decision_document(decision)
    assert (told["outcome"], told["code"], told["clause"]) == ("refused", "content_refused", clause)
    assert zh in str(told["detail_zh"])
    assert en in str(told["detail"])


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
