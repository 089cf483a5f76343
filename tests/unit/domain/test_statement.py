"""The day's statement: a pure function of the day's facts, the contract and the units before it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import shanghai_day
from openmas.domain.contract import Category, Contract, Trial
from openmas.domain.ids import batch_id, day_of
from openmas.domain.journal import booked, entry_between, late_units, open_days
from openmas.domain.parcel import MessageState, State
from openmas.domain.recompute import export_day, recompute
from openmas.domain.statement import (
    Adjustment,
    DayStatement,
    LineKind,
    contract_year,
    day_statement,
    from_document,
    rated_adjustments,
    to_document,
    used_before,
)
from openmas.domain.tally import BreakKind, CategoryCount, DayTally, on_air, tally_day
from openmas.domain.tariff import ChargedOn, Tariff, rate_day
from openmas.domain.term import Term
from tests.fakes.days import Sending, hour, sample_contract
from tests.fakes.sample import CLIENT

DAY = date(2025, 11, 24)
VECTORS = json.loads((Path(__file__).parents[2] / "vectors/rating.json").read_text(encoding="utf-8"))

places = st.integers(0, 3)
codes = st.sampled_from(["DELIVRD", "UNDELIV", "MK:0001", "ACCEPTD"])
sendings = st.builds(
    Sending,
    on=st.just(DAY),
    n=st.integers(0, 2**40),
    messages=st.integers(1, 4),
    units_each=st.integers(1, 3),
    state=st.sampled_from(State),
    category=st.sampled_from(Category),
    test=st.booleans(),
    refused=st.dictionaries(st.sampled_from(["number_malformed", "number_duplicate"]), st.integers(1, 3)),
    receipts=st.lists(st.tuples(places, codes), max_size=6),
)
days = st.lists(sendings, max_size=6, unique_by=lambda each: each.n)


def stated(of_day: Sequence[Sending], contract: Contract | None = None, used: int = 0) -> DayStatement:
    contract = contract or sample_contract()
    batches = [each.batch for each in of_day]
    parcels = [parcel for each in of_day for parcel in each.parcels]
    tally = tally_day([*batches, *parcels], contract.tariff.charged_on)
    return day_statement(CLIENT, DAY, tally, contract_year(contract, DAY), used)


def of_units(units: int) -> DayTally:
    return DayTally(categories={Category.NOTICE: CategoryCount(1, 1, units)})


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: f"{each['year']['units']}-units")
def test_a_year_of_statements_is_rated_as_the_contract_says(vector: dict[str, Any]) -> None:
    contract = replace(sample_contract(), tariff=Tariff(**vector["tariff"]))
    year: list[DayStatement] = []

    for day in vector["days"]:
        on = date.fromisoformat(day["day"])
        of = contract_year(contract, on)
        year.append(day_statement(CLIENT, on, of_units(day["units"]), of, used_before(of, year)))

    for statement, day in zip(year, vector["days"], strict=True):
        assert statement.from_bundle == day["from_bundle"]
        assert (statement.overage_units, statement.overage_hao) == (day["overage_units"], day["overage_hao"])
    assert sum(each.units for each in year) == vector["year"]["units"]
    assert sum(each.overage_hao for each in year) == vector["year"]["overage_hao"]


def one_by_one(contract: Contract, used: Sequence[tuple[date, int]]) -> list[tuple[int, int, int, int]]:
    """Unit by unit: what of each day the trial, the bundle and nobody covers, and what that costs."""
    trial, tariff = contract.trial, contract.tariff
    in_trial, in_bundle, rated = trial.units if trial else 0, tariff.included_units, []
    for on, units in used:
        free = covered = charged = 0
        for _ in range(units):
            tried = trial is not None and trial.start_on <= on < trial.start_on + timedelta(days=trial.days)
            if tried and in_trial > 0:
                in_trial, free = in_trial - 1, free + 1
            elif not tried and in_bundle > 0:
                in_bundle, covered = in_bundle - 1, covered + 1
            else:
                charged += 1
        rated.append((free, covered, charged, charged * tariff.overage_hao_per_unit))
    return rated


TRIALS = st.builds(
    Trial,
    start_on=st.dates(DAY - timedelta(days=4), DAY + timedelta(days=4)),
    days=st.integers(1, 8),
    units=st.integers(0, 30),
)


@given(TRIALS, st.integers(0, 40), st.lists(st.integers(0, 20), min_size=1, max_size=14))
def test_a_trial_is_rated_as_one_who_counts_unit_by_unit_would(
    trial: Trial, included_units: int, units: list[int]
) -> None:
    contract = replace(sample_contract(included_units), trial=trial)
    used = [(DAY - timedelta(days=4) + timedelta(days=n), count) for n, count in enumerate(units)]
    stated: list[DayStatement] = []

    for on, count in used:
        year = contract_year(contract, on)
        stated.append(day_statement(CLIENT, on, of_units(count), year, used_before(year, stated)))

    assert [
        (each.from_trial, each.from_bundle, each.overage_units, each.overage_hao) for each in stated
    ] == one_by_one(contract, used)
    assert [each.trial for each in stated] == [contract.in_trial(on) for on, _ in used]


@pytest.mark.parametrize(
    ("days_on", "trial", "rated", "kinds"),
    [
        (-1, False, (0, 7, 0), {LineKind.BUNDLE: ("A1",), LineKind.OVERAGE: ("A1", "3.2.1")}),
        (0, True, (5, 0, 2), {LineKind.TRIAL: ("3.1.1",), LineKind.TRIAL_OVERAGE: ("3.1.1", "A1")}),
        (9, True, (5, 0, 2), {LineKind.TRIAL: ("3.1.1",), LineKind.TRIAL_OVERAGE: ("3.1.1", "A1")}),
        (10, False, (0, 7, 0), {LineKind.BUNDLE: ("A1",), LineKind.OVERAGE: ("A1", "3.2.1")}),
    ],
)
def test_a_day_is_billed_by_the_trial_from_its_first_day_to_its_last(
    days_on: int, trial: bool, rated: tuple[int, int, int], kinds: dict[LineKind, tuple[str, ...]]
) -> None:
    contract, on = replace(sample_contract(), trial=Trial(DAY, 10, 5)), DAY + timedelta(days=days_on)

    statement = day_statement(CLIENT, on, of_units(7), contract_year(contract, on), 0)

    assert (statement.trial, statement.from_trial, statement.from_bundle, statement.overage_units) == (
        trial,
        *rated,
    )
    assert {line.kind: line.clauses for line in statement.lines()} == kinds


def test_a_trial_never_touches_the_bundle_and_the_bundle_never_the_trial() -> None:
    contract = replace(sample_contract(included_units=10), trial=Trial(DAY, 2, 5))
    stated: list[DayStatement] = []

    for on, units in [(DAY, 4), (DAY + timedelta(days=1), 4), (DAY + timedelta(days=2), 10)]:
        year = contract_year(contract, on)
        stated.append(day_statement(CLIENT, on, of_units(units), year, used_before(year, stated)))

    assert [(each.from_trial, each.from_bundle, each.overage_units) for each in stated] == [
        (4, 0, 0),
        (1, 0, 3),
        (0, 10, 0),
    ]
    assert (stated[1].year_start_on, stated[1].year_end_on) == (DAY, DAY + timedelta(days=1))


@given(days, st.randoms(use_true_random=False))
def test_a_statement_does_not_depend_on_the_order_of_parcels_or_receipts(
    of_day: list[Sending], random: Random
) -> None:
    shuffled = [
        replace(each, receipts=sorted(each.receipts, key=lambda _: random.random())) for each in of_day
    ]
    batches = sorted((each.batch for each in shuffled), key=lambda _: random.random())
    parcels = sorted((p for each in shuffled for p in each.parcels), key=lambda _: random.random())

    tally = tally_day([*batches, *parcels], ChargedOn.ACCEPTED)

    assert day_statement(CLIENT, DAY, tally, contract_year(sample_contract(), DAY), 0) == stated(of_day)


@given(
    days, st.integers(0, 1_000_010), st.sampled_from(ChargedOn), st.booleans(), st.none() | st.integers(-3, 0)
)
def test_a_bill_can_be_made_again_from_its_file(
    of_day: list[Sending], used: int, charged_on: ChargedOn, in_force: bool, tried_since: int | None
) -> None:
    contract = sample_contract(included_units=20, charged_on=charged_on)
    if tried_since is not None:
        term = replace(contract.term, start_on=date(2025, 11, 20), end_on=date(2026, 11, 19))
        trial = Trial(DAY + timedelta(days=tried_since), 3, 20)
        contract = replace(contract, term=term, trial=trial)
    year = contract_year(contract, DAY) if in_force else None
    batches = [each.batch for each in of_day]
    parcels = [parcel for each in of_day for parcel in each.parcels]
    adjustments = [Adjustment(date(2025, 11, 10), "a", 1, 3, 2, 800)]
    tally = tally_day([*batches, *parcels], charged_on if in_force else None)
    statement = day_statement(CLIENT, DAY, tally, year, used, adjustments)

    file = json.dumps(
        export_day(CLIENT, DAY, [*batches, *parcels], year=year, used=used, adjustments=adjustments),
        ensure_ascii=False,
    )

    assert recompute(json.loads(file)) == json.loads(json.dumps(to_document(statement)))
    assert "1380013" not in file
    assert "疫苗" not in file


@given(days, st.integers(0, 99))
def test_a_statement_reads_back_from_its_document(of_day: list[Sending], revision: int) -> None:
    statement = replace(stated(of_day), revision=revision, adjustments=(Adjustment(DAY, "a", 1, -3, 0, 0),))

    again = from_document(json.loads(json.dumps(to_document(statement))))

    assert again == statement
    assert again.revision == revision


@given(days)
def test_every_live_message_is_counted_once_by_state_and_once_by_category(of_day: list[Sending]) -> None:
    statement = stated(of_day)

    live = sum(each.messages for each in of_day if not each.test)
    assert statement.messages == live
    assert sum(count.messages for count in statement.categories.values()) == live
    assert statement.test_messages == sum(each.messages for each in of_day if each.test)
    assert statement.from_bundle + statement.overage_units == statement.units


@given(days)
def test_what_went_on_the_air_is_counted_by_template(of_day: list[Sending]) -> None:
    statement = stated(of_day)

    seen: Counter[str] = Counter()
    for each in of_day:
        for parcel in () if each.test else each.parcels:
            seen[each.batch.template or ""] += sum(
                state in {"submitted", "delivered", "failed", "unknown"} for state in parcel.states()
            )
    assert statement.templates == {template: count for template, count in seen.items() if template and count}
    assert on_air(statement.states) == sum(seen.values())


def test_a_day_that_crosses_the_bundle_is_split() -> None:
    of_day = [Sending(on=DAY, n=1, messages=250, units_each=2)]

    statement = stated(of_day, used=999_900)

    assert (statement.units, statement.from_bundle, statement.overage_units) == (500, 100, 400)
    assert statement.overage_hao == 400 * 400
    assert [(line.kind, line.units, line.amount_hao, line.clauses) for line in statement.lines()] == [
        (LineKind.BUNDLE, 100, 0, ("A1",)),
        (LineKind.OVERAGE, 400, 160_000, ("A1", "3.2.1")),
    ]


@pytest.mark.parametrize(
    ("state", "receipts", "accepted", "delivered"),
    [
        (State.QUEUED, [], 0, 0),
        (State.CALLING, [], 0, 0),
        (State.EXPIRED, [], 0, 0),
        (State.REFUSED, [], 0, 0),
        (State.UNKNOWN, [], 0, 0),
        # The proof of one message is no proof of the other.
        (State.UNKNOWN, [(0, "ACCEPTD")], 2, 0),
        (State.UNKNOWN, [(0, "ACCEPTD"), (1, "UNDELIV")], 4, 0),
        (State.SUBMITTED, [], 4, 0),
        (State.SUBMITTED, [(0, "DELIVRD"), (1, "UNDELIV")], 4, 2),
    ],
)
def test_units_are_charged_on_what_the_contract_charges_on(
    state: State, receipts: list[tuple[int, str]], accepted: int, delivered: int
) -> None:
    of_day = [Sending(on=DAY, n=1, messages=2, units_each=2, state=state, receipts=receipts)]

    assert stated(of_day, sample_contract(charged_on=ChargedOn.ACCEPTED)).units == accepted
    assert stated(of_day, sample_contract(charged_on=ChargedOn.DELIVERED)).units == delivered


def test_test_messages_are_counted_and_never_billed() -> None:
    statement = stated([Sending(on=DAY, n=1, messages=3, test=True, refused={"number_malformed": 2})])

    assert (statement.test_messages, statement.messages, statement.units) == (3, 0, 0)
    assert statement.refused == {}


def test_refusals_for_different_kinds_of_content_are_counted_together() -> None:
    refused = {"content_refused.12": 1, "content_refused.13": 2, "number_malformed": 1}

    statement = stated([Sending(on=DAY, n=1, messages=3, refused=refused)])

    assert statement.refused == {"content_refused": 3, "number_malformed": 1}


def test_counts_stand_by_state_category_and_reason() -> None:
    statement = stated(
        [
            Sending(on=DAY, n=1, messages=3, receipts=[(0, "DELIVRD"), (1, "UNDELIV")], refused={"a": 2}),
            Sending(
                on=DAY, n=2, category=Category.VERIFICATION, state=State.UNKNOWN, refused={"a": 1, "b": 1}
            ),
        ]
    )

    assert statement.batches == 2
    assert statement.states == {
        MessageState.DELIVERED: 1,
        MessageState.FAILED: 1,
        MessageState.SUBMITTED: 1,
        MessageState.UNKNOWN: 1,
    }
    assert statement.categories == {
        Category.NOTICE: CategoryCount(3, 3, 3),
        Category.VERIFICATION: CategoryCount(1, 0, 0),
    }
    assert statement.refused == {"a": 3, "b": 1}
    assert (statement.contract, statement.contract_version) == (sample_contract().number, 1)


def test_a_batch_that_misses_a_parcel_is_a_break() -> None:
    sending = Sending(on=DAY, n=1, messages=250)

    tally = tally_day([sending.batch, *sending.parcels[:2]], ChargedOn.ACCEPTED)

    assert [(each.kind, each.count, each.subjects) for each in tally.breaks] == [
        (BreakKind.PARCELS_MISSING, 1, (sending.batch.id,))
    ]
    assert tally.units == 200


def test_parcels_without_their_batch_do_not_count_and_must_not_have_been_sent() -> None:
    never_sent = Sending(on=DAY, n=1, state=State.EXPIRED)
    sent = Sending(on=DAY, n=2, state=State.SUBMITTED)

    tally = tally_day([*never_sent.parcels, *sent.parcels], ChargedOn.ACCEPTED)

    assert (tally.units, tally.states) == (0, {})
    assert [(each.kind, each.subjects) for each in tally.breaks] == [
        (BreakKind.SENT_WITHOUT_BATCH, (sent.parcels[0].id,))
    ]


def test_contradicting_receipts_are_counted_by_message() -> None:
    receipts = [
        (0, "DELIVRD"),
        (0, "UNDELIV"),
        (1, "UNDELIV"),
        (1, "MK:0001"),
        (2, "ACCEPTD"),
        (2, "DELIVRD"),
    ]

    statement = stated([Sending(on=DAY, n=1, messages=3, receipts=receipts)])

    assert statement.breaks == {BreakKind.RECEIPTS_CONTRADICT: 1}


@pytest.mark.parametrize(
    ("state", "hours", "kinds"),
    [
        (State.QUEUED, 23, []),
        (State.QUEUED, 24, [BreakKind.WAITING_TOO_LONG]),
        (State.UNKNOWN, 71, []),
        (State.UNKNOWN, 73, [BreakKind.UNKNOWN_TOO_LONG]),
        (State.SUBMITTED, 500, []),
    ],
)
def test_what_is_overdue_is_found_and_stands_in_no_statement(
    state: State, hours: float, kinds: list[BreakKind]
) -> None:
    sending = Sending(on=DAY, n=1, state=state)

    tally = tally_day([sending.batch, *sending.parcels], ChargedOn.ACCEPTED, hour(DAY, 9 + hours))

    assert [each.kind for each in tally.breaks] == kinds
    assert day_statement(CLIENT, DAY, tally, None, 0).breaks == {}


def test_a_day_without_a_contract_in_force_charges_nothing_and_is_a_break() -> None:
    sending = Sending(on=DAY, n=1)

    tally = tally_day([sending.batch, *sending.parcels], None)
    statement = day_statement(CLIENT, DAY, tally, None, 0)

    assert (statement.contract, statement.units, statement.booked_hao) == (None, 0, 0)
    assert statement.breaks == {BreakKind.WITHOUT_CONTRACT: 1}


@pytest.mark.parametrize(
    ("on", "start_on", "end_on"),
    [
        (date(2025, 11, 19), date(2024, 11, 20), date(2025, 11, 19)),
        (date(2025, 11, 20), date(2025, 11, 20), date(2026, 11, 19)),
        (date(2028, 2, 29), date(2027, 11, 20), date(2028, 11, 19)),
    ],
)
def test_a_renewal_makes_a_new_contract_year(on: date, start_on: date, end_on: date) -> None:
    year = contract_year(sample_contract(), on)

    assert year is not None
    assert (year.start_on, year.end_on) == (start_on, end_on)


def test_the_bundle_starts_anew_with_the_renewal() -> None:
    contract = sample_contract(included_units=100)
    year: list[DayStatement] = []

    for on in (date(2025, 11, 18), date(2025, 11, 19), date(2025, 11, 20), date(2025, 11, 21)):
        of = contract_year(contract, on)
        year.append(day_statement(CLIENT, on, of_units(70), of, used_before(of, year)))

    assert [each.from_bundle for each in year] == [70, 30, 70, 30]


def test_years_of_a_term_that_ends_in_february_meet_without_gap() -> None:
    leap = Term(start_on=date(2023, 3, 1), end_on=date(2024, 2, 29), renew_months=12, notice_days=30)
    contract = replace(sample_contract(), term=leap)
    days_on = [date(2023, 3, 1) + timedelta(days=n) for n in range(5 * 366)]

    years = [contract_year(contract, on) for on in days_on]

    assert all(
        year is not None and year.start_on <= on <= year.end_on
        for year, on in zip(years, days_on, strict=True)
    )


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2025, 11, 19, 15, 59, 59, tzinfo=UTC), date(2025, 11, 19)),
        (datetime(2025, 11, 19, 16, 0, 0, tzinfo=UTC), date(2025, 11, 20)),
        (datetime(2028, 2, 28, 16, 0, 0, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2028, 2, 29, 16, 0, 0, tzinfo=UTC), date(2028, 3, 1)),
    ],
)
def test_a_message_belongs_to_the_shanghai_day_of_its_acceptance(at: datetime, on: date) -> None:
    assert day_of(batch_id(shanghai_day(at), bytes(8))) == on


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.lists(st.tuples(st.integers(0, 9), st.integers(-5, 30)), max_size=3))
    ),
    st.integers(0, 120),
)
def test_whenever_units_become_known_the_year_costs_the_same(
    history: list[tuple[int, list[tuple[int, int]]]], included_units: int
) -> None:
    contract = sample_contract(included_units=included_units)
    first = date(2025, 1, 1)
    year: list[DayStatement] = []

    for n, (units, late) in enumerate(history):
        on = first + timedelta(days=n)
        owed = {first + timedelta(days=k): more for k, more in late if k < n}
        owed = {day: max(more, -booked_of(year, day)) for day, more in owed.items()}
        of = contract_year(contract, on)
        adjustments = rated_adjustments(owed, lambda day: contract_year(contract, day), year)
        used = used_before(of, year, adjustments)
        year.append(day_statement(CLIENT, on, of_units(units), of, used, adjustments))

    total = sum(each.booked_units for each in year)
    assert sum(each.booked_hao for each in year) == rate_day(contract.tariff, 0, total).overage_hao


def booked_of(year: list[DayStatement], on: date) -> int:
    """What statements have charged for a day so far."""
    return -late_units(on, 0, year)


def test_a_late_unit_of_the_year_before_is_charged_in_that_year() -> None:
    contract = sample_contract(included_units=100)
    old_day, new_day = date(2025, 11, 10), date(2025, 11, 24)
    old = day_statement(CLIENT, old_day, of_units(100), contract_year(contract, old_day), 0)
    new_year = contract_year(contract, new_day)

    late = rated_adjustments({old_day: 5}, lambda day: contract_year(contract, day), [old])
    statement = day_statement(
        CLIENT, new_day, of_units(7), new_year, used_before(new_year, [old], late), late
    )

    assert [
        (each.on, each.units, each.overage_units, each.overage_hao) for each in statement.adjustments
    ] == [(old_day, 5, 5, 2_000)]
    assert (statement.units, statement.from_bundle, statement.overage_hao) == (7, 7, 0)
    assert used_before(new_year, [old, statement]) == 7
    assert [line.on for line in statement.lines()] == [new_day, new_day, old_day]


@given(days, days, st.integers(0, 30))
def test_an_entry_is_the_difference_of_two_revisions(
    one: list[Sending], two: list[Sending], included: int
) -> None:
    contract = sample_contract(included_units=included)
    before, after = stated(one, contract), replace(stated(two, contract), revision=2)

    entry = entry_between(before, after)

    assert booked(before) + entry.amount == booked(after)
    assert entry_between(None, after).amount == booked(after)
    assert entry.revision == 2


@pytest.mark.parametrize(
    ("last_night", "first", "count"),
    [
        (None, date(2025, 11, 14), 10),
        (date(2025, 11, 23), date(2025, 11, 14), 10),
        (date(2025, 11, 24), date(2025, 11, 14), 10),
        (date(2025, 11, 20), date(2025, 11, 11), 13),
        (date(2024, 11, 20), date(2025, 8, 16), 100),
    ],
)
def test_missed_nights_leave_their_days_open(last_night: date | None, first: date, count: int) -> None:
    found = open_days(DAY, last_night)

    assert (found[0], found[-1], len(found)) == (first, date(2025, 11, 23), count)
    assert list(found) == sorted(found)
