import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters.carriers.openmas import parse_inbound, parse_receipts, read_answer
from openmas.domain.carrier import Accepted, Ambiguous, Answer, Call, Capabilities, NotTaken, Refused
from openmas.domain.inbound import Mo
from openmas.domain.receipts import Report
from openmas.errors import InvalidInput, LimitExceeded, OpenMasError

CALL = Call("tacheng-cdc/p", 1, "1065097332714", "【塔城市疾控中心宣】开会", ("13800130001", "13800130002"))
PLAIN, ECHOING = Capabilities(), Capabilities(echoes_reference=True)
RECEIPT = {"group": "G1", "number": "13800130001", "code": "DELIVRD", "at": "20251124093000"}
MO = {"id": "i1", "number": "13800130001", "port": "1065097332714", "text": "R", "at": "20251124093000"}
AT = datetime(2025, 11, 24, 1, 30, tzinfo=UTC)


def answer(status: int, document: object, capabilities: Capabilities = PLAIN) -> Answer:
    return read_answer(status, json.dumps(document).encode(), CALL, capabilities)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"group": "G1", "refused": {}}, Accepted("G1")),
        ({"group": "G1"}, Accepted("G1")),
        ({"group": "G1", "refused": None, "more": 1}, Accepted("G1")),
        ({"group": "G1", "refused": []}, Accepted("G1")),
        (
            {"group": "G1", "refused": {"13800130002": "IllegalMobile"}},
            Accepted("G1", {"13800130002": "IllegalMobile"}),
        ),
        (
            {"group": "G1", "refused": {"13800130009": "IllegalMobile", "": "x", "13800130001": "号码非法"}},
            Accepted("G1", {"13800130001": "号码非法"}),
        ),
    ],
)
def test_what_was_taken_is_read_and_strange_numbers_are_left_out(document: object, expected: Answer) -> None:
    assert answer(200, document) == expected


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        None,
        "ok",
        {"group": None},
        {"group": ""},
        {"group": 7},
        {"group": "G 1"},
        {"group": "G" * 65},
        {"group": "G1", "refused": "13800130001"},
        {"group": "G1", "refused": ["13800130001"]},
        {"group": "G1", "refused": {"13800130001": 4}},
        {"group": "G1", "refused": {"13800130001": ""}},
        {"code": "NotTaken"},
    ],
)
def test_a_success_that_cannot_be_read_proves_nothing(document: object) -> None:
    assert isinstance(answer(200, document), Ambiguous)


def test_a_carrier_that_echoes_our_reference_need_not_name_a_group() -> None:
    assert answer(200, {}, ECHOING) == Accepted(CALL.reference)
    assert isinstance(answer(200, {"group": 7}, ECHOING), Ambiguous)


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        (400, {"code": "InvalidMessage"}, Refused("InvalidMessage")),
        (404, {"code": "NoSuchPort"}, Refused("NoSuchPort")),
        (400, {"code": "RepeatedContent"}, Refused("RepeatedContent", repeated=True)),
        (403, {"code": "RepeatedContent"}, Refused("RepeatedContent", repeated=True)),
        (429, {"code": "RepeatedContent"}, Refused("RepeatedContent", repeated=True)),
        (401, {}, NotTaken("401")),
        (401, {"code": "InvalidUsrOrPwd"}, NotTaken("401 InvalidUsrOrPwd")),
        (403, {"code": "NOT_WHITE_IP"}, NotTaken("403 NOT_WHITE_IP")),
        (429, {"message": "Too Many Requests"}, NotTaken("429")),
        (429, {"code": "NotTaken"}, NotTaken("429 NotTaken")),
        (503, {"code": "NotTaken"}, NotTaken("503 NotTaken")),
        (503, {"code": "Busy"}, Ambiguous("status 503")),
        (503, {"message": "Service Unavailable"}, Ambiguous("status 503")),
        (500, {"code": "NotTaken"}, Ambiguous("status 500")),
        (502, {"code": "RepeatedContent"}, Ambiguous("status 502")),
        (400, {}, Ambiguous("status 400")),
        (404, {"message": "Not Found"}, Ambiguous("status 404")),
        (408, {"code": 4}, Ambiguous("status 408")),
        (201, {"group": "G1"}, Ambiguous("status 201")),
        (204, {}, Ambiguous("status 204")),
        (302, {"code": "InvalidMessage"}, Ambiguous("status 302")),
    ],
)
def test_every_other_answer_proves_exactly_what_it_says(
    status: int, document: object, expected: Answer
) -> None:
    assert answer(status, document) == expected


@given(st.integers(100, 599), st.binary(max_size=100))
def test_rubbish_never_proves_that_a_call_was_taken_or_refused(status: int, body: bytes) -> None:
    proved = read_answer(status, body, CALL, ECHOING)

    assert isinstance(proved, NotTaken) == (status in (401, 403, 429))
    if not isinstance(proved, NotTaken):
        assert isinstance(proved, Ambiguous) or body.lstrip().startswith(b"{")


def receipts(*documents: object) -> list[Report]:
    good, unreadable = parse_receipts(json.dumps({"receipts": documents}))
    assert unreadable == 0
    return good


def test_receipts_are_read_with_group_reference_or_both() -> None:
    by_reference = {**RECEIPT, "reference": "tacheng-cdc/p"}
    del by_reference["group"]

    assert receipts(RECEIPT, by_reference, {**RECEIPT, "reference": None}) == [
        Report("13800130001", "DELIVRD", AT, "G1"),
        Report("13800130001", "DELIVRD", AT, None, "tacheng-cdc/p"),
        Report("13800130001", "DELIVRD", AT, "G1"),
    ]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("20251124240000", datetime(2025, 11, 24, 16, tzinfo=UTC)),
        ("20251231243000", datetime(2025, 12, 31, 16, 30, tzinfo=UTC)),
        ("2025-11-24 09:30:00", AT),
    ],
)
def test_times_are_shanghai_times_and_know_an_hour_24(written: str, at: datetime) -> None:
    assert receipts({**RECEIPT, "at": written})[0].at == at


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"group": None}, ""),
        ({"group": ""}, "/group"),
        ({"group": 1}, "/group"),
        ({"group": "G\n"}, "/group"),
        ({"reference": "a b"}, "/reference"),
        ({"number": None}, "/number"),
        ({"number": 13800130001}, "/number"),
        ({"number": "1380013000"}, "/number"),
        ({"number": "13800130001\n"}, "/number"),
        ({"number": "١٣٨٠٠١٣٠٠٠١"}, "/number"),
        ({"code": ""}, "/code"),
        ({"code": "DELIVRD\n"}, "/code"),
        ({"code": "a code that is far too long"}, "/code"),
        ({"code": 0}, "/code"),
        ({"at": 20251124093000}, "/at"),
        ({"at": "20251324093000"}, "/at"),
        ({"at": "20251124250000"}, "/at"),
        ({"at": "２０２５1124093000"}, "/at"),
        ({"at": "00010101000000"}, "/at"),
        ({"at": "99991231235959"}, "/at"),
        ({"at": "99991231240000"}, "/at"),
        ({"state": "DELIVRD"}, "/state"),
    ],
)
def test_a_faulty_receipt_is_refused_at_its_place(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        receipts({**RECEIPT, **change})

    assert [fault.pointer for fault in caught.value.faults] == [f"/receipts/0{pointer}"]


@pytest.mark.parametrize("strange", [{**RECEIPT, "at": "today"}, {**RECEIPT, "more": 1}, {}, [], None, "x"])
def test_one_faulty_receipt_does_not_cost_the_others(strange: object) -> None:
    posted = json.dumps({"receipts": [RECEIPT, strange, RECEIPT, strange]})

    assert parse_receipts(posted) == ([Report("13800130001", "DELIVRD", AT, "G1")] * 2, 2)


def test_one_faulty_inbound_message_does_not_cost_the_others() -> None:
    posted = json.dumps({"inbound": [MO | {"port": ""}, MO]})

    assert parse_inbound(posted) == ([Mo("i1", "13800130001", "1065097332714", "R", AT)], 1)


def test_where_nothing_can_be_read_every_fault_is_told_with_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        receipts({**RECEIPT, "code": ""}, [])

    assert [fault.pointer for fault in caught.value.faults] == ["/receipts/0/code", "/receipts/1"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"receipts": []},
        {"receipts": {}},
        {"receipts": [RECEIPT] * 501},
        {"receipts": [[]]},
        {"inbound": [MO]},
    ],
)
def test_what_holds_no_receipts_is_refused(document: object) -> None:
    with pytest.raises(InvalidInput):
        parse_receipts(json.dumps(document))


def test_five_hundred_receipts_are_taken_and_a_quarter_megabyte_at_most() -> None:
    assert len(receipts(*[RECEIPT] * 500)) == 500
    with pytest.raises(LimitExceeded):
        parse_receipts(json.dumps({"receipts": [RECEIPT]}) + " " * 262_144)


def inbound(**change: object) -> list[Mo]:
    good, unreadable = parse_inbound(json.dumps({"inbound": [MO | change]}))
    assert unreadable == 0
    return good


def test_an_inbound_message_is_read_as_it_was_written() -> None:
    assert inbound(text="") == [Mo("i1", "13800130001", "1065097332714", "", AT)]
    assert inbound(text=" Ｒ\n😀") == [Mo("i1", "13800130001", "1065097332714", " Ｒ\n😀", AT)]


def test_half_a_character_does_not_cost_the_message() -> None:
    (mo,) = inbound(text="退订\ud83d")

    assert mo.text == "退订\ufffd"


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": ""},
        {"number": "10086"},
        {"port": "12"},
        {"port": 1065},
        {"text": None},
        {"text": "x" * 1_001},
        {"at": ""},
        {"code": "DELIVRD"},
    ],
)
def test_a_faulty_inbound_message_is_refused_at_its_place(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as caught:
        inbound(**change)

    assert [fault.pointer for fault in caught.value.faults] == [f"/inbound/0/{next(iter(change))}"]


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_body_brings_anything_but_one_of_our_errors(body: bytes | str) -> None:
    for parse in (parse_receipts, parse_inbound):
        with pytest.raises(OpenMasError):
            parse(body)
