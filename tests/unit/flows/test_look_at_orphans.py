"""Orphan receipts get another look every night; what is left, and what nobody was written, becomes a case."""

from dataclasses import replace
from datetime import date, timedelta

from openmas.domain.carrier import Accepted
from openmas.domain.case import Case
from openmas.domain.inbound import Mo
from openmas.domain.parcel import MessageState, Parcel
from openmas.domain.receipts import Report
from openmas.flows import look_at_orphans as flow
from openmas.flows.look_at_orphans import ORPHANS_MAX, PORTS_TOLD, OrphanCounts, look_at_orphans
from tests.fakes import sample
from tests.fakes.messages import FakeMessages
from tests.fakes.world import FakeClock, FakeWorld

NIGHT = sample.TODAY + timedelta(days=1)


def world_with(*reports: Report, on: date = sample.TODAY, carrier: str = sample.CARRIER) -> FakeWorld:
    """The night after orphans came in."""
    world = FakeWorld().with_sample()
    for report in reports:
        world.messages.keep_orphan(carrier, report, sample.NOW - (sample.TODAY - on))
    world.clock.tick(hours=17)
    return world


def orphan(n: int = 0, group: str = "G1") -> Report:
    return Report(sample.numbers(1, n)[0], "DELIVRD", sample.NOW, group=group)


def called(world: FakeWorld, referenced: bool = True) -> Parcel:
    """A parcel of three that was sent as G1, as is known by now."""
    parcel = sample.parcel().calling(sample.NOW).answered(Accepted("G1"), 1, sample.NOW)
    world.messages.parcels[parcel.client, parcel.id] = parcel
    if referenced:
        world.messages.keep_reference(sample.CARRIER, "G1", parcel.client, parcel.id)
    return parcel


def cases(world: FakeWorld) -> list[Case]:
    return list(world.cases.cases.values())


def test_an_orphan_whose_parcel_is_known_by_now_is_merged_and_no_case() -> None:
    world = world_with(orphan(0), orphan(1))
    parcel = called(world)

    assert look_at_orphans(world, NIGHT) == OrphanCounts(orphans=2)

    after = world.messages.parcel(parcel.client, parcel.id)
    assert after
    assert after.states() == (MessageState.DELIVERED, MessageState.DELIVERED, MessageState.SUBMITTED)
    assert cases(world) == []


def test_what_is_left_is_one_case_of_its_carrier_and_day() -> None:
    world = world_with(orphan(0), orphan(7), orphan(1, group="G404"))
    called(world)

    assert look_at_orphans(world, NIGHT) == OrphanCounts(orphans=3, orphans_left=2)

    (case,) = cases(world)
    assert (case.id, case.client) == ("orphan#loopback#20251124", "#carrier#loopback")
    assert (case.kind, case.on) == ("orphan", sample.TODAY)
    assert case.detail.startswith("2 receipts of loopback came in on 2025-11-24 ")


def test_looking_again_writes_nothing() -> None:
    world = world_with(orphan(0), orphan(1, group="G404"))
    called(world)
    look_at_orphans(world, NIGHT)
    before = (world.messages.saves, world.cases.writes, world.ledger.writes)

    assert look_at_orphans(world, NIGHT) == OrphanCounts(orphans=2, orphans_left=1)
    assert (world.messages.saves, world.cases.writes, world.ledger.writes) == before


def test_the_last_three_days_of_every_contracts_carrier_are_looked_at() -> None:
    world = FakeWorld().with_sample()
    other = replace(sample.contract("another"), version=2, effective_on=date(2030, 1, 1))
    sample.put_in_force(world.registry, sample.CLIENT, other)
    for ago in range(6):
        for carrier in (sample.CARRIER, "another", "sandbox", "stranger"):
            world.messages.keep_orphan(carrier, orphan(), sample.NOW - timedelta(days=ago))

    look_at_orphans(world, NIGHT)

    days = ("20251124", "20251123", "20251122")
    carriers = ("another", sample.CARRIER, "sandbox")
    assert [each.id for each in cases(world)] == [
        f"orphan#{carrier}#{day}" for day in days for carrier in carriers
    ]


def test_an_orphan_of_a_closed_day_is_noted_for_the_clients_night() -> None:
    world = world_with(orphan(0), on=sample.TODAY + timedelta(days=20))
    parcel = called(world)
    world.clock.tick(days=20)

    look_at_orphans(world, NIGHT + timedelta(days=20))

    assert [note.on for note in world.ledger.late_notes(parcel.client)] == [sample.TODAY]


def test_more_than_can_be_looked_at_is_told_in_the_case() -> None:
    world = world_with(*(orphan(0, group=f"G{n}") for n in range(2, ORPHANS_MAX + 10)))

    looked = look_at_orphans(world, NIGHT)

    assert looked == OrphanCounts(ORPHANS_MAX, ORPHANS_MAX)
    assert cases(world)[0].detail.startswith(f"{ORPHANS_MAX} or more receipts ")


def test_a_night_looks_for_some_minutes_and_the_next_one_goes_on() -> None:
    world = world_with(orphan())

    class Slow(FakeMessages):
        def orphans_of_day(self, carrier: str, on: date, limit: int) -> list[Report]:
            world.clock.at += flow.LOOK_FOR
            return list(super().orphans_of_day(carrier, on, limit))

    world.messages = Slow(orphans=world.messages.orphans)

    assert look_at_orphans(world, NIGHT) == OrphanCounts(orphans=1, orphans_left=1)
    assert isinstance(world.clock, FakeClock)
    assert world.clock.now() == sample.NOW + timedelta(hours=17) + flow.LOOK_FOR


def written_to(world: FakeWorld, *ports: str, carrier: str = sample.CARRIER, days_ago: int = 0) -> None:
    """Somebody wrote to these ports, which are nobody's."""
    at = sample.NOW - timedelta(days=days_ago)
    for n, port in enumerate(ports):
        world.messages.keep_orphan_inbound(carrier, Mo(f"m{n}", "13800130001", port, "R", at), at)


def test_inbound_messages_that_are_no_clients_are_one_case_of_their_carrier_and_day() -> None:
    world = world_with()
    written_to(world, "10650111", "10650222", "10650222")
    written_to(world, "10650333", carrier="in-no-contract")
    written_to(world, "10650444", days_ago=flow.ORPHAN_DAYS)

    looked = [look_at_orphans(world, NIGHT) for _ in range(2)]

    assert looked == [OrphanCounts(inbound_left=4)] * 2
    found = {(case.client, case.id): (case.kind, case.on, case.detail) for case in cases(world)}
    said = {
        sample.CARRIER: ("3", "2 to 10650222, 1 to 10650111"),
        "in-no-contract": ("1", "1 to 10650333"),
    }
    assert found == {
        (f"#carrier#{carrier}", f"orphan#{carrier}#20251124#inbound"): (
            "orphan",
            sample.TODAY,
            f"{count} messages that {carrier} brought on 2025-11-24 are no client's: {ports}.",
        )
        for carrier, (count, ports) in said.items()
    }


def test_a_flood_of_inbound_messages_is_one_short_case() -> None:
    world = world_with()
    written_to(world, *(f"10650{n:05d}" for n in range(ORPHANS_MAX + 10)))

    looked = look_at_orphans(world, NIGHT)

    assert looked == OrphanCounts(inbound_left=ORPHANS_MAX)
    (case,) = cases(world)
    assert case.detail.startswith(f"{ORPHANS_MAX} or more messages ")
    assert case.detail.count(" to 10650") == PORTS_TOLD
    assert case.detail.endswith(" and others.")
