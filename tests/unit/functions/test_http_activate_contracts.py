"""Documents and activation, as operators and auditors meet them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway, Told
from tests.fakes.world import FakeWorld

ONE = "/v1/operator/clients/tacheng-cdc"
CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "infra/local/sample/contract.json").read_text(encoding="utf-8")
)
NUMBER = CONTRACT["number"]
PLACE = f"{ONE}/contracts/{quote(NUMBER)}/1/activation"
PAPER = {"kind": "qualification", "reference": "事业单位法人证书 2023-1", "why": "handed in"}
WORD = {"signature_passed_because": "宣 is the department's usual ending"}


def drafted() -> Gateway:
    """The sample client with its contract as a draft, and no documents."""
    world = FakeWorld()
    world.registry.keep_client(sample.client())
    world.registry.keep_contract(sample.CLIENT, sample.contract())
    return Gateway("activate_contracts", world)


def ask(gateway: Gateway, method: str, path: str, body: object = None) -> Told:
    return gateway.ask(method, path, body, claims=OPERATOR)


def test_a_contract_is_brought_into_force_step_by_step() -> None:
    gateway = drafted()

    before = ask(gateway, "GET", PLACE).json
    early = ask(gateway, "POST", PLACE, WORD)
    filed = [
        ask(gateway, "POST", f"{ONE}/documents", {**PAPER, "kind": kind}) for kind in CONTRACT["documents"]
    ]
    done = ask(gateway, "POST", PLACE, WORD)
    after = ask(gateway, "GET", PLACE).json

    assert (before["life"]["stage"], before["activation"], len(before["missing"])) == ("draft", None, 6)
    assert (early.status, early.code, len(early.json["errors"])) == (409, "contract_not_ready", 5)
    assert {each["clause"] for each in early.json["errors"]} == {"2.1.5", "A2", "A3", "A2.2", "11.7"}
    assert [told.status for told in filed] == [201] * 5
    assert (done.status, done.json["contract"], done.json["version"]) == (200, NUMBER, 1)
    assert done.json["activated_by"] == OPERATOR["sub"]
    assert (after["life"]["stage"], after["missing"]) == ("active", [])
    assert {**after["activation"], "warnings": after["warnings"]} == done.json


@pytest.mark.parametrize("number", [NUMBER, quote(NUMBER), quote(NUMBER, safe="[]")])
def test_a_contracts_number_is_read_however_a_gateway_writes_it(number: str) -> None:
    told = ask(drafted(), "GET", f"{ONE}/contracts/{number}/1/activation")

    assert (told.status, told.json["contract"]) == (200, NUMBER)


def test_documents_are_listed_with_their_clause_and_the_newest_counts() -> None:
    gateway = drafted()
    ask(gateway, "POST", f"{ONE}/documents", {**PAPER, "valid_until": "2025-12-31", "sha256": "a" * 64})
    gateway.world.clock.tick(1)
    ask(gateway, "POST", f"{ONE}/documents", {**PAPER, "valid_until": "2026-12-31"})

    listed = gateway.ask("GET", f"{ONE}/documents", claims=AUDITOR).json["documents"]

    assert [(each["valid_until"], each["counts"]) for each in listed] == [
        ("2025-12-31", False),
        ("2026-12-31", True),
    ]
    assert {(each["clause"], each["filed"]["by"]) for each in listed} == {("A2.2", OPERATOR["sub"])}


def test_a_document_is_withdrawn_and_listed_with_the_reason() -> None:
    gateway = drafted()
    first = ask(gateway, "POST", f"{ONE}/documents", {**PAPER, "valid_until": "2025-12-31"}).json
    gateway.world.clock.tick(1)
    second = ask(gateway, "POST", f"{ONE}/documents", PAPER).json

    told = ask(gateway, "POST", f"{ONE}/documents/{second['id']}/withdrawal", {"why": "another client's"})

    listed = gateway.ask("GET", f"{ONE}/documents", claims=AUDITOR).json["documents"]
    assert (told.status, told.json["withdrawn"]["by"]) == (200, OPERATOR["sub"])
    assert [(each["id"], each["counts"]) for each in listed] == [(first["id"], True), (second["id"], False)]
    assert (listed[0]["withdrawn"], listed[1]["withdrawn"]["why"]) == (None, "another client's")
    ask(gateway, "POST", f"{ONE}/documents/{first['id']}/withdrawal", {"why": "this one, too"})
    left = gateway.ask("GET", f"{ONE}/documents", claims=AUDITOR).json["documents"]
    assert [each["counts"] for each in left] == [False, False]


BAD: list[tuple[str, str, object, int, str]] = [
    ("POST", f"{ONE}/documents", "{", 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "kind": "letter"}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "kind": True}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "extra": 1}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "reference": ""}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "reference": "a\nb"}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "why": "x" * 201}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {"kind": "qualification", "reference": "x"}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "sha256": "A" * 64}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "sha256": "a" * 64 + "\n"}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "valid_until": "2025-02-29"}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "valid_until": "２０２５-01-01"}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents", {**PAPER, "valid_until": 20250101}, 400, "body_invalid"),
    ("POST", "/v1/operator/clients/nobody/documents", PAPER, 404, "client_unknown"),
    ("GET", "/v1/operator/clients/nobody/documents", None, 404, "client_unknown"),
    ("POST", f"{ONE}/documents/qualification-1/withdrawal", {"why": "x"}, 404, "document_unknown"),
    ("POST", f"{ONE}/documents/qualification-1/withdrawal", {}, 400, "body_invalid"),
    ("POST", f"{ONE}/documents/qualification-1/withdrawal", {"why": ""}, 400, "body_invalid"),
    ("POST", PLACE, {"signature_passed_because": ""}, 400, "body_invalid"),
    ("POST", PLACE, {"because": "x"}, 400, "body_invalid"),
    ("POST", PLACE, {}, 409, "contract_not_ready"),
    ("POST", PLACE.replace("/1/", "/2/"), {}, 404, "contract_unknown"),
    ("POST", PLACE.replace("/1/", "/１/"), {}, 404, "contract_unknown"),
    ("POST", PLACE.replace("/1/", "/01/"), {}, 404, "contract_unknown"),
    ("GET", f"{ONE}/contracts/%00/1/activation", None, 404, "contract_unknown"),
    ("DELETE", PLACE, None, 405, "method_not_allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), BAD)
def test_a_bad_request_is_refused_and_changes_nothing(
    method: str, path: str, body: object, status: int, code: str
) -> None:
    gateway = drafted()

    told = ask(gateway, method, path, body)

    assert (told.status, told.code) == (status, code)
    registry = gateway.world.registry
    assert not any(registry.activations.values())
    assert not any(registry.documents.values())
    assert not registry.ports


def test_an_auditor_only_looks_and_nobody_else_comes_in() -> None:
    gateway = drafted()
    requests = [("GET", f"{ONE}/documents"), ("GET", PLACE), ("POST", f"{ONE}/documents"), ("POST", PLACE)]

    auditor = [gateway.ask(*each, {}, claims=AUDITOR).status for each in requests]
    others = [gateway.ask(*each, {}, claims={"cognito:groups": "[client]"}).status for each in requests]

    assert auditor == [200, 200, 403, 403]
    assert others == [403] * 4
