"""Receipts find their parcels in any order, and what there is no time for is left for another."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from openmas.domain.carrier import Accepted
from openmas.domain.parcel import MessageState, Parcel
from openmas.domain.receipts import Report, Reported
from openmas.domain.records import receipts_record
from openmas.flows.send_parcels import send_parcel
from openmas.flows.settle_receipts import ORPHAN_AFTER_S, Settled, settle_receipts
from tests.fakes import sample
from tests.fakes.messages import FakeMessages
from tests.fakes.world import FakeClock, FakeWorld


def sent(world: FakeWorld, recipients: int = 3) -> Parcel:
    batch = sample.batch(recipients)
    parcel = sample.parcels(batch)[0]
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)
    send_parcel(world, parcel.client, parcel.id, 0)
    return parcel


def settle(world: FakeWorld, *reports: Report, tries: int = 0) -> Settled:
    return settle_receipts(world, [Reported(sample.CARRIER, reports, tries)], 40)


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
    assert settle_receipts(world, waited, 40) == Settled(merged=1)
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

    settled = settle_receipts(world, [Reported("another", (forged,))], 40)

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


@dataclass
class SlowMessages(FakeMessages):
    """Every read of a parcel, and every look for one, takes a second."""

    clock: FakeClock = field(default_factory=FakeClock)

    def parcel(self, client: str, parcel: str) -> Parcel | None:
        self.clock.tick(1)
        return super().parcel(client, parcel)

    def find_reference(self, carrier: str, group: str) -> tuple[str, str] | None:
        self.clock.tick(1)
        return super().find_reference(carrier, group)

    def keep_orphan(self, carrier: str, report: Report, at: datetime) -> None:
        self.clock.tick(1)
        super().keep_orphan(carrier, report, at)


def slow_world(parcels: int) -> tuple[FakeWorld, list[Reported]]:
    """Single messages that were sent, with a record of one report for each."""
    world = FakeWorld().with_sample()
    slow = SlowMessages(clock=world.clock)
    for n in range(parcels):
        at = world.clock.now()
        called = sample.parcel(1, n=n).calling(at).answered(Accepted(f"G{n}"), 1, at)
        slow.parcels[called.client, called.id] = called
        slow.references[sample.CARRIER, f"G{n}"] = (called.client, called.id)
    world.messages = slow
    number = sample.numbers(1)[0]
    reports = [Report(number, "DELIVRD", world.clock.now(), group=f"G{n}") for n in range(parcels)]
    return world, [Reported(sample.CARRIER, (report,)) for report in reports]


@pytest.mark.parametrize(
    ("for_s", "merged", "left"),
    [(20, 8, set()), (16, 8, set()), (13, 5, {5, 6, 7}), (8, 0, set(range(8))), (0, 0, set(range(8)))],
)
def test_what_the_time_does_not_do_for_is_left(for_s: float, merged: int, left: set[int]) -> None:
    world, reported = slow_world(8)

    settled = settle_receipts(world, reported, for_s)

    assert settled == Settled(merged=merged, left=frozenset(left))
    assert world.receipts.queue.bodies == []


def test_what_was_left_is_settled_the_next_time_and_counted_once() -> None:
    world, reported = slow_world(8)
    settle_receipts(world, reported, 13)

    again = settle_receipts(world, reported, 100)

    assert again == Settled(merged=3, known=5)


def test_a_record_is_left_whole_if_only_one_of_its_parcels_is() -> None:
    world, reported = slow_world(8)
    together = Reported(sample.CARRIER, tuple(each.reports[0] for each in reported))

    settled = settle_receipts(world, [*reported[:2], together], 13)

    assert settled == Settled(merged=5, left=frozenset({2}))


def test_nothing_is_put_back_of_a_record_that_comes_again() -> None:
    world, reported = slow_world(8)
    stranger = Report("13800139999", "DELIVRD", world.clock.now(), group="G404")
    mixed = Reported(sample.CARRIER, (*reported[0].reports, *reported[7].reports, stranger))

    settled = settle_receipts(world, [mixed], 4)

    assert settled == Settled(merged=1, left=frozenset({0}))
    assert world.receipts.queue.bodies == []


def test_orphans_wait_for_another_time_too() -> None:
    world, _ = slow_world(0)
    strangers = [Report("13800139999", "DELIVRD", world.clock.now(), group=f"G{n}") for n in range(4)]
    reported = [Reported(sample.CARRIER, (each,), len(ORPHAN_AFTER_S)) for each in strangers]

    settled = settle_receipts(world, reported, 6)

    assert settled == Settled(orphans=2, left=frozenset({2, 3}))
