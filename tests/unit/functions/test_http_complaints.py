"""Complaints and measures, as operators and the client meet them."""

from dataclasses import replace
from typing import Any

import pytest

from openmas.domain.profile import Mode
from tests.fakes import sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway, Told
from tests.fakes.world import FakeWorld
from tests.unit.flows.test_handle_complaints import LADDER, sent

ONE = "/v1/operator/clients/tacheng-cdc"
COMPLAINT = {
    "number": "13800130007",
    "at": "2025-11-24T09:30:00+08:00",
    "source": "12321",
    "text": "没有同意过",
}
STOP = {"cause": "arrears", "stops": ["notice"], "why": "欠费 31 天"}


def world() -> FakeWorld:
    made = FakeWorld().with_sample()
    changed = replace(sample.contract(), version=2, complaints=LADDER)
    sample.put_in_force(made.registry, sample.CLIENT, changed)
    sent(made)
    return made


def ask(gateway: Gateway, method: str, path: str, body: object = None, **odd: Any) -> Told:
    return gateway.ask(method, path, body, claims=OPERATOR, **odd)


def test_a_complaint_is_filed_seen_by_the_client_and_settled() -> None:
    complaints = Gateway("handle_complaints", world())

    filed = ask(complaints, "POST", f"{ONE}/complaints", COMPLAINT)
    heard = complaints.ask("GET", "/v1/complaints", key=complaints.key())
    name = filed.json["complaint"]["id"]
    finding = {"finding": "unfounded", "why": "本人登记过"}
    settled = ask(complaints, "POST", f"{ONE}/complaints/{name}/finding", finding)
    looked = complaints.ask("GET", f"{ONE}/complaints", claims=AUDITOR)

    assert filed.status == 201
    assert filed.json["rate"] == {
        "since": "2025-10-25T01:30:00Z", "complaints": 1, "messages": 100, "rung": "warn",
    }  # fmt: skip
    assert filed.json["complaint"]["template"] == "flu-notice"
    assert [each["id"] for each in heard.json["complaints"]] == [name]
    assert settled.json["finding"] == "unfounded"
    assert looked.json["rate"]["complaints"] == 0


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"number": "1380013000٧"}, 400, "number_malformed"),
        ({"number": "99800130007"}, 400, "number_not_mobile"),
        ({"at": "2025-11-24 09:30"}, 400, "body_invalid"),
        ({"at": "2025-11-24T09:30:00"}, 400, "body_invalid"),
        ({"text": ""}, 400, "body_invalid"),
        ({"extra": 1}, 400, "body_invalid"),
        ({"message": "no-such-message"}, 404, "message_unknown"),
        ({"at": "2099-11-24T09:30:00+08:00"}, 400, "complaint_ahead"),
    ],
)
def test_a_complaint_that_cannot_be_read_is_refused(change: dict[str, Any], status: int, code: str) -> None:
    told = ask(Gateway("handle_complaints", world()), "POST", f"{ONE}/complaints", {**COMPLAINT, **change})

    assert (told.status, told.code) == (status, code)


def test_auditors_and_strangers_change_nothing() -> None:
    made = world()
    complaints, measures = Gateway("handle_complaints", made), Gateway("keep_measures", made)

    told = [
        complaints.ask("POST", f"{ONE}/complaints", COMPLAINT, claims=AUDITOR),
        measures.ask("POST", f"{ONE}/measures", STOP, claims=AUDITOR),
        measures.ask(
            "POST", f"{ONE}/measures/one/lift", {"why": "x"}, claims={"sub": "x", "roles": "client"}
        ),
        complaints.ask("GET", "/v1/complaints"),
        measures.ask("GET", "/v1/measures"),
    ]

    assert [each.status for each in told] == [403, 403, 403, 401, 401]
    assert made.complaints.kept == {}
    assert made.registry.measures[sample.CLIENT] == {}


def test_a_category_is_stopped_appealed_against_and_restored_and_the_client_sees_all_of_it() -> None:
    made = world()
    measures = Gateway("keep_measures", made)
    key = measures.key(Mode.LIVE)

    taken = ask(measures, "POST", f"{ONE}/measures", STOP)
    name = taken.json["measure"]
    refused = submit(made, key)
    tried = measures.ask("POST", f"/v1/measures/{name}/appeal", {"why": "x"}, key=measures.key(Mode.TEST))
    appealed = measures.ask("POST", f"/v1/measures/{name}/appeal", {"why": "已缴费"}, key=key)
    upheld = ask(measures, "POST", f"{ONE}/measures/{name}/uphold", {"why": "未到账"})
    lifted = ask(measures, "POST", f"{ONE}/measures/{name}/lift", {"why": "已到账"})
    seen = measures.ask("GET", "/v1/measures", key=key)

    assert (taken.status, taken.json["in_force"], taken.json["taken"]["by"]) == (201, True, "p-operator")
    assert (refused.status, refused.code, refused.json["clause"]) == (403, "stopped_for_arrears", "2.2.3")
    assert (tried.status, tried.code) == (403, "live_key_needed")
    assert (appealed.status, upheld.status, lifted.json["in_force"]) == (201, 200, False)
    assert [each["lifted"]["why"] for each in seen.json["measures"]] == ["已到账"]
    assert submit(made, key).status == 202


def submit(made: FakeWorld, key: str) -> Told:
    body = {"template": "flu-notice", "parameters": {"place": "塔城"}, "recipients": ["13800130001"]}
    headers = {"idempotency-key": "one"}
    return Gateway("submit_batches", made).ask("POST", "/v1/batches", body, key=key, headers=headers)


@pytest.mark.parametrize(
    "change",
    [{"cause": "mood"}, {"stops": ["all"]}, {"rate_per_s": 0}, {"rate_per_s": True}, {"why": None}, {"x": 1}],
)
def test_a_measure_that_cannot_be_read_is_refused(change: dict[str, Any]) -> None:
    told = ask(Gateway("keep_measures", world()), "POST", f"{ONE}/measures", {**STOP, **change})

    assert (told.status, told.code) == (400, "body_invalid")


def test_a_client_sees_only_its_own_measures() -> None:
    made = world()
    measures = Gateway("keep_measures", made)
    ask(measures, "PUT", "/nothing")
    made.registry.keep_client(replace(sample.client(), id="another-one"))

    told = ask(measures, "POST", "/v1/operator/clients/another-one/measures", STOP)
    seen = measures.ask("GET", "/v1/measures", key=measures.key())
    appeal = f"/v1/measures/{told.json['measure']}/appeal"

    assert seen.json == {"measures": []}
    assert measures.ask("POST", appeal, {"why": "x"}, key=measures.key(Mode.LIVE)).code == "measure_unknown"
