"""What is put into a queue is what is read from it, and what is none of ours is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain import records
from openmas.domain.inbound import Brought, Mo
from openmas.domain.receipts import Report, Reported
from openmas.errors import InvalidInput
from tests.fakes import sample

MO = {"id": "", "number": "", "port": "", "text": "", "at": 0}

texts = st.text(max_size=40)
seconds = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
reports = st.builds(Report, texts, texts, seconds, st.none() | texts, st.none() | texts)
messages = st.builds(Mo, texts, texts, texts, texts, seconds)


def over_the_wire(body: records.Body) -> Any:
    return json.loads(json.dumps(body))


@given(st.builds(Reported, texts, st.lists(reports, max_size=9).map(tuple), st.integers(0, 9)))
def test_reports_are_read_as_they_were_put(reported: Reported) -> None:
    assert records.receipts_record(over_the_wire(records.receipts_body(reported))) == reported


@given(texts, st.lists(messages, max_size=9))
def test_inbound_messages_are_read_as_they_were_put(carrier: str, found: list[Mo]) -> None:
    body = over_the_wire(records.inbound_body(carrier, found))

    assert records.inbound_record(body) == Brought(carrier, tuple(found))


def test_a_parcel_and_a_night_are_read_as_they_were_put() -> None:
    parcel = over_the_wire(records.parcel_body(replace(sample.parcel(), attempt=3)))
    night = over_the_wire(records.night_body("tacheng-cdc", date(2025, 11, 24)))

    assert records.parcel_record(parcel) == ("tacheng-cdc", "202511240aaaaaaaaaaaa-0000", 3)
    assert records.night_record(night) == ("tacheng-cdc", date(2025, 11, 24))


@given(texts, texts, st.none() | texts, st.booleans())
def test_a_release_and_a_cancellation_are_read_as_they_were_put(
    client: str, batch: str, after: str | None, cancel: bool
) -> None:
    body = over_the_wire(records.release_body(client, batch, after, cancel=cancel))

    assert records.release_record(body) == (client, batch, after, cancel)


@given(texts, st.none() | texts, st.lists(texts))
def test_a_port_to_be_looked_at_is_read_as_it_was_put(
    client: str, port: str | None, parcels: list[str]
) -> None:
    body = over_the_wire(records.port_body(client, port, parcels))

    assert records.port_record(body) == (client, port, tuple(parcels))


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (records.port_record, {"client": "a", "port": 1}),
        (records.port_record, {"client": "a", "port": "b", "parcels": "c"}),
        (records.port_record, {"client": "a", "port": "b", "parcels": [1]}),
        (records.port_record, {"port": "b"}),
        (records.port_record, {"client": "a"}),
        (records.release_record, {"client": "a", "batch": "b", "cancel": 1}),
        (records.parcel_record, {}),
        (records.parcel_record, {"client": "a", "parcel": 1, "attempt": 0}),
        (records.parcel_record, {"client": "a", "parcel": "b", "attempt": True}),
        (records.receipts_record, {"carrier": "a", "tries": 0}),
        (records.receipts_record, {"carrier": "a", "tries": 0, "reports": [{"number": "1"}]}),
        (records.receipts_record, {"carrier": "a", "tries": 0, "reports": [1]}),
        (records.receipts_record, {"carrier": "a", "tries": 0, "reports": None}),
        (records.inbound_record, {"inbound": []}),
        (records.inbound_record, {"carrier": "a", "inbound": [{"id": "1"}]}),
        (records.inbound_record, {"carrier": "a", "inbound": 1}),
        (records.inbound_record, {"carrier": "a", "inbound": [{**MO, "at": 1e40}]}),
        (records.night_record, {"client": "a", "as_of": "soon"}),
    ],
)
def test_a_record_that_is_none_of_ours_is_told(
    read: Callable[[records.Body], object], body: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match="record_unreadable"):
        read(body)
