"""send_at and DELETE /v1/batches/{batch}, as clients meet them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from openmas.domain.profile import Mode, Scope
from tests.fakes import sample
from tests.fakes.gateway import Gateway, Told
from tests.fakes.world import FakeWorld

BODY = {"template": "flu-notice", "parameters": {"place": "塔城"}, "recipients": ["13800130001"]}


def submit(gateway: Gateway, send_at: object, idem: str = "k-1", mode: Mode = Mode.TEST) -> Told:
    headers, body = {"idempotency-key": idem}, {**BODY, "send_at": send_at}
    return gateway.ask("POST", "/v1/batches", body, key=gateway.key(mode), headers=headers)


def submitting(**term: Any) -> Gateway:
    gateway = Gateway("submit_batches")
    first = sample.contract()
    changed = replace(first, version=2, term=replace(first.term, **term))
    sample.put_in_force(gateway.world.registry, sample.CLIENT, changed)
    return gateway


def cancelling(world: FakeWorld) -> Gateway:
    return Gateway("cancel_batches", world)


@pytest.mark.parametrize(
    "written",
    [
        "2025-11-28T09:30:00+08:00",
        "2025-11-28T01:30:00Z",
        "2025-11-28T01:30:00.0Z",
        "2025-11-28T01:29:59.000001Z",
        "2025-11-27T13:30:00-12:00",
    ],
)
def test_a_time_is_told_back_in_utc_and_validity_counts_from_it(written: str) -> None:
    gateway = submitting()

    told = submit(gateway, written)

    assert told.status == 202
    assert (told.json["send_at"], told.json["valid_until"]) == (
        "2025-11-28T01:30:00Z",
        "2025-11-29T01:30:00Z",
    )
    assert told.json["batch"].startswith("20251128")
    assert told.json["accepted_at"] == "2025-11-24T01:30:00Z"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2025-11-28T09:30:00",
            "2025-11-28 09:30:00Z",
            "2025-11-28T09:30Z",
            "2025-11-28",
            "20251128T093000Z",
        ),
        *("2025-11-28T09:30:00+08", "2025-11-28T09:30:00+0800", "2025-11-28T09:30:00 +08:00", "tomorrow", ""),
        *(
            "2025-11-28T24:00:00Z",
            "2025-02-30T09:30:00Z",
            "2025-11-28T09:30:60Z",
            "2025-11-28T09:30:00+24:00",
        ),
        *(
            "2025-11-28T09:30:00Z\n",
            "\u0662025-11-28T09:30:00Z",
            "2025-11-28t09:30:00z",
            "9999-12-31T23:59:59-01:00",
        ),
        *(1764293400, True, ["2025-11-28T09:30:00Z"], {"at": "2025-11-28T09:30:00Z"}),
    ],
)
def test_a_time_that_says_not_just_when_is_an_error_in_its_place(written: object) -> None:
    gateway = submitting()

    told = submit(gateway, written)

    assert (told.status, told.code) == (400, "body_invalid")
    assert [each["pointer"] for each in told.json["errors"]] == ["/send_at"]
    assert gateway.world.messages.intents == {}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2025-11-24T01:30:00Z", "send_at_past"),
        ("0001-01-01T00:00:00Z", "send_at_past"),
        ("2025-12-29T01:30:01Z", "send_at_too_far"),
        ("9999-12-31T23:59:59Z", "send_at_too_far"),
    ],
)
def test_a_time_must_lie_ahead_and_within_35_days(written: str, code: str) -> None:
    told = submit(submitting(), written)

    assert (told.status, told.code) == (400, code)


def test_a_send_surely_after_the_term_is_refused_with_clause_9() -> None:
    gateway = submitting(end_on=date(2025, 11, 27), renew_months=0)

    last, after = (
        submit(gateway, "2025-11-27T23:59:59+08:00"),
        submit(gateway, "2025-11-28T00:00:00+08:00", "k-2"),
    )

    assert (last.status, last.json["warnings"]) == (202, [])
    assert (after.status, after.code, after.json["clause"]) == (403, "send_after_term", "9")


def test_a_send_that_hangs_on_a_renewal_is_accepted_with_a_warning_and_a_retry_is_told_the_same() -> None:
    gateway = submitting(end_on=date(2025, 11, 27), notice_days=0)

    told, again = submit(gateway, "2025-11-28T00:00:00+08:00"), submit(gateway, "2025-11-28T00:00:00+08:00")

    assert told.status == 202
    assert [(each["code"], each["clause"]) for each in told.json["warnings"]] == [("hangs_on_renewal", "9")]
    assert again.json == told.json


def test_a_cancelled_batch_says_how_much_of_it_was_and_says_it_again() -> None:
    submitted = submitting()
    batch = submit(submitted, "2025-11-28T09:30:00+08:00").json["batch"]
    gateway = cancelling(submitted.world)

    first, second = (gateway.ask("DELETE", f"/v1/batches/{batch}", key=gateway.key()) for _ in range(2))

    counted = {"cancelled": 1, "already_sent": 0, "already_closed": 0, "being_cancelled": 0}
    wanted = {"batch": batch, **counted, "unread_file": False}
    assert (first.status, first.json) == (second.status, second.json) == (200, wanted)
    assert submitted.world.schedule.planned == {}


def test_a_cancelled_message_is_refused_with_its_reason() -> None:
    submitted = submitting()
    batch = submit(submitted, "2025-11-28T09:30:00+08:00").json["batch"]
    gateway = cancelling(submitted.world)
    gateway.ask("DELETE", f"/v1/batches/{batch}", key=gateway.key())

    reading = Gateway("read_messages", submitted.world)
    told = reading.ask("GET", f"/v1/batches/{batch}/messages", key=reading.key())

    (message,) = told.json["messages"]
    assert (message["state"], message["refused"]["code"]) == ("refused", "cancelled")


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/v1/batches/202511241aaaaaaaaaaab", {}, "batch_unknown"),
        ("/v1/batches/everything", {}, "batch_unknown"),
        ("/v1/batches", {}, "route_unknown"),
    ],
)
def test_what_is_not_there_cannot_be_cancelled(path: str, query: Mapping[str, str], code: str) -> None:
    gateway = cancelling(FakeWorld().with_sample())

    told = gateway.ask("DELETE", path, key=gateway.key(), query=query)

    assert (told.status, told.code) == (404, code)


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.TEST])
def test_a_key_cancels_only_what_keys_of_its_kind_submitted(mode: Mode) -> None:
    submitted = submitting()
    batch = submit(submitted, "2025-11-28T09:30:00+08:00", mode=mode).json["batch"]
    gateway = cancelling(submitted.world)
    other = Mode.TEST if mode is Mode.LIVE else Mode.LIVE

    told = gateway.ask("DELETE", f"/v1/batches/{batch}", key=gateway.key(other))
    own = gateway.ask("DELETE", f"/v1/batches/{batch}", key=gateway.key(mode))

    assert (told.status, told.code) == (404, "batch_unknown")
    assert (own.status, own.json["cancelled"]) == (200, 1)


def test_only_a_key_that_may_send_may_cancel() -> None:
    submitted = submitting()
    batch = submit(submitted, "2025-11-28T09:30:00+08:00").json["batch"]
    gateway = cancelling(submitted.world)
    key = gateway.key(scopes=frozenset(Scope) - {Scope.SEND})

    told = gateway.ask("DELETE", f"/v1/batches/{batch}", key=key)

    assert (told.status, told.code) == (403, "scope_missing")
    assert {parcel.refused == {} for parcel in submitted.world.messages.parcels.values()} == {True}


def test_a_retry_is_told_of_its_batch_also_when_the_time_has_passed() -> None:
    gateway = submitting()
    first = submit(gateway, "2025-11-24T10:00:00+08:00")
    gateway.world.clock.tick(hours=23)

    again = submit(gateway, "2025-11-24T10:00:00+08:00")

    assert (again.status, again.json) == (202, first.json)
