"""The world on AWS: made as it is touched, and none of AWS's errors leave it as they are."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders

from openmas.adapters import calls
from openmas.adapters.secrets import AwsSecrets
from openmas.adapters.world import AwsWorld
from openmas.domain.listing import BLACK, Act, ListEntry
from openmas.errors import Conflict, Unavailable
from openmas.settings import SettingMissing, Settings
from tests.fakes import sample
from tests.fakes.world import FakeClock
from tests.integration.conftest import Platform

HEADERS = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0"})


def failing(status: int, code: str) -> AWSResponse:
    """An answer of DynamoDB's that is an error."""
    body = f'{{"__type": "com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}}'.encode()
    return AWSResponse("http://127.0.0.1", status, HEADERS, Body(body))


class Body:
    """A body as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


@contextmanager
def meddling(world: AwsWorld, operation: str, act: Callable[..., Any]) -> Iterator[None]:
    """Before every request of one operation is sent, the act may answer in AWS's stead."""
    events = world._dynamodb.meta.events
    events.register(f"before-send.dynamodb.{operation}", act)
    try:
        yield
    finally:
        events.unregister(f"before-send.dynamodb.{operation}", act)


def test_nothing_is_made_before_it_is_touched() -> None:
    world = AwsWorld(Settings({}))

    assert world.clock.now().microsecond % 1000 == 0
    assert len(world.entropy.draw(8)) == 8
    assert world.seal is world.secrets
    assert {name for name in vars(world) if not name.startswith("_")} == {"clock", "entropy", "secrets"}


@pytest.mark.parametrize(
    ("part", "variable"),
    [
        ("registry", "REGISTRY_TABLE"),
        ("queue", "URGENT_QUEUE_URL"),
        ("receipts", "RECEIPTS_QUEUE_URL"),
        ("carriers", "PLATFORM_URL"),
    ],
)
def test_a_setting_that_is_missing_is_named(platform: Platform, part: str, variable: str) -> None:
    environ = {name: value for name, value in platform.environ.items() if name != variable}
    world = AwsWorld(Settings(environ), platform.session)

    with pytest.raises(SettingMissing, match=variable):
        getattr(world, part)


def test_the_seal_gives_every_purpose_its_own_key(platform: Platform) -> None:
    seal = platform.world().seal

    assert len(seal.key("cursor")) == 32
    assert seal.key("cursor") == platform.world().seal.key("cursor") != seal.key("sandbox")


def test_the_carriers_document_is_at_most_a_minute_old(platform: Platform) -> None:
    clock = FakeClock()
    manager = platform.session.client("secretsmanager", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    arn = manager.create_secret(Name="changing", SecretString="{}")["ARN"]
    secrets = AwsSecrets(lambda: manager, Settings({"CARRIERS_SECRET_ARN": arn}), clock)
    assert secrets.carriers() == {}

    manager.put_secret_value(SecretId=arn, SecretString='{"north": {"kind": "openmas"}}')

    clock.tick(59)
    assert secrets.carriers() == {}
    clock.tick(1)
    assert secrets.carriers() == {"north": {"kind": "openmas"}}


@pytest.mark.parametrize("text", ["", "no", "[]"])
def test_a_secret_that_cannot_be_read_is_tried_again_later(platform: Platform, text: str) -> None:
    manager = platform.session.client("secretsmanager", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    arn = manager.create_secret(Name=f"broken-{text}", SecretString=text or " ")["ARN"]
    secrets = AwsSecrets(lambda: manager, Settings({"CARRIERS_SECRET_ARN": arn}), FakeClock())

    with pytest.raises(Unavailable, match="secret_unreadable"):
        secrets.carriers()


@pytest.mark.parametrize(
    ("status", "code", "means"),
    [
        (400, "ProvisionedThroughputExceededException", "aws_busy"),
        (400, "ThrottlingException", "aws_busy"),
        (500, "InternalServerError", "aws_busy"),
        (503, "ServiceUnavailable", "aws_busy"),
        (400, "ValidationException", "aws_refused"),
        (400, "AccessDeniedException", "aws_refused"),
        (400, "ResourceNotFoundException", "aws_refused"),
    ],
)
def test_an_error_of_awss_leaves_as_one_of_ours(
    platform: Platform, status: int, code: str, means: str
) -> None:
    world = platform.world()

    with (
        meddling(world, "GetItem", lambda **_: failing(status, code)),
        pytest.raises(Unavailable, match=means),
    ):
        world.lists.clock("tacheng-cdc")


def test_an_aws_that_cannot_be_reached_is_unavailable(platform: Platform) -> None:
    world = platform.world(AWS_ENDPOINT_URL="http://127.0.0.1:9")

    with pytest.raises(Unavailable, match="aws_unreachable"):
        world.lists.clock("tacheng-cdc")


def applied_then_lost() -> Callable[..., AWSResponse | None]:
    """The first request reaches AWS and its answer is lost; the library sends it again."""
    lost: list[AWSRequest] = []

    def act(request: Any, **_: object) -> AWSResponse | None:
        if lost:
            return None
        lost.append(request)
        headers = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        urllib3.request(request.method, request.url, body=request.body, headers=headers)
        return failing(500, "InternalServerError")

    return act


def test_a_change_whose_answer_was_lost_is_no_conflict_with_itself(platform: Platform) -> None:
    world = platform.world()
    parcel = replace(sample.parcel(), client="world-lost")
    world.messages.keep_parcels([parcel])
    called = parcel.calling(sample.NOW)

    with meddling(world, "PutItem", applied_then_lost()):
        world.messages.save(called)

    assert world.messages.parcel("world-lost", parcel.id) == called


def test_a_change_that_another_made_first_is_a_conflict_even_if_it_looks_the_same(platform: Platform) -> None:
    here, there = platform.world(), platform.world()
    parcel = replace(sample.parcel(), client="world-race")
    here.messages.keep_parcels([parcel])
    here.messages.save(parcel.calling(sample.NOW))

    with pytest.raises(Conflict):
        there.messages.save(parcel.calling(sample.NOW))


def leaving_all_of_it_once(undone: str) -> Callable[..., AWSResponse | None]:
    """The first request is answered as if AWS had done nothing of it; the next ones by AWS itself."""
    left: list[str] = []

    def act(request: Any, **_: object) -> AWSResponse | None:
        if left:
            return None
        left.append(undone)
        answer = {"Responses": {}, undone: json.loads(request.body)["RequestItems"]}
        return AWSResponse("http://127.0.0.1", 200, HEADERS, Body(json.dumps(answer).encode()))

    return act


def test_keys_that_aws_left_unread_are_asked_for_again(platform: Platform) -> None:
    world = platform.world()
    (number,) = sample.numbers(1)
    world.lists.change("world-unread", BLACK, Act.ADDED, [entry(number)])

    with meddling(world, "BatchGetItem", leaving_all_of_it_once("UnprocessedKeys")):
        listed = world.lists.listed("world-unread", [BLACK], [number])

    assert listed == {BLACK: {number}}


def test_items_that_aws_left_unwritten_are_written_again(platform: Platform) -> None:
    world = platform.world()
    (number,) = sample.numbers(1)

    with meddling(world, "BatchWriteItem", leaving_all_of_it_once("UnprocessedItems")):
        world.lists.change("world-unwritten", BLACK, Act.ADDED, [entry(number)])

    assert world.lists.entry("world-unwritten", BLACK, number) == entry(number)


def test_calls_are_counted_only_when_asked_for(platform: Platform) -> None:
    calls.take()
    parcels = sample.parcels(replace(sample.batch(500), client="world-counted"))

    platform.world().messages.keep_parcels(parcels)
    assert calls.take() == {}

    counting = platform.world(OPENMAS_COUNT_CALLS="1")
    counting.messages.keep_parcels(replace(each, client="world-counted-2") for each in parcels)
    counting.messages.save(replace(parcels[0], client="world-counted-2").rest(sample.NOW + timedelta(days=1)))
    counting.messages.parcel("world-counted-2", parcels[0].id)
    counting.lists.clock("world-counted-2")
    counting.queue.put(parcels[:2])
    counted = calls.take()

    # Five puts at one unit and one for the index; the change costs one, and two for the index.
    assert counted == {"aws_calls": 9, "read_units": 2, "write_units": 13}
    assert calls.take() == {}


def entry(number: str) -> ListEntry:
    return ListEntry(number, "operator", sample.NOW, "asked for it")
