"""A contract is written down, and read to its end: every fault in it is told with place and clause."""

import json
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.characters import is_unseen
from openmas.domain.contract import (
    AccessCode,
    Amendment,
    Category,
    CodeSource,
    Contract,
    DocumentKind,
    InvoiceKind,
    Invoices,
    Limits,
    Notices,
    OptOutWord,
    Payment,
    PaymentDue,
    PaymentKind,
    PaymentMethod,
    ServiceKind,
    ServiceLevels,
    Trial,
)
from openmas.domain.contract_document import NUMBER, from_document, read, to_document
from openmas.domain.contract_warnings import warnings
from openmas.domain.limits import (
    BeyondBundle,
    ComplaintLadder,
    Frequency,
    Level,
    MarketingHours,
    OutsideHours,
    UnitLimits,
)
from openmas.domain.tariff import ChargedOn, Tariff
from openmas.domain.term import Term
from openmas.domain.units import Counting
from openmas.errors import Fault, InvalidInput

SAMPLE = Path(__file__).parents[3] / "infra/local/sample/contract.json"
DOCUMENT: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
CONTRACT = from_document(DOCUMENT)
# The sample with everything that a contract may have besides.
FULL: dict[str, Any] = deepcopy(DOCUMENT) | {
    "version": 2,
    "amendment": {"agreed_on": "2025-03-01", "notice_given_on": "2025-01-20", "why": "补充协议"},
    "trial": {"start_on": "2024-11-20", "days": 30, "units": 500},
}
FULL["opt_out_words"] = ["N", "不要"]
FULL["not_opt_out_words"] = ["T", "取消"]
FULL["access_code"]["valid_until"] = "2030-12-31"
FULL["term"] |= {"renewals_max": 3, "objection_received_on": "2027-10-01", "terminated_on": "2027-12-31"}
FULL["limits"] |= {
    "requests_per_s": 20,
    "units": {
        "beyond_bundle": "refused",
        "per_day": {"warn": 8_000, "stop": 10_000},
        "per_month": {"warn": 80_000, "stop": 100_000},
    },
    "same_text_within_s": 600,
    "marketing_hours": {"open": "08:00", "close": "21:00", "outside": "hold"},
}
DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
HIGH = 10**10
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
USUAL = {
    "/amendment",
    "/access_code/valid_until",
    "/access_code/reclaim_after_days",
    "/access_code/quarantine_days",
    "/term/renewals_max",
    "/term/objection_received_on",
    "/term/extended_days",
    "/term/terminated_on",
    "/trial",
    "/tariff/charged_on",
    "/limits/recipients_max",
    "/limits/requests_per_s",
    "/limits/units",
    "/limits/units/beyond_bundle",
    "/limits/units/per_day",
    "/limits/units/per_month",
    "/limits/frequency",
    "/limits/frequency/verification",
    "/limits/same_text_within_s",
    "/limits/marketing_hours",
    "/complaints",
    "/opt_out_words",
    "/not_opt_out_words",
}


def places(document: Any, pointer: str = "") -> Iterator[str]:
    """The pointers of every member of every object in a document."""
    named = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in named:
        if isinstance(document, dict):
            yield f"{pointer}/{name}"
        if isinstance(value, dict | list):
            yield from places(value, f"{pointer}/{name}")


PLACES = sorted(set(places(FULL)))


def value_at(document: Any, pointer: str) -> Any:
    for name in pointer.split("/")[1:]:
        document = document[int(name) if isinstance(document, list) else name]
    return document


def put(document: Any, pointer: str, value: object) -> None:
    way, _, last = pointer.rpartition("/")
    value_at(document, way)[last] = value


def drop(document: Any, pointer: str) -> None:
    way, _, last = pointer.rpartition("/")
    del value_at(document, way)[last]


def with_value(pointer: str, value: object) -> dict[str, Any]:
    document = deepcopy(FULL)
    put(document, pointer, value)
    return document


def faults_of(document: dict[str, Any]) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as caught:
        from_document(document)
    return caught.value.faults


def pointers_of(document: dict[str, Any]) -> list[str]:
    return [fault.pointer for fault in faults_of(document)]


def levels() -> st.SearchStrategy[Level]:
    return st.tuples(st.integers(0, HIGH), st.integers(0, HIGH)).map(sorted).map(lambda pair: Level(*pair))


def ladders() -> st.SearchStrategy[ComplaintLadder]:
    steps = st.lists(st.integers(1, 1_000_000), min_size=4, max_size=4).map(sorted)
    rates = st.integers(1, 100_000)
    return st.builds(
        lambda least, each, rate: ComplaintLadder(least, each[0], each[1], each[2], each[3], rate),
        *(st.integers(1, HIGH), steps, rates),
    )


@st.composite
def hours(draw: st.DrawFn) -> MarketingHours:
    first, last = sorted(draw(st.lists(st.integers(0, 1_439), min_size=2, max_size=2, unique=True)))
    open_, close = (time(minute // 60, minute % 60) for minute in (first, last))
    return MarketingHours(open_, close, draw(st.sampled_from(OutsideHours)))


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    seconds = st.integers(1, 31 * 86_400)
    frequency = st.lists(st.builds(Frequency, st.integers(1, 10_000), seconds), min_size=1, max_size=3)
    return Limits(
        recipients_max=draw(st.integers(1, 5_000)),
        requests_per_s=draw(st.none() | st.integers(1, 1_000)),
        units=UnitLimits(
            draw(st.sampled_from(BeyondBundle)), draw(st.none() | levels()), draw(st.none() | levels())
        ),
        frequency=draw(st.dictionaries(st.sampled_from(Category), frequency.map(tuple))),
        same_text_within_s=draw(st.none() | seconds),
        marketing_hours=draw(st.none() | hours()),
    )


@st.composite
def terms(draw: st.DrawFn) -> Term:
    start_on, end_on = sorted((draw(DAYS), draw(DAYS)))
    return Term(
        start_on,
        end_on,
        draw(st.integers(0, 120)),
        draw(st.integers(0, 366)),
        draw(st.none() | st.integers(0, 100)),
        draw(st.none() | DAYS),
        draw(st.integers(0, 3_650)),
        draw(st.none() | st.dates(start_on, date(2199, 12, 31))),
    )


@st.composite
def trials(draw: st.DrawFn, term: Term) -> Trial | None:
    start_on = draw(st.dates(term.start_on, term.end_on))
    days = draw(st.integers(1, min(366, (term.end_on - start_on).days + 1)))
    return draw(st.none() | st.just(Trial(start_on, days, draw(st.integers(0, HIGH)))))


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    term, (noticed_on, agreed_on) = draw(terms()), sorted((draw(DAYS), draw(DAYS)))
    days, hours_ = st.integers(0, 366), st.integers(1, 24 * 366)
    return Contract(
        number=draw(st.sampled_from([CONTRACT.number, "C-1", "合同〔2025〕1号"])),
        version=draw(st.integers(1, 9_999)),
        effective_on=draw(DAYS),
        amendment=draw(st.none() | st.just(Amendment(agreed_on, noticed_on, "降价"))),
        client_full_name=draw(st.sampled_from([CONTRACT.client_full_name, "Tacheng CDC"])),
        operator_full_name=CONTRACT.operator_full_name,
        services=draw(st.frozensets(st.sampled_from(ServiceKind), min_size=1)),
        categories=draw(st.frozensets(st.sampled_from(Category), min_size=1)),
        access_code=AccessCode(
            draw(st.integers(100, 10**20 - 1).map(str)),
            draw(st.sampled_from(CodeSource)),
            draw(st.none() | DAYS),
            draw(st.integers(0, 3_650)),
            draw(st.integers(0, 3_650)),
        ),
        carrier=draw(st.sampled_from(["sandbox", "loopback_2"])),
        signature=draw(st.sampled_from(["塔城疾控", "塔城市疾控中心宣"])),
        term=term,
        trial=draw(trials(term)),
        tariff=Tariff(
            draw(st.integers(0, 10**12)),
            draw(st.integers(0, HIGH)),
            draw(st.integers(0, 10**12)),
            draw(st.sampled_from(ChargedOn)),
            draw(st.integers(0, 1_000_000)),
        ),
        counting=draw(st.sampled_from(Counting)),
        late_fee_ppm_per_day=draw(st.integers(0, 1_000_000)),
        payment=Payment(
            PaymentKind.GROUP,
            draw(st.booleans()),
            draw(st.integers(1, 120)),
            draw(st.sampled_from(PaymentDue)),
            draw(st.frozensets(st.sampled_from(PaymentMethod), min_size=1)),
        ),
        invoices=Invoices(draw(st.sampled_from(InvoiceKind)), draw(st.integers(0, 120))),
        notices=draw(st.builds(Notices, days, days, days, days, days)),
        service_levels=draw(st.builds(ServiceLevels, hours_, hours_, hours_)),
        limits=draw(limits()),
        complaints=draw(st.none() | ladders()),
        opt_out_words=tuple(draw(st.lists(st.sampled_from(["N", "TD", "不要", "7"]), unique=True))),
        not_opt_out_words=draw(st.frozensets(st.sampled_from(OptOutWord))),
        documents=draw(st.frozensets(st.sampled_from(DocumentKind))),
    )


def test_the_sample_contract_says_what_the_agreement_says() -> None:
    assert CONTRACT.number == "新移塔分政企产品协议[2024]02445号"
    assert CONTRACT.client_full_name == "塔城市疾病预防控制中心"
    assert CONTRACT.operator_full_name == "中国移动通信集团新疆有限公司塔城地区分公司"
    assert CONTRACT.services == {ServiceKind.TEMPLATE_BLACK}
    assert CONTRACT.categories == {Category.VERIFICATION, Category.NOTICE}
    assert (CONTRACT.access_code, CONTRACT.signature) == (AccessCode("1065097332714"), "塔城市疾控中心宣")
    assert CONTRACT.term == Term(date(2024, 11, 20), date(2025, 11, 19), renew_months=12, notice_days=30)
    assert CONTRACT.trial is None
    assert CONTRACT.tariff == Tariff(400_000_000, 1_000_000, 400, ChargedOn.ACCEPTED, 60_000)
    assert CONTRACT.counting is Counting.CHARS_70_67
    assert CONTRACT.late_fee_ppm_per_day == 30_000
    assert CONTRACT.payment == Payment(
        PaymentKind.GROUP, True, 12, PaymentDue.CYCLE_END, frozenset(PaymentMethod)
    )
    assert CONTRACT.invoices.pay_within_months == 3
    assert CONTRACT.notices == Notices(30, 10, 10, 2, 15)
    assert CONTRACT.service_levels == ServiceLevels(6, 48, 24)


def test_the_sample_contract_leaves_nothing_to_be_filled_in() -> None:
    assert to_document(CONTRACT) == DOCUMENT
    assert set(places(DOCUMENT)) <= set(PLACES)


@given(contracts())
def test_a_document_reads_back_as_the_contract_it_was_made_from(contract: Contract) -> None:
    written = json.dumps(to_document(contract))

    assert from_document(json.loads(written)) == contract
    assert to_document(from_document(json.loads(written))) == json.loads(written)


def members(kind: type, pointer: str = "") -> Iterator[str]:
    for each in fields(kind):
        yield each.name
        inner = each.type if isinstance(each.type, type) else None
        if inner is not None and is_dataclass(inner):
            yield from members(inner)


def test_the_full_document_has_every_member_that_a_contract_may_have() -> None:
    assert set(members(Contract)) <= {place.rpartition("/")[2] for place in PLACES}
    assert from_document(FULL).limits.marketing_hours is not None


def test_what_has_a_usual_value_may_be_left_out() -> None:
    for pointer in USUAL:
        document = deepcopy(FULL)
        drop(document, pointer)

        assert isinstance(from_document(document), Contract), pointer


@pytest.mark.parametrize("pointer", sorted(set(PLACES) - USUAL))
def test_what_is_missing_is_told_with_its_place(pointer: str) -> None:
    document = deepcopy(FULL)
    drop(document, pointer)

    assert pointers_of(document) == [pointer]


# No member may have any of these, wherever it stands.
NEVER: list[object] = [1.5, -1, "x\n", "\u200b\x00", [None], [True], {"": 1}]


@pytest.mark.parametrize("value", NEVER, ids=repr)
@pytest.mark.parametrize("pointer", PLACES)
def test_a_wrong_value_is_told_with_its_place_alone(pointer: str, value: object) -> None:
    told = pointers_of(with_value(pointer, value))

    assert told
    assert all(each == pointer or each.startswith(f"{pointer}/") for each in told)


WHOLE = [place for place in PLACES if type(value_at(FULL, place)) is int]


@pytest.mark.parametrize("value", [True, 1.0, "1", "１２", "٣", "1_000", 10**30, [1]], ids=repr)
@pytest.mark.parametrize("pointer", WHOLE)
def test_a_whole_number_is_one_and_nothing_that_looks_like_it(pointer: str, value: object) -> None:
    assert pointers_of(with_value(pointer, value)) == [pointer]


def apart(pointers: list[str]) -> list[str]:
    """Those of which none lies within another."""
    return [p for p in pointers if not any(p.startswith(f"{other}/") for other in pointers)]


@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=12, unique=True).map(apart), st.data())
def test_every_fault_is_told_and_nothing_but_the_faults(broken: list[str], data: st.DataObject) -> None:
    document = deepcopy(FULL)
    for pointer in broken:
        put(document, pointer, data.draw(st.sampled_from(NEVER)))

    told = pointers_of(document)

    assert {next(b for b in broken if t == b or t.startswith(f"{b}/")) for t in told} == set(broken)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), min_size=1, unique=True))
def test_every_member_that_is_not_known_is_told(strange: list[str]) -> None:
    strange = [name for name in strange if name not in FULL]
    document = {**FULL, **dict.fromkeys(strange, 1)}

    if strange:
        expected = {"/" + name.replace("~", "~0").replace("/", "~1") for name in strange}
        assert set(pointers_of(document)) == expected


@pytest.mark.parametrize(
    ("pointer", "value", "told"),
    [
        ("/extra", 1, ["/extra"]),
        ("/term/a~1b", 1, ["/term/a~01b"]),
        ("/version", 10_000, ["/version"]),
        ("/version", "1", ["/version"]),
        ("/version", True, ["/version"]),
        ("/number", "a#b", ["/number"]),
        ("/number", "合同٣号", ["/number"]),
        ("/number", "合同３号", ["/number"]),
        ("/number", "合同（3）号", ["/number"]),
        ("/number", "合同\u200b3号", ["/number"]),
        ("/number", "合同〔3〕号", []),
        ("/client_full_name", "塔城\u200b市疾病预防控制中心", ["/client_full_name"]),
        ("/client_full_name", "塔城市\ufa19康中心", ["/client_full_name"]),
        ("/client_full_name", "塔城市第３医院", ["/client_full_name"]),
        ("/client_full_name", "塔城市第٣医院", ["/client_full_name"]),
        ("/client_full_name", "塔城市\u3000医院", ["/client_full_name"]),
        ("/client_full_name", "塔城（新疆）有限公司", []),
        ("/operator_full_name", "移动\u2060公司", ["/operator_full_name"]),
        ("/services", ["template_black", "gold", 7], ["/services/1", "/services/2"]),
        ("/services", ["template_black", "template_black"], ["/services"]),
        ("/services", [], ["/services"]),
        ("/documents", [], []),
        ("/categories", [["notice"]], ["/categories/0"]),
        ("/not_opt_out_words", ["TD", "R", "td"], ["/not_opt_out_words/1", "/not_opt_out_words/2"]),
        ("/signature", "疾控", ["/signature"]),
        ("/signature", "塔城CDC", ["/signature"]),
        ("/access_code/code", "1065097332714" * 2, ["/access_code/code"]),
        ("/access_code/code", "10650９", ["/access_code/code"]),
        ("/access_code", "1065097332714", ["/access_code"]),
        ("/effective_on", "20241120", ["/effective_on"]),
        ("/effective_on", "2025-02-29", ["/effective_on"]),
        ("/effective_on", "1899-12-31", ["/effective_on"]),
        ("/payment/prepaid", 1, ["/payment/prepaid"]),
        ("/term/end_on", "2024-11-19", ["/term/end_on"]),
        ("/term/terminated_on", "2024-11-19", ["/term/terminated_on"]),
        ("/trial/start_on", "2024-11-19", ["/trial"]),
        ("/trial/days", 366, ["/trial"]),
        ("/trial/days", 365, []),
        ("/amendment/agreed_on", "2025-01-19", ["/amendment/agreed_on"]),
        ("/limits/recipients_max", 5_001, ["/limits/recipients_max"]),
        ("/limits/recipients_max", None, ["/limits/recipients_max"]),
        ("/limits/units/per_day/warn", 10_001, ["/limits/units/per_day/warn"]),
        ("/limits/frequency/spam", [], ["/limits/frequency/spam"]),
        ("/limits/frequency/notice", [], ["/limits/frequency/notice"]),
        ("/limits/frequency/notice", [1, {}], ["/limits/frequency/notice/0"]),
        ("/limits/frequency/notice", [{"messages": 1, "within_s": 1}] * 10, []),
        ("/limits/frequency/notice", [{"messages": 1, "within_s": 1}] * 11, ["/limits/frequency/notice"]),
        (
            "/limits/frequency/notice",
            [{"messages": 0, "within_s": 60}, {"messages": 1}],
            ["/limits/frequency/notice/0/messages", "/limits/frequency/notice/1/within_s"],
        ),
        ("/limits/marketing_hours/close", "08:00", ["/limits/marketing_hours/close"]),
        ("/limits/marketing_hours/close", "24:00", ["/limits/marketing_hours/close"]),
        ("/limits/marketing_hours/close", "9:00", ["/limits/marketing_hours/close"]),
        ("/limits/marketing_hours/close", "09:00:00", ["/limits/marketing_hours/close"]),
        ("/complaints/slow_ppm", 49, ["/complaints/slow_ppm"]),
        ("/complaints/slow_ppm", 201, ["/complaints/stop_marketing_ppm"]),
        ("/late_fee_ppm_per_day", 1_000_001, ["/late_fee_ppm_per_day"]),
    ],
)
def test_a_document_is_read_strictly(pointer: str, value: object, told: list[str]) -> None:
    document = with_value(pointer, value)

    if told:
        assert pointers_of(document) == told
    else:
        from_document(document)


@pytest.mark.parametrize(
    ("pointer", "clause"),
    [
        ("/services", "2.1.1"),
        ("/access_code/code", "2.1.8"),
        ("/access_code/quarantine_days", "2.2.11"),
        ("/signature", "2.1.9"),
        ("/term/end_on", "9"),
        ("/trial/days", "3.1.1"),
        ("/tariff/annual_fee_hao", "A1"),
        ("/late_fee_ppm_per_day", "6.3"),
        ("/payment/due", "3.2.1"),
        ("/payment/methods", "3.2.2"),
        ("/invoices/kind", "3.2.6"),
        ("/notices/breach_days", "6.2"),
        ("/service_levels/client_complaint_hours", "2.1.13"),
        ("/limits/frequency/verification/0/messages", "11.3.17"),
        ("/complaints/warn_ppm", "2.1.6"),
        ("/not_opt_out_words", "2.1.16"),
        ("/documents", "2.1.5"),
        ("/carrier", None),
    ],
)
def test_a_fault_cites_the_clause_that_asks_for_the_right_form(pointer: str, clause: str | None) -> None:
    (fault,) = faults_of(with_value(pointer, -1))

    assert (fault.pointer, fault.clause) == (pointer, clause)


@given(st.sampled_from(PLACES), JSON)
def test_no_json_does_worse_than_be_refused(pointer: str, value: object) -> None:
    document = with_value(pointer, value)
    try:
        contract = from_document(document)
    except InvalidInput:
        return

    assert from_document(to_document(contract)) == contract


@given(st.lists(st.sampled_from(PLACES), max_size=6, unique=True).map(apart))
def test_what_can_be_read_is_warned_of_whatever_cannot(broken: list[str]) -> None:
    document = deepcopy(FULL)
    for pointer in broken:
        put(document, pointer, {"": 1})

    contract, faults = read(document)
    unread = {fault.pointer.split("/")[1] for fault in faults}

    told = warnings(contract, unread=unread)
    assert set(told) <= set(warnings(from_document(FULL)))
    assert {each.path.split("/")[1] for each in told}.isdisjoint(unread)
    if not unread:
        assert told == warnings(from_document(FULL))


def test_a_trial_ends_on_its_last_day() -> None:
    trial = Trial(date(2024, 11, 20), 30, 500)

    assert trial.end_on == trial.start_on + timedelta(days=29)


def test_no_two_contract_numbers_look_alike() -> None:
    taken = [chr(point) for point in range(0x110000) if NUMBER.fullmatch(chr(point))]

    assert {each for each in taken if each.isdecimal()} == set("0123456789")
    assert [each for each in taken if unicodedata.normalize("NFKC", each) != each or is_unseen(each)] == []
