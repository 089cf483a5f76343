from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from openmas.adapters.carriers.directory import CarrierDirectory
from openmas.domain.carrier import Capabilities
from openmas.domain.sandbox import keys_from
from openmas.errors import NotAllowed, NotFound, OpenMasError, Unavailable

ENTRY = {
    "kind": "openmas",
    "url": "http://127.0.0.1:9/messages",
    "key": "outbound",
    "receipt_keys_sha256": [sha256(b"inbound").hexdigest().upper()],
    "addresses": ["192.0.2.0/24"],
    "recipients_max": 100,
    "echoes_reference": True,
    "deduplicates_s": 60,
}


@dataclass
class Secrets:
    document: dict[str, Any] = field(default_factory=dict)

    def key(self, purpose: str) -> bytes:
        return sha256(purpose.encode()).digest()

    def carriers(self) -> Mapping[str, Any]:
        return self.document


class Clock:
    def now(self) -> datetime:
        return datetime(2025, 11, 24, tzinfo=UTC)


def directory(**document: object) -> CarrierDirectory:
    return CarrierDirectory(Secrets(dict(document)), "http://127.0.0.1:9", Clock())


def test_a_carrier_has_the_capabilities_of_its_entry() -> None:
    assert directory(north=ENTRY).named("north").capabilities == Capabilities(True, 60)


def test_what_an_entry_leaves_out_is_the_careful_choice() -> None:
    short = {name: ENTRY[name] for name in ("kind", "url", "key")}

    assert directory(north=short).named("north").capabilities == Capabilities(False, 0)
    with pytest.raises(NotAllowed):
        directory(north=short).receiver("north").door.admit("inbound", "192.0.2.1")


def test_a_carrier_stays_the_same_until_its_entry_changes() -> None:
    secrets = Secrets({"north": ENTRY})
    carriers = CarrierDirectory(secrets, "http://127.0.0.1:9", Clock())
    first = carriers.named("north")

    secrets.document = {"north": dict(ENTRY)}
    same = carriers.named("north")
    secrets.document = {"north": ENTRY | {"key": "another"}}
    other = carriers.named("north")

    assert same is first
    assert other is not first


def test_the_webhook_knows_the_carriers_keys_and_addresses() -> None:
    door = directory(north=ENTRY).receiver("north").door

    door.admit("inbound", "192.0.2.7")
    with pytest.raises(NotAllowed):
        door.admit("inbound", "203.0.113.9")
    with pytest.raises(NotAllowed):
        door.admit("outbound", "192.0.2.7")


@pytest.mark.parametrize("document", [{}, {"sandbox": ENTRY}, {"sandbox": None}])
def test_the_sandbox_is_always_there_and_cannot_be_set_otherwise(document: dict[str, object]) -> None:
    carriers = directory(**document)
    keys = keys_from(Secrets().key("sandbox"))

    assert carriers.named("sandbox").capabilities == Capabilities(True, 86_400)
    carriers.receiver("sandbox").door.admit(keys.receipts, "203.0.113.9")
    with pytest.raises(NotAllowed):
        carriers.receiver("sandbox").door.admit(keys.calls, "203.0.113.9")


@pytest.mark.parametrize("name", ["south", "", "kind", "north/..", "__class__"])
def test_an_unknown_carrier_is_waited_for_but_not_listened_to(name: str) -> None:
    carriers = directory(north=ENTRY, kind="openmas")

    with pytest.raises(Unavailable):
        carriers.named(name)
    with pytest.raises(NotFound):
        carriers.receiver(name)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "yunmas"},
        {"kind": None},
        {"url": None},
        {"url": ""},
        {"url": "/messages"},
        {"url": "ftp://127.0.0.1/messages"},
        {"url": "file:///etc/hosts"},
        {"url": "http:///messages"},
        {"url": "http://user:word@127.0.0.1/"},
        {"url": "http://[::1"},
        {"url": "http://127.0.0.1:99999/"},
        {"key": None},
        {"key": ""},
        {"key": "two\nlines"},
        {"echoes_reference": "yes"},
        {"deduplicates_s": -1},
        {"deduplicates_s": True},
        {"recipients_max": 0},
        {"recipients_max": 99},
        {"recipients_max": "100"},
    ],
)
def test_an_entry_that_cannot_be_called_is_waited_for(change: dict[str, object]) -> None:
    with pytest.raises(Unavailable) as caught:
        directory(north=ENTRY | change).named("north")

    assert caught.value.code == "carrier_unusable"


def test_a_carrier_that_cannot_take_a_whole_parcel_is_not_called_and_the_operator_told_why() -> None:
    with pytest.raises(Unavailable) as caught:
        directory(north=ENTRY | {"recipients_max": 50}).named("north")

    assert "a parcel is one call, and its recipients_max is below 100" in caught.value.detail


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "yunmas"},
        {"receipt_keys_sha256": ["inbound"]},
        {"receipt_keys_sha256": "inbound"},
        {"receipt_keys_sha256": 7},
        {"addresses": "192.0.2.0/24"},
        {"addresses": ["192.0.2.0/33"]},
        {"addresses": [None]},
    ],
)
def test_an_entry_that_cannot_guard_the_door_closes_it(change: dict[str, object]) -> None:
    with pytest.raises(OpenMasError) as caught:
        directory(north=ENTRY | change).receiver("north")

    assert caught.value.code == "carrier_unusable"
    assert "inbound" not in str(caught.value)
