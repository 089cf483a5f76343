"""/v1/signatures, as clients meet it, and the operator's side of it."""

from dataclasses import replace
from typing import Any

import pytest

from openmas.domain.contract import DocumentKind
from openmas.domain.profile import Client, Mode, Scope
from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway, Told, client_key

OWN = "/v1/signatures"
TOP = f"/v1/operator/clients/{sample.CLIENT}/signatures"
CERTIFICATE = sample.document(DocumentKind.TRADEMARK_CERTIFICATE)
PRODUCT = {"signature": "健康通", "basis": "product", "evidence": CERTIFICATE.reference}
SUBMITTED = {"template": "flu-notice", "parameters": {"place": "城南"}, "recipients": ["13800130001"]}


def keeping() -> tuple[Gateway, str]:
    gateway = Gateway("keep_signatures")
    gateway.world.registry.keep_document(sample.CLIENT, CERTIFICATE)
    return gateway, gateway.key(scopes=frozenset({Scope.REGISTRY}), label="crm")


def judge(
    gateway: Gateway, verdict: str, signature: str = "健康通", version: int | None = 1, **odd: Any
) -> Told:
    body: dict[str, object] = {"signature": signature, "verdict": verdict, "why": "looked at the proof"}
    body |= {"version": version} if verdict == "pass" else {}
    return gateway.ask("POST", f"{TOP}/verdicts", body, **{"claims": OPERATOR, **odd})


def submit(gateway: Gateway, n: int, **more: object) -> Told:
    sending = Gateway("submit_batches", gateway.world)
    key = client_key(gateway.world, sample.CLIENT, Mode.LIVE, frozenset(Scope))
    body, headers = SUBMITTED | more, {"idempotency-key": f"k-{n}"}
    return sending.ask("POST", "/v1/batches", body, key=key, headers=headers)


def test_a_client_hands_in_a_signature_and_uses_it_once_a_person_has_passed_it() -> None:
    gateway, key = keeping()

    entered = gateway.ask("POST", OWN, PRODUCT, key=key)
    early = submit(gateway, 1, signature="健康通")
    passed = judge(gateway, "pass")
    sent = submit(gateway, 2, signature="健康通")

    assert entered.status == 201
    assert entered.json == {
        "signature": "健康通",
        "version": 1,
        "kind": "chinese",
        "basis": "product",
        "evidence": "trademark_certificate-2024",
        "trade_mark": None,
        "product_kind": None,
        "chinese": None,
        "status": "pending",
        "found": "a person has to look at the proof of the product",
        "case": entered.json["case"],
        "renewal": None,
        "changed": {"by": "key crm", "at": "2025-11-24T01:30:00Z", "why": "handed in"},
    }
    assert entered.json["case"].startswith("review:signature:")
    assert (early.status, early.code, early.json["clause"]) == (403, "signature_unknown", "2.1.9")
    assert (passed.json["status"], passed.json["changed"]["by"]) == ("approved", "p-operator")
    assert (sent.status, sent.json["signature"]) == (202, "健康通")
    batch = gateway.world.messages.batch(sample.CLIENT, sent.json["batch"])
    assert batch is not None
    assert batch.text.startswith("【健康通】流感")


def test_other_grounds_for_a_signature_in_use_are_shown_beside_its_own() -> None:
    gateway, key = keeping()
    gateway.ask("POST", OWN, PRODUCT, key=key)
    judge(gateway, "pass")

    renewed = gateway.ask("POST", OWN, {**PRODUCT, "evidence": "certificate 2"}, key=key).json

    own = {
        each: renewed[each] for each in ("kind", "basis", "evidence", "trade_mark", "product_kind", "chinese")
    }
    assert (renewed["status"], own["evidence"]) == ("approved", PRODUCT["evidence"])
    assert renewed["renewal"] == {**own, "evidence": "certificate 2", "refused": False}


def test_a_stopped_signature_is_refused_and_the_contracts_own_goes_on() -> None:
    gateway, key = keeping()
    gateway.ask("POST", OWN, PRODUCT, key=key)
    for verdict in ("pass", "stop"):
        judge(gateway, verdict)

    assert submit(gateway, 1, signature="健康通").code == "signature_stopped"
    assert submit(gateway, 2).json["signature"] == "塔城市疾控中心宣"


def test_a_signature_whose_proof_was_withdrawn_is_refused_once_the_days_to_mend_that_are_over() -> None:
    gateway, key = keeping()
    gateway.ask("POST", OWN, PRODUCT, key=key)
    judge(gateway, "pass")
    gateway.world.registry.withdraw_document(sample.CLIENT, replace(CERTIFICATE, withdrawn=sample.CHANGE))

    assert submit(gateway, 1, signature="健康通").status == 202
    gateway.world.clock.tick(days=11)
    told = submit(gateway, 2, signature="健康通")

    assert (told.status, told.code, told.json["clause"]) == (403, "signature_unproved", "2.1.9")
    assert submit(gateway, 3).status == 202
    assert judge(gateway, "stop").status == 200
    assert judge(gateway, "pass", version=3).code == "signature_without_proof"


@pytest.mark.parametrize(("shown", "code"), [(1, "signature_moved_on"), (None, "body_invalid"), (3, None)])
def test_whoever_passes_a_signature_names_the_version_that_he_was_shown(
    shown: int | None, code: str | None
) -> None:
    gateway, key = keeping()
    gateway.ask("POST", OWN, PRODUCT | {"evidence": "another certificate"}, key=key)
    judge(gateway, "refuse")
    gateway.ask("POST", OWN, PRODUCT, key=key)

    assert judge(gateway, "pass", version=shown).code == code


def test_an_english_signature_stands_before_pure_english_only() -> None:
    gateway, key = keeping()
    english = {"signature": "Tacheng CDC", "kind": "english", "chinese": "塔城市疾控中心宣"}
    gateway.ask("POST", OWN, english, key=key)
    judge(gateway, "pass", "Tacheng CDC")

    told = submit(gateway, 1, signature="Tacheng CDC")

    assert (told.status, told.code, told.json["clause"]) == (400, "signature_english_only", "2.1.9")


def test_a_client_sees_its_signatures_and_the_operator_sees_the_same() -> None:
    gateway, key = keeping()
    entered = [gateway.ask("POST", OWN, PRODUCT, key=key).json]
    entered.append(gateway.ask("POST", TOP, {"signature": "塔城市疾控中心"}, claims=OPERATOR).json)

    listed = gateway.ask("GET", OWN, key=key)

    assert listed.json["own"] == "塔城市疾控中心宣"
    assert sorted(each["signature"] for each in listed.json["signatures"]) == ["健康通", "塔城市疾控中心"]
    assert all(each in listed.json["signatures"] for each in entered)
    named = {"signature": "健康通", "kind": "trademark_certificate", "reference": CERTIFICATE.reference}
    assert listed.json["proofs"] == [{**named, "ends_on": None, "withdrawn": False}]
    assert gateway.ask("GET", TOP, claims=AUDITOR).json == listed.json


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"signature": "疾控"}, 400, "signature_wrong"),
        ({"signature": "【塔城市疾控中心】"}, 400, "signature_wrong"),
        ({"signature": "塔城\u200b疾控"}, 400, "signature_wrong"),
        ({**PRODUCT, "evidence": None}, 400, "signature_wrong"),
        ({**PRODUCT, "status": "approved"}, 400, "body_invalid"),
        ({**PRODUCT, "basis": "rumour"}, 400, "body_invalid"),
        ({**PRODUCT, "evidence": 7}, 400, "body_invalid"),
        ({}, 400, "body_invalid"),
        ({"signature": "CDC", "kind": "english", "chinese": "别家签名"}, 403, "signature_unknown"),
    ],
)
def test_what_can_be_no_signature_is_refused(body: object, status: int, code: str) -> None:
    gateway, key = keeping()

    told = gateway.ask("POST", OWN, body, key=key)

    assert (told.status, told.code) == (status, code)
    assert gateway.ask("GET", OWN, key=key).json["signatures"] == []


def test_what_became_of_a_signature_is_told_to_its_client_and_to_operators_alone() -> None:
    gateway, key = keeping()
    gateway.ask("POST", OWN, PRODUCT, key=key)
    judge(gateway, "refuse")
    gateway.world.registry.keep_client(Client("another-one", "别的单位"))
    stranger = client_key(gateway.world, "another-one", Mode.LIVE, frozenset(Scope))

    told = gateway.ask("GET", f"{OWN}/健康通", key=key)

    assert [each["status"] for each in told.json["history"]] == ["pending", "refused"]
    assert told.json["changed"]["why"] == "looked at the proof"
    assert gateway.ask("GET", f"{TOP}/健康通", claims=AUDITOR).json == told.json
    for place, who in ((f"{OWN}/健康通", {"key": stranger}), (f"{TOP}/健康", {"claims": AUDITOR})):
        unknown = gateway.ask("GET", place, **who)
        assert (unknown.status, unknown.code) == (404, "signature_not_entered")


def test_a_key_needs_the_scope_and_nobody_judges_his_own() -> None:
    gateway, key = keeping()
    gateway.ask("POST", OWN, PRODUCT, key=key)
    sending = client_key(gateway.world, sample.CLIENT, Mode.LIVE, frozenset(Scope) - {Scope.REGISTRY})

    assert gateway.ask("GET", OWN, key=sending).code == "scope_missing"
    assert gateway.ask("POST", OWN, PRODUCT, key=sending).code == "scope_missing"
    assert judge(gateway, "pass", claims=AUDITOR).code == "role_missing"
    assert judge(gateway, "pass", claims=None, key=key).code == "role_missing"
    assert gateway.ask("GET", OWN, key=key).json["signatures"][0]["status"] == "pending"


def test_one_client_never_sees_or_uses_anothers_signature() -> None:
    gateway, key = keeping()
    gateway.ask("POST", OWN, PRODUCT, key=key)
    judge(gateway, "pass")
    gateway.world.registry.keep_client(Client("another-one", "别的单位"))
    stranger = client_key(gateway.world, "another-one", Mode.LIVE, frozenset(Scope))

    assert gateway.ask("GET", OWN, key=stranger).json == {"own": None, "signatures": [], "proofs": []}
