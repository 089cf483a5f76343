"""/v1/operator/cases, as operators meet it."""

from datetime import timedelta

import pytest

from openmas.domain.case import Case
from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway

CASES = "/v1/operator/cases"
ONE = f"{CASES}/tacheng-cdc/unknown:202511240aaaaaaaaaaaa-0000"
CLOSING = {"outcome": "settled", "why": "The carrier's own records prove it."}


def keeping() -> Gateway:
    gateway = Gateway("keep_cases")
    gateway.world.cases.open(sample.case())
    return gateway


def test_an_operator_sees_what_is_open_and_closes_it_with_a_reason() -> None:
    gateway = keeping()

    listed = gateway.ask("GET", CASES, claims=OPERATOR, query={"kind": "unknown"})
    closed = gateway.ask("POST", f"{ONE}/closing", CLOSING, claims=OPERATOR)

    (case,) = listed.json["cases"]
    assert listed.json["cursor"] is None
    assert case == {
        "case": "unknown:202511240aaaaaaaaaaaa-0000",
        "client": sample.CLIENT,
        "kind": "unknown",
        "on": "2025-11-24",
        "due_at": "2025-11-26T01:30:00Z",
        "detail": "3 messages",
        "closing": None,
    }
    closing = {"by": "p-operator", "at": "2025-11-24T01:30:00Z", **CLOSING}
    assert closed.json == {**case, "closing": closing}
    assert gateway.ask("GET", ONE, claims=AUDITOR).json == closed.json
    assert gateway.ask("GET", CASES, claims=OPERATOR).json == {"cases": [], "cursor": None}


def test_a_carriers_case_can_be_named_in_an_address() -> None:
    gateway = keeping()
    orphan = Case("orphan#loopback#20251123", "#carrier#loopback", "orphan", sample.TODAY, sample.NOW, "2")
    gateway.world.cases.open(orphan)

    told = gateway.ask("GET", f"{CASES}/:carrier:loopback/orphan:loopback:20251123", claims=OPERATOR)

    assert (told.status, told.json["client"]) == (200, ":carrier:loopback")


def test_a_long_list_comes_page_by_page() -> None:
    gateway = Gateway("keep_cases")
    cases = [sample.case(due_at=sample.NOW + timedelta(minutes=n)) for n in range(5)]
    for n, case in enumerate(cases):
        gateway.world.cases.open(Case(f"break#{n}", case.client, "break", case.on, case.due_at, ""))

    seen, cursor = [], None
    for _ in range(3):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = gateway.ask("GET", CASES, claims=OPERATOR, query=query).json
        seen += [case["case"] for case in page["cases"]]
        cursor = page["cursor"]

    assert seen == [f"break:{n}" for n in range(5)]
    assert cursor is None


@pytest.mark.parametrize(
    ("method", "path", "body", "claims", "status", "code"),
    [
        ("GET", CASES, None, {}, 403, "role_missing"),
        ("POST", f"{ONE}/closing", CLOSING, AUDITOR, 403, "role_missing"),
        ("POST", f"{ONE}/closing", {"outcome": "settled"}, OPERATOR, 400, "body_invalid"),
        ("POST", f"{ONE}/closing", {**CLOSING, "outcome": "passed"}, OPERATOR, 400, "body_invalid"),
        ("POST", f"{ONE}/closing", {**CLOSING, "by": "me"}, OPERATOR, 400, "body_invalid"),
        ("GET", f"{ONE}1", None, OPERATOR, 404, "case_unknown"),
        ("DELETE", ONE, None, OPERATOR, 405, "method_not_allowed"),
    ],
)
def test_what_may_not_be_is_refused(
    method: str, path: str, body: object, claims: dict[str, str], status: int, code: str
) -> None:
    told = keeping().ask(method, path, body, claims=claims)

    assert (told.status, told.code) == (status, code)


def test_a_case_that_is_closed_otherwise_is_a_conflict() -> None:
    gateway = keeping()
    gateway.ask("POST", f"{ONE}/closing", CLOSING, claims=OPERATOR)

    again = gateway.ask("POST", f"{ONE}/closing", {**CLOSING, "outcome": "unfounded"}, claims=OPERATOR)

    assert (again.status, again.code) == (409, "case_closed")
