import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.documents import only, parse_object
from openmas.errors import InvalidInput, LimitExceeded, OpenMasError

NO_JSON = {
    "nothing": b"",
    "half": b'{"a": [1, 2',
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, deep": b'{"a": [{"b": 1, "b": 1}]}',
    "not a number": b'{"a": NaN}',
    "infinite": b'{"a": -Infinity}',
    "two": b"{} {}",
    "latin-1": '{"a": "é"}'.encode("latin-1"),
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "bottomless": b'{"a":' + b"[" * 100_000,
    "endless number": b'{"a": ' + b"9" * 5_000 + b"}",
    "a lone half of a character": '{"a": "\ud800"}'.encode(errors="surrogatepass"),
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_is_no_json_is_told_as_such(body: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_object(body, 200_000)

    assert "not JSON" in caught.value.faults[0].detail


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"{}"', b"true"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_object(body, 100)

    assert caught.value.code == "body_invalid"


def test_the_limit_counts_bytes_not_characters() -> None:
    body = json.dumps({"a": "疾" * 10}, ensure_ascii=False)

    assert parse_object(body, 39) == {"a": "疾" * 10}
    with pytest.raises(LimitExceeded):
        parse_object(body, 38)


def test_an_unknown_member_is_named_with_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        only({"a": 1, "b/c~d": 2}, "/receipts/3", frozenset("a"))

    assert [fault.pointer for fault in caught.value.faults] == ["/receipts/3/b~1c~0d"]


@given(st.binary(max_size=200))
def test_no_bytes_bring_anything_but_an_object_or_one_of_our_errors(body: bytes) -> None:
    try:
        document = parse_object(body, 100)
    except OpenMasError:
        return

    assert isinstance(document, dict)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_every_object_reads_as_it_was_written(value: object) -> None:
    assert parse_object(json.dumps({"a": value}), 1_000_000) == {"a": value}
