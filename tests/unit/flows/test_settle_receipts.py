"""Receipts find their parcels in any order; whoever opts out is listed at once."""

from datetime import timedelta

import pytest

from openmas.domain.inbound import Mo
from openmas.domain.listing import ListKind
from openmas.domain.parcel import MessageState, Parcel
from openmas.domain.receipts import Report, Reported
from openmas.domain.records import receipts_record
from openmas.flows.send_parcels import send_parcel
from openmas.flows.settle_receipts import ORPHAN_AFTER_S, Settled, settle_receipts, take_inbound
from tests.fakes import sample
from tests.fakes.world import FakeWorld


def sent(world: FakeWorld, recipients: int = 3) -> Parcel:
    batch = sample.batch(recipients)
    parcel = sample.parcels(batch)[0]
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)
    send_parcel(world, parcel.client, parcel.id, 0)
    return parcel


def settle(world: FakeWorld, *reports: Report, tries: int = 0) -> Settled:
    return settle_receipts(world, [Reported(sample.CARRIER, reports, tries)])


def states(world: FakeWorld, parcel: Parcel) -> tuple[MessageState, ...]:
    found = world.messages.parcel(parcel.client, parcel.id)
    assert found
    return found.states()


def test_receipts_of_one_parcel_are_one_write() -> None:
    world = FakeWorld().with_sample()
    parcel = sent(world)
    before = world.messages.parcel(parcel.client, parcel.id)

    settled = settle(world, *world.carrier.reports())

    after = world.messages.parcel(parcel.client, parcel.id)
    assert before
    assert after
    assert settled == Settled(merged=3)
    assert after.version == before.version + 1
    assert after.states() == (MessageState.DELIVERED,) * 3


def test_the_same_receipts_again_write_nothing() -> None:
    world = FakeWorld().with_sample()
    parcel = sent(world)
    settle(world, *world.carrier.reports())
    before = world.messages.parcel(parcel.client, parcel.id)

    assert settle(world, *world.carrier.reports()) == Settled(known=3)
    assert world.messages.parcel(parcel.client, parcel.id) == before


def test_a_receipt_before_the_submit_answer_waits_and_then_finds_its_parcel() -> None:
    world = FakeWorld().with_sample()
    early = Report(sample.numbers(1)[0], "DELIVRD", world.clock.now(), group="G1")

    assert settle(world, early) == Settled(waiting=1)

    parcel = sent(world)
    assert world.receipts.queue.event() is None
    world.clock.tick(seconds=ORPHAN_AFTER_S[0])
    event = world.receipts.queue.event()
    assert event
    waited = [receipts_record(body) for body in world.receipts.queue.bodies]
    assert settle_receipts(world, waited) == Settled(merged=1)
    assert states(world, parcel)[0] is MessageState.DELIVERED


def test_a_receipt_that_nobody_knows_is_kept_as_an_orphan_after_its_last_try() -> None:
    world = FakeWorld().with_sample()
    stranger = Report("13800139999", "DELIVRD", world.clock.now(), group="G404")

    assert settle(world, stranger, tries=len(ORPHAN_AFTER_S)) == Settled(orphans=1)
    assert len(world.messages.orphans) == 1


@pytest.mark.parametrize(
    "reference", ["", "tacheng-cdc", "tacheng-cdc/../x", "tacheng-cdc/202511243abcdefghijkl"]
)
def test_an_unreadable_reference_is_nobodys(reference: str) -> None:
    world = FakeWorld().with_sample()
    report = Report("13800130001", "DELIVRD", world.clock.now(), reference=reference)

    assert settle(world, report) == Settled(waiting=1)


def test_a_receipt_for_a_number_that_was_not_in_the_call_is_an_orphan() -> None:
    world = FakeWorld().with_sample()
    parcel = sent(world)
    stranger = Report("13800139999", "DELIVRD", world.clock.now(), group="G1")

    assert settle(world, stranger) == Settled(orphans=1)
    assert MessageState.DELIVERED not in states(world, parcel)


def test_a_carrier_cannot_report_on_what_another_carrier_sent() -> None:
    world = FakeWorld().with_sample()
    parcel = sent(world)
    reference = f"{parcel.client}/{parcel.id}"
    forged = Report(parcel.numbers[0], "DELIVRD", world.clock.now(), reference=reference)

    settled = settle_receipts(world, [Reported("another", (forged,))])

    assert settled == Settled(orphans=1)
    assert MessageState.DELIVERED not in states(world, parcel)


def test_a_receipt_for_a_closed_day_is_noted_for_the_night() -> None:
    world = FakeWorld().with_sample()
    parcel = sent(world)
    reports = world.carrier.reports()
    world.clock.tick(days=10)

    settle(world, *reports)

    assert [note.on for note in world.ledger.late_notes(parcel.client)] == [sample.TODAY]


def test_a_receipt_for_an_open_day_needs_no_note() -> None:
    world = FakeWorld().with_sample()
    parcel = sent(world)
    reports = world.carrier.reports()
    world.clock.tick(days=9)

    settle(world, *reports)

    assert world.ledger.late_notes(parcel.client) == []


@pytest.mark.parametrize("text", ["R", "r", "Ｒ", " td ", "T", "退订", "取消"])
def test_whoever_opts_out_is_on_the_list_at_once(text: str) -> None:
    world = FakeWorld().with_sample()
    clock_before = world.lists.clock(sample.CLIENT)
    mo = Mo("m1", "13800130001", sample.contract().access_code, text, world.clock.now())

    assert take_inbound(world, [mo]) == 1

    entry = world.lists.entry(sample.CLIENT, ListKind.OPTOUT, "13800130001")
    assert entry
    assert (entry.by, entry.why) == ("recipient", "inbound m1")
    assert world.lists.clock(sample.CLIENT) > clock_before


def test_other_words_are_kept_for_the_client_and_list_nobody() -> None:
    world = FakeWorld().with_sample()
    at = world.clock.now() + timedelta(seconds=1)
    mo = Mo("m1", "13800130001", sample.contract().access_code, "请问几点开门", at)

    assert take_inbound(world, [mo]) == 0

    assert [each.text for each in world.messages.inbound.values()] == ["请问几点开门"]
    assert world.lists.entry(sample.CLIENT, ListKind.OPTOUT, "13800130001") is None


def test_a_message_to_a_port_of_nobody_is_dropped_quietly() -> None:
    world = FakeWorld().with_sample()

    assert take_inbound(world, [Mo("m1", "13800130001", "10650000000", "R", world.clock.now())]) == 0
