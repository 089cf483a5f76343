"""Blocked addresses over HTTP: operators keep them, and every address for clients is closed to them."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway
from tests.fakes.world import FakeWorld

ADDRESSES = "/v1/operator/addresses"
BLOCKED = {"ranges": ["203.0.113.0/24"], "until": "2025-12-01T00:00:00+08:00", "why": "an attack"}
LIFTED = {"ranges": ["203.0.113.0/24"], "why": "it is over"}
WHO = {"by": "p-operator", "at": "2025-11-24T01:30:00Z"}
FUNCTIONS = Path(__file__).parents[3] / "functions"
# One address of each function that clients call, with the method that needs least.
OF_CLIENTS = {
    "submit_batches": ("POST", "/v1/batches"),
    "cancel_batches": ("DELETE", "/v1/batches/202511240aaaaaaaaaaaa"),
    "read_messages": ("GET", "/v1/usage"),
    "read_decisions": ("GET", "/v1/batches/202511240aaaaaaaaaaaa/decisions"),
    "keep_lists": ("GET", "/v1/lists/black/numbers"),
    "order_transfers": ("GET", "/v1/lists/black/imports/aaaaaaaaaaaaaaaaaaaa"),
    "handle_complaints": ("GET", "/v1/complaints"),
    "keep_measures": ("GET", "/v1/measures"),
    "keep_signatures": ("GET", "/v1/signatures"),
    "keep_templates": ("GET", "/v1/templates"),
}


def keeping() -> Gateway:
    return Gateway("keep_addresses", FakeWorld())


def test_an_operator_blocks_addresses_lists_them_lifts_them_and_reads_what_was_done() -> None:
    gateway = keeping()

    blocked = gateway.ask("POST", ADDRESSES, BLOCKED, claims=OPERATOR)
    listed = gateway.ask("GET", ADDRESSES, claims=AUDITOR)
    lifted = gateway.ask("DELETE", ADDRESSES, LIFTED, claims=OPERATOR)
    first = gateway.ask("GET", f"{ADDRESSES}/changes", claims=AUDITOR, query={"limit": "1"}).json
    rest = gateway.ask("GET", f"{ADDRESSES}/changes", claims=AUDITOR, query={"cursor": first["cursor"]}).json

    assert blocked.json == {"version": 1, "of": 1}
    until = {"until": "2025-11-30T16:00:00Z"}
    assert listed.json == {
        "version": 1,
        "of": 1,
        "addresses": [{"range": "203.0.113.0/24", **until, **WHO, "why": "an attack"}],
        "cursor": None,
    }
    assert lifted.json == {"version": 2, "of": 0}
    ranges = {"ranges": ["203.0.113.0/24"]}
    assert first["changes"] == [
        {"version": 2, "act": "lifted", **ranges, "until": None, **WHO, "why": "it is over"}
    ]
    assert rest == {
        "changes": [{"version": 1, "act": "blocked", **ranges, **until, **WHO, "why": "an attack"}],
        "cursor": None,
    }


def test_a_long_list_comes_page_by_page() -> None:
    gateway = keeping()
    wanted = {f"203.0.113.{n}/32" for n in range(5)}
    gateway.ask("POST", ADDRESSES, {"ranges": sorted(wanted), "why": "many"}, claims=OPERATOR)

    first = gateway.ask("GET", ADDRESSES, claims=OPERATOR, query={"limit": "3"}).json
    rest = gateway.ask("GET", ADDRESSES, claims=OPERATOR, query={"cursor": first["cursor"]}).json

    assert [len(page["addresses"]) for page in (first, rest)] == [3, 2]
    assert {each["range"] for each in first["addresses"] + rest["addresses"]} == wanted
    assert rest["cursor"] is None


@pytest.mark.parametrize(
    ("method", "body", "claims", "status", "code"),
    [
        ("GET", None, {}, 403, "role_missing"),
        ("POST", BLOCKED, AUDITOR, 403, "role_missing"),
        ("DELETE", LIFTED, AUDITOR, 403, "role_missing"),
        ("POST", {"ranges": BLOCKED["ranges"]}, OPERATOR, 400, "body_invalid"),
        ("POST", {**BLOCKED, "ranges": []}, OPERATOR, 400, "body_invalid"),
        ("POST", {**BLOCKED, "ranges": "203.0.113.7"}, OPERATOR, 400, "body_invalid"),
        ("POST", {**BLOCKED, "ranges": ["203.0.113.7"] * 1_001}, OPERATOR, 400, "body_invalid"),
        ("POST", {**BLOCKED, "until": "2025-12-01"}, OPERATOR, 400, "body_invalid"),
        ("POST", {**BLOCKED, "by": "somebody else"}, OPERATOR, 400, "body_invalid"),
        ("POST", {**BLOCKED, "ranges": ["0.0.0.0/0"]}, OPERATOR, 400, "body_invalid"),
        ("DELETE", LIFTED, OPERATOR, 404, "address_not_blocked"),
        ("DELETE", {"ranges": LIFTED["ranges"]}, OPERATOR, 400, "body_invalid"),
    ],
)
def test_whoever_may_not_or_asks_wrongly_changes_nothing(
    method: str, body: Any, claims: dict[str, str], status: int, code: str
) -> None:
    gateway = keeping()

    told = gateway.ask(method, ADDRESSES, body, claims=claims)

    assert (told.status, told.code) == (status, code)
    assert gateway.world.addresses.newest().version == 0


def test_every_function_that_clients_call_is_looked_at() -> None:
    knowing = {
        path.parent.name
        for path in FUNCTIONS.glob("*/handler.py")
        if re.search(r"\bclient_calling\(", path.read_text(encoding="utf-8"))
    }

    assert knowing == set(OF_CLIENTS)


@pytest.mark.parametrize("function", OF_CLIENTS)
@pytest.mark.parametrize("good", [True, False], ids=["with a good key", "with a wrong one"])
def test_from_a_blocked_address_nothing_is_done_and_no_key_is_tried(function: str, good: bool) -> None:
    gateway = Gateway(function)
    key = gateway.key() if good else "tacheng-cdc.live.guessed"
    # The gateway's test caller.
    block = {"ranges": ["192.0.2.7"], "why": "a stolen key"}
    Gateway("keep_addresses", gateway.world).ask("POST", ADDRESSES, block, claims=OPERATOR)

    told = gateway.ask(*OF_CLIENTS[function], key=key, headers={"x-forwarded-for": "198.51.100.1"})

    assert (told.status, told.code, told.json["clause"]) == (403, "address_blocked", "11.9")


@pytest.mark.parametrize("forwarded", ["203.0.113.7", "203.0.113.7, 192.0.2.7", "9" * 100_000, "\ud800"])
def test_an_address_that_a_caller_claims_to_come_from_counts_for_nothing(forwarded: str) -> None:
    gateway = Gateway("read_messages")
    Gateway("keep_addresses", gateway.world).ask("POST", ADDRESSES, BLOCKED, claims=OPERATOR)

    told = gateway.ask("GET", "/v1/usage", key=gateway.key(), headers={"x-forwarded-for": forwarded})

    assert told.status == 200
