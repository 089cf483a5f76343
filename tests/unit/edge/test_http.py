"""Requests in, answers and problems out, whatever the event looks like."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.edge.http import Answer, Handler, Request, serve
from openmas.edge.request import BODY_BYTES_MAX, read_request
from openmas.errors import (
    Conflict,
    Fault,
    InvalidInput,
    LimitExceeded,
    NotAllowed,
    NotFound,
    OpenMasError,
    Unavailable,
)


def event(method: str, path: str, **parts: Any) -> dict[str, Any]:
    context = {
        "stage": "$default",
        "requestId": "r-1",
        "http": {"method": method, "path": path, "sourceIp": "10.0.0.1"},
    }
    return {"version": "2.0", "rawPath": path, "headers": {}, "requestContext": context, **parts}


def failing(error: Exception) -> Handler:
    def act(_request: Request) -> Answer:
        raise error

    return serve({("GET", "/v1/things"): act})


def echo(request: Request, name: str = "") -> Answer:
    return Answer({"name": name, "body": request.body().decode(), "query": dict(request.query)})


ECHO = serve(
    {("GET", "/v1/things/<name>"): echo, ("POST", "/v1/things"): echo, ("DELETE", "/v1/things"): echo}
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput("body_invalid", "…"), 400),
        (NotAllowed("key_unknown", "…"), 401),
        (NotAllowed("scope_missing", "…"), 403),
        (NotFound("batch_unknown", "…"), 404),
        (Conflict("idempotency_key_reused", "…"), 409),
        (LimitExceeded("body_too_large", "…"), 413),
        (LimitExceeded("a_limit", "…"), 429),
        (Unavailable("throttled", "…"), 503),
        (OpenMasError("unheard_of", "…"), 500),
    ],
)
def test_every_failure_is_a_problem_with_its_status(error: OpenMasError, status: int) -> None:
    answer = failing(error)(event("GET", "/v1/things"), None)

    problem = json.loads(answer["body"])
    assert answer["statusCode"] == problem["status"] == status
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["request_id"]) == (error.code, "r-1")
    assert problem["type"] == f"urn:openmas:problem:{error.code}"


def test_a_problem_names_clause_and_places() -> None:
    error = NotAllowed("service_not_bought", "…", "2.1.1", (Fault("/service", "not bought"),))

    problem = json.loads(failing(error)(event("GET", "/v1/things"), None)["body"])

    assert problem["clause"] == "2.1.1"
    assert problem["errors"] == [{"pointer": "/service", "detail": "not bought"}]


def test_what_went_wrong_on_our_side_is_not_told() -> None:
    answer = failing(RuntimeError("password=hunter2 in table x"))(event("GET", "/v1/things"), None)

    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["code"] == "internal"
    assert "hunter2" not in answer["body"]


def test_a_missing_key_says_how_to_authenticate_and_an_outage_when_to_come_again() -> None:
    unknown = failing(NotAllowed("key_missing", "…"))(event("GET", "/v1/things"), None)
    outage = failing(Unavailable("throttled", "…"))(event("GET", "/v1/things"), None)

    assert unknown["headers"]["WWW-Authenticate"].startswith("Bearer")
    assert int(outage["headers"]["Retry-After"]) > 0


def test_an_unknown_address_and_a_wrong_method_are_told_apart() -> None:
    unknown = ECHO(event("GET", "/v1/other"), None)
    wrong = ECHO(event("PATCH", "/v1/things"), None)

    assert (unknown["statusCode"], json.loads(unknown["body"])["code"]) == (404, "route_unknown")
    assert (wrong["statusCode"], json.loads(wrong["body"])["code"]) == (405, "method_not_allowed")
    assert wrong["headers"]["Allow"] == "DELETE, POST"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("%2B8613800130001", "+8613800130001"),
        ("+8613800130001", "+8613800130001"),
        ("协议[2024]（补）02445号", "协议[2024]（补）02445号"),
        (quote("协议[2024]（补）02445号"), "协议[2024]（补）02445号"),
        ("\x00", "\x00"),
        ("100%", "100%"),
    ],
)
def test_names_in_a_path_are_unescaped_whether_the_gateway_did_it_or_not(written: str, name: str) -> None:
    answer = ECHO(event("GET", f"/v1/things/{written}"), None)

    assert json.loads(answer["body"])["name"] == name


def test_a_body_may_come_in_base64() -> None:
    body = base64.b64encode("塔城".encode()).decode()

    answer = ECHO(event("POST", "/v1/things", body=body, isBase64Encoded=True), None)

    assert json.loads(answer["body"])["body"] == "塔城"


@pytest.mark.parametrize(
    ("body", "encoded", "status", "code"),
    [
        ("x" * (BODY_BYTES_MAX + 1), False, 413, "body_too_large"),
        ("汉" * (BODY_BYTES_MAX // 3 + 1), False, 413, "body_too_large"),
        (base64.b64encode(b"x" * (BODY_BYTES_MAX + 1)).decode(), True, 413, "body_too_large"),
        ("x" * (BODY_BYTES_MAX * 2), True, 413, "body_too_large"),
        ("not base64!", True, 400, "body_invalid"),
        ("汉", True, 400, "body_invalid"),
        ("\ud800", False, 400, "body_invalid"),
    ],
)
def test_a_body_that_is_too_large_or_unreadable_is_refused(
    body: str, encoded: bool, status: int, code: str
) -> None:
    answer = ECHO(event("POST", "/v1/things", body=body, isBase64Encoded=encoded), None)

    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (status, code)


def test_the_largest_body_is_taken() -> None:
    whole = "x" * BODY_BYTES_MAX
    encoded = base64.b64encode(whole.encode()).decode()

    assert ECHO(event("POST", "/v1/things", body=whole), None)["statusCode"] == 200
    assert ECHO(event("POST", "/v1/things", body=encoded, isBase64Encoded=True), None)["statusCode"] == 200


def test_a_stage_in_the_path_is_no_part_of_the_address() -> None:
    staged = event("GET", "/prod/v1/things/7")
    staged["requestContext"]["stage"] = "prod"

    assert json.loads(ECHO(staged, None)["body"])["name"] == "7"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PARTS = ("rawPath", "headers", "queryStringParameters", "body", "isBase64Encoded", "requestContext")


@given(st.dictionaries(st.sampled_from(_PARTS), _JSON))
def test_no_event_however_odd_makes_us_fail(odd: dict[str, Any]) -> None:
    answer = ECHO({**event("POST", "/v1/things"), **odd}, None)

    assert answer["statusCode"] in {200, 400, 404, 405}


def test_headers_are_read_by_any_spelling_and_claims_only_from_the_gateway() -> None:
    raw = event("GET", "/", headers={"AUTHORIZATION": "Bearer x", "X-Claims": "operator"})
    raw["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": "p-1"}}}

    request = read_request(raw)

    assert request.headers["authorization"] == "Bearer x"
    assert request.claims == {"sub": "p-1"}
    assert request.address == "10.0.0.1"
