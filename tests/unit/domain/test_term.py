"""The term of a contract and its renewals."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.term import Term, TermPhase, TermState, add_months, last_day, term_state, terms

ROWS = json.loads((Path(__file__).parents[2] / "vectors/term.json").read_text(encoding="utf-8"))
SAMPLE = Term(date(2024, 11, 20), date(2025, 11, 19), renew_months=12, notice_days=30)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@st.composite
def some_terms(draw: st.DrawFn) -> Term:
    start_on = draw(DAYS)
    return Term(
        start_on=start_on,
        end_on=start_on + timedelta(days=draw(st.integers(0, 800))),
        renew_months=draw(st.integers(0, 36)),
        notice_days=draw(st.integers(0, 90)),
        renewals_max=draw(st.none() | st.integers(0, 5)),
        objection_received_on=draw(st.none() | DAYS),
        extended_days=draw(st.integers(0, 200)),
    )


def term_of(document: dict[str, Any]) -> Term:
    days = {name: date.fromisoformat(each) for name, each in document.items() if name.endswith("_on")}
    return Term(**{**document, **days})


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['on']}-{row['state']}" for row in ROWS])
def test_the_reference_reckons_the_same(row: dict[str, Any]) -> None:
    found = term_state(term_of(row["term"]), date.fromisoformat(row["on"]))

    assert found.state == row["state"]
    assert [None if on is None else on.isoformat() for on in (found.start_on, found.end_on)] == [
        row["term_start_on"],
        row["term_end_on"],
    ]


@pytest.mark.parametrize(
    ("on", "months", "later"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 11, 20), 12, date(2025, 11, 20)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 12, 31), 0, date(2024, 12, 31)),
        (date(2024, 8, 31), 4, date(2024, 12, 31)),
    ],
)
def test_months_are_added_up_to_the_last_day_of_a_month(on: date, months: int, later: date) -> None:
    assert add_months(on, months) == later


def test_short_months_do_not_shorten_the_terms_behind_them() -> None:
    monthly = Term(date(2025, 1, 1), date(2025, 1, 30), renew_months=1, notice_days=0)

    ends = [end_on for _, end_on in islice(terms(monthly), 4)]

    assert ends == [date(2025, 1, 30), date(2025, 2, 27), date(2025, 3, 30), date(2025, 4, 29)]


def test_an_objection_too_late_for_this_end_counts_for_the_next() -> None:
    term = Term(date(2024, 11, 20), date(2025, 11, 19), 12, 30, objection_received_on=date(2025, 10, 21))

    assert term_state(term, date(2026, 11, 19)).state is TermPhase.ACTIVE
    assert term_state(term, date(2026, 11, 20)) == TermState(TermPhase.ENDED)


def test_force_majeure_moves_the_end_by_as_many_days() -> None:
    term = Term(date(2024, 11, 20), date(2025, 11, 19), 12, 30, renewals_max=1, extended_days=10)

    assert term_state(term, date(2025, 11, 29)).end_on == date(2025, 11, 29)
    assert term_state(term, date(2025, 11, 30)).start_on == date(2025, 11, 30)
    assert term_state(term, date(2026, 11, 29)).state is TermPhase.ACTIVE
    assert term_state(term, date(2026, 11, 30)).state is TermPhase.ENDED


def test_a_term_that_does_not_renew_ends() -> None:
    term = Term(date(2024, 11, 20), date(2025, 11, 19), renew_months=0, notice_days=30)

    assert term_state(term, date(2025, 11, 20)).state is TermPhase.ENDED


@pytest.mark.parametrize("on", [date.min, date.max])
def test_the_calendar_has_an_end_before_any_term_breaks_it(on: date) -> None:
    assert term_state(SAMPLE, on).state in TermPhase


@given(some_terms(), DAYS)
def test_a_day_lies_in_the_term_that_is_in_force_on_it(term: Term, on: date) -> None:
    found = term_state(term, on)

    assert (found.state is TermPhase.NOT_STARTED) == (on < term.start_on)
    if found.start_on is None or found.end_on is None:
        assert found.state is not TermPhase.ACTIVE
    else:
        assert found.state is TermPhase.ACTIVE
        assert found.start_on <= on <= found.end_on


@given(some_terms())
def test_one_term_begins_the_day_after_another_ends(term: Term) -> None:
    chain = list(islice(terms(term), 30))

    assert all(later[0] == earlier[1] + timedelta(days=1) for earlier, later in pairwise(chain))
    assert all(start_on <= end_on for start_on, end_on in chain)
    assert term.renewals_max is None or len(chain) <= term.renewals_max + 1


@given(some_terms(), DAYS, DAYS)
def test_what_has_ended_never_begins_again(term: Term, one: date, other: date) -> None:
    earlier, later = sorted((one, other))

    ended = term_state(term, earlier).state is TermPhase.ENDED

    assert not ended or term_state(term, later).state is TermPhase.ENDED


@given(some_terms(), DAYS, DAYS)
def test_a_term_that_was_terminated_is_as_it_was_agreed_until_its_last_day(
    term: Term, last_on: date, on: date
) -> None:
    terminated = replace(term, terminated_on=max(last_on, term.start_on))

    found, agreed = term_state(terminated, on), term_state(term, on)

    if on > max(last_on, term.start_on):
        assert found.state is TermPhase.ENDED
    else:
        assert (found.state, found.start_on) == (agreed.state, agreed.start_on)
        assert found.end_on == (agreed.end_on and min(agreed.end_on, max(last_on, term.start_on)))


@given(some_terms(), DAYS)
def test_the_last_day_of_a_term_is_the_one_after_which_nothing_runs(term: Term, on: date) -> None:
    last_on = last_day(term, on)

    assert (last_on is not None) == (term_state(term, on).state is TermPhase.ENDED)
    if last_on is not None:
        assert term_state(term, last_on).state is TermPhase.ACTIVE
        assert term_state(term, last_on + timedelta(days=1)).state is TermPhase.ENDED
