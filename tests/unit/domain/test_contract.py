"""The contract as data."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import (
    Category,
    Contract,
    PaymentDue,
    ServiceKind,
    contract_in_force,
    from_document,
    to_document,
    warnings,
)
from openmas.domain.tariff import ChargedOn, Tariff
from openmas.domain.term import Term
from openmas.domain.units import Counting
from openmas.errors import InvalidInput

SAMPLE = Path(__file__).parents[3] / "infra/local/sample/contract.json"
DOCUMENT: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
CONTRACT = from_document(DOCUMENT)
DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = [(name,) for name in DOCUMENT] + [
    (part, name) for part in ("term", "tariff") for name in DOCUMENT[part]
]


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    start_on, end_on = sorted((draw(DAYS), draw(DAYS)))
    return Contract(
        number=draw(st.sampled_from([CONTRACT.number, "C-1", "合同（2025）1号"])),
        version=draw(st.integers(1, 9_999)),
        effective_on=draw(DAYS),
        client_full_name=draw(st.sampled_from([CONTRACT.client_full_name, "Tacheng CDC"])),
        services=draw(st.frozensets(st.sampled_from(ServiceKind), min_size=1)),
        categories=draw(st.frozensets(st.sampled_from(Category), min_size=1)),
        access_code=draw(st.integers(100, 10**20 - 1).map(str)),
        carrier=draw(st.sampled_from(["sandbox", "loopback_2"])),
        signature=draw(st.sampled_from(["塔城疾控", "塔城市疾控中心宣"])),
        term=Term(
            start_on,
            end_on,
            draw(st.integers(0, 120)),
            draw(st.integers(0, 366)),
            draw(st.none() | st.integers(0, 100)),
            draw(st.none() | DAYS),
            draw(st.integers(0, 3_650)),
        ),
        tariff=draw(
            st.builds(
                Tariff,
                st.integers(0, 10**12),
                st.integers(0, 10**10),
                st.integers(0, 10**12),
                st.sampled_from(ChargedOn),
            )
        ),
        counting=draw(st.sampled_from(Counting)),
        late_fee_ppm_per_day=draw(st.integers(0, 1_000_000)),
        payment_due=draw(st.sampled_from(PaymentDue)),
        prepaid=draw(st.booleans()),
        recipients_max=draw(st.integers(1, 5_000)),
    )


def with_value(path: tuple[str, ...], value: object) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return document


def pointer_of(document: dict[str, Any]) -> str:
    with pytest.raises(InvalidInput) as caught:
        from_document(document)
    return caught.value.faults[0].pointer


def test_the_sample_contract_says_what_the_agreement_says() -> None:
    assert CONTRACT.number == "新移塔分政企产品协议[2024]02445号"
    assert CONTRACT.client_full_name == "塔城市疾病预防控制中心"
    assert CONTRACT.services == {ServiceKind.TEMPLATE_BLACK}
    assert CONTRACT.categories == {Category.VERIFICATION, Category.NOTICE}
    assert (CONTRACT.access_code, CONTRACT.signature) == ("1065097332714", "塔城市疾控中心宣")
    assert CONTRACT.term == Term(date(2024, 11, 20), date(2025, 11, 19), renew_months=12, notice_days=30)
    assert CONTRACT.tariff == Tariff(400_000_000, 1_000_000, 400, ChargedOn.ACCEPTED)
    assert CONTRACT.counting is Counting.CHARS_70_67
    assert (CONTRACT.late_fee_ppm_per_day, CONTRACT.prepaid) == (30_000, True)
    assert CONTRACT.payment_due is PaymentDue.CYCLE_END
    assert CONTRACT.recipients_max == 5_000


@given(contracts())
def test_a_document_reads_back_as_the_contract_it_was_made_from(contract: Contract) -> None:
    written = json.dumps(to_document(contract))

    assert from_document(json.loads(written)) == contract
    assert to_document(from_document(json.loads(written))) == json.loads(written)


def test_what_has_a_usual_value_may_be_left_out() -> None:
    document = deepcopy(DOCUMENT)
    for part, name in [("term", "renewals_max"), ("term", "objection_received_on"), ("tariff", "charged_on")]:
        del document[part][name]
    del document["recipients_max"]

    assert from_document(document) == CONTRACT


@pytest.mark.parametrize("path", PATHS, ids="/".join)
def test_a_wrong_value_is_told_with_its_place(path: tuple[str, ...]) -> None:
    wrong: list[object] = [
        1 if path == ("prepaid",) else True,
        -1,
        1.5,
        "",
        "x\n",
        "\u200b\x00",
        [],
        {},
        [None],
    ]

    told = [pointer_of(with_value(path, value)) for value in wrong]

    assert all(pointer.startswith("/" + "/".join(path)) for pointer in told)


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("extra",), 1, "/extra"),
        (("term", "a/b"), 1, "/term/a~1b"),
        (("version",), 10_000, "/version"),
        (("version",), "1", "/version"),
        (("number",), "a#b", "/number"),
        (("services",), ["template_black", "gold"], "/services/1"),
        (("services",), ["template_black", "template_black"], "/services"),
        (("categories",), [["notice"]], "/categories/0"),
        (("signature",), "疾控", "/signature"),
        (("signature",), "塔城CDC", "/signature"),
        (("access_code",), "1065097332714" * 2, "/access_code"),
        (("effective_on",), "20241120", "/effective_on"),
        (("effective_on",), "2025-02-29", "/effective_on"),
        (("effective_on",), "1899-12-31", "/effective_on"),
        (("term", "end_on"), "2024-11-19", "/term/end_on"),
        (("recipients_max",), 5_001, "/recipients_max"),
        (("late_fee_ppm_per_day",), 1_000_001, "/late_fee_ppm_per_day"),
    ],
)
def test_a_document_is_read_strictly(path: tuple[str, ...], value: object, pointer: str) -> None:
    assert pointer_of(with_value(path, value)) == pointer


@pytest.mark.parametrize("name", DOCUMENT.keys() - {"recipients_max"})
def test_what_is_missing_is_told(name: str) -> None:
    document = {key: value for key, value in DOCUMENT.items() if key != name}

    assert pointer_of(document) == f"/{name}"


@given(st.sampled_from(PATHS), JSON)
def test_no_json_does_worse_than_be_refused(path: tuple[str, ...], value: object) -> None:
    document = with_value(path, value)
    try:
        contract = from_document(document)
    except InvalidInput:
        return

    assert from_document(to_document(contract)) == contract


def test_the_sample_contract_is_warned_of_in_three_places() -> None:
    assert [(each.path, each.clause) for each in warnings(CONTRACT)] == [
        ("/late_fee_ppm_per_day", "6.3"),
        ("/payment_due", "3.2.1"),
        ("/signature", "2.1.9"),
    ]
    assert "宣 is not in the full name" in warnings(CONTRACT)[2].text


@pytest.mark.parametrize(
    ("signature", "clauses"),
    [("塔城市疾控中心", []), ("塔城市疾控中心宣", ["2.1.9"]), ("疾控中心塔城市", ["2.1.9"])],
)
def test_a_signature_that_a_person_has_to_pass_is_warned_of(signature: str, clauses: list[str]) -> None:
    plain = replace(CONTRACT, late_fee_ppm_per_day=3_000, prepaid=False, signature=signature)

    assert [each.clause for each in warnings(plain)] == clauses


@pytest.mark.parametrize(
    ("late_fee_ppm", "due", "prepaid", "clauses"),
    [
        (3_000, PaymentDue.CYCLE_END, False, []),
        (3_001, PaymentDue.CYCLE_END, False, ["6.3"]),
        (3_000, PaymentDue.CYCLE_START, True, []),
        (3_000, PaymentDue.CYCLE_END, True, ["3.2.1"]),
    ],
)
def test_warnings_cite_their_clause(
    late_fee_ppm: int, due: PaymentDue, prepaid: bool, clauses: list[str]
) -> None:
    contract = replace(
        CONTRACT,
        late_fee_ppm_per_day=late_fee_ppm,
        payment_due=due,
        prepaid=prepaid,
        signature="塔城市疾控中心",
    )

    assert [each.clause for each in warnings(contract)] == clauses


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2024, 11, 19), None),
        (date(2024, 11, 20), 1),
        (date(2024, 12, 31), 1),
        (date(2025, 1, 1), 3),
        (date(2025, 5, 31), 3),
        (date(2025, 6, 1), 2),
    ],
)
def test_the_version_in_force_is_the_one_that_took_effect_last(on: date, version: int | None) -> None:
    versions = [
        replace(CONTRACT, version=3, effective_on=date(2025, 1, 1)),
        replace(CONTRACT, version=2, effective_on=date(2025, 6, 1)),
        CONTRACT,
        replace(CONTRACT, version=2, effective_on=date(2025, 1, 1)),
    ]

    found = contract_in_force(versions, on)

    assert (found and found.version) == version


def test_without_versions_no_contract_is_in_force() -> None:
    assert contract_in_force([], date(2025, 1, 1)) is None
