"""The night: right to the unit, whatever happens between nights, and wherever one of them dies."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmas.adapters.items import KEPT
from openmas.domain.calendar import day_start_at
from openmas.domain.contract import Contract, DocumentKind, Trial
from openmas.domain.journal import RECOUNTED_DAYS_MAX, Amount, LateNote, booked
from openmas.domain.parcel import MessageState, State
from openmas.domain.reasons import REASONS
from openmas.domain.recompute import recompute
from openmas.domain.statement import DayStatement, contract_year, to_document
from openmas.domain.tally import BreakKind, tally_day
from openmas.domain.tariff import ChargedOn, Tariff
from openmas.errors import InvalidInput, NotFound, Unavailable
from openmas.flows.reconcile_billing import Night, reconcile, start_night
from openmas.flows.usage import TrialUsage, bill_of_day, statement, usage
from tests.fakes import sample
from tests.fakes.days import Sending, hour, reported, sample_contract
from tests.fakes.ledger import FakeLedger
from tests.fakes.sample import CLIENT
from tests.fakes.world import FakeWorld

NIGHT = date(2025, 11, 24)
YESTERDAY = NIGHT - timedelta(days=1)
VECTORS = json.loads((Path(__file__).parents[2] / "vectors/rating.json").read_text(encoding="utf-8"))


def days_before(count: int) -> date:
    return NIGHT - timedelta(days=count)


def world_with(contract: Contract | None = None) -> FakeWorld:
    world = FakeWorld()
    world.registry.keep_client(sample.client())
    sample.put_in_force(world.registry, CLIENT, contract or sample_contract())
    return world


def happen(world: FakeWorld, *sendings: Sending) -> None:
    """The batches were accepted and came to where they are."""
    for each in sendings:
        world.messages.keep_parcels(each.parcels)
        world.messages.keep_batch(each.batch)


def report(world: FakeWorld, sending: Sending, *receipts: tuple[int, str]) -> None:
    """Receipts came in for the first parcel of a batch, as the settling flow would take them."""
    parcel = world.messages.parcels[CLIENT, sending.parcels[0].id]
    after = reported(parcel, receipts)
    if after is not parcel:
        world.ledger.note_late(CLIENT, sending.on)
        world.messages.save(after)


def night(world: FakeWorld, as_of: date = NIGHT) -> Night:
    """The night as the scheduler starts it, at half past two."""
    world.clock.at = hour(as_of, 2.5)
    return reconcile(world, CLIENT, day_start_at(as_of))


def current(world: FakeWorld) -> dict[date, DayStatement]:
    standing = world.ledger.standing(CLIENT, date.min, date.max)
    return {on: each.current for on, each in standing.items() if each.current}


def entered(world: FakeWorld, on: date) -> Amount:
    return sum((entry.amount for entry in world.ledger.entries(CLIENT, on, on)), Amount())


def writes(world: FakeWorld) -> int:
    return world.ledger.writes + world.cases.writes


def test_a_night_states_the_ten_days_before_it_and_not_its_own() -> None:
    world = world_with()
    happen(world, *(Sending(on=days_before(n), n=n, messages=n + 1) for n in range(12)))

    done = night(world)

    assert list(current(world)) == [days_before(n) for n in range(10, 0, -1)]
    assert [each.units for each in current(world).values()] == list(range(11, 1, -1))
    assert done == Night(NIGHT, days_written=10, breaks=0, units=65, overage_hao=0)


def test_a_quiet_day_under_contract_has_a_statement_too() -> None:
    world = world_with()

    night(world)

    assert statement(world, CLIENT, YESTERDAY) == DayStatement(
        client=CLIENT,
        on=YESTERDAY,
        contract=sample_contract().number,
        contract_version=1,
        year_start_on=date(2025, 11, 20),
        year_end_on=date(2026, 11, 19),
    )
    assert world.ledger.kept == {}


def test_days_before_the_contract_have_no_statement() -> None:
    world = world_with()

    night(world, date(2024, 11, 22))

    assert list(current(world)) == [date(2024, 11, 20), date(2024, 11, 21)]


def test_a_second_night_writes_nothing() -> None:
    world = world_with(sample_contract(included_units=5))
    happen(world, Sending(on=YESTERDAY, n=1, messages=9, receipts=[(0, "DELIVRD"), (0, "UNDELIV")]))
    happen(world, Sending(on=days_before(5), n=2, state=State.UNKNOWN))
    night(world)
    before = writes(world)

    again = night(world)

    assert writes(world) == before
    assert again == Night(NIGHT, days_written=0, breaks=2, units=0, overage_hao=0)


def test_a_change_of_one_day_is_an_entry_with_the_difference_and_rates_later_days_again() -> None:
    world = world_with(sample_contract(included_units=10))
    early = Sending(on=days_before(3), n=1, messages=4, state=State.UNKNOWN)
    happen(world, early, Sending(on=days_before(2), n=2, messages=8), Sending(on=YESTERDAY, n=3, messages=2))
    night(world)
    assert [each.overage_units for each in list(current(world).values())[-3:]] == [0, 0, 0]

    report(world, early, *((place, "DELIVRD") for place in range(4)))
    done = night(world)

    assert done.days_written == 3
    assert [each.units for each in list(current(world).values())[-3:]] == [4, 8, 2]
    assert [each.overage_units for each in list(current(world).values())[-3:]] == [0, 2, 2]
    entries = world.ledger.entries(CLIENT, days_before(3), NIGHT)
    assert [(each.on, each.revision, each.units, each.overage_hao) for each in entries] == [
        (days_before(3), 2, 4, 0),
        (days_before(2), 1, 8, 0),
        (days_before(2), 2, 0, 800),
        (YESTERDAY, 1, 2, 0),
        (YESTERDAY, 2, 0, 800),
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: f"{each['year']['units']}-units")
def test_a_whole_year_comes_out_as_the_contract_says(vector: dict[str, Any]) -> None:
    world = world_with(replace(sample_contract(), tariff=Tariff(**vector["tariff"])))

    for n, day in enumerate(vector["days"]):
        on = date.fromisoformat(day["day"])
        happen(world, Sending(on=on, n=n, units_each=day["units"]))
        night(world, on + timedelta(days=1))

    stated = current(world)
    for day in vector["days"]:
        of_day = stated[date.fromisoformat(day["day"])]
        assert (of_day.units, of_day.from_bundle) == (day["units"], day["from_bundle"])
        assert (of_day.overage_units, of_day.overage_hao) == (day["overage_units"], day["overage_hao"])
    told = usage(world, CLIENT, hour(date(2025, 11, 19), 12))
    assert (told.units, told.overage_hao) == (vector["year"]["units"], vector["year"]["overage_hao"])
    assert told.bundle_left == vector["year"]["bundle_left"]
    assert told.annual_fee_hao + told.overage_hao == vector["year"]["total_hao"]


def test_the_bundle_is_crossed_within_a_day_and_starts_anew_with_the_renewal() -> None:
    world = world_with(sample_contract(included_units=100))
    happen(
        world,
        Sending(on=date(2025, 11, 18), n=1, messages=90),
        Sending(on=date(2025, 11, 19), n=2, messages=20, units_each=2),
        Sending(on=date(2025, 11, 20), n=3, messages=60),
    )

    night(world, date(2025, 11, 21))

    found = [(each.from_bundle, each.overage_units) for each in list(current(world).values())[-3:]]
    assert found == [(90, 0), (10, 30), (60, 0)]


def test_a_price_change_counts_from_its_own_day() -> None:
    contract = sample_contract(included_units=0)
    world = world_with(contract)
    dearer = replace(contract.tariff, overage_hao_per_unit=500)
    changed = replace(contract, version=2, effective_on=days_before(2), tariff=dearer)
    sample.put_in_force(world.registry, CLIENT, changed)
    happen(world, *(Sending(on=days_before(n), n=n, messages=10) for n in (3, 2, 1)))

    night(world)

    found = [(each.contract_version, each.overage_hao) for each in list(current(world).values())[-3:]]
    assert found == [(1, 4_000), (2, 5_000), (2, 5_000)]


def test_a_closed_day_never_changes_and_its_late_units_are_charged_once_in_the_newest_statement() -> None:
    world = world_with(sample_contract(included_units=3))
    old = Sending(on=date(2025, 11, 25), n=1, messages=4, state=State.UNKNOWN)
    happen(world, old)
    for n in range(1, 12):
        night(world, old.on + timedelta(days=n))
    closed = current(world)[old.on]

    report(world, old, *((place, "DELIVRD") for place in range(4)))
    newest = old.on + timedelta(days=12)
    night(world, newest + timedelta(days=1))
    night(world, newest + timedelta(days=1))
    night(world, newest + timedelta(days=2))

    assert current(world)[old.on] == closed
    assert closed.units == 0
    (adjusted,) = current(world)[newest].adjustments
    assert (adjusted.on, adjusted.units, adjusted.overage_units, adjusted.overage_hao) == (old.on, 4, 1, 400)
    assert sum(each.booked_units for each in current(world).values()) == 4
    assert entered(world, newest) == Amount(4, 400)
    assert world.ledger.notes == {}


def test_a_late_fact_of_the_year_before_is_charged_in_that_year() -> None:
    world = world_with(sample_contract(included_units=100))
    old = Sending(on=date(2025, 11, 10), n=1, messages=7, state=State.UNKNOWN)
    happen(
        world, Sending(on=date(2025, 11, 9), n=2, messages=98), old, Sending(on=YESTERDAY, n=3, messages=50)
    )
    night(world, date(2025, 11, 12))
    night(world, date(2025, 11, 22))

    report(world, old, *((place, "DELIVRD") for place in range(7)))
    night(world)
    before = writes(world)
    night(world)

    stated = current(world)[YESTERDAY]
    assert writes(world) == before
    assert [(each.on, each.units, each.overage_units) for each in stated.adjustments] == [(old.on, 7, 5)]
    assert (stated.units, stated.from_bundle) == (50, 50)
    assert usage(world, CLIENT, hour(NIGHT, 12)).units == 50


def test_a_fresh_note_stays_until_its_parcel_is_surely_saved() -> None:
    world = world_with()
    old = date(2025, 11, 1)
    happen(world, Sending(on=old, n=1))
    world.clock.at = hour(NIGHT, 2)
    world.ledger.note_late(CLIENT, old)

    night(world)
    fresh = dict(world.ledger.notes)
    night(world, NIGHT + timedelta(days=1))

    assert fresh == {(CLIENT, old): LateNote(old, hour(NIGHT, 2))}
    assert world.ledger.notes == {}
    assert sum(each.booked_units for each in current(world).values()) == 1


def test_a_day_is_counted_again_only_while_all_its_parcels_are_surely_kept() -> None:
    assert timedelta(days=RECOUNTED_DAYS_MAX + 2) < KEPT


@pytest.mark.parametrize(("days", "given_back"), [(170, -4), (171, 0), (181, 0)])
def test_a_day_whose_parcels_may_be_going_is_no_longer_counted_again(days: int, given_back: int) -> None:
    world = world_with()
    old = Sending(on=YESTERDAY - timedelta(days=days), n=1, messages=4)
    happen(world, old)
    night(world, old.on + timedelta(days=1))
    night(world)
    world.messages.parcels.clear()
    world.messages.batches.clear()
    world.ledger.note_late(CLIENT, old.on)

    night(world, NIGHT)
    world.clock.tick(hours=2)
    night_again = reconcile(world, CLIENT, day_start_at(NIGHT))

    assert sum(each.units for each in current(world)[YESTERDAY].adjustments) == given_back
    assert night_again.days_written == 0
    assert world.ledger.notes == {}


def test_nights_that_were_missed_are_made_up_for() -> None:
    world = world_with()
    night(world, date(2025, 11, 2))
    happen(world, *(Sending(on=date(2025, 11, 1) + timedelta(days=n), n=n) for n in range(23)))

    night(world)

    assert sum(each.units for each in current(world).values()) == 23
    assert len(current(world)) == 10 + 22


def test_an_earlier_night_run_again_is_the_newest_night_again() -> None:
    world = world_with()
    night(world)
    before = writes(world)

    done = reconcile(world, CLIENT, day_start_at(days_before(8)))

    assert done.as_of == NIGHT
    assert writes(world) == before


def test_today_can_be_stated_while_it_lasts_but_no_later_day() -> None:
    world = world_with()
    happen(world, Sending(on=NIGHT, n=1, messages=3))
    world.clock.at = hour(NIGHT, 20)

    reconcile(world, CLIENT, day_start_at(NIGHT + timedelta(days=1)))

    assert current(world)[NIGHT].units == 3
    with pytest.raises(InvalidInput):
        reconcile(world, CLIENT, day_start_at(NIGHT + timedelta(days=2)))
    with pytest.raises(InvalidInput):
        start_night(world, NIGHT + timedelta(days=2))


def test_an_unknown_client_is_told() -> None:
    with pytest.raises(NotFound):
        reconcile(FakeWorld(), "nobody", day_start_at(NIGHT))


def test_the_night_has_a_record_for_every_client() -> None:
    world = world_with()
    world.registry.keep_client(replace(sample.client(), id="wusu-cdc"))

    count = start_night(world, NIGHT)

    assert count == 2
    assert world.night_queue.queue.bodies == [
        {"client": "tacheng-cdc", "as_of": "2025-11-24"},
        {"client": "wusu-cdc", "as_of": "2025-11-24"},
    ]


def test_breaks_become_cases_once() -> None:
    world = world_with()
    missing = Sending(on=YESTERDAY, n=1, messages=150)
    world.messages.keep_parcels(missing.parcels[:1])
    world.messages.keep_batch(missing.batch)
    happen(
        world,
        Sending(on=YESTERDAY, n=2, receipts=[(0, "DELIVRD"), (0, "UNDELIV")]),
        Sending(on=days_before(2), n=3, state=State.QUEUED),
        Sending(on=days_before(4), n=4, state=State.UNKNOWN),
    )

    done = night(world)
    night(world, NIGHT + timedelta(days=1))

    assert done.breaks == 4
    assert [case_id for _, case_id in sorted(world.cases.cases)] == [
        "break#20251120#unknown_too_long",
        "break#20251122#waiting_too_long",
        "break#20251123#parcels_missing",
        "break#20251123#receipts_contradict",
    ]
    case = world.cases.cases[CLIENT, "break#20251123#parcels_missing"]
    assert (case.kind, case.on, case.due_at) == ("break", YESTERDAY, hour(NIGHT, 2.5) + timedelta(hours=48))
    assert missing.batch.id in case.detail


def test_entries_that_do_not_come_to_the_statement_are_a_break() -> None:
    world = world_with()
    happen(world, Sending(on=YESTERDAY, n=1))
    night(world)
    key = (CLIENT, YESTERDAY, 1)
    world.ledger.kept[key] = replace(world.ledger.kept[key], units=2)

    night(world)

    assert world.cases.find(CLIENT, f"break#20251123#{BreakKind.ENTRIES_DIFFER}") is not None


def test_a_bill_can_be_made_again_outside() -> None:
    world = world_with(sample_contract(included_units=10))
    old = Sending(on=date(2025, 11, 21), n=1, messages=4, state=State.UNKNOWN)
    happen(world, old, Sending(on=date(2025, 11, 30), n=2, messages=9))
    night(world, date(2025, 12, 2))
    night(world, date(2025, 12, 3))
    happen(world, Sending(on=date(2025, 12, 3), n=3, messages=5, receipts=[(0, "UNDELIV")], refused={"a": 1}))
    report(world, old, *((place, "DELIVRD") for place in range(4)))
    night(world, date(2025, 12, 4))

    for on, stated in current(world).items():
        if on == old.on:
            continue
        file = json.loads(json.dumps(bill_of_day(world, CLIENT, on)))
        assert recompute(file) == {**json.loads(json.dumps(to_document(stated))), "revision": 0}
    assert current(world)[date(2025, 12, 3)].booked_hao == 8 * 400


def test_usage_holds_statements_and_the_days_since() -> None:
    world = world_with(sample_contract(included_units=10))
    happen(world, Sending(on=days_before(2), n=1, messages=4))
    night(world, YESTERDAY)
    happen(world, Sending(on=YESTERDAY, n=2, messages=5), Sending(on=NIGHT, n=3, messages=3))

    told = usage(world, CLIENT, hour(NIGHT, 1))

    assert (told.stated_until, told.stated_units, told.unstated_units) == (days_before(2), 4, 8)
    assert (told.bundle_left, told.overage_units, told.overage_hao) == (0, 2, 800)
    assert (told.year_start_on, told.year_end_on) == (date(2025, 11, 20), date(2026, 11, 19))
    assert statement(world, CLIENT, YESTERDAY) is None


def test_a_document_that_runs_out_becomes_a_case_once_with_the_day_on_which_sending_stops() -> None:
    world = world_with()
    ends_on = NIGHT + timedelta(days=20)
    world.registry.keep_document(CLIENT, sample.document(DocumentKind.QUALIFICATION, ends_on))

    night(world)
    night(world, NIGHT + timedelta(days=1))

    (case,) = world.cases.cases.values()
    assert (case.id, case.kind) == (f"document#qualification#{ends_on:%Y%m%d}", "document")
    assert case.due_at == day_start_at(ends_on + timedelta(days=11))
    assert f"nothing is sent from {ends_on + timedelta(days=11)}" in case.detail


def test_usage_tells_the_trial_apart_from_the_bundle() -> None:
    trial = Trial(days_before(4), 3, 5)
    world = world_with(replace(sample_contract(included_units=10), trial=trial))
    happen(world, *(Sending(on=days_before(n), n=n, messages=4) for n in (4, 3, 2, 1)))
    night(world, days_before(2))

    told = usage(world, CLIENT, hour(days_before(1), 12))

    assert (told.units, told.unstated_units, told.bundle_left, told.overage_units) == (4, 4, 6, 0)
    assert told.trial == TrialUsage(
        start_on=days_before(4),
        end_on=days_before(2),
        included_units=5,
        units=12,
        waiting_units=0,
        units_left=0,
        overage_units=7,
        overage_hao=2_800,
    )


def test_what_a_day_of_the_trial_learns_late_is_rated_as_the_trial() -> None:
    trial = Trial(days_before(14), 5, 3)
    world = world_with(
        replace(
            sample_contract(included_units=0),
            term=replace(sample_contract().term, start_on=days_before(14)),
            trial=trial,
        )
    )
    late = Sending(on=days_before(12), n=1, messages=5, state=State.UNKNOWN)
    happen(world, late)
    night(world, days_before(11))
    night(world, YESTERDAY)
    report(world, late, (0, "DELIVRD"), (1, "DELIVRD"), (2, "DELIVRD"), (3, "DELIVRD"))

    night(world)

    (adjusted,) = current(world)[YESTERDAY].adjustments
    assert (adjusted.units, adjusted.trial, adjusted.overage_units) == (4, True, 1)
    assert usage(world, CLIENT, hour(NIGHT, 1)).units == 0


def test_usage_does_not_pay_for_the_newest_and_the_night_does() -> None:
    world = world_with()

    night(world)
    read_at_night = world.messages.lagging_reads
    usage(world, CLIENT, hour(NIGHT, 12))

    assert (read_at_night, world.messages.lagging_reads) == (0, 1)


def test_usage_without_a_contract_in_force_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        usage(world_with(), CLIENT, hour(date(2024, 11, 19), 1))

    reason = REASONS[refused.value.code]
    assert (refused.value.detail, refused.value.clause) == (reason.en, reason.clause)


# What can happen to a client: a batch is sent, a receipt comes in, a day goes by.
steps = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 3), st.sampled_from([State.SUBMITTED, State.UNKNOWN])),
    st.tuples(st.just("report"), st.integers(0, 30), st.sampled_from(["DELIVRD", "UNDELIV"])),
    st.tuples(st.just("night"), st.integers(1, 4), st.none()),
)


BEGINS_ON = date(2025, 11, 15)


def after(trial: Trial) -> date:
    return trial.end_on + timedelta(days=1)


def live(world: FakeWorld, history: list[tuple[str, int, Any]]) -> Iterator[date]:
    """A history from the day before a renewal on; gives the day of every night, after it."""
    today, sent = date(2025, 11, 15), list[Sending]()
    for what, number, more in history:
        world.clock.at = hour(today, 12)
        if what == "send":
            sent.append(Sending(on=today, n=len(sent), messages=number + 1, units_each=2, state=more))
            happen(world, sent[-1])
        elif what == "report" and sent:
            sending = sent[number % len(sent)]
            report(world, sending, (number % sending.messages, more))
        elif what == "night":
            today += timedelta(days=number * 2)
            night(world, today)
            yield today


@settings(max_examples=60, deadline=None)
@given(
    st.lists(steps, max_size=14),
    st.integers(0, 20),
    st.sampled_from(ChargedOn),
    st.none() | st.builds(Trial, st.just(BEGINS_ON), st.integers(1, 5), st.integers(0, 10)),
)
def test_whatever_happens_the_books_agree_with_the_parcels(
    history: list[tuple[str, int, Any]], included_units: int, charged_on: ChargedOn, trial: Trial | None
) -> None:
    contract = replace(
        sample_contract(included_units, charged_on),
        term=replace(sample_contract().term, start_on=BEGINS_ON),
        trial=trial,
    )
    world = world_with(contract)

    for today in live(world, history):
        stated = current(world)
        for on, of_day in stated.items():
            assert entered(world, on) == booked(of_day)
        for year in {y for on in stated if (y := contract_year(contract, on))}:
            held = [s for s in stated.values() if year.holds(s)]
            late = [a for s in stated.values() for a in s.adjustments if year.holds(a)]
            units = sum(s.units for s in held) + sum(a.units for a in late)
            first_on = year.start_on if year.trial or trial is None else max(year.start_on, after(trial))
            assert units == units_of_year(world, first_on, min(year.end_on, today - timedelta(days=1)))
            hao = sum(s.overage_hao for s in held) + sum(a.overage_hao for a in late)
            free = trial.units if year.trial and trial else included_units
            assert hao == max(units - free, 0) * contract.tariff.overage_hao_per_unit
        before = writes(world)
        night(world, today)
        assert writes(world) == before


def units_of_year(world: FakeWorld, first: date, last: date) -> int:
    """The units that the parcels of a span come to by themselves."""
    charged_on = world.registry.contracts[CLIENT][sample_contract().number, 1].tariff.charged_on
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sum(tally_day(world.messages.day(CLIENT, on), charged_on).units for on in days)


class Died(Exception):
    """The process is gone."""


@dataclass
class Deadly:
    """A part of the world whose writes are counted, and one of which is its last, done or not."""

    part: Any
    count: list[int]
    at: int
    after: bool

    def __getattr__(self, name: str) -> Any:
        act = getattr(self.part, name)
        return (
            self._counted(act)
            if name in {"keep_revision", "keep_entry", "flip", "clear_late", "keep_night", "open"}
            else act
        )

    def _counted(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> None:
            self.count[0] += 1
            if self.count[0] == self.at and not self.after:
                raise Died
            act(*arguments)
            if self.count[0] == self.at:
                raise Died

        return call


def troubled() -> FakeWorld:
    """A world in whose next night there is everything to do: new days, changed days, late facts, breaks."""
    world = world_with(sample_contract(included_units=12))
    changed = Sending(on=days_before(2), n=1, messages=6, state=State.UNKNOWN)
    late = Sending(on=days_before(12), n=2, messages=5, state=State.UNKNOWN)
    happen(world, changed, late, Sending(on=days_before(3), n=3, messages=4))
    night(world, days_before(10))
    night(world, YESTERDAY)
    report(world, changed, (0, "DELIVRD"))
    report(world, late, (1, "DELIVRD"), (1, "UNDELIV"))
    happen(world, Sending(on=YESTERDAY, n=4, messages=9, receipts=[(0, "DELIVRD"), (0, "UNDELIV")]))
    return world


def die_in_the_night(world: FakeWorld, at: int, after: bool) -> int:
    """The night, dying at a write if it comes so far; how many writes there were."""
    ledger, cases, count = world.ledger, world.cases, [0]
    deadly: Any = Deadly(ledger, count, at, after), Deadly(cases, count, at, after)
    world.ledger, world.cases = deadly
    try:
        night(world)
    except Died:
        pass
    finally:
        world.ledger, world.cases = ledger, cases
    return count[0]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_night_that_dies_at_any_write_is_finished_by_the_next(after: bool) -> None:
    undisturbed = troubled()
    count = die_in_the_night(undisturbed, 0, after)
    assert count == 10

    for at in range(1, count + 1):
        world = troubled()
        die_in_the_night(world, at, after)
        night(world)

        assert world.ledger.state == undisturbed.ledger.state
        assert world.cases.cases == undisturbed.cases.cases


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_facts_that_come_in_after_a_night_died_are_booked_on_top_of_what_it_began(after: bool) -> None:
    count = die_in_the_night(troubled(), 0, after)

    for at in range(1, count + 1):
        world = troubled()
        die_in_the_night(world, at, after)
        happen(world, Sending(on=days_before(4), n=9, messages=8))
        night(world)

        for on, stated in current(world).items():
            assert entered(world, on) == booked(stated)
        total = sum(each.booked_units for each in current(world).values())
        assert total == units_of_year(world, days_before(14), YESTERDAY)


def test_two_nights_of_one_client_at_once_do_not_mix() -> None:
    world = world_with()
    happen(world, Sending(on=YESTERDAY, n=1))
    other = replace(DayStatement(client=CLIENT, on=YESTERDAY, units=5), revision=1)

    class Overtaken(FakeLedger):
        def keep_revision(self, statement: DayStatement) -> None:
            if statement.on == YESTERDAY and (CLIENT, YESTERDAY) not in self.revisions:
                super().keep_revision(other)
            super().keep_revision(statement)

    world.ledger = Overtaken(world.clock)

    with pytest.raises(Unavailable):
        night(world)
    night(world)

    assert current(world)[YESTERDAY].units == 1
    assert entered(world, YESTERDAY) == Amount(1, 0)


def test_messages_under_way_are_told_by_state() -> None:
    world = world_with()
    happen(world, Sending(on=YESTERDAY, n=1, messages=3, receipts=[(0, "DELIVRD")]))

    night(world)

    assert current(world)[YESTERDAY].states == {MessageState.DELIVERED: 1, MessageState.SUBMITTED: 2}
