"""/v1/operator/clients/{client}/lists, as operators and auditors meet it."""

from base64 import urlsafe_b64decode
from typing import Any

import pytest

from openmas.domain.listing import BLACK, WHITE, Act, ListEntry
from openmas.edge.seals import seal_cursor
from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway, Told

TOP = f"/v1/operator/clients/{sample.CLIENT}/lists"
ACTS, ONE = f"{TOP}/black/acts", "13800130001"


def checking() -> Gateway:
    gateway = Gateway("check_lists")
    gateway.world.lists.change(
        sample.CLIENT, BLACK, Act.ADDED, [ListEntry(ONE, "key crm", sample.NOW, "asked us")]
    )
    return gateway


def ask(gateway: Gateway, method: str, path: str, body: object = None, **odd: Any) -> Told:
    return gateway.ask(method, path, body, **{"claims": OPERATOR, **odd})


def b64(cursor: str) -> bytes:
    """What anybody can read in a cursor."""
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def test_an_entry_is_frozen_seen_and_struck() -> None:
    gateway = checking()

    frozen = ask(gateway, "POST", ACTS, {"act": "frozen", "numbers": [ONE, "x"], "why": "court order"})
    seen = ask(gateway, "GET", f"{TOP}/black/numbers/{ONE}", claims=AUDITOR)
    struck = ask(gateway, "POST", ACTS, {"act": "struck", "numbers": [ONE], "why": "by mistake"})

    assert (frozen.json["frozen"], [each["index"] for each in frozen.json["refused"]]) == (1, [1])
    assert (seen.json["frozen"], seen.json["why"]) == (True, "asked us")
    assert struck.json == {"struck": 1, "refused": []}
    assert gateway.world.lists.entry(sample.CLIENT, BLACK, ONE) is None


def test_a_whole_list_is_frozen_and_shown_so() -> None:
    gateway = checking()
    scope = {"scope": "category:marketing"}

    told = ask(gateway, "POST", f"{TOP}/white/acts", {"act": "frozen", "why": "no forms"}, query=scope)

    shown = ask(gateway, "GET", TOP, claims=AUDITOR).json["lists"]
    freeze = {"by": OPERATOR["sub"], "at": "2025-11-24T01:30:00Z", "why": "no forms"}
    assert told.json == {"act": "frozen", "list": "white", "scope": "category:marketing"}
    assert shown == [
        {"list": "black", "scope": None, "frozen": None},
        {"list": "white", "scope": "category:marketing", "frozen": freeze},
    ]


def test_the_changes_are_told_without_whole_numbers() -> None:
    gateway = checking()

    told = ask(gateway, "GET", f"{TOP}/black/changes", claims=AUDITOR, query={"limit": "1"})

    (change,) = told.json["changes"]
    assert (change["act"], change["by"], change["numbers"]) == ("added", "key crm", ["138****0001"])
    assert told.json["cursor"] is None


def test_a_whole_list_is_gone_through_page_by_page_and_no_number_is_told() -> None:
    gateway, numbers = checking(), sample.numbers(5)
    entries = [ListEntry(number, "key crm", sample.NOW, "staff", sample.CONSENT) for number in numbers]
    gateway.world.lists.change(sample.CLIENT, WHITE, Act.ADDED, entries)
    gateway.world.lists.change(sample.CLIENT, WHITE, Act.FROZEN, entries[4:])

    found, query, pages = list[Any](), {"limit": "2"}, 0
    while True:
        told = ask(gateway, "GET", f"{TOP}/white/numbers", claims=AUDITOR, query=query)
        assert not any(number in told.text for number in numbers)
        found, pages = found + told.json["numbers"], pages + 1
        if told.json["cursor"] is None:
            break
        assert not any(number.encode() in b64(told.json["cursor"]) for number in numbers)
        query = {"limit": "2", "cursor": told.json["cursor"]}

    assert pages == 3
    assert [each["number"] for each in found] == [f"138****000{n}" for n in range(5)]
    assert [each["frozen"] for each in found] == [False] * 4 + [True]
    evidence = {"basis": sample.CONSENT.basis, "evidence": sample.CONSENT.evidence}
    assert {(each["why"], tuple(each["consent"].items())) for each in found} == {
        ("staff", tuple(evidence.items()))
    }


def test_a_clients_own_cursor_does_not_open_the_operators_listing() -> None:
    gateway = checking()
    clients = seal_cursor(gateway.world.seal.key("cursor"), sample.CLIENT, "numbers of black", ONE)

    told = ask(gateway, "GET", f"{TOP}/black/numbers", query={"cursor": clients})

    assert told.code == "cursor_invalid"


@pytest.mark.parametrize(
    ("method", "path", "body", "odd", "status", "code"),
    [
        ("POST", ACTS, {"act": "frozen", "why": "x"}, {"claims": AUDITOR}, 403, "role_missing"),
        ("POST", ACTS, {"act": "frozen", "why": "x"}, {"claims": {"sub": "p"}}, 403, "role_missing"),
        ("POST", ACTS, {"act": "struck", "why": "x"}, {}, 400, "act_unknown"),
        ("POST", ACTS, {"act": "added", "numbers": [ONE], "why": "x"}, {}, 400, "body_invalid"),
        ("POST", ACTS, {"act": "frozen"}, {}, 400, "body_invalid"),
        ("POST", ACTS, {"act": "frozen", "numbers": [], "why": "x"}, {}, 400, "body_invalid"),
        ("POST", ACTS, {"act": "frozen", "numbers": None, "why": "x"}, {}, 400, "body_invalid"),
        ("POST", f"{TOP}/grey/acts", {"act": "frozen", "why": "x"}, {}, 404, "kind_unknown"),
        ("GET", "/v1/operator/clients/nobody/lists", None, {}, 404, "client_unknown"),
        ("GET", f"{TOP}/black/numbers/13800130007", None, {}, 404, "number_not_listed"),
        ("GET", f"{TOP}/black/changes", None, {"query": {"month": "x"}}, 400, "query_invalid"),
        ("GET", f"{TOP}/black/numbers", None, {"claims": {"sub": "p"}}, 403, "role_missing"),
        ("GET", f"{TOP}/grey/numbers", None, {}, 404, "kind_unknown"),
        ("GET", f"{TOP}/black/numbers", None, {"query": {"why": "x"}}, 400, "query_invalid"),
        ("GET", f"{TOP}/black/numbers", None, {"query": {"scope": "x"}}, 400, "scope_malformed"),
        ("GET", "/v1/operator/clients/nobody/lists/black/numbers", None, {}, 404, "client_unknown"),
    ],
)
def test_a_bad_request_is_refused_and_changes_nothing(
    method: str, path: str, body: object, odd: dict[str, Any], status: int, code: str
) -> None:
    gateway = checking()
    before = gateway.world.lists.clock(sample.CLIENT)

    told = ask(gateway, method, path, body, **odd)

    assert (told.status, told.code) == (status, code)
    assert gateway.world.lists.clock(sample.CLIENT) == before
