"""Bodies are read strictly, answers written plainly."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.edge.request import Request
from openmas.edge.wire import (
    Wire,
    batch_document,
    day,
    masked,
    plain,
    query,
    read_body,
    time_text,
)
from openmas.edge.wire_lists import NumbersBody
from openmas.edge.wire_submission import BatchBody, read_submission
from openmas.errors import InvalidInput, Rejected
from tests.fakes import sample

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.sampled_from([*BatchBody.model_fields, *NumbersBody.model_fields, "x"])


def refused(act: Callable[..., object], *given: object) -> Rejected | None:
    """Why what was given is refused; None if it is not. Any other error is a fault."""
    try:
        act(*given)
    except Rejected as error:
        return error
    return None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_submission_or_refused(body: bytes) -> None:
    error = refused(read_submission, body)

    assert error is None or error.code in {"body_invalid", "text_or_template"}


@pytest.mark.parametrize("model", [BatchBody, NumbersBody])
@given(document=st.dictionaries(MEMBERS, JSON))
def test_any_json_is_a_body_or_refused_with_the_places(
    model: type[Wire], document: dict[str, object]
) -> None:
    error = refused(read_body, model, json.dumps(document).encode())

    assert error is None or error.code == "body_invalid"
    assert error is None or all(re.fullmatch("(/.*)?", fault.pointer, re.DOTALL) for fault in error.faults)


def test_a_submission_is_read_into_the_words_of_the_domain() -> None:
    kinds = {"category": "notice", "service": "ordinary_black"}
    body = {"text": "您好", **kinds, "recipients": ["1"], "valid_for_s": 60}

    submission = read_submission(json.dumps(body).encode())

    assert (submission.text, submission.recipients, submission.valid_for_s) == ("您好", ("1",), 60)
    assert (str(submission.category), str(submission.service)) == ("notice", "ordinary_black")


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.lists(st.integers(0, 99), unique=True), max_size=2))
def test_refused_places_are_told_in_the_order_of_the_request(places: dict[str, list[int]]) -> None:
    codes = {"a": "number_malformed", "b": "number_duplicate"}
    refused = {codes[name]: tuple(found) for name, found in places.items()}
    batch = replace(sample.batch(500), refused=refused)

    told = batch_document(batch)["refused"]

    assert isinstance(told, list)
    assert [each["index"] for each in told] == sorted(place for found in refused.values() for place in found)


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ("called from 13800130001", "called from ***"),
        ("+86 138-0013-0001 says no", "+*** says no"),
        ("on 24 Nov", "on 24 Nov"),
        ("", ""),
    ],
)
def test_whatever_may_be_a_number_is_hidden(written: str, hidden: str) -> None:
    assert masked(written) == hidden


def test_times_are_told_in_utc() -> None:
    shanghai = timezone(timedelta(hours=8))

    assert time_text(datetime(2025, 11, 24, 9, 30, 0, 999, tzinfo=shanghai)) == "2025-11-24T01:30:00Z"


@given(st.dates())
def test_a_day_is_read_as_it_is_written(on: date) -> None:
    assert day(on.isoformat()) == on


@given(st.text(max_size=12))
def test_no_other_text_is_a_day(text: str) -> None:
    error = refused(day, text)

    assert error is None or error.code == "day_malformed"
    assert error is not None or day(text).isoformat() == text


def test_a_query_holds_only_what_the_address_takes() -> None:
    asked = Request("GET", "/", query={"limit": "1"})

    assert query(asked, "limit", "cursor") == {"limit": "1"}
    with pytest.raises(InvalidInput, match="query_invalid"):
        query(asked)


def test_facts_become_plain_values() -> None:
    document = plain(
        {"on": date(2025, 11, 24), "at": datetime(2025, 1, 1, tzinfo=UTC), "kinds": frozenset({"b", "a"})}
    )

    assert document == {"on": "2025-11-24", "at": "2025-01-01T00:00:00Z", "kinds": ["a", "b"]}
    assert json.dumps(plain(sample.contract()))
