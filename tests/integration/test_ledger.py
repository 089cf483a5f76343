"""The ledger and the cases keep one set of promises, in DynamoDB as in memory."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Protocol

import pytest

from openmas.adapters.ledger import AwsLedger
from openmas.domain.case import Case, Closing
from openmas.domain.contract import Category
from openmas.domain.journal import Entry, Standing
from openmas.domain.parcel import MessageState
from openmas.domain.statement import Adjustment, DayStatement
from openmas.domain.tally import BreakKind, CategoryCount
from openmas.errors import Conflict, NotFound
from openmas.flows.reconcile_billing import reconcile
from openmas.needs import Cases, LateFacts, Ledger
from tests.fakes import sample
from tests.fakes.days import Sending, hour
from tests.fakes.world import FakeWorld
from tests.integration.conftest import Platform

DAY = date(2025, 11, 23)
# Before the cases of all other tests, with which the queue is shared.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_clients = count()


class Books(Ledger, LateFacts, Protocol):
    """The whole ledger."""


class World(Protocol):
    @property
    def ledger(self) -> Books: ...
    @property
    def cases(self) -> Cases: ...


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    platform: Platform = request.getfixturevalue("platform")
    return platform.world()


@pytest.fixture
def client() -> str:
    """A client of its own for every test, as the tables are shared."""
    return f"client-{next(_clients)}"


def statement(client: str, revision: int = 1, on: date = DAY, units: int = 7) -> DayStatement:
    return DayStatement(
        client=client,
        on=on,
        contract="新移塔分政企产品协议[2024]02445号",
        contract_version=1,
        year_start_on=date(2025, 11, 20),
        year_end_on=date(2026, 11, 19),
        batches=2,
        refused={"number_malformed": 3},
        states={MessageState.DELIVERED: 6, MessageState.UNKNOWN: 1},
        categories={Category.NOTICE: CategoryCount(7, 6, units)},
        units=units,
        from_bundle=units - 2,
        overage_units=2,
        overage_hao=800,
        adjustments=(Adjustment(date(2025, 11, 1), "c", 1, -2, -1, -400),),
        breaks={BreakKind.PARCELS_MISSING: 1},
        revision=revision,
    )


def entry(client: str, revision: int = 1, on: date = DAY) -> Entry:
    return Entry(
        client=client,
        on=on,
        revision=revision,
        contract="c",
        contract_version=2,
        units=-3,
        overage_hao=-1_200,
    )


def test_a_revision_is_pending_until_the_head_is_flipped(world: World, client: str) -> None:
    first, second = statement(client), statement(client, revision=2, units=9)
    stages: list[Standing] = []

    for step in (world.ledger.keep_revision, world.ledger.flip):
        for revision in (first, second):
            step(revision)
            stages.append(world.ledger.standing(client, DAY, DAY)[DAY])

    assert stages == [
        Standing(None, (first,)),
        Standing(None, (first, second)),
        Standing(first, (second,)),
        Standing(second),
    ]
    assert stages[-1].current is not None
    assert stages[-1].current.revision == 2


def test_a_revision_is_kept_once(world: World, client: str) -> None:
    world.ledger.keep_revision(statement(client))

    world.ledger.keep_revision(statement(client))

    with pytest.raises(Conflict):
        world.ledger.keep_revision(statement(client, units=8))
    assert world.ledger.standing(client, DAY, DAY)[DAY].pending == (statement(client),)


def test_the_head_moves_by_one_revision_and_never_back(world: World, client: str) -> None:
    for revision in (1, 2, 3):
        world.ledger.keep_revision(statement(client, revision))

    with pytest.raises(Conflict):
        world.ledger.flip(statement(client, 2))
    world.ledger.flip(statement(client, 1))
    world.ledger.flip(statement(client, 1))
    world.ledger.flip(statement(client, 2))

    with pytest.raises(Conflict):
        world.ledger.flip(statement(client, 1))
    found = world.ledger.standing(client, DAY, DAY)[DAY]
    assert found.current is not None
    assert found.current.revision == 2


def test_a_span_holds_its_days_in_rising_order_and_no_others(world: World, client: str) -> None:
    for n in (3, 0, 2, 1):
        world.ledger.keep_revision(statement(client, on=DAY + timedelta(days=n)))
        world.ledger.keep_entry(entry(client, on=DAY + timedelta(days=n)))
    world.ledger.keep_revision(statement(f"{client}-other"))

    span = (client, DAY + timedelta(days=1), DAY + timedelta(days=2))

    assert list(world.ledger.standing(*span)) == [DAY + timedelta(days=1), DAY + timedelta(days=2)]
    assert [each.on for each in world.ledger.entries(*span)] == [
        DAY + timedelta(days=1),
        DAY + timedelta(days=2),
    ]
    assert len(world.ledger.standing(client, date(2000, 1, 1), date.max)) == 4


def test_an_entry_is_kept_once(world: World, client: str) -> None:
    world.ledger.keep_entry(entry(client))

    world.ledger.keep_entry(replace(entry(client), units=99))
    world.ledger.keep_entry(replace(entry(client, revision=2), contract=None, contract_version=None))

    assert world.ledger.entries(client, DAY, DAY) == [
        entry(client),
        replace(entry(client, revision=2), contract=None, contract_version=None),
    ]


def test_a_late_note_is_cleared_unless_it_was_made_again(client: str) -> None:
    world = FakeWorld()
    check_late_notes(world, client, world)


def test_a_late_note_in_the_table_is_cleared_unless_it_was_made_again(
    client: str, platform: Platform
) -> None:
    fake, real = FakeWorld(), platform.world()
    real.__dict__["ledger"] = AwsLedger(real._table("ledger"), fake.clock)
    check_late_notes(real, client, fake)


def check_late_notes(world: World, client: str, timed: FakeWorld) -> None:
    world.ledger.note_late(client, DAY)
    (first,) = world.ledger.late_notes(client)
    timed.clock.tick(1)
    world.ledger.note_late(client, DAY)

    world.ledger.clear_late(client, first)
    (second,) = world.ledger.late_notes(client)
    world.ledger.clear_late(client, second)

    assert (second.on, second.noted_at) == (DAY, timed.clock.now())
    assert world.ledger.late_notes(client) == []
    world.ledger.note_late(client, DAY)
    assert world.ledger.late_notes(client) == [second]


def test_the_last_night_is_remembered(world: World, client: str) -> None:
    assert world.ledger.last_night(client) is None

    world.ledger.keep_night(client, DAY)

    assert world.ledger.last_night(client) == DAY


def test_a_case_is_opened_once(world: World, client: str) -> None:
    due_at = datetime(2025, 11, 26, tzinfo=UTC)
    case = Case(f"break#20251123#{BreakKind.PARCELS_MISSING}", client, "break", DAY, due_at, "1 found")
    assert world.cases.find(client, case.id) is None

    world.cases.open(case)
    world.cases.open(replace(case, detail="other"))

    assert world.cases.find(client, case.id) == case


def test_a_night_on_the_tables_is_the_night_in_memory(platform: Platform, client: str) -> None:
    fake, real = FakeWorld(), platform.world()
    real.__dict__["clock"] = fake.clock
    for each in (fake, real):
        prepare(each, client)
    fake.clock.at = hour(DAY, 26.5)

    nights = [reconcile(each, client, fake.clock.now()) for each in (fake, real, real, fake)]

    assert nights[0] == nights[1]
    assert nights[0].days_written == 4
    assert [each.days_written for each in nights[2:]] == [0, 0]
    assert real.ledger.standing(client, DAY, DAY) == fake.ledger.standing(client, DAY, DAY)
    assert real.ledger.entries(client, DAY, DAY) == fake.ledger.entries(client, DAY, DAY)
    assert real.ledger.last_night(client) == DAY + timedelta(days=1)


def prepare(world: object, client: str) -> None:
    """The client under the sample contract from three days before, with a batch on the day."""
    begins = replace(sample.contract().term, start_on=DAY - timedelta(days=3), end_on=date(2026, 11, 19))
    number = client.removeprefix("client-")
    contract = replace(sample.contract(code=f"10650977{number:0>6}"), term=begins)
    for_client = replace(sample.client(), id=client)
    known: FakeWorld = world  # type: ignore[assignment]
    known.registry.keep_client(for_client)
    sample.put_in_force(known.registry, client, contract)
    sending = Sending(on=DAY, n=1, messages=150, refused={"number_malformed": 2}, receipts=[(0, "DELIVRD")])
    waiting = [replace(parcel, client=client, version=1) for parcel in sending.parcels]
    known.messages.keep_parcels(waiting)
    known.messages.keep_batch(replace(sending.batch, client=client))


def opened(world: World, client: str, kind: str, due_in: timedelta) -> Case:
    case = Case(f"{kind}#20251123#{client}", client, kind, DAY, LONG_AGO + due_in, "something")
    world.cases.open(case)
    return case


def all_open(world: World, kind: str | None, client: str, limit: int) -> list[Case]:
    """Every open case of a client, read in pages: others' cases stand in the same queue."""
    cases: list[Case] = []
    after: str | None = None
    while True:
        page, after = world.cases.page(kind, after, limit)
        assert len(page) <= limit
        cases += [case for case in page if case.client.startswith(client)]
        if after is None:
            return cases


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_open_cases_come_by_the_time_they_are_due_all_or_of_one_kind(
    world: World, client: str, limit: int
) -> None:
    made = [
        opened(world, f"{client}-{n}", kind, timedelta(minutes=due))
        for n, (kind, due) in enumerate([("break", 3), ("unknown", 1), ("break", 2), ("unknown", 4)])
    ]

    assert all_open(world, None, client, limit) == [made[1], made[2], made[0], made[3]]
    assert all_open(world, "break", client, limit) == [made[2], made[0]]
    assert all_open(world, "orphans", client, limit) == []


def test_a_case_is_closed_once_stays_readable_and_leaves_the_queue(world: World, client: str) -> None:
    case, other = (opened(world, client, kind, timedelta(0)) for kind in ("break", "unknown"))
    closing = Closing("p-1", "seen to", sample.NOW, "settled")

    closed = world.cases.close(client, case.id, closing)

    assert closed == world.cases.find(client, case.id) == replace(case, closing=closing)
    assert all_open(world, None, client, 100) == [other]
    later = Closing("p-2", "seen again", sample.NOW + timedelta(hours=1), "settled")
    assert world.cases.close(client, case.id, later) == closed
    with pytest.raises(Conflict, match="case_closed"):
        world.cases.close(client, case.id, replace(later, outcome="unfounded"))
    with pytest.raises(NotFound, match="case_unknown"):
        world.cases.close(client, "break#none", closing)
    world.cases.open(case)
    assert world.cases.find(client, case.id) == closed
