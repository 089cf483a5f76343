"""/v1/operator, as operators and auditors meet it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from openmas.domain.profile import Mode, Scope
from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway, Told
from tests.fakes.world import FakeWorld

TOP = "/v1/operator"
ONE = f"{TOP}/clients/tacheng-cdc"
CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "infra/local/sample/contract.json").read_text(encoding="utf-8")
)
KEY = {"mode": "test", "scopes": ["send", "read"]}
TEMPLATE = {"category": "notice", "text": "请于{day}接种。", "status": "approved"}
ON = {"suspended": False, "why": "as agreed"}


def ask(gateway: Gateway, method: str, path: str, body: object = None, **odd: Any) -> Told:
    return gateway.ask(method, path, body, claims=OPERATOR, **odd)


def empty() -> Gateway:
    return Gateway("keep_contracts", FakeWorld())


def in_force(gateway: Gateway) -> list[Told]:
    """What it takes until the contract, which is drawn up, counts."""
    other = Gateway("activate_contracts", gateway.world)
    papers = [{"kind": kind, "reference": "p", "why": "w"} for kind in CONTRACT["documents"]]
    place = f"{ONE}/contracts/{quote(CONTRACT['number'])}/1/activation"
    filed = [ask(other, "POST", f"{ONE}/documents", paper) for paper in papers]
    return [*filed, ask(other, "POST", place, {"signature_passed_because": "宣 is usual"})]


def kept(world: FakeWorld) -> object:
    registry = world.registry
    found: list[Mapping[str, object]] = [registry.kept, registry.keys, registry.contracts, registry.templates]
    found.append(registry.ports)
    return deepcopy([{name: each for name, each in part.items() if each} for part in found])


def test_a_client_is_set_up_from_nothing_until_it_can_send() -> None:
    gateway = empty()
    templates = Gateway("keep_templates", gateway.world)
    full_name = CONTRACT["client_full_name"]

    answers = [
        ask(gateway, "PUT", ONE, {**ON, "full_name": full_name}),
        ask(gateway, "POST", f"{ONE}/contracts", CONTRACT),
        ask(templates, "PUT", f"{ONE}/templates/flu-notice", TEMPLATE),
        ask(gateway, "POST", f"{ONE}/keys", KEY),
        *in_force(gateway),
    ]

    assert [told.status for told in answers] == [200, 201, 200, 201, *[201] * 5, 200]
    body = {"template": "flu-notice", "parameters": {"day": "周五"}, "recipients": ["13800130001"]}
    headers = {"idempotency-key": "k-1"}
    sent = Gateway("submit_batches", gateway.world)
    assert sent.ask("POST", "/v1/batches", body, key=answers[3].json["key"], headers=headers).status == 202


def test_who_suspended_a_client_when_and_why_is_shown_and_a_name_that_is_not_the_contracts_is_told() -> None:
    gateway = Gateway("keep_contracts")

    stopped = ask(gateway, "PUT", ONE, {"full_name": "别的", "suspended": True, "why": "an emergency"})
    shown = ask(gateway, "GET", ONE).json

    assert [each["path"] for each in stopped.json["warnings"]] == ["/full_name", "/notice_given_on"]
    told = {name: value for name, value in stopped.json.items() if name != "warnings"}
    assert told == {
        "client": "tacheng-cdc", "version": 2, "full_name": "别的", "suspended": True,
        "effective_on": "2025-11-24", "notice_given_on": None,
        "changed": {"by": "p-operator", "at": "2025-11-24T01:30:00Z", "why": "an emergency"},
    }  # fmt: skip
    assert shown["history"][1] == told
    assert (shown["history"][0]["version"], shown["history"][0]["suspended"]) == (1, False)
    assert (shown["suspended"], shown["changed"]) == (True, told["changed"])


def test_a_key_is_told_once_and_kept_as_a_hash() -> None:
    gateway = Gateway("keep_contracts")

    issued = ask(gateway, "POST", f"{ONE}/keys", {**KEY, "addresses": ["192.0.2.0/24"], "label": "crm"})
    shown = ask(gateway, "GET", ONE)

    text = issued.json["key"]
    assert text.startswith("tacheng-cdc.test.")
    assert len(text.rpartition(".")[2]) == 43
    assert text not in shown.text
    assert shown.json["keys"] == [{k: v for k, v in issued.json.items() if k != "key"}]


def test_two_keys_are_never_the_same() -> None:
    gateway = Gateway("keep_contracts")

    keys = {ask(gateway, "POST", f"{ONE}/keys", KEY).json["key"] for _ in range(5)}

    assert len(keys) == 5


def test_an_expiry_is_kept_in_utc() -> None:
    gateway = Gateway("keep_contracts")

    told = ask(gateway, "POST", f"{ONE}/keys", {**KEY, "expires_at": "2026-01-01T08:00:00+08:00"})

    assert told.json["expires_at"] == "2026-01-01T00:00:00Z"


def test_a_dropped_key_opens_nothing_any_more() -> None:
    gateway = Gateway("keep_contracts")
    digest = ask(gateway, "POST", f"{ONE}/keys", KEY).json["sha256"]

    dropped = ask(gateway, "DELETE", f"{ONE}/keys/{digest}")
    again = ask(gateway, "DELETE", f"{ONE}/keys/{digest}")

    assert (dropped.status, again.status, again.code) == (200, 404, "key_not_kept")
    assert ask(gateway, "GET", ONE).json["keys"] == []


def test_the_sample_contract_is_kept_with_its_three_warnings_and_comes_back_as_it_was() -> None:
    gateway = empty()
    ask(gateway, "PUT", ONE, {**ON, "full_name": CONTRACT["client_full_name"]})

    told = ask(gateway, "POST", f"{ONE}/contracts", CONTRACT)

    assert told.json["version"] == 1
    assert [(each["path"], each["clause"]) for each in told.json["warnings"]] == [
        ("/late_fee_ppm_per_day", "6.3"),
        ("/payment/due", "3.2.1"),
        ("/signature", "2.1.9"),
    ]
    (shown,) = ask(gateway, "GET", ONE).json["contracts"]
    assert shown["document"] == CONTRACT
    assert (shown["life"]["stage"], shown["activation"]) == ("draft", None)


def test_where_each_version_stands_is_shown() -> None:
    gateway = Gateway("keep_contracts")
    ask(gateway, "POST", f"{ONE}/contracts", {**CONTRACT, "version": 2})

    first, second = ask(gateway, "GET", ONE).json["contracts"]

    assert (first["life"]["stage"], second["life"]["stage"]) == ("active", "draft")
    assert first["life"]["term_end_on"] == "2026-11-19"
    assert first["activation"]["activated_by"] == "sample-operator"


def test_the_same_version_is_kept_twice_but_not_with_other_content() -> None:
    gateway = empty()
    ask(gateway, "PUT", ONE, {**ON, "full_name": "塔城市疾病预防控制中心"})
    ask(gateway, "POST", f"{ONE}/contracts", CONTRACT)

    same = ask(gateway, "POST", f"{ONE}/contracts", CONTRACT)
    other = ask(gateway, "POST", f"{ONE}/contracts", {**CONTRACT, "late_fee_ppm_per_day": 3_000})

    assert same.status == 201
    assert (other.status, other.code) == (409, "contract_version_stored")


def test_a_version_that_is_not_the_next_one_is_refused() -> None:
    gateway = Gateway("keep_contracts")

    told = ask(gateway, "POST", f"{ONE}/contracts", {**CONTRACT, "version": 3})

    assert (told.status, told.code, told.json["clause"]) == (409, "contract_version_skipped", "10")
    assert told.json["errors"][0]["pointer"] == "/version"


def test_a_contract_is_checked_without_being_kept() -> None:
    gateway = empty()

    good = ask(gateway, "POST", f"{TOP}/contracts/check", CONTRACT)
    bad = ask(gateway, "POST", f"{TOP}/contracts/check", {**CONTRACT, "late_fee_ppm_per_day": "3 %"})
    no_json = ask(gateway, "POST", f"{TOP}/contracts/check", "{")

    assert (good.json["problems"], len(good.json["warnings"])) == ([], 3)
    assert [each["pointer"] for each in bad.json["problems"]] == ["/late_fee_ppm_per_day"]
    assert [each["pointer"] for each in no_json.json["problems"]] == [""]
    assert not gateway.world.registry.contracts


def test_a_check_tells_what_keeping_and_activating_would_object_to() -> None:
    gateway, check = Gateway("keep_contracts"), f"{TOP}/contracts/check"
    of = {"client": "tacheng-cdc"}
    dearer = {"tariff": {**CONTRACT["tariff"], "overage_hao_per_unit": 999}}
    changed = {**CONTRACT, **dearer, "carrier": "loopback"}

    skipped = ask(gateway, "POST", check, {**changed, "version": 3}).json
    following = ask(gateway, "POST", check, {**changed, "version": 2}, query=of).json
    changed_under_its_version = ask(gateway, "POST", check, changed).json
    kept_as_it_is = ask(gateway, "POST", check, {**CONTRACT, "carrier": "loopback"}).json
    unknown = ask(gateway, "POST", check, CONTRACT, query={"client": "nobody"})
    odd = ask(gateway, "POST", check, CONTRACT, query={"name": "x"})

    assert [(each["pointer"], each["clause"]) for each in skipped["problems"]] == [("/version", "10")]
    assert following["problems"] == []
    assert ("/tariff", "3.2.4") in [(each["path"], each["clause"]) for each in following["warnings"]]
    assert {(each["pointer"], each["clause"]) for each in following["missing"]} >= {
        ("/documents", "A2"), ("/documents", "A3"), ("/signature", "2.1.9"), ("/amendment", "12.3")
    }  # fmt: skip
    assert [each["pointer"] for each in changed_under_its_version["problems"]] == ["/version"]
    assert (kept_as_it_is["problems"], kept_as_it_is["missing"]) == ([], [])
    assert (unknown.status, unknown.code, odd.status, odd.code) == (
        (404, "client_unknown", 400, "query_invalid")
    )


@pytest.mark.parametrize(
    ("carrier", "told"),
    [
        ("sandbox", []),
        (sample.CARRIER, []),
        ("loopbak", ["There is no carrier loopbak. Until it is set up, all messages wait."]),
    ],
)
@pytest.mark.parametrize("query", [{}, {"client": "tacheng-cdc"}])
def test_a_check_warns_of_a_carrier_that_is_not_set_up(
    carrier: str, told: list[str], query: Mapping[str, str]
) -> None:
    gateway = Gateway("keep_contracts")

    checked = ask(gateway, "POST", f"{TOP}/contracts/check", {**CONTRACT, "carrier": carrier}, query=query)

    found = [each for each in checked.json["warnings"] if each["path"] == "/carrier"]
    assert [(each["clause"], each["text"]) for each in found] == [("2.2.1", text) for text in told]


def test_a_check_of_a_contract_that_cannot_be_read_says_nothing_of_what_rests_on_that() -> None:
    gateway, check = Gateway("keep_contracts"), f"{TOP}/contracts/check"
    of = {"client": "tacheng-cdc"}
    other = {"tariff": {**CONTRACT["tariff"], "overage_hao_per_unit": 999}, "version": 3}

    half = ask(gateway, "POST", check, {**CONTRACT, **other, "carrier": 7}, query=of).json
    less = ask(gateway, "POST", check, {**CONTRACT, **other, "effective_on": "x"}, query=of).json

    assert [each["pointer"] for each in half["problems"]] == ["/carrier", "/version"]
    assert [each["path"] for each in half["warnings"]][-1] == "/tariff"
    assert [each["pointer"] for each in less["problems"]] == ["/effective_on"]
    assert (half["missing"], less["missing"]) == ([], [])


def test_all_problems_and_all_warnings_of_a_contract_are_told_at_once() -> None:
    bad = deepcopy(CONTRACT) | {"signature": "疾控", "colour": "red", "carrier": 7}
    bad["term"]["end_on"] = "2025-02-30"
    bad["limits"]["frequency"]["verification"][1]["messages"] = "5"

    told = ask(empty(), "POST", f"{TOP}/contracts/check", bad).json
    refused = ask(Gateway("keep_contracts"), "POST", f"{ONE}/contracts", bad)

    assert [(each["pointer"], each.get("clause")) for each in told["problems"]] == [
        ("/colour", None),
        ("/carrier", None),
        ("/term/end_on", "9"),
        ("/limits/frequency/verification/1/messages", "11.3.17"),
        ("/signature", "2.1.9"),
    ]
    assert [(each["path"], each["clause"]) for each in told["warnings"]] == [
        ("/late_fee_ppm_per_day", "6.3"),
        ("/payment/due", "3.2.1"),
    ]
    assert refused.json["errors"] == told["problems"]


def test_however_much_is_wrong_with_a_contract_the_answer_stays_small() -> None:
    names = {f"m{n}": 1 for n in range(4_000)}

    much = ask(empty(), "POST", f"{TOP}/contracts/check", {**CONTRACT, **names})
    too_much = ask(empty(), "POST", f"{TOP}/contracts/check", {**CONTRACT, "extra": "x" * 50_000})

    assert (much.status, len(much.json["problems"])) == (200, 4_000)
    assert len(much.text) < 1_000_000
    assert (too_much.status, too_much.code) == (413, "body_too_large")


BAD: list[tuple[str, str, object, int, str]] = [
    ("PUT", ONE, "{", 400, "body_invalid"),
    ("PUT", ONE, {}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "x", "id": "y"}, 400, "body_invalid"),
    ("PUT", ONE, {"full_name": "x", "why": "y"}, 400, "body_invalid"),
    ("PUT", ONE, {"full_name": "x", "suspended": False}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "x", "why": ""}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "x", "suspended": 1}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "x", "notice_given_on": "2025-02-30"}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "x", "effective_on": "٢٠٢٥-01-01"}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "x" * 65}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "塔城\u200b市"}, 400, "body_invalid"),
    ("PUT", ONE, {**ON, "full_name": "第３医院"}, 400, "body_invalid"),
    ("PUT", f"{TOP}/clients/A", {**ON, "full_name": "x"}, 400, "client_malformed"),
    ("PUT", f"{TOP}/clients/a%23b", {**ON, "full_name": "x"}, 400, "client_malformed"),
    ("PUT", f"{TOP}/clients/%E5%A1%94", {**ON, "full_name": "x"}, 400, "client_malformed"),
    ("GET", f"{TOP}/clients/nobody", None, 404, "client_unknown"),
    ("GET", f"{TOP}/clients/%00", None, 404, "client_unknown"),
    ("POST", f"{TOP}/clients/nobody/keys", KEY, 404, "client_unknown"),
    ("POST", f"{ONE}/keys", {**KEY, "mode": "prod"}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "scopes": []}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "scopes": ["all"]}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "scopes": "send"}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "addresses": ["localhost"]}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "addresses": ["192.0.2.7/24"]}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "addresses": ["192.0.2.0/24"] * 51}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "expires_at": "2026-01-01"}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "expires_at": "2026-02-30T00:00:00Z"}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "expires_at": "0001-01-01T00:00:00+08:00"}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "expires_at": "9999-12-31T23:59:59-23:00"}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "expires_at": 1_700_000_000}, 400, "body_invalid"),
    ("POST", f"{ONE}/keys", {**KEY, "key": "my own"}, 400, "body_invalid"),
    ("DELETE", f"{ONE}/keys/abc", None, 404, "key_not_kept"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "x": 1}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "version": True}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "version": 0}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "number": "a#b"}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "effective_on": "2024-02-30"}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "services": []}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "services": ["voice"]}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "access_code": "1065097332714"}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "signature": "【x】"}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "term": None}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "tariff": {}}, 400, "body_invalid"),
    ("POST", f"{ONE}/contracts", {**CONTRACT, "client_full_name": "\ud800"}, 400, "body_invalid"),
    ("POST", f"{TOP}/clients/nobody/contracts", CONTRACT, 404, "client_unknown"),
    ("POST", ONE, {**ON, "full_name": "x"}, 405, "method_not_allowed"),
    ("GET", TOP, None, 404, "route_unknown"),
    ("GET", f"{TOP}/contracts", None, 404, "route_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), BAD)
def test_a_bad_request_is_refused_and_changes_nothing(
    method: str, path: str, body: object, status: int, code: str
) -> None:
    gateway = Gateway("keep_contracts")
    before = kept(gateway.world)

    told = ask(gateway, method, path, body)

    assert (told.status, told.code) == (status, code)
    assert kept(gateway.world) == before


def test_an_auditor_sees_everything_and_changes_nothing() -> None:
    gateway = Gateway("keep_contracts")
    before = kept(gateway.world)

    looks = [gateway.ask("GET", path, claims=AUDITOR) for path in (f"{TOP}/clients", ONE)]
    writes = [
        gateway.ask("PUT", ONE, {**ON, "full_name": "x"}, claims=AUDITOR),
        gateway.ask("POST", f"{ONE}/keys", KEY, claims=AUDITOR),
        gateway.ask("POST", f"{ONE}/contracts", CONTRACT, claims=AUDITOR),
    ]

    assert [told.status for told in looks] == [200, 200]
    assert looks[0].json == {"clients": [sample.CLIENT]}
    assert {(told.status, told.code) for told in writes} == {(403, "role_missing")}
    assert kept(gateway.world) == before


@pytest.mark.parametrize("claims", [{}, {"cognito:groups": "[client]"}, {"sub": "operator"}])
def test_nobody_else_comes_in(claims: dict[str, object]) -> None:
    gateway = Gateway("keep_contracts")
    key = gateway.key(Mode.LIVE, frozenset(Scope))

    told = gateway.ask("GET", f"{TOP}/clients", claims=claims, key=key)

    assert (told.status, told.code) == (403, "role_missing")
