import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_network

import pytest

from openmas.adapters.carriers.openmas import OpenMasReceiver
from openmas.domain.inbound import Mo
from openmas.domain.receipts import Report
from openmas.domain.webhook import Door
from openmas.errors import InvalidInput, LimitExceeded, NotAllowed, NotFound, OpenMasError, Unavailable
from openmas.flows.take_receipts import Taken, take_inbound, take_receipts

RECEIPT = {"group": "G1", "number": "13800130001", "code": "DELIVRD", "at": "20251124093000"}
MO = {"id": "i1", "number": "13800130001", "port": "1065097332714", "text": "R", "at": "20251124093000"}
NEAR = "192.0.2.1"


@dataclass
class Carriers:
    def receiver(self, name: str) -> OpenMasReceiver:
        if name != "north":
            raise NotFound("carrier_unknown", "There is no carrier of this name.")
        return OpenMasReceiver(Door((sha256(b"key").hexdigest(),), (ip_network("192.0.2.0/24"),)))


@dataclass
class Receipts:
    queued: list[tuple[str, Sequence[Report]]] = field(default_factory=list)
    inbound: list[tuple[str, Sequence[Mo]]] = field(default_factory=list)
    down: bool = False

    def put(self, carrier: str, reports: Sequence[Report], *, tries: int = 0, delay_s: int = 0) -> None:
        if self.down:
            raise Unavailable("aws_busy", "AWS is busy.")
        self.queued.append((carrier, reports))

    def put_inbound(self, carrier: str, messages: Sequence[Mo]) -> None:
        self.inbound.append((carrier, messages))


@dataclass
class World:
    carriers: Carriers = field(default_factory=Carriers)
    receipts: Receipts = field(default_factory=Receipts)


def body(kind: str, *items: object) -> bytes:
    return json.dumps({kind: items}).encode()


def test_receipts_are_queued_as_the_carrier_worded_them_and_counted() -> None:
    world = World()

    taken = take_receipts(world, "north", "key", NEAR, body("receipts", RECEIPT, {}, RECEIPT))

    assert taken == Taken(2, 1)
    ((carrier, reports),) = world.receipts.queued
    assert carrier == "north"
    assert [each.number for each in reports] == ["13800130001"] * 2


def test_inbound_messages_are_queued_and_counted() -> None:
    world = World()

    taken = take_inbound(world, "north", "key", NEAR, body("inbound", MO, MO | {"at": ""}))

    assert taken == Taken(1, 1)
    ((carrier, messages),) = world.receipts.inbound
    assert (carrier, [each.id for each in messages]) == ("north", ["i1"])


@pytest.mark.parametrize("take", [take_receipts, take_inbound])
@pytest.mark.parametrize(
    ("carrier", "key", "source", "handed_in", "error"),
    [
        ("south", "key", NEAR, body("receipts", RECEIPT), NotAllowed),
        ("south", None, NEAR, body("receipts", RECEIPT), NotAllowed),
        ("north", None, NEAR, body("receipts", RECEIPT), NotAllowed),
        ("north", "yek", NEAR, body("receipts", RECEIPT), NotAllowed),
        ("north", "key", "203.0.113.9", body("receipts", RECEIPT), NotAllowed),
        ("north", "key", NEAR, b"", InvalidInput),
        ("north", "key", NEAR, body("strange", RECEIPT), InvalidInput),
        ("north", "key", NEAR, b" " * 300_000, LimitExceeded),
        ("north", "yek", NEAR, b"", NotAllowed),
    ],
)
def test_whatever_is_wrong_nothing_is_queued_and_strangers_are_not_read(
    take: Callable[..., Taken],
    carrier: str,
    key: str | None,
    source: str,
    handed_in: bytes,
    error: type[OpenMasError],
) -> None:
    world = World()

    with pytest.raises(error):
        take(world, carrier, key, source, handed_in)

    assert world.receipts == Receipts()


def test_a_queue_that_does_not_answer_makes_the_carrier_call_again() -> None:
    world = World(receipts=Receipts(down=True))

    with pytest.raises(Unavailable):
        take_receipts(world, "north", "key", NEAR, body("receipts", RECEIPT))
