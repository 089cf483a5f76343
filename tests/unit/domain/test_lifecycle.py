"""The life of a contract by the day, and when its access code is anybody's again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import AccessCode, Category, CodeSource, Contract, Trial
from openmas.domain.lifecycle import Life, LifeStage, code_free_on, life
from openmas.domain.term import Term, TermPhase, term_state
from tests.fakes import sample

CODE = AccessCode("1065097332714", reclaim_after_days=30, quarantine_days=90)
TERM = Term(date(2024, 11, 20), date(2025, 11, 19), 12, 30, renewals_max=0)
TRIAL = Trial(date(2024, 11, 20), 10, 100)
ONCE = replace(sample.contract(), term=TERM, trial=TRIAL, access_code=CODE)
SECOND = replace(ONCE, version=2, effective_on=date(2025, 6, 1), trial=None)
RECLAIM_ON, FREE_ON = date(2025, 12, 20), date(2026, 3, 20)


@pytest.mark.parametrize(
    ("on", "stage"),
    [
        (date(2024, 11, 19), LifeStage.UPCOMING),
        (date(2024, 11, 20), LifeStage.TRIAL),
        (date(2024, 11, 29), LifeStage.TRIAL),
        (date(2024, 11, 30), LifeStage.ACTIVE),
        (date(2025, 11, 19), LifeStage.ACTIVE),
        (date(2025, 11, 20), LifeStage.ENDED),
        (date(2025, 12, 19), LifeStage.ENDED),
        (date(2025, 12, 20), LifeStage.RECLAIMED),
        (date(2030, 1, 1), LifeStage.RECLAIMED),
    ],
)
def test_a_contract_lives_from_its_trial_to_the_return_of_its_code(on: date, stage: LifeStage) -> None:
    assert life(ONCE, [ONCE], on).stage is stage


def test_a_draft_is_a_draft_on_every_day() -> None:
    assert life(ONCE, [], date(2025, 1, 1)) == Life(LifeStage.DRAFT)
    assert life(SECOND, [ONCE], date(2026, 1, 1)) == Life(LifeStage.DRAFT)


def test_a_version_lives_from_its_effective_day_until_a_later_one_takes_its_place() -> None:
    both, before, after = [ONCE, SECOND], date(2025, 5, 31), date(2025, 6, 1)

    assert [life(each, both, before).stage for each in both] == [LifeStage.ACTIVE, LifeStage.UPCOMING]
    assert [life(each, both, after).stage for each in both] == [LifeStage.SUPERSEDED, LifeStage.ACTIVE]


EARLY = replace(SECOND, term=Term(date(2025, 11, 20), date(2026, 11, 19), 12, 30, renewals_max=0))


@pytest.mark.parametrize(
    ("on", "stages"),
    [
        (date(2025, 5, 31), [LifeStage.ACTIVE, LifeStage.UPCOMING]),
        (date(2025, 6, 1), [LifeStage.ACTIVE, LifeStage.UPCOMING]),
        (date(2025, 11, 19), [LifeStage.ACTIVE, LifeStage.UPCOMING]),
        (date(2025, 11, 20), [LifeStage.SUPERSEDED, LifeStage.ACTIVE]),
    ],
)
def test_a_version_that_was_signed_early_is_upcoming_until_its_term(
    on: date, stages: list[LifeStage]
) -> None:
    assert [life(each, [ONCE, EARLY], on).stage for each in (ONCE, EARLY)] == stages


ORDER = [LifeStage.UPCOMING, LifeStage.TRIAL, LifeStage.ACTIVE, LifeStage.ENDED, LifeStage.RECLAIMED]


@given(
    st.integers(0, 400),
    st.integers(0, 60),
    st.integers(0, 3),
    st.integers(0, 40),
    st.lists(st.integers(-10, 1_600), min_size=2, max_size=2),
)
def test_a_contract_never_goes_back_to_an_earlier_stage(
    days: int, trial_days: int, renewals: int, reclaim_after_days: int, on: list[int]
) -> None:
    term = replace(TERM, end_on=TERM.start_on + timedelta(days=days), renewals_max=renewals)
    trial = Trial(TERM.start_on, min(trial_days, days) + 1, 5) if trial_days else None
    code = replace(CODE, reclaim_after_days=reclaim_after_days)
    contract = replace(ONCE, term=term, trial=trial, access_code=code)

    earlier, later = (
        life(contract, [contract], TERM.start_on + timedelta(days=each)).stage for each in sorted(on)
    )

    assert ORDER.index(earlier) <= ORDER.index(later)


def test_another_contract_of_the_client_supersedes_nothing() -> None:
    other = replace(SECOND, number="C-2")

    assert life(ONCE, [ONCE, other], date(2025, 7, 1)).stage is LifeStage.ACTIVE


def test_of_two_contracts_that_run_the_one_that_does_not_rule_says_which_does() -> None:
    other = replace(ONCE, number="C-2", effective_on=date(2025, 1, 1))
    both, on = [ONCE, other], date(2025, 6, 1)

    assert [life(each, both, on).overruled_by for each in both] == ["C-2", None]
    assert life(ONCE, both, date(2024, 12, 31)).overruled_by is None
    assert life(ONCE, both, date(2026, 1, 1)).overruled_by is None


def test_what_is_suspended_is_named_as_far_as_the_contract_has_it() -> None:
    on, both = date(2025, 7, 1), {Category.MARKETING, Category.NOTICE}

    suspended = life(ONCE, [ONCE], on, both)

    assert suspended.stage is LifeStage.SUSPENDED
    assert suspended.suspended == {Category.NOTICE}
    assert life(ONCE, [ONCE], on, {Category.MARKETING}).stage is LifeStage.ACTIVE
    assert life(ONCE, [ONCE], date(2025, 11, 20), both).stage is LifeStage.ENDED


def test_the_days_of_the_term_and_of_the_codes_return_are_told() -> None:
    running, over = (life(ONCE, [ONCE], on) for on in (date(2025, 7, 1), date(2025, 11, 20)))

    assert (running.term_start_on, running.term_end_on) == (TERM.start_on, TERM.end_on)
    assert (over.reclaim_on, over.free_on) == (RECLAIM_ON, FREE_ON)


def test_a_code_that_the_client_applied_for_stays_the_clients() -> None:
    own = replace(ONCE, access_code=replace(CODE, source=CodeSource.APPLIED))

    assert life(own, [own], date(2035, 1, 1)) == Life(LifeStage.ENDED)
    assert code_free_on([own], CODE.code, date(2035, 1, 1)) is None


def test_a_code_is_free_only_when_every_contract_that_uses_it_is_over() -> None:
    renewing = replace(ONCE, number="C-2", term=replace(TERM, renewals_max=None))
    on = date(2026, 1, 1)

    assert code_free_on([ONCE], CODE.code, on) == FREE_ON
    assert code_free_on([ONCE, renewing], CODE.code, on) is None
    assert code_free_on([ONCE], CODE.code, date(2025, 11, 19)) is None
    assert code_free_on([], CODE.code, on) is None


def test_a_code_that_a_later_version_no_longer_has_rests_from_then_on() -> None:
    moved = replace(SECOND, access_code=AccessCode("10655"), term=replace(TERM, renewals_max=None))

    free_on = code_free_on([ONCE, moved], CODE.code, date(2025, 7, 1))

    assert free_on == date(2025, 6, 1) + timedelta(days=120)


def speaking(versions: list[Contract], day: date) -> Contract | None:
    """The version that took effect last; the one before it while it waits for its term, and that one runs."""
    last = None
    for each in versions:
        if each.effective_on > day:
            break
        waits = each.term.start_on > day and last is not None and last.term.start_on <= each.effective_on
        if not (waits and last and term_state(last.term, day).state is TermPhase.ACTIVE):
            last = each
    return last


def naive_code_free_on(in_force: Sequence[Contract], code: str) -> date | None:
    """Day by day: free once the code has been nobody's for as long as its last user's contract says."""
    rests_until: date | None = None
    for number in {each.number for each in in_force if each.access_code.code == code}:
        same = sorted(
            (each for each in in_force if each.number == number), key=lambda each: each.effective_on
        )
        for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(1_500)):
            version = speaking(same, day)
            used = version is not None and version.access_code.code == code
            if version and used and term_state(version.term, day).state is TermPhase.ACTIVE:
                days = 1 + version.access_code.reclaim_after_days + version.access_code.quarantine_days
                end = day + timedelta(days=days)
                rests_until = max(rests_until or end, end)
    return rests_until


@st.composite
def histories(draw: st.DrawFn) -> list[Contract]:
    made: list[Contract] = []
    for number in ("C-1", "C-2")[: draw(st.integers(1, 2))]:
        start_on = date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 300)))
        days = draw(st.lists(st.integers(0, 200), min_size=1, max_size=3, unique=True).map(sorted))
        for version, at in enumerate(days, 1):
            effective_on = start_on + timedelta(days=at)
            # The last one may be signed early, for a term to come.
            ahead = draw(st.integers(0, 100)) if 1 < version == len(days) else 0
            begins_on = effective_on + timedelta(days=ahead) if ahead else start_on
            end_on = max(begins_on, effective_on) + timedelta(days=draw(st.integers(0, 500)))
            code = AccessCode(
                draw(st.sampled_from(["10650", "10651"])),
                reclaim_after_days=draw(st.integers(0, 40)),
                quarantine_days=draw(st.integers(0, 90)),
            )
            term = Term(begins_on, end_on, 12, 30, renewals_max=draw(st.integers(0, 1)))
            made.append(
                replace(
                    ONCE,
                    number=number,
                    version=version,
                    effective_on=effective_on,
                    trial=None,
                    term=term,
                    access_code=code,
                )
            )
    return made


@given(histories())
def test_the_day_on_which_a_code_is_free_is_found_day_by_day_too(in_force: list[Contract]) -> None:
    found = code_free_on(in_force, "10650", date(2029, 1, 1))

    assert found == naive_code_free_on(in_force, "10650")
