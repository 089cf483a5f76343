"""GET /v1/batches, messages, inbound, usage and statements, as clients meet them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from openmas.domain import reasons
from openmas.domain.batch import Batch, cut
from openmas.domain.carrier import Accepted
from openmas.domain.inbound import Inbound
from openmas.domain.profile import Client, Mode, Scope
from openmas.domain.receipts import Receipt
from tests.fakes import sample
from tests.fakes.gateway import Gateway, Told, client_key
from tests.fakes.world import FakeWorld


def reading(**limits: Any) -> tuple[Gateway, str]:
    gateway = Gateway("read_messages")
    return gateway, gateway.key(scopes=frozenset({Scope.READ}), **limits)


def keep(world: FakeWorld, recipients: int, **facts: Any) -> Batch:
    batch = replace(sample.batch(recipients), **facts)
    world.messages.keep_parcels(cut(batch, sample.numbers(batch.accepted)))
    world.messages.keep_batch(batch)
    return batch


def settle(world: FakeWorld, batch: Batch, codes: dict[int, str]) -> None:
    """The first parcel is taken by its carrier, and these of its messages have a receipt."""
    for parcel in list(world.messages.parcels.values()):
        if parcel.id != f"{batch.id}-0000":
            continue
        calling = parcel.calling(sample.NOW)
        world.messages.save(calling)
        taken = calling.answered(Accepted("G1", {parcel.numbers[0]: "IllegalMobile"}), 1, sample.NOW)
        world.messages.save(taken)
        receipts = [Receipt(place, code, sample.NOW) for place, code in codes.items()]
        world.messages.save(taken.merge(receipts, sample.NOW))


def ask(gateway: Gateway, key: str, path: str, **query: str) -> Told:
    return gateway.ask("GET", path, key=key, query=query)


def test_a_batch_is_told_with_its_messages_counted_by_state() -> None:
    gateway, key = reading()
    batch = keep(gateway.world, 150)
    settle(gateway.world, batch, {1: "DELIVRD", 2: "DELIVRD", 3: "UNDELIV"})

    told = ask(gateway, key, f"/v1/batches/{batch.id}")

    assert told.status == 200
    assert {state: n for state, n in told.json["states"].items() if n} == {
        "queued": 50,
        "submitted": 96,
        "delivered": 2,
        "failed": 1,
        "refused": 1,
    }
    assert told.json["units_charged"] == 99
    assert (told.json["batch"], told.json["accepted"], told.json["units"]) == (batch.id, 150, 150)


def test_a_test_batch_charges_nothing() -> None:
    gateway, key = reading()
    batch = keep(gateway.world, 5, test=True)
    settle(gateway.world, batch, {1: "DELIVRD"})

    assert ask(gateway, key, f"/v1/batches/{batch.id}").json["units_charged"] == 0


def test_a_message_is_told_with_the_carriers_own_codes() -> None:
    gateway, key = reading()
    batch = keep(gateway.world, 5)
    settle(gateway.world, batch, {1: "MK:0001"})

    failed = ask(gateway, key, f"/v1/messages/{batch.id}-0000-01").json
    refused = ask(gateway, key, f"/v1/messages/{batch.id}-0000-00").json

    assert failed == {
        "message": f"{batch.id}-0000-01",
        "number": "13800130001",
        "state": "failed",
        "units": 1,
        "receipts": [{"code": "MK:0001", "at": "2025-11-24T01:30:00Z"}],
        "refused": None,
        "text": batch.text,
    }
    assert refused["state"] == "refused"
    assert refused["refused"]["code"] == reasons.CARRIER_NUMBER_REFUSED
    assert refused["refused"]["carrier_code"] == "IllegalMobile"


@pytest.mark.parametrize("limit", [1, 7, 99, 100, 101, 250, 1_000])
def test_the_pages_of_a_batch_hold_each_message_once_and_in_order(limit: int) -> None:
    gateway, key = reading()
    batch = keep(gateway.world, 250)
    path = f"/v1/batches/{batch.id}/messages"

    found: list[str] = []
    query, pages = {"limit": str(limit)}, 0
    while pages <= 250:
        page = ask(gateway, key, path, **query).json
        found += [each["number"] for each in page["messages"]]
        pages += 1
        if page["cursor"] is None:
            break
        query = {"limit": str(limit), "cursor": page["cursor"]}

    assert tuple(found) == sample.numbers(250)
    assert pages == -(-250 // limit)


def test_inbound_messages_of_a_day_come_in_pages() -> None:
    gateway, key = reading()
    for n in range(5):
        at = sample.NOW + timedelta(seconds=n)
        gateway.world.messages.keep_inbound(
            Inbound(f"in-{n}", sample.CLIENT, f"1380013000{n}", "1065097332714", "R", at), at
        )

    first = ask(gateway, key, "/v1/inbound", limit="3").json
    rest = ask(gateway, key, "/v1/inbound", limit="3", cursor=first["cursor"], day="2025-11-24").json

    assert [each["id"] for each in first["inbound"] + rest["inbound"]] == [f"in-{n}" for n in range(5)]
    assert rest["cursor"] is None
    assert first["inbound"][0] == {
        "id": "in-0",
        "number": "13800130000",
        "port": "1065097332714",
        "text": "R",
        "at": "2025-11-24T01:30:00Z",
    }
    assert ask(gateway, key, "/v1/inbound", day="2025-11-23").json == {"inbound": [], "cursor": None}


def test_inbound_messages_of_one_id_are_paged_through_once() -> None:
    gateway, key = reading()
    for n in range(4):
        at = sample.NOW + timedelta(seconds=n)
        gateway.world.messages.keep_inbound(
            Inbound("same", sample.CLIENT, f"1380013000{n}", "1065097332714", "R", at), at
        )

    page = ask(gateway, key, "/v1/inbound", limit="1").json
    found = list(page["inbound"])
    for _ in range(3):
        page = ask(gateway, key, "/v1/inbound", limit="1", cursor=page["cursor"]).json
        found += page["inbound"]

    assert [each["number"] for each in found] == [f"1380013000{n}" for n in range(4)]
    assert page["cursor"] is None


def test_usage_tells_what_is_left_of_the_bundle() -> None:
    gateway, key = reading()
    settle(gateway.world, keep(gateway.world, 100), {1: "DELIVRD"})

    told = ask(gateway, key, "/v1/usage")

    assert told.status == 200
    assert (told.json["year_start_on"], told.json["year_end_on"]) == ("2025-11-20", "2026-11-19")
    assert told.json["bundle_left"] == 1_000_000 - 99


def test_a_day_without_a_statement_is_not_found() -> None:
    gateway, key = reading()

    told = ask(gateway, key, "/v1/statements/2025-11-23")

    assert (told.status, told.code) == (404, "statement_unknown")


BATCH = "202511240aaaaaaaaaaaa"


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        (f"/v1/batches/{BATCH}", {}, 404, "batch_unknown"),
        ("/v1/batches/nothing", {}, 404, "batch_unknown"),
        ("/v1/batches/%00%0a", {}, 404, "batch_unknown"),
        ("/v1/batches/%E5%A1%94", {}, 404, "batch_unknown"),
        ("/v1/batches/%ED%A0%80", {}, 404, "batch_unknown"),
        ("/v1/batches/999999990aaaaaaaaaaaa", {}, 404, "batch_unknown"),
        ("/v1/batches/" + "9" * 5_000, {}, 404, "batch_unknown"),
        (f"/v1/batches/{BATCH}/messages", {}, 404, "batch_unknown"),
        (f"/v1/messages/{BATCH}-0000-00", {}, 404, "message_unknown"),
        (f"/v1/messages/{BATCH}-0000", {}, 404, "message_unknown"),
        ("/v1/messages/x", {}, 404, "message_unknown"),
        ("/v1/inbound", {"day": "2025-02-30"}, 400, "day_malformed"),
        ("/v1/inbound", {"day": "20251124"}, 400, "day_malformed"),
        ("/v1/inbound", {"day": "２０２５-11-24"}, 400, "day_malformed"),
        ("/v1/inbound", {"day": "0000-00-00"}, 400, "day_malformed"),
        ("/v1/inbound", {"limit": "0"}, 400, "query_invalid"),
        ("/v1/inbound", {"limit": "1001"}, 400, "query_invalid"),
        ("/v1/inbound", {"limit": "1_0"}, 400, "query_invalid"),
        ("/v1/inbound", {"limit": "ten"}, 400, "query_invalid"),
        ("/v1/inbound", {"limit": ""}, 400, "query_invalid"),
        ("/v1/inbound", {"page": "2"}, 400, "query_invalid"),
        ("/v1/inbound", {"cursor": "x"}, 400, "cursor_invalid"),
        ("/v1/inbound", {"cursor": ""}, 400, "cursor_invalid"),
        ("/v1/inbound", {"cursor": "汉"}, 400, "cursor_invalid"),
        ("/v1/inbound", {"cursor": "A" * 100_000}, 400, "cursor_invalid"),
        ("/v1/statements/yesterday", {}, 400, "day_malformed"),
        ("/v1/statements/9999-12-31", {}, 404, "statement_unknown"),
        ("/v1/statements/0001-01-01", {}, 404, "statement_unknown"),
        ("/v1/batches", {}, 404, "route_unknown"),
        ("/v1/", {}, 404, "route_unknown"),
    ],
)
def test_a_request_that_names_nothing_is_a_problem(
    path: str, query: dict[str, str], status: int, code: str
) -> None:
    gateway, key = reading()

    told = gateway.ask("GET", path, key=key, query=query)

    assert (told.status, told.code) == (status, code)


def test_what_belongs_to_another_client_does_not_exist() -> None:
    gateway, _ = reading()
    batch = keep(gateway.world, 3)
    gateway.world.registry.keep_client(Client("another-one", "另一单位"))
    stranger = client_key(gateway.world, "another-one", Mode.LIVE, frozenset(Scope))

    paths = [
        f"/v1/batches/{batch.id}",
        f"/v1/batches/{batch.id}/messages",
        f"/v1/messages/{batch.id}-0000-00",
    ]
    told = [ask(gateway, stranger, path) for path in paths]

    assert [(each.status, each.code) for each in told] == [
        (404, "batch_unknown"),
        (404, "batch_unknown"),
        (404, "message_unknown"),
    ]


def test_a_cursor_of_one_listing_opens_no_other() -> None:
    gateway, key = reading()
    one, other = keep(gateway.world, 3), keep(gateway.world, 3, id=f"{BATCH[:-1]}b")
    cursor = ask(gateway, key, f"/v1/batches/{one.id}/messages", limit="1").json["cursor"]

    told = ask(gateway, key, f"/v1/batches/{other.id}/messages", cursor=cursor)

    assert (told.status, told.code) == (400, "cursor_invalid")


def test_a_parcel_whose_batch_was_never_kept_does_not_exist() -> None:
    gateway, key = reading()
    parcel = sample.parcel()
    gateway.world.messages.keep_parcels([parcel])

    told = ask(gateway, key, f"/v1/messages/{parcel.id}-00")

    assert (told.status, told.code) == (404, "message_unknown")


def test_reading_needs_the_scope_to_read() -> None:
    gateway, _ = reading()
    sending = gateway.key(scopes=frozenset({Scope.SEND}))

    for path in [f"/v1/batches/{BATCH}", "/v1/inbound", "/v1/usage", "/v1/statements/2025-11-23"]:
        assert ask(gateway, sending, path).code == "scope_missing"
        assert gateway.ask("GET", path).code == "key_missing"
