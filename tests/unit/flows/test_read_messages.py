"""What a client is told is what the parcels say, read in any pages."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch, OwnTexts, cut
from openmas.domain.carrier import Accepted
from openmas.domain.parcel import MessageState
from openmas.domain.receipts import Receipt
from openmas.domain.units import Counting
from openmas.errors import NotFound
from openmas.flows.read_messages import read_batch_messages, read_inbound, read_message, read_progress
from tests.fakes import sample
from tests.fakes.world import FakeWorld


def world_with(batch: Batch) -> FakeWorld:
    world = FakeWorld().with_sample()
    world.messages.keep_parcels(cut(batch, sample.numbers(batch.accepted)))
    world.messages.keep_batch(batch)
    return world


@given(recipients=st.integers(1, 420), limit=st.integers(1, 1_000))
def test_pages_of_any_size_hold_every_message_once_and_in_order(recipients: int, limit: int) -> None:
    batch = sample.batch(recipients)
    world = world_with(batch)

    found: list[str] = []
    start: int | None = 0
    while start is not None:
        page, start = read_batch_messages(world, sample.CLIENT, batch.id, start, limit)
        assert 1 <= len(page) <= limit
        found += [message.number for message in page]

    assert tuple(found) == sample.numbers(recipients)


@given(recipients=st.integers(1, 120), place=st.integers(0, 119))
def test_a_message_found_by_its_name_is_the_one_of_the_listing(recipients: int, place: int) -> None:
    batch = sample.batch(recipients)
    world = world_with(batch)
    listed, _ = read_batch_messages(world, sample.CLIENT, batch.id, 0, recipients)

    message = listed[place % recipients]

    assert read_message(world, sample.CLIENT, message.id) == replace(message, text=batch.text)


def test_a_message_that_is_asked_for_alone_is_told_with_its_own_text() -> None:
    batch = replace(sample.batch(2), text="【甲乙丙】{who}您好", own=OwnTexts(Counting.CHARS_70_67, 2))
    world = FakeWorld().with_sample()
    world.messages.keep_parcels(cut(batch, sample.numbers(2), (("王女士",), ("{who}",))))
    world.messages.keep_batch(batch)

    told = [read_message(world, sample.CLIENT, f"{batch.id}-0000-0{place}").text for place in (0, 1)]

    assert told == ["【甲乙丙】王女士您好", "【甲乙丙】{who}您好"]


@given(st.dictionaries(st.integers(0, 2), st.sampled_from(["DELIVRD", "UNDELIV", "ACCEPTD"])))
def test_the_counts_of_a_batch_always_add_up(codes: dict[int, str]) -> None:
    batch = sample.batch(103)
    world = world_with(batch)
    calling = world.messages.parcels[sample.CLIENT, f"{batch.id}-0001"].calling(sample.NOW)
    taken = calling.answered(Accepted("G1"), 1, sample.NOW)
    receipts = [Receipt(place, code, sample.NOW) for place, code in codes.items()]
    world.messages.parcels[sample.CLIENT, taken.id] = taken.merge(receipts, sample.NOW)
    profile = world.registry.profile(sample.CLIENT)
    assert profile is not None

    progress = read_progress(world, profile, batch.id)

    assert sum(progress.states.values()) == batch.accepted
    assert progress.states[MessageState.QUEUED] == 100
    assert progress.units_charged == 3


def test_a_batch_of_which_nobody_was_accepted_has_no_pages() -> None:
    batch = replace(sample.batch(2), refused={"number_malformed": (0, 1)})
    world = world_with(batch)

    assert read_batch_messages(world, sample.CLIENT, batch.id, 0, 100) == ((), None)


@pytest.mark.parametrize("start", [3, 100, 10_000_000])
def test_a_page_behind_the_end_is_empty(start: int) -> None:
    batch = sample.batch(3)
    world = world_with(batch)

    assert read_batch_messages(world, sample.CLIENT, batch.id, start, 100) == ((), None)


def test_a_place_that_the_parcel_does_not_have_is_no_message() -> None:
    batch = sample.batch(3)

    with pytest.raises(NotFound, match="message_unknown"):
        read_message(world_with(batch), sample.CLIENT, f"{batch.id}-0000-03")


def test_inbound_goes_on_behind_a_message_that_is_gone_with_nothing() -> None:
    assert read_inbound(FakeWorld(), sample.CLIENT, sample.TODAY, "gone", 10) == ([], None)
