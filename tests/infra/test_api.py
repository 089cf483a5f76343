"""The HTTP API: which route leads where, who is let in, how much gets through."""

import json
import re
from typing import Any

from tests.infra.conftest import Synthesised

ROUTES = {
    "POST /v1/batches": "submit_batches",
    "DELETE /v1/batches/{batch}": "cancel_batches",
    "GET /v1/batches/{batch}": "read_messages",
    "GET /v1/batches/{batch}/messages": "read_messages",
    "GET /v1/batches/{batch}/decisions": "read_decisions",
    "GET /v1/batches/{batch}/faults": "read_decisions",
    "GET /v1/batches/{batch}/faults/file": "read_decisions",
    "GET /v1/refusals": "read_decisions",
    "GET /v1/operator/clients/{client}/refusals": "read_decisions",
    "GET /v1/messages/{message}": "read_messages",
    "GET /v1/inbound": "read_messages",
    "GET /v1/usage": "read_messages",
    "GET /v1/statements/{day}": "read_messages",
    "GET /v1/lists/{kind}/numbers": "keep_lists",
    "POST /v1/lists/{kind}/numbers": "keep_lists",
    "DELETE /v1/lists/{kind}/numbers": "keep_lists",
    "GET /v1/lists/{kind}/numbers/{number}": "keep_lists",
    "DELETE /v1/lists/{kind}/numbers/{number}": "keep_lists",
    "GET /v1/lists/{kind}/changes": "keep_lists",
    "GET /v1/operator/clients/{client}/lists": "check_lists",
    "GET /v1/operator/clients/{client}/lists/{kind}/numbers": "check_lists",
    "GET /v1/operator/clients/{client}/lists/{kind}/numbers/{number}": "check_lists",
    "GET /v1/operator/clients/{client}/lists/{kind}/changes": "check_lists",
    "POST /v1/operator/clients/{client}/lists/{kind}/acts": "check_lists",
    "POST /v1/uploads": "order_transfers",
    "POST /v1/lists/{kind}/imports": "order_transfers",
    "POST /v1/lists/{kind}/exports": "order_transfers",
    "GET /v1/lists/{kind}/imports/{transfer}": "order_transfers",
    "GET /v1/lists/{kind}/exports/{transfer}": "order_transfers",
    "ANY /v1/operator/{proxy+}": "keep_contracts",
    "GET /v1/operator/clients/{client}/documents": "activate_contracts",
    "POST /v1/operator/clients/{client}/documents": "activate_contracts",
    "POST /v1/operator/clients/{client}/documents/{document}/withdrawal": "activate_contracts",
    "GET /v1/operator/clients/{client}/contracts/{contract}/{version}/activation": "activate_contracts",
    "POST /v1/operator/clients/{client}/contracts/{contract}/{version}/activation": "activate_contracts",
    "GET /v1/operator/cases": "keep_cases",
    "GET /v1/operator/cases/{client}/{case}": "keep_cases",
    "POST /v1/operator/cases/{client}/{case}/closing": "keep_cases",
    "GET /v1/operator/cases/{client}/{case}/content": "review_content",
    "POST /v1/operator/cases/{client}/{case}/verdict": "review_content",
    "GET /v1/operator/addresses": "keep_addresses",
    "POST /v1/operator/addresses": "keep_addresses",
    "DELETE /v1/operator/addresses": "keep_addresses",
    "GET /v1/operator/addresses/changes": "keep_addresses",
    "GET /v1/operator/words": "keep_words",
    "POST /v1/operator/words": "keep_words",
    "DELETE /v1/operator/words": "keep_words",
    "GET /v1/operator/words/kinds": "keep_words",
    "GET /v1/operator/words/changes": "keep_words",
    "POST /v1/operator/words/check": "keep_words",
    "GET /v1/operator/clients/{client}/complaints": "handle_complaints",
    "POST /v1/operator/clients/{client}/complaints": "handle_complaints",
    "POST /v1/operator/clients/{client}/complaints/{complaint}/finding": "handle_complaints",
    "GET /v1/complaints": "handle_complaints",
    "GET /v1/operator/clients/{client}/measures": "keep_measures",
    "POST /v1/operator/clients/{client}/measures": "keep_measures",
    "POST /v1/operator/clients/{client}/measures/{measure}/lift": "keep_measures",
    "POST /v1/operator/clients/{client}/measures/{measure}/uphold": "keep_measures",
    "GET /v1/measures": "keep_measures",
    "POST /v1/measures/{measure}/appeal": "keep_measures",
    "GET /v1/operator/clients/{client}/ports": "keep_ports",
    "GET /v1/operator/clients/{client}/ports/{port}": "keep_ports",
    "PUT /v1/operator/clients/{client}/ports/{port}": "keep_ports",
    "POST /v1/operator/clients/{client}/ports/{port}/flow": "keep_ports",
    "POST /v1/operator/clients/{client}/ports/{port}/reclaim": "keep_ports",
    "GET /v1/signatures": "keep_signatures",
    "POST /v1/signatures": "keep_signatures",
    "GET /v1/signatures/{signature}": "keep_signatures",
    "GET /v1/operator/clients/{client}/signatures/{signature}": "keep_signatures",
    "GET /v1/operator/clients/{client}/signatures": "keep_signatures",
    "POST /v1/operator/clients/{client}/signatures": "keep_signatures",
    "POST /v1/operator/clients/{client}/signatures/verdicts": "keep_signatures",
    "GET /v1/templates": "keep_templates",
    "POST /v1/templates": "keep_templates",
    "GET /v1/templates/{template}": "keep_templates",
    "PUT /v1/operator/clients/{client}/templates/{template}": "keep_templates",
    "POST /v1/operator/clients/{client}/templates/{template}/verdicts": "keep_templates",
    "POST /v1/operator/clients/{client}/templates/{template}/stop": "keep_templates",
    "POST /carriers/{carrier}/receipts": "take_receipts",
    "POST /carriers/{carrier}/inbound": "take_receipts",
    "POST /sandbox/messages": "sandbox_carrier",
}
OPERATOR = " /v1/operator/"


def one(made: Synthesised, kind: str) -> dict[str, Any]:
    (found,) = made.all(kind).values()
    return found


def test_every_route_leads_to_its_function(made: Synthesised) -> None:
    integrations = made.all("AWS::ApiGatewayV2::Integration")
    functions = made.all("AWS::Lambda::Function")
    led = {}
    for route in made.all("AWS::ApiGatewayV2::Route").values():
        integration = next(name for name in integrations if name in json.dumps(route["Target"]))
        function = functions[integrations[integration]["IntegrationUri"]["Fn::GetAtt"][0]]
        led[route["RouteKey"]] = function["FunctionName"].rpartition("-")[2]
        assert integrations[integration]["PayloadFormatVersion"] == "2.0"

    assert led == ROUTES


def test_operators_show_a_token_and_all_others_their_own_key(made: Synthesised) -> None:
    kinds = {
        each["RouteKey"]: each["AuthorizationType"] for each in made.all("AWS::ApiGatewayV2::Route").values()
    }

    assert {key for key, kind in kinds.items() if kind == "JWT"} == {key for key in ROUTES if OPERATOR in key}
    assert {key for key, kind in kinds.items() if kind == "JWT"} == {
        key for key in ROUTES if "/v1/operator/" in key
    }
    assert set(kinds.values()) == {"JWT", "NONE"}


def test_the_tokens_come_from_the_issuer_of_the_environment(made: Synthesised) -> None:
    trusted = one(made, "AWS::ApiGatewayV2::Authorizer")["JwtConfiguration"]

    if made.environment.issuer:
        assert trusted == {"Issuer": "https://id.example.com", "Audience": ["openmas"]}
    else:
        said = json.dumps(trusted["Issuer"])
        assert f"https://cognito-idp.{made.environment.region}.amazonaws.com/" in said
        assert "Operators" in said
        assert "OperatorsApi" in json.dumps(trusted["Audience"])


def test_the_api_is_throttled_and_receipts_have_a_share_of_their_own(made: Synthesised) -> None:
    stage = one(made, "AWS::ApiGatewayV2::Stage")
    all_routes, receipts = made.environment.throttle, made.environment.receipts_throttle
    own = stage["RouteSettings"]["POST /carriers/{carrier}/receipts"]

    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == all_routes.requests_per_s
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == all_routes.burst
    assert (own["ThrottlingRateLimit"], own["ThrottlingBurstLimit"]) == (
        receipts.requests_per_s,
        receipts.burst,
    )


def test_an_access_log_line_tells_the_request_and_nothing_that_was_said(made: Synthesised) -> None:
    log = one(made, "AWS::ApiGatewayV2::Stage")["AccessLogSettings"]

    told = {re.sub(r"^\$context\.", "", each) for each in json.loads(log["Format"]).values()}

    assert {"requestId", "routeKey", "status"} <= told
    assert not any(word in log["Format"] for word in ("path", "authorization", "header", "querystring"))


def test_only_the_emulator_is_told_which_id_the_api_shall_have(made: Synthesised) -> None:
    tags = one(made, "AWS::ApiGatewayV2::Api")["Tags"]
    local = made.environment.name == "local"

    assert ("ms-custom-id" in tags) is local
    if local:
        assert (
            made.platform["Outputs"]["ApiUrl"]["Value"]
            == "http://127.0.0.1:4699/_aws/execute-api/openmas/$default"
        )
