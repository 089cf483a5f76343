import importlib.util
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from openmas.domain.sandbox import keys_from
from openmas.errors import Unavailable
from tests.fakes.world import FakeWorld

ROOT = Path(__file__).parents[3]
KEYS = keys_from(FakeWorld().seal.key("sandbox"))
RECEIPT = {"group": "G1", "number": "13800130001", "code": "DELIVRD", "at": "20251124093000"}
CALL = {"reference": "a/b", "attempt": 1, "port": "1065097332714", "text": "【甲】好"}

Handle = Callable[[dict[str, Any], object], Any]


def built(name: str, world: FakeWorld) -> Handle:
    spec = importlib.util.spec_from_file_location(f"{name}_handler", ROOT / f"functions/{name}/handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handle: Handle = module.build(world)
    return handle


def event(path: str, document: object, key: str | None, **more: object) -> dict[str, Any]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    http = {"method": "POST", "path": path, "sourceIp": "192.0.2.1"}
    body = document if isinstance(document, str) else json.dumps(document)
    context = {"http": http, "requestId": "r-1"}
    return {"rawPath": path, "headers": headers, "requestContext": context, "body": body, **more}


def receipts(document: object, key: str | None = KEYS.receipts, **more: object) -> dict[str, Any]:
    return event("/carriers/sandbox/receipts", document, key, **more)


@pytest.mark.parametrize(
    ("handed_in", "status", "code"),
    [
        (receipts({"receipts": [RECEIPT]}, "another-key"), 401, "key_unknown"),
        (receipts({"receipts": [RECEIPT]}, None), 401, "key_missing"),
        (receipts({"receipts": [RECEIPT]}, None, queryStringParameters={"key": "x"}), 401, "key_unknown"),
        (receipts({"receipts": [RECEIPT]}, KEYS.calls), 401, "key_unknown"),
        (event("/carriers/north/receipts", {"receipts": [RECEIPT]}, "north-key"), 403, "address_not_allowed"),
        (event("/carriers/south/receipts", {"receipts": [RECEIPT]}, KEYS.receipts), 401, "key_unknown"),
        (event("/carriers/south/receipts", {"receipts": [RECEIPT]}, None), 401, "key_missing"),
        (event("/carriers/sandbox/other", {}, KEYS.receipts), 404, "route_unknown"),
        (event("/carriers//receipts", {}, KEYS.receipts), 404, "route_unknown"),
        (receipts(""), 400, "body_invalid"),
        (receipts("[]"), 400, "body_invalid"),
        (receipts("?", isBase64Encoded=True), 400, "body_invalid"),
        (receipts({"receipts": [{**RECEIPT, "at": "today"}]}), 400, "body_invalid"),
        (receipts(" " * 300_000), 413, "body_too_large"),
        (receipts(" " * 2_000_000), 413, "body_too_large"),
        ({}, 404, "route_unknown"),
    ],
)
def test_the_webhook_says_what_is_wrong_and_queues_nothing(
    handed_in: dict[str, Any], status: int, code: str
) -> None:
    world = FakeWorld()
    world.secrets.document = {
        "north": {
            "kind": "openmas",
            "receipt_keys_sha256": [sha256(b"north-key").hexdigest()],
            "addresses": ["198.51.100.0/24"],
        }
    }

    answer = built("take_receipts", world)(handed_in, None)

    document = json.loads(answer["body"])
    assert (answer["statusCode"], document["code"]) == (status, code)
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert document["title"] != "The request was not carried out"
    assert world.receipts.queue.bodies == []


def test_a_fault_is_told_with_its_place() -> None:
    answer = built("take_receipts", FakeWorld())(
        receipts({"receipts": [{**RECEIPT, "at": ""}, {**RECEIPT, "code": ""}]}), None
    )

    assert json.loads(answer["body"])["errors"][1]["pointer"] == "/receipts/1/code"


@pytest.mark.parametrize("in_the_address", [False, True])
def test_the_webhook_takes_receipts_with_the_key_in_either_place(in_the_address: bool) -> None:
    world = FakeWorld()
    key = None if in_the_address else KEYS.receipts
    query = {"queryStringParameters": {"key": KEYS.receipts}} if in_the_address else {}

    answer = built("take_receipts", world)(receipts({"receipts": [RECEIPT]}, key, **query), None)

    assert (answer["statusCode"], answer["body"]) == (200, '{"taken":1,"refused":0}')
    assert [each["carrier"] for each in world.receipts.queue.bodies] == ["sandbox"]


def test_the_readable_receipts_of_a_post_are_taken_and_the_others_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = FakeWorld()

    answer = built("take_receipts", world)(
        receipts({"receipts": [RECEIPT, {**RECEIPT, "at": "today"}]}), None
    )

    assert (answer["statusCode"], answer["body"]) == (200, '{"taken":1,"refused":1}')
    assert [len(each["reports"]) for each in world.receipts.queue.bodies] == [1]
    assert '"ReceiptsUnreadable":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_a_queue_that_is_down_makes_the_carrier_call_again() -> None:
    world = FakeWorld()

    class Down:
        def put(self, *_: object, **__: object) -> None:
            raise Unavailable("aws_busy", "AWS is busy.")

    world.receipts = Down()  # type: ignore[assignment]

    answer = built("take_receipts", world)(receipts({"receipts": [RECEIPT]}), None)

    assert answer["statusCode"] == 503
    assert "Retry-After" in answer["headers"]


def test_a_sandbox_that_cannot_read_its_key_says_so_and_asks_to_be_called_again() -> None:
    world = FakeWorld()

    class Sealed:
        def key(self, purpose: str) -> bytes:
            raise Unavailable("secret_unreadable", f"There is no key for {purpose}.")

    world.seal = Sealed()  # type: ignore[assignment]

    answer = built("sandbox_carrier", world)(
        event("/sandbox/messages", CALL | {"numbers": ["13800130000"]}, KEYS.calls), None
    )

    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (503, "secret_unreadable")
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert "Retry-After" in answer["headers"]
    assert world.sandbox_queue.queue.bodies == []


def test_a_call_to_the_sandbox_comes_back_as_receipts() -> None:
    world = FakeWorld()
    sandbox, webhook = built("sandbox_carrier", world), built("take_receipts", world)
    numbers = ["13800130000", "13800139024", "13800139040"]

    answer = sandbox(event("/sandbox/messages", CALL | {"numbers": numbers}, KEYS.calls), None)
    for _ in range(5):
        world.clock.tick(1)
        world.sandbox_queue.queue.deliver(sandbox)
    for kind, document in world.webhook.posted:
        taken = webhook(event(f"/carriers/sandbox/{kind}", document, KEYS.receipts), None)
        assert taken["statusCode"] == 200

    assert answer["statusCode"] == 200
    assert world.sandbox_queue.queue.waiting == []
    queued = world.receipts.queue.bodies
    assert sum(len(each.get("reports", [])) for each in queued) == 4
    assert sum(len(each.get("inbound", [])) for each in queued) == 1


def test_what_the_webhook_does_not_take_is_posted_again_later() -> None:
    world = FakeWorld()
    sandbox = built("sandbox_carrier", world)
    sandbox(event("/sandbox/messages", CALL | {"numbers": ["13800130000"]}, KEYS.calls), None)
    world.clock.tick(1)

    world.webhook.down = True
    world.sandbox_queue.queue.deliver(sandbox)
    world.webhook.down = False
    world.sandbox_queue.queue.deliver(sandbox)

    assert [kind for kind, _ in world.webhook.posted] == ["receipts"]
    assert world.sandbox_queue.queue.waiting == []


@pytest.mark.parametrize(
    ("called", "status"),
    [
        (event("/sandbox/messages", CALL | {"numbers": ["13800139030"]}, KEYS.calls), 504),
        (event("/sandbox/messages", CALL | {"numbers": ["13800139013"]}, KEYS.calls), 503),
        (event("/sandbox/messages", CALL | {"numbers": ["13800139011"]}, KEYS.calls), 400),
        (event("/sandbox/messages", CALL, KEYS.calls), 400),
        (event("/sandbox/messages", "?", KEYS.calls, isBase64Encoded=True), 400),
        (event("/sandbox/messages", " " * 2_000_000, KEYS.calls), 400),
        (event("/sandbox/messages", CALL, None), 401),
        (event("/sandbox/messages", CALL, KEYS.receipts), 401),
        ({}, 401),
    ],
)
def test_the_sandbox_answers_as_its_table_says(called: dict[str, Any], status: int) -> None:
    assert built("sandbox_carrier", FakeWorld())(called, None)["statusCode"] == status
