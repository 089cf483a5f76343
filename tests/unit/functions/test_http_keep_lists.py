"""/v1/lists/{kind}/numbers, as clients meet it."""

import logging
from typing import Any

import pytest

from openmas.domain import listing
from openmas.domain.listing import ListKind, ListName
from openmas.domain.profile import Client, Mode, Scope
from tests.fakes import sample
from tests.fakes.gateway import Gateway, client_key
from tests.fakes.world import FakeWorld

BLACK = "/v1/lists/black/numbers"
OPTOUT = "/v1/lists/optout/numbers"


def keeping() -> tuple[Gateway, str]:
    gateway = Gateway("keep_lists")
    return gateway, gateway.key(scopes=frozenset({Scope.LISTS}), label="crm")


def listed(world: FakeWorld, kind: ListName = listing.BLACK) -> set[str]:
    return set(world.lists.entries[sample.CLIENT, kind])


def test_good_numbers_are_listed_and_bad_ones_come_back_with_their_reasons() -> None:
    gateway, key = keeping()

    body = {"numbers": ["+86 138 0013 0001", "bad", "13800130001", "13800130002"], "why": "asked us"}
    told = gateway.ask("POST", BLACK, body, key=key)

    assert told.status == 200
    assert told.json["kept"] == 2
    assert [(each["index"], each["code"]) for each in told.json["refused"]] == [
        (1, "number_malformed"),
        (2, "number_duplicate"),
    ]
    assert listed(gateway.world) == {"13800130001", "13800130002"}


def test_an_entry_says_who_put_it_there_when_and_why() -> None:
    gateway, key = keeping()
    gateway.ask("POST", BLACK, {"numbers": ["13800130001"], "why": "asked us"}, key=key)

    told = gateway.ask("GET", f"{BLACK}/%2B8613800130001", key=key)

    assert told.json == {
        "number": "13800130001",
        "by": "key crm",
        "at": "2025-11-24T01:30:00Z",
        "why": "asked us",
        "consent": None,
        "frozen": False,
    }


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_ten_thousand_numbers_fit_into_one_request(method: str) -> None:
    gateway, key = keeping()

    told = gateway.ask(method, BLACK, {"numbers": list(sample.numbers(10_000)), "why": "asked us"}, key=key)

    assert told.json == {"kept" if method == "POST" else "struck": 10_000, "refused": []}


def test_a_white_entry_carries_its_consent_and_a_black_one_none() -> None:
    gateway, key = keeping()
    consent = {"basis": "employee", "evidence": "staff list of May"}
    body = {"numbers": ["13800130001"], "why": "staff", "consent": consent}

    kept = gateway.ask("POST", "/v1/lists/white/numbers", body, key=key)
    misplaced = gateway.ask("POST", BLACK, body, key=key)
    vague = gateway.ask("POST", BLACK, {**body, "consent": {"basis": "hearsay", "evidence": "x"}}, key=key)

    assert kept.status == 200
    found = gateway.ask("GET", "/v1/lists/white/numbers/13800130001", key=key)
    assert found.json["consent"] == consent
    assert [(each.status, each.code) for each in (misplaced, vague)] == [
        (400, "consent_misplaced"),
        (400, "body_invalid"),
    ]


def test_a_list_may_be_limited_and_is_then_another_one() -> None:
    gateway, key = keeping()
    scope = {"scope": "category:marketing"}
    gateway.ask("POST", OPTOUT, {"numbers": ["13800130001"], "why": "asked us"}, key=key, query=scope)

    limited = gateway.ask("GET", OPTOUT, key=key, query=scope)
    whole = gateway.ask("GET", OPTOUT, key=key)
    gateway.ask("DELETE", f"{OPTOUT}/13800130001", key=key, query={**scope, "why": "again"})

    assert [each["number"] for each in limited.json["numbers"]] == ["13800130001"]
    assert whole.json["numbers"] == []
    assert listed(gateway.world, ListName(ListKind.OPTOUT, "category:marketing")) == set()


def test_the_changes_of_a_month_are_told_newest_first_page_by_page() -> None:
    gateway, key = keeping()
    for n, number in enumerate(sample.numbers(3)):
        gateway.world.clock.tick(seconds=1)
        gateway.ask("POST", BLACK, {"numbers": [number], "why": f"call {n}"}, key=key)
    gateway.ask("DELETE", BLACK, {"numbers": ["13800130000"], "why": "wrong one"}, key=key)

    path = "/v1/lists/black/changes"
    first = gateway.ask("GET", path, key=key, query={"limit": "2"}).json
    rest = gateway.ask("GET", path, key=key, query={"limit": "2", "cursor": first["cursor"]}).json
    before = gateway.ask("GET", path, key=key, query={"month": "2025-10"}).json

    told = [(each["act"], each["why"]) for page in (first, rest) for each in page["changes"]]
    assert sorted(told) == sorted(
        [("struck", "wrong one"), ("added", "call 2"), ("added", "call 1"), ("added", "call 0")]
    )
    assert told[-1] == ("added", "call 0")
    assert (rest["cursor"], before) == (None, {"changes": [], "cursor": None})
    assert first["changes"][0].keys() == {
        "change",
        "scope",
        "act",
        "by",
        "at",
        "why",
        "consent",
        "numbers",
        "grounds",
    }


def test_numbers_are_struck_together_or_alone() -> None:
    gateway, key = keeping()
    gateway.ask("POST", BLACK, {"numbers": [*sample.numbers(4)], "why": "asked us"}, key=key)
    before = gateway.world.lists.clock(sample.CLIENT)

    body = {"numbers": ["13800130000", "13800130001", "x"], "why": "left"}
    together = gateway.ask("DELETE", BLACK, body, key=key)
    alone = gateway.ask("DELETE", f"{BLACK}/13800130002", key=key, query={"why": "left"})
    again = gateway.ask("DELETE", f"{BLACK}/13800130002", key=key, query={"why": "left"})

    assert (together.json["struck"], len(together.json["refused"])) == (2, 1)
    assert alone.json == {"struck": 1, "refused": []}
    assert (again.status, again.code) == (404, "number_not_listed")
    assert listed(gateway.world) == {"13800130003"}
    assert gateway.world.lists.clock(sample.CLIENT) == before + 2


def test_a_list_is_paged_through_once() -> None:
    gateway, key = keeping()
    gateway.ask("POST", BLACK, {"numbers": [*sample.numbers(25)], "why": "asked us"}, key=key)

    found: list[str] = []
    query = {"limit": "10"}
    for _ in range(5):
        page = gateway.ask("GET", BLACK, key=key, query=query).json
        found += [each["number"] for each in page["numbers"]]
        if page["cursor"] is None:
            break
        query = {"limit": "10", "cursor": page["cursor"]}

    assert sorted(found) == sorted(sample.numbers(25))


def test_an_opt_out_is_undone_only_with_a_reason() -> None:
    gateway, key = keeping()
    gateway.ask("POST", OPTOUT, {"numbers": [*sample.numbers(2)], "why": "by telephone"}, key=key)

    silent = gateway.ask("DELETE", OPTOUT, {"numbers": ["13800130000"]}, key=key)
    alone = gateway.ask("DELETE", f"{OPTOUT}/13800130001", key=key)
    with_why = gateway.ask("DELETE", f"{OPTOUT}/13800130001", key=key, query={"why": "wants them again"})

    assert [(each.status, each.code) for each in (silent, alone)] == [(400, "why_missing")] * 2
    assert silent.json["clause"] == "2.1.16"
    assert with_why.json["struck"] == 1
    assert listed(gateway.world, listing.OPTOUT) == {"13800130000"}


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "status", "code"),
    [
        ("POST", BLACK, {"numbers": ["13800130001"]}, {}, 400, "why_missing"),
        ("POST", BLACK, {"numbers": [], "why": "x"}, {}, 400, "body_invalid"),
        ("POST", BLACK, {"numbers": ["13800130001"] * 10_001, "why": "x"}, {}, 400, "body_invalid"),
        ("POST", BLACK, {"numbers": [13800130001], "why": "x"}, {}, 400, "body_invalid"),
        ("POST", BLACK, {"numbers": ["13800130001"], "why": "x\ny"}, {}, 400, "body_invalid"),
        ("POST", BLACK, {"numbers": ["13800130001"], "why": " \u3000"}, {}, 400, "body_invalid"),
        ("POST", BLACK, {"numbers": ["13800130001"], "why": "x", "by": "me"}, {}, 400, "body_invalid"),
        ("POST", BLACK, "{", {}, 400, "body_invalid"),
        ("POST", BLACK, " " * 1_000_001, {}, 413, "body_too_large"),
        ("POST", "/v1/lists/grey/numbers", {"numbers": ["13800130001"], "why": "x"}, {}, 404, "kind_unknown"),
        ("DELETE", BLACK, None, {}, 400, "body_invalid"),
        ("DELETE", BLACK, {"numbers": ["13800130001"]}, {}, 400, "why_missing"),
        ("DELETE", f"{BLACK}/13800130001", None, {}, 400, "why_missing"),
        ("DELETE", "/v1/lists/grey/numbers", {"numbers": ["13800130001"]}, {}, 404, "kind_unknown"),
        ("DELETE", f"{BLACK}/nobody", None, {"why": "x"}, 400, "number_malformed"),
        ("DELETE", f"{BLACK}/13800130001", None, {"why": ""}, 400, "query_invalid"),
        ("DELETE", f"{BLACK}/13800130001", None, {"force": "1"}, 400, "query_invalid"),
        ("GET", "/v1/lists/%23/numbers", None, {}, 404, "kind_unknown"),
        ("GET", BLACK, None, {"cursor": "broken"}, 400, "cursor_invalid"),
        ("GET", BLACK, None, {"limit": "-1"}, 400, "query_invalid"),
        ("GET", BLACK, None, {"scope": "everything"}, 400, "scope_malformed"),
        ("GET", "/v1/lists/black/changes", None, {"month": "2025-13"}, 400, "query_invalid"),
        ("GET", "/v1/lists/grey/changes", None, {}, 404, "kind_unknown"),
        ("GET", f"{BLACK}/13800130001", None, {}, 404, "number_not_listed"),
        ("GET", f"{BLACK}/02112345678", None, {}, 400, "number_not_mobile"),
        ("PUT", BLACK, {"numbers": ["13800130001"], "why": "x"}, {}, 405, "method_not_allowed"),
        ("GET", "/v1/lists", None, {}, 404, "route_unknown"),
    ],
)
def test_a_bad_request_is_refused_and_changes_nothing(
    method: str, path: str, body: Any, query: dict[str, str], status: int, code: str
) -> None:
    gateway, key = keeping()

    told = gateway.ask(method, path, body, key=key, query=query)

    assert (told.status, told.code) == (status, code)
    assert not any(gateway.world.lists.entries.values())
    assert gateway.world.lists.clock(sample.CLIENT) == 0


def test_a_client_sees_and_changes_its_own_lists_only() -> None:
    gateway, key = keeping()
    gateway.ask("POST", BLACK, {"numbers": ["13800130001"], "why": "asked us"}, key=key)
    gateway.world.registry.keep_client(Client("another-one", "另一单位"))
    stranger = client_key(gateway.world, "another-one", Mode.LIVE, frozenset(Scope))

    looked = gateway.ask("GET", f"{BLACK}/13800130001", key=stranger)
    struck = gateway.ask("DELETE", BLACK, {"numbers": ["13800130001"], "why": "x"}, key=stranger)

    assert (looked.code, struck.json["struck"]) == ("number_not_listed", 1)
    assert listed(gateway.world) == {"13800130001"}


def test_keeping_lists_needs_its_scope() -> None:
    gateway, _ = keeping()
    key = gateway.key(scopes=frozenset({Scope.SEND, Scope.READ}))

    told = gateway.ask("POST", BLACK, {"numbers": ["13800130001"], "why": "x"}, key=key)

    assert (told.status, told.code) == (403, "scope_missing")
    assert not any(gateway.world.lists.entries.values())


def test_the_log_line_tells_what_was_struck_and_why_without_a_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway, key = keeping()
    gateway.ask("POST", OPTOUT, {"numbers": ["13800130001"], "why": "by telephone"}, key=key)

    with caplog.at_level(logging.INFO):
        path = f"{OPTOUT}/13800130001"
        gateway.ask("DELETE", path, key=key, query={"why": "called from 138 0013-0001"})

    line = vars(caplog.records[-1])
    assert (line["list"], line["struck"], line["why"]) == ("optout", 1, "called from ***")
    assert "13800130001" not in str(line)
