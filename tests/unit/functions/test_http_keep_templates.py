"""Templates over HTTP: handed in by clients, judged and stopped by operators."""

from copy import deepcopy
from typing import Any

import pytest

from openmas.domain.profile import Mode, Scope
from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway, Told

TOP = "/v1/operator"
ONE = f"{TOP}/clients/tacheng-cdc"
TEMPLATE = {"category": "notice", "text": "请于{day}接种。", "status": "approved"}
VERDICT = {"version": 1, "verdict": "pass", "why": "as it should be"}
DAY = {"name": "day", "type": "date_time", "length_max": 20}
HANDED_IN = {"template": "vaccine", "category": "notice", "text": "请于{day}接种。", "variables": [DAY]}


def ask(gateway: Gateway, method: str, path: str, body: object = None, **odd: Any) -> Told:
    return gateway.ask(method, path, body, claims=OPERATOR, **odd)


def judge(gateway: Gateway, version: int, verdict: str, why: str = "as it should be") -> Told:
    body = {"version": version, "verdict": verdict, "why": why}
    return ask(gateway, "POST", f"{ONE}/templates/vaccine/verdicts", body)


def submit(gateway: Gateway, key: str, idem: str, day: str = "11月24日") -> Told:
    body = {"template": "vaccine", "parameters": {"day": day}, "recipients": ["13800130001"]}
    sent = Gateway("submit_batches", gateway.world)
    return sent.ask("POST", "/v1/batches", body, key=key, headers={"idempotency-key": idem})


def test_a_template_is_handed_in_judged_and_sent_by() -> None:
    gateway = Gateway("keep_templates")
    key = gateway.key()

    handed_in = gateway.ask("POST", "/v1/templates", HANDED_IN, key=key)
    before = submit(gateway, key, "k-1")
    passed = judge(gateway, 1, "pass")
    after = submit(gateway, key, "k-2")

    assert (handed_in.status, handed_in.json["status"], handed_in.json["version"]) == (201, "pending", 1)
    assert handed_in.json["extent"] == {"length_min": 16, "length_max": 35, "units_min": 1, "units_max": 1}
    assert handed_in.json["remarks"] == []
    assert (before.status, before.code) == (403, "template_not_passed")
    assert (passed.status, passed.json["status"]) == (200, "approved")
    assert passed.json["decided"] == {"at": "2025-11-24T01:30:00Z", "why": "as it should be"}
    assert (after.status, after.json["template"]) == (202, {"id": "vaccine", "version": 1})


def test_a_client_sees_why_its_template_was_refused() -> None:
    gateway = Gateway("keep_templates")
    key = gateway.key(scopes=frozenset({Scope.REGISTRY}))
    gateway.ask("POST", "/v1/templates", HANDED_IN, key=key)

    judge(gateway, 1, "refuse", "Say which vaccine.")

    (shown,) = gateway.ask("GET", "/v1/templates/vaccine", key=key).json["templates"]
    assert (shown["status"], shown["decided"]["why"]) == ("refused", "Say which vaccine.")
    listed = gateway.ask("GET", "/v1/templates", key=key).json["templates"]
    assert [(each["template"], each["status"]) for each in listed] == [
        ("flu-notice", "approved"),
        ("vaccine", "refused"),
    ]
    assert "p-operator" not in str(listed)


def test_a_stopped_template_is_sent_no_more() -> None:
    gateway = Gateway("keep_templates")
    key = gateway.key()
    ask(gateway, "PUT", f"{ONE}/templates/vaccine", TEMPLATE)

    one = ask(gateway, "POST", f"{ONE}/templates/vaccine/stop", {"version": 1, "why": "misread"})
    sent = submit(gateway, key, "k-1")
    every = ask(gateway, "POST", f"{ONE}/templates/vaccine/stop", {"why": "all misread"})

    assert (one.status, one.json["status"], one.json["version"]) == (200, "withdrawn", 1)
    assert (sent.status, sent.code) == (403, "template_stopped")
    assert (every.json["status"], every.json["version"]) == ("stopped", 2)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"template": "A b"}, 400, "template_id_malformed"),
        ({"template": "a#v1"}, 400, "template_id_malformed"),
        ({"status": "approved"}, 400, "body_invalid"),
        ({"version": 1}, 400, "body_invalid"),
        ({"category": "spam"}, 400, "body_invalid"),
        ({"text": ""}, 400, "body_invalid"),
        ({"text": " \n "}, 400, "text_empty"),
        ({"text": "{day}{"}, 400, "template_malformed"),
        ({"text": "请于\u200b{day}接种。"}, 400, "template_malformed"),
        ({"text": "请看 t.cn/{day}"}, 400, "template_malformed"),
        ({"text": "【别的单位】{day}"}, 400, "text_has_signature"),
        ({"text": "{day}" + "长" * 500}, 400, "text_too_long"),
        ({"variables": [DAY, DAY]}, 400, "template_malformed"),
    ],
)
def test_what_nobody_may_pass_is_refused_at_once(body: dict[str, object], status: int, code: str) -> None:
    gateway = Gateway("keep_templates")
    # Texts without a variable declare none.
    variables = [DAY] if "{day}" in str(body.get("text", "{day}")) else []

    told = gateway.ask(
        "POST", "/v1/templates", {**HANDED_IN, "variables": variables, **body}, key=gateway.key()
    )

    assert (told.status, told.code) == (status, code)
    assert ("vaccine", 1) not in gateway.world.registry.templates[sample.CLIENT]
    assert gateway.world.cases.page("review", None, 10) == ([], None)


def test_whoever_may_not_keep_the_registry_hands_in_nothing() -> None:
    gateway = Gateway("keep_templates")
    sender = gateway.key(Mode.LIVE, frozenset({Scope.SEND, Scope.READ, Scope.LISTS}))

    answers = [
        gateway.ask("POST", "/v1/templates", HANDED_IN, key=sender),
        gateway.ask("GET", "/v1/templates", key=sender),
        gateway.ask("GET", "/v1/templates/flu-notice", key=sender),
    ]

    assert {(told.status, told.code) for told in answers} == {(403, "scope_missing")}
    assert gateway.ask("POST", "/v1/templates", HANDED_IN, claims=OPERATOR).code == "key_missing"


def test_a_templates_variables_have_types_and_are_told_as_they_can_be_handed_in() -> None:
    gateway = Gateway("keep_templates")
    code = {"name": "code", "type": "number", "length_max": 6}
    body = {"category": "notice", "text": "{who}：{code}", "status": "approved", "variables": [code]}
    bare = {"decimals": 0, "signed": False}

    told = ask(gateway, "PUT", f"{ONE}/templates/typed", body)
    again = ask(gateway, "PUT", f"{ONE}/templates/typed", {**body, "variables": told.json["variables"]})

    assert told.json["variables"] == [
        {"name": "who", "type": "text", "length_max": 32, **bare},
        {**code, **bare},
    ]
    assert again.json == told.json


@pytest.mark.parametrize(
    ("variable", "code"),
    [
        ({"name": "x", "type": "text"}, "template_malformed"),
        ({"name": "code", "type": "money", "decimals": 2}, "template_malformed"),
        ({"name": "code", "type": "url"}, "body_invalid"),
        ({"name": "code", "type": "number", "length_max": 0}, "body_invalid"),
        ({"name": "code", "type": "number", "length_max": "6"}, "body_invalid"),
        ({"name": "code", "type": "number", "length_max": True}, "body_invalid"),
        ({"name": "code", "type": "number", "signed": 1}, "body_invalid"),
        ({"name": "code"}, "body_invalid"),
        ("code", "body_invalid"),
    ],
)
def test_a_variable_that_cannot_be_is_refused(variable: object, code: str) -> None:
    body = {"category": "notice", "text": "{code}", "status": "approved", "variables": [variable]}

    told = ask(Gateway("keep_templates"), "PUT", f"{ONE}/templates/typed", body)

    assert (told.status, told.code) == (400, code)


def test_a_changed_template_is_a_new_version_and_the_same_one_is_not() -> None:
    gateway = Gateway("keep_templates")
    path = f"{ONE}/templates/vaccine"

    versions = [
        ask(gateway, "PUT", path, body).json["version"]
        for body in (TEMPLATE, TEMPLATE, {**TEMPLATE, "status": "stopped"}, TEMPLATE)
    ]

    assert versions == [1, 1, 2, 3]
    shown = ask(Gateway("keep_contracts", gateway.world), "GET", ONE).json["templates"]
    assert [each["version"] for each in shown if each["template"] == "vaccine"] == [1, 2, 3]


BAD: list[tuple[str, str, object, int, str]] = [
    ("PUT", f"{ONE}/templates/A%20b", TEMPLATE, 400, "template_id_malformed"),
    ("PUT", f"{ONE}/templates/a%23v1", TEMPLATE, 400, "template_id_malformed"),
    ("PUT", f"{ONE}/templates/t", {"category": "notice", "text": "好"}, 400, "body_invalid"),
    ("PUT", f"{ONE}/templates/t", {**TEMPLATE, "status": "draft"}, 400, "body_invalid"),
    ("PUT", f"{ONE}/templates/t", {**TEMPLATE, "version": 7}, 400, "body_invalid"),
    ("PUT", f"{ONE}/templates/t", {**TEMPLATE, "text": ""}, 400, "body_invalid"),
    ("PUT", f"{ONE}/templates/t", {**TEMPLATE, "text": "{"}, 400, "template_malformed"),
    ("PUT", f"{ONE}/templates/t", {**TEMPLATE, "text": "【别的单位】请接种。"}, 400, "text_has_signature"),
    ("PUT", f"{ONE}/templates/t", {**TEMPLATE, "text": "请于{day}接种[别的单位]"}, 400, "text_has_signature"),
    ("PUT", f"{TOP}/clients/nobody/templates/t", TEMPLATE, 404, "client_unknown"),
    ("POST", f"{ONE}/templates/t/verdicts", VERDICT, 404, "template_unknown"),
    ("POST", f"{ONE}/templates/flu-notice/verdicts", {"version": 9, "verdict": "pass", "why": "x"}, 404,
     "template_version_unknown"),
    ("POST", f"{ONE}/templates/flu-notice/verdicts", {"version": 1, "verdict": "refuse", "why": "x"}, 409,
     "template_decided"),
    ("POST", f"{ONE}/templates/flu-notice/verdicts", {"version": 1, "verdict": "stop", "why": "x"}, 400,
     "body_invalid"),
    ("POST", f"{ONE}/templates/flu-notice/verdicts", {"version": True, "verdict": "pass", "why": "x"}, 400,
     "body_invalid"),
    ("POST", f"{ONE}/templates/flu-notice/verdicts", {"version": 1, "verdict": "pass"}, 400, "body_invalid"),
    ("POST", f"{ONE}/templates/t/stop", {"why": "x"}, 404, "template_unknown"),
    ("POST", f"{ONE}/templates/flu-notice/stop", {"version": 2, "why": "x"}, 404, "template_version_unknown"),
    ("POST", f"{ONE}/templates/flu-notice/stop", {}, 400, "body_invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), BAD)
def test_a_bad_request_of_an_operator_changes_nothing(
    method: str, path: str, body: object, status: int, code: str
) -> None:
    gateway = Gateway("keep_templates")
    before = deepcopy(gateway.world.registry.templates[sample.CLIENT])

    told = ask(gateway, method, path, body)

    assert (told.status, told.code) == (status, code)
    assert gateway.world.registry.templates[sample.CLIENT] == before


def test_an_auditor_judges_and_stops_nothing() -> None:
    gateway = Gateway("keep_templates")
    before = deepcopy(gateway.world.registry.templates[sample.CLIENT])
    place = f"{ONE}/templates/flu-notice"

    writes = [
        gateway.ask("PUT", place, TEMPLATE, claims=AUDITOR),
        gateway.ask(
            "POST", f"{place}/verdicts", {"version": 1, "verdict": "pass", "why": "x"}, claims=AUDITOR
        ),
        gateway.ask("POST", f"{place}/stop", {"why": "x"}, claims=AUDITOR),
    ]

    assert {(told.status, told.code) for told in writes} == {(403, "role_missing")}
    assert gateway.world.registry.templates[sample.CLIENT] == before
