"""What is odd about a contract is said, with its clause; its own numbers are used all the same."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import (
    AccessCode,
    Amendment,
    Category,
    CodeSource,
    Contract,
    DocumentKind,
    Limits,
    PaymentDue,
    Trial,
    version_in_force,
)
from openmas.domain.contract_warnings import warnings
from openmas.domain.limits import Frequency, Level, UnitLimits
from openmas.domain.term import term_state
from tests.fakes import sample

CONTRACT = sample.contract()
# The sample without what it is warned of.
PLAIN = replace(
    CONTRACT,
    late_fee_ppm_per_day=3_000,
    payment=replace(CONTRACT.payment, prepaid=False),
    signature="塔城市疾控中心",
)
DAYS = st.dates(date(2025, 1, 1), date(2025, 12, 31))
APPLIED = AccessCode("10655", CodeSource.APPLIED, date(2025, 11, 19))
CERTIFIED = replace(PLAIN, documents=PLAIN.documents | {DocumentKind.CODE_CERTIFICATE})


def told(contract: Contract, before: Contract | None = None) -> list[tuple[str, str]]:
    return [(each.path, each.clause) for each in warnings(contract, before)]


def amended(notice_on: date, agreed_on: date, effective_on: date) -> Contract:
    amendment = Amendment(agreed_on, notice_on, "补充协议")
    return replace(PLAIN, version=2, effective_on=effective_on, amendment=amendment)


def test_the_sample_contract_is_warned_of_in_three_places() -> None:
    assert told(CONTRACT) == [
        ("/late_fee_ppm_per_day", "6.3"),
        ("/payment/due", "3.2.1"),
        ("/signature", "2.1.9"),
    ]
    assert "宣 is not in the full name. The contract does not come into force" in warnings(CONTRACT)[2].text


def test_a_plain_contract_is_not_warned_of() -> None:
    assert told(PLAIN) == []


@pytest.mark.parametrize(("ppm", "count"), [(0, 0), (3_000, 0), (3_001, 1), (1_000_000, 1)])
def test_a_late_fee_above_three_per_mille_is_warned_of(ppm: int, count: int) -> None:
    assert told(replace(PLAIN, late_fee_ppm_per_day=ppm)) == [("/late_fee_ppm_per_day", "6.3")] * count


@pytest.mark.parametrize(
    ("due", "prepaid", "count"),
    [
        (PaymentDue.CYCLE_END, False, 0),
        (PaymentDue.CYCLE_START, True, 0),
        (PaymentDue.CYCLE_END, True, 1),
    ],
)
def test_a_fee_prepaid_at_the_end_of_its_cycle_is_warned_of(
    due: PaymentDue, prepaid: bool, count: int
) -> None:
    contract = replace(PLAIN, payment=replace(PLAIN.payment, due=due, prepaid=prepaid))

    assert told(contract) == [("/payment/due", "3.2.1")] * count


@pytest.mark.parametrize(
    ("signature", "count"), [("塔城市疾控中心", 0), ("塔城市疾控中心宣", 1), ("疾控中心塔城市", 1)]
)
def test_a_signature_that_a_person_has_to_pass_is_warned_of(signature: str, count: int) -> None:
    assert told(replace(PLAIN, signature=signature)) == [("/signature", "2.1.9")] * count


@pytest.mark.parametrize(
    ("contract", "found"),
    [
        (replace(CERTIFIED, access_code=APPLIED), []),
        (replace(PLAIN, access_code=APPLIED), [("/documents", "2.1.8")]),
        (
            replace(CERTIFIED, access_code=replace(APPLIED, valid_until=date(2025, 11, 18))),
            [("/access_code/valid_until", "2.1.8")],
        ),
        (
            replace(CERTIFIED, access_code=APPLIED, term=replace(PLAIN.term, extended_days=1)),
            [("/access_code/valid_until", "2.1.8")],
        ),
        (
            replace(CERTIFIED, access_code=replace(APPLIED, valid_until=None)),
            [("/access_code/valid_until", "2.1.8")],
        ),
    ],
)
def test_an_access_code_that_does_not_last_through_the_term_is_warned_of(
    contract: Contract, found: list[tuple[str, str]]
) -> None:
    assert told(contract) == found


@pytest.mark.parametrize(("units", "count"), [(0, 1), (1, 0)])
def test_a_trial_without_units_is_warned_of(units: int, count: int) -> None:
    contract = replace(PLAIN, trial=Trial(PLAIN.term.start_on, 30, units))

    assert told(contract) == [("/trial/units", "3.1.1")] * count


@given(DAYS, st.integers(0, 200), st.integers(0, 200), st.integers(0, 60))
def test_a_change_is_warned_of_unless_its_notice_is_counted_out(
    notice_on: date, agreed_after: int, effective_after: int, change_days: int
) -> None:
    agreed_on, effective_on = (notice_on + timedelta(days=n) for n in (agreed_after, effective_after))
    contract = amended(notice_on, agreed_on, effective_on)
    contract = replace(contract, notices=replace(contract.notices, change_days=change_days))

    found = told(contract)

    # The days between, one by one: the effective day itself is not one of them.
    between = sum(1 for n in range(400) if notice_on <= notice_on + timedelta(days=n) < effective_on)
    assert (("/effective_on", "10") in found) == (between < change_days)
    assert (("/effective_on", "12.3") in found) == (effective_after < agreed_after)


def test_a_later_version_without_an_agreement_is_warned_of_and_more_so_if_it_changes_the_price() -> None:
    second = replace(PLAIN, version=2)
    dearer = replace(second, tariff=replace(PLAIN.tariff, overage_hao_per_unit=500))
    agreed = amended(date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1))

    assert told(second, PLAIN) == [("/amendment", "12.3")]
    assert told(dearer, PLAIN) == [("/amendment", "12.3"), ("/tariff", "3.2.4")]
    assert told(replace(agreed, tariff=dearer.tariff), PLAIN) == []
    assert [each.path for each in warnings(dearer, PLAIN, unread={"tariff"})] == ["/amendment"]


@given(effective=st.integers(-9, 9), starts=st.sampled_from([-300, 0, 300]))
def test_whatever_keeps_a_version_signed_early_from_its_term_is_warned_of(
    effective: int, starts: int
) -> None:
    day, plain = date(2025, 11, 25), replace(PLAIN.term, start_on=date(2024, 11, 25))
    first = replace(PLAIN, effective_on=plain.start_on, term=plain)
    notice = amended(date(2025, 1, 1), date(2025, 1, 1), day - timedelta(days=9))
    early = replace(notice, term=replace(plain, start_on=day, end_on=day + timedelta(days=364)))
    later = replace(
        early,
        version=3,
        effective_on=day + timedelta(days=effective),
        term=replace(early.term, start_on=day + timedelta(days=starts)),
    )

    comes = version_in_force([first, early, later], day) == early

    assert version_in_force([first, early], day) == early
    found = [each for each in warnings(later, early) if "never comes to rule" in each.text]
    assert [(each.path, each.clause) for each in found] == [("/term/start_on", "9")] * (
        not comes and starts != 0
    )


@pytest.mark.parametrize(("days", "count"), [(29, 1), (30, 0)])
def test_an_end_without_its_notice_is_warned_of(days: int, count: int) -> None:
    notice_on = date(2025, 3, 1)
    contract = amended(notice_on, notice_on, notice_on + timedelta(days=30))
    ending = replace(contract.term, terminated_on=notice_on + timedelta(days=days))

    assert told(replace(contract, term=ending)) == [("/term/terminated_on", "10")] * count


def test_an_end_of_which_no_notice_is_on_record_is_warned_of() -> None:
    ending = replace(PLAIN, term=replace(PLAIN.term, terminated_on=date(2025, 6, 30)))

    assert told(ending) == [("/term/terminated_on", "10")]


@given(st.integers(-60, 60), st.integers(0, 20))
def test_an_objection_that_prevents_nothing_at_first_is_warned_of(days: int, extended_days: int) -> None:
    objected_on = PLAIN.term.end_on - timedelta(days=PLAIN.term.notice_days) + timedelta(days=days)
    term = replace(PLAIN.term, objection_received_on=objected_on, extended_days=extended_days)
    first_end = term.end_on + timedelta(days=extended_days)

    found = told(replace(PLAIN, term=term))

    renewed = term_state(term, first_end + timedelta(days=1)).start_on is not None
    assert found == [("/term/objection_received_on", "9")] * renewed


@pytest.mark.parametrize(("days", "warned"), [(0, False), (1, True)])
def test_a_version_signed_early_is_warned_to_wait_for_its_term(days: int, warned: bool) -> None:
    early = amended(date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1))
    term = replace(early.term, start_on=early.effective_on + timedelta(days=days))

    assert told(replace(early, term=term)) == [("/term/start_on", "9")] * warned


def test_a_term_that_begins_before_its_contract_is_warned_of() -> None:
    late = replace(PLAIN, effective_on=PLAIN.term.start_on + timedelta(days=1))

    assert told(late) == [("/effective_on", "9")]


@pytest.mark.parametrize(
    ("kind", "clause"),
    [
        (DocumentKind.SECURITY_UNDERTAKING, "2.1.5"),
        (DocumentKind.ACCESS_UNDERTAKING, "A2"),
        (DocumentKind.DECENCY_PLEDGE, "A3"),
        (DocumentKind.SECURITY_ASSESSMENT, "11.7"),
    ],
)
def test_a_contract_that_does_not_ask_for_an_undertaking_is_warned_of(
    kind: DocumentKind, clause: str
) -> None:
    assert told(replace(PLAIN, documents=PLAIN.documents - {kind})) == [("/documents", clause)]


def test_a_month_that_stops_before_a_day_does_is_warned_of() -> None:
    units = UnitLimits(per_day=Level(1, 100), per_month=Level(1, 99))

    assert told(replace(PLAIN, limits=Limits(units=units))) == [("/limits/units/per_month/stop", "A1")]
    equal = replace(units, per_month=Level(1, 100))
    assert told(replace(PLAIN, limits=Limits(units=equal))) == []


def test_marketing_without_a_frequency_is_warned_of() -> None:
    contract = replace(PLAIN, categories=frozenset(Category))
    limited = Limits(frequency={Category.MARKETING: (Frequency(3, 86_400),)})

    assert told(contract) == [("/limits/frequency", "11.3.17")]
    assert told(replace(contract, limits=limited)) == []
