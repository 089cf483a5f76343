import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from openmas.adapters.carriers.openmas import parse_inbound, parse_receipts, read_answer
from openmas.domain.carrier import Accepted, Ambiguous, Answer, Call, Capabilities, NotTaken, Refused
from openmas.domain.sandbox import RULES, keys_from
from openmas.domain.sandbox_calls import Post, Reply, group_of, record
from openmas.errors import Unavailable
from openmas.flows.sandbox import post_due, take_call

REFERENCE = "tacheng-cdc/202511240aaaaaaaaaaaa-0000"
KEY = keys_from(sha256(b"sandbox").digest()).calls


class Clock:
    def now(self) -> datetime:
        return datetime(2025, 11, 24, 1, 30, tzinfo=UTC)


class Seal:
    def key(self, purpose: str) -> bytes:
        return sha256(purpose.encode()).digest()


@dataclass
class World:
    """Everything that happens stands in `events`, in order."""

    queue_down: bool = False
    webhook_down: bool = False
    clock: Clock = field(default_factory=Clock)
    seal: Seal = field(default_factory=Seal)
    events: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def sandbox_queue(self) -> "World":
        return self

    @property
    def webhook(self) -> "World":
        return self

    def put(self, posts: Sequence[Post]) -> None:
        if self.queue_down:
            raise Unavailable("aws_busy", "AWS is busy.")
        self.events += [("queued", post) for post in posts]

    def post(self, kind: str, document: Mapping[str, object]) -> None:
        if self.webhook_down:
            raise Unavailable("webhook_refused", "The platform's webhook answered 503.")
        self.events.append((kind, document))

    def pause(self, duration_s: float, /) -> None:
        self.events.append(("paused", duration_s))


def take(world: World, *numbers: str, attempt: int = 1, key: str | None = KEY) -> Reply:
    call = {
        "reference": REFERENCE,
        "attempt": attempt,
        "port": "1065097332714",
        "text": "【甲】好",
        "numbers": numbers,
    }
    return take_call(world, key, json.dumps(call).encode())


def proved(reply: Reply, *numbers: str) -> Answer:
    """What our own client of the protocol makes of the reply."""
    call = Call(REFERENCE, 1, "1065097332714", "【甲】好", numbers)
    return read_answer(reply.status, reply.body.encode(), call, Capabilities(echoes_reference=True))


def test_an_ordinary_call_is_taken_and_its_receipts_wait_in_one_record() -> None:
    world = World()
    numbers = [f"138001300{n:02d}" for n in range(100)]

    reply = take(world, *numbers)

    assert proved(reply, *numbers) == Accepted(group_of(REFERENCE))
    ((what, post),) = world.events
    assert (what, post.after_s, len(post.receipts)) == ("queued", 1, 100)


def test_a_receipt_can_be_quicker_than_the_answer() -> None:
    world = World()

    reply = take(world, "13800139028", "13800130000")

    assert [what for what, _ in world.events] == ["queued", "receipts"]
    assert [each["number"] for each in world.events[1][1]["receipts"]] == ["13800139028"]
    assert isinstance(proved(reply), Accepted)


def test_a_quick_receipt_that_is_not_let_in_comes_later() -> None:
    world = World(webhook_down=True)

    reply = take(world, "13800139028")

    assert isinstance(proved(reply), Accepted)
    assert [what for what, _ in world.events] == ["queued"]


def test_silence_follows_the_taking() -> None:
    world = World()

    reply = take(world, "13800139031")

    assert [what for what, _ in world.events] == ["queued", "paused"]
    assert isinstance(proved(reply), Accepted)


@pytest.mark.parametrize(
    ("last_four", "attempt", "expected"),
    [
        ("9011", 1, Refused("InvalidMessage")),
        ("9012", 1, NotTaken("503 NotTaken")),
        ("9012", 2, Accepted(group_of(REFERENCE))),
        ("9013", 7, NotTaken("503 NotTaken")),
        ("9030", 1, Ambiguous("status 504")),
        ("9030", 2, Accepted(group_of(REFERENCE))),
        ("9033", 2, Refused("RepeatedContent", repeated=True)),
    ],
)
def test_our_client_understands_every_misbehaviour(last_four: str, attempt: int, expected: Answer) -> None:
    assert proved(take(World(), f"1380013{last_four}", attempt=attempt)) == expected


@pytest.mark.parametrize("key", [None, "", "key", KEY.upper(), "é"])
def test_a_stranger_is_not_taken_and_leaves_no_trace(key: str | None) -> None:
    world = World()

    reply = take(world, "13800130000", key=key)

    assert reply.status == 401
    assert isinstance(proved(reply), NotTaken)
    assert world.events == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"x" * 300_000])
def test_what_is_no_call_is_refused_and_leaves_no_trace(body: bytes) -> None:
    world = World()

    reply = take_call(world, KEY, body)

    assert reply.status == 400
    assert proved(reply) == Refused("InvalidMessage")
    assert world.events == []


def test_a_call_whose_receipts_cannot_be_queued_is_not_taken() -> None:
    for number in ("13800130000", "13800139028", "13800139030"):
        reply = take(World(queue_down=True, webhook_down=True), number)

        assert proved(reply) == NotTaken("503 NotTaken")


def test_everything_that_is_posted_can_be_read_by_our_own_webhook() -> None:
    world = World()
    take(
        world,
        *(f"1380013{rule.last_four}" for rule in RULES if rule.last_four not in ("9011", "9012", "9013")),
    )
    waiting = [record(post) for what, post in world.events if what == "queued"]
    later = World()

    told = post_due(later, json.loads(json.dumps(waiting)))

    parsed = [*later.events, *(event for event in world.events if event[0] == "receipts")]
    receipts = [r for kind, each in parsed if kind == "receipts" for r in parse_receipts(json.dumps(each))[0]]
    inbound = [mo for kind, each in parsed if kind == "inbound" for mo in parse_inbound(json.dumps(each))[0]]
    assert told == {"receipts": len(receipts) - 1, "inbound": 3}
    assert {receipt.reference for receipt in receipts} == {REFERENCE}
    assert [mo.text for mo in inbound] == ["R", "退订", "收到，谢谢"]


def test_what_is_due_is_posted_a_hundred_together() -> None:
    world = World()
    due = [{"receipts": [{"number": f"{n}{i}"} for i in range(40)], "inbound": []} for n in range(6)]

    told = post_due(world, [*due, {}])

    assert [len(each["receipts"]) for _, each in world.events] == [100, 100, 40]
    assert told == {"receipts": 240, "inbound": 0}


def test_a_webhook_that_refuses_lets_the_records_come_again() -> None:
    with pytest.raises(Unavailable):
        post_due(World(webhook_down=True), [{"receipts": [{"number": "13800130000"}]}])
