"""/v1/operator/clients/{client}/ports, as operators and auditors meet it."""

from typing import Any

import pytest

from openmas.domain.profile import Scope
from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway, Told

TOP = f"/v1/operator/clients/{sample.CLIENT}/ports"
ONE = f"{TOP}/{sample.PORT}"
PORT = {"category": "notice", "rate_per_s": 100, "valid_until": "2026-11-19", "why": "as agreed"}
SUBMITTED = {"template": "flu-notice", "parameters": {"place": "城南"}, "recipients": ["13800130001"]}


def ask(gateway: Gateway, method: str, path: str, body: object = None, **odd: Any) -> Told:
    return gateway.ask(method, path, body, **{"claims": OPERATOR, **odd})


def submit(gateway: Gateway, n: int, **more: object) -> Told:
    """What the client is told when it sends on the same world."""
    sending = Gateway("submit_batches", gateway.world)
    headers = {"idempotency-key": f"k-{n}"}
    return sending.ask("POST", "/v1/batches", SUBMITTED | more, key=sending.key(), headers=headers)


def test_a_port_is_registered_shown_closed_and_restored() -> None:
    gateway = Gateway("keep_ports")

    kept = ask(gateway, "PUT", ONE, PORT)
    closed = ask(gateway, "POST", f"{ONE}/flow", {"state": "closed", "why": "complaints"})
    shown = ask(gateway, "GET", ONE, claims=AUDITOR)

    changed = {"by": "p-operator", "at": "2025-11-24T01:30:00Z", "why": "as agreed"}
    assert kept.json == {
        "port": sample.PORT,
        "version": 1,
        "category": "notice",
        "valid_until": "2026-11-19",
        "rate_per_s": 100,
        "signatures": [],
        "flow": {"state": "open", "rate_per_s": None, **changed},
        "reclaimed_on": None,
        "free_on": None,
        "changed": changed,
    }
    assert closed.json["flow"] == {"state": "closed", "rate_per_s": None, **changed, "why": "complaints"}
    assert shown.json == {**closed.json, "history": [kept.json, closed.json]}
    assert ask(gateway, "GET", TOP, claims=AUDITOR).json == {"ports": [closed.json]}


def test_a_submission_goes_by_the_port_of_its_purpose_as_long_as_it_is_open() -> None:
    gateway = Gateway("keep_ports")
    ask(gateway, "PUT", ONE, PORT)

    sent = submit(gateway, 1)
    named = submit(gateway, 2, port=sample.PORT)
    bare = submit(gateway, 3, port="1065097332714")
    foreign = submit(gateway, 4, port="1065512345678")
    ask(gateway, "POST", f"{ONE}/flow", {"state": "closed", "why": "complaints"})
    closed = submit(gateway, 5)
    ask(gateway, "POST", f"{ONE}/flow", {"state": "open", "why": "settled"})

    assert [told.json["port"] for told in (sent, named, submit(gateway, 6))] == [sample.PORT] * 3
    assert [told.status for told in (bare, foreign, closed)] == [403] * 3
    assert [told.code for told in (bare, foreign, closed)] == [
        "port_for_other_purpose",
        "port_unknown",
        "port_closed",
    ]
    assert [told.json["clause"] for told in (bare, foreign, closed)] == ["2.1.7", "2.1.7", "2.1.6"]


def test_a_bare_access_code_is_closed_in_an_emergency_for_every_purpose() -> None:
    gateway = Gateway("keep_ports")
    gateway.world.registry.keep_template(sample.CLIENT, sample.verification())
    code, login = "1065097332714", {"template": "login", "parameters": {"code": "1234"}}
    before = (submit(gateway, 1), submit(gateway, 2, **login))

    closed = ask(gateway, "POST", f"{TOP}/{code}/flow", {"state": "closed", "why": "complaints"})
    during = (submit(gateway, 3), submit(gateway, 4, **login))
    ask(gateway, "POST", f"{TOP}/{code}/flow", {"state": "open", "why": "settled"})
    after = (submit(gateway, 5), submit(gateway, 6, **login))
    ask(gateway, "PUT", ONE, PORT)

    assert (closed.status, closed.json["category"]) == (200, None)
    assert [told.status for told in (*before, *after)] == [202] * 4
    assert [told.code for told in during] == ["port_closed"] * 2
    assert submit(gateway, 7).json["port"] == sample.PORT
    assert submit(gateway, 8, port=code).code == "port_for_other_purpose"
    assert submit(gateway, 9, **login).json["port"] == code


def test_a_reclaimed_port_is_gone_but_its_history_stays() -> None:
    gateway = Gateway("keep_ports")
    ask(gateway, "PUT", ONE, PORT)

    reclaimed = ask(gateway, "POST", f"{ONE}/reclaim", {"why": "no longer needed"})

    assert (reclaimed.json["reclaimed_on"], reclaimed.json["free_on"]) == ("2025-11-24", "2026-02-22")
    assert ask(gateway, "GET", TOP).json == {"ports": []}
    assert len(ask(gateway, "GET", ONE).json["history"]) == 2
    assert ask(gateway, "POST", f"{ONE}/flow", {"state": "open", "why": "back"}).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", ONE, {**PORT, "rate_per_s": True}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "rate_per_s": 0}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "rate_per_s": "100"}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "valid_until": "2026-02-30"}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "valid_until": "2026-1-1"}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "why": ""}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "category": "voice"}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "carrier": "x"}, 400, "body_invalid"),
        ("PUT", ONE, {**PORT, "category": "marketing"}, 403, "category_not_allowed"),
        ("PUT", f"{TOP}/1065512345678", PORT, 400, "port_malformed"),
        ("PUT", f"{TOP}/1065097332714{'1' * 8}", PORT, 400, "port_malformed"),
        ("PUT", f"{TOP}/10", PORT, 400, "port_malformed"),
        ("PUT", f"{TOP}/1065097332714{'1' * 7}", {**PORT, "valid_until": "2025-11-23"}, 403, "port_expired"),
        ("PUT", f"{TOP}/10650973327140%D9%A3", PORT, 404, "port_unknown"),
        ("PUT", f"{TOP}/{sample.PORT}%0A", PORT, 404, "port_unknown"),
        ("POST", f"{ONE}/flow", {"state": "limited", "why": "slow"}, 400, "flow_malformed"),
        ("POST", f"{ONE}/flow", {"state": "open", "rate_per_s": 9, "why": "fast"}, 400, "flow_malformed"),
        ("POST", f"{ONE}/flow", {"state": "closed"}, 400, "body_invalid"),
        ("POST", f"{ONE}/reclaim", {}, 400, "body_invalid"),
        ("GET", f"{TOP}/1065097332714", None, 404, "port_unknown"),
        ("GET", "/v1/operator/clients/nobody/ports", None, 404, "client_unknown"),
    ],
)
def test_what_is_wrong_is_told(method: str, path: str, body: object, status: int, code: str) -> None:
    gateway = Gateway("keep_ports")
    ask(gateway, "PUT", ONE, PORT)

    told = ask(gateway, method, path, body)

    assert (told.status, told.code) == (status, code)
    assert len(ask(gateway, "GET", ONE).json["history"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", ONE, PORT),
        ("POST", f"{ONE}/flow", {"state": "closed", "why": "complaints"}),
        ("POST", f"{ONE}/reclaim", {"why": "no longer needed"}),
    ],
)
def test_only_operators_change_a_port(method: str, path: str, body: object) -> None:
    gateway = Gateway("keep_ports")
    client = {"key": gateway.key(scopes=frozenset(Scope)), "claims": None}

    assert ask(gateway, method, path, body, claims=AUDITOR).code == "role_missing"
    assert ask(gateway, method, path, body, **client).code == "role_missing"
    assert gateway.world.registry.senders == {}
