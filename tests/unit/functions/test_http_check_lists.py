"""/v1/operator/clients/{client}/lists, as operators and auditors meet it."""

from typing import Any

import pytest

from openmas.domain.listing import BLACK, Act, ListEntry
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


@pytest.mark.parametrize(
    ("method", "path", "body", "odd", "status", "code"),
    [
        ("POST", ACTS, {"act": "frozen", "why": "x"}, {"claims": AUDITOR}, 403, "role_missing"),
        ("POST", ACTS, {"act": "frozen", "why": "x"}, {"claims": {"sub": "p"}}, 403, "role_missing"),
        ("POST", ACTS, {"act": "struck", "why": "x"}, {}, 400, "act_unknown"),
        ("POST", ACTS, {"act": "added", "numbers": [ONE], "why": "x"}, {}, 400, "body_invalid"),
        ("POST", ACTS, {"act": "frozen"}, {}, 400, "body_invalid"),
        ("POST", ACTS, {"act": "frozen", "numbers": [], "why": "x"}, {}, 400, "body_invalid"),
        ("POST", f"{TOP}/grey/acts", {"act": "frozen", "why": "x"}, {}, 404, "kind_unknown"),
        ("GET", "/v1/operator/clients/nobody/lists", None, {}, 404, "client_unknown"),
        ("GET", f"{TOP}/black/numbers/13800130007", None, {}, 404, "number_not_listed"),
        ("GET", f"{TOP}/black/changes", None, {"query": {"month": "x"}}, 400, "query_invalid"),
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
