import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.carrier import Call
from openmas.domain.receipts import CODE, Proof, proof_of, settle
from openmas.domain.sandbox import RULES, Effect, keys_from
from openmas.domain.sandbox_calls import answer, group_of, parse_call, posts
from openmas.errors import InvalidInput, LimitExceeded

NOW = datetime(2025, 11, 24, 1, 30, tzinfo=UTC)
ORDINARY = "13800130000"
MAGIC = [f"1380013{rule.last_four}" for rule in RULES]
numbers_of_calls = st.lists(
    st.sampled_from(MAGIC) | st.integers(13800130000, 13800131999).map(str),
    min_size=1,
    max_size=100,
    unique=True,
)


def call(*numbers: str, attempt: int = 1) -> Call:
    return Call(
        "tacheng-cdc/202511240aaaaaaaaaaaa-0000",
        attempt,
        "1065097332714",
        "【塔城市疾控中心宣】开会",
        numbers,
    )


def codes(numbers: Sequence[str], attempt: int = 1) -> list[tuple[int, str]]:
    """What comes of a call: after how many seconds which code."""
    return [
        (post.after_s, receipt["code"])
        for post in posts(call(*numbers, attempt=attempt), NOW)
        for receipt in post.receipts
    ]


def said(*numbers: str, attempt: int = 1) -> tuple[int, object]:
    reply = answer(call(*numbers, attempt=attempt))
    return reply.status, json.loads(reply.body) if reply.body.startswith("{") else "rubbish"


@pytest.mark.parametrize(
    ("last_four", "expected"),
    [
        ("0000", [(1, "DELIVRD")]),
        ("9000", [(1, "DELIVRD")]),
        ("9001", [(1, "UNDELIV")]),
        ("9002", [(1, "MK:0001")]),
        ("9003", [(1, "EXPIRED")]),
        ("9010", []),
        ("9020", [(20, "DELIVRD")]),
        ("9021", [(90, "DELIVRD")]),
        ("9022", [(900, "DELIVRD")]),
        ("9023", []),
        ("9024", [(1, "DELIVRD"), (3, "DELIVRD")]),
        ("9025", [(1, "DELIVRD"), (3, "ENROUTE")]),
        ("9026", [(1, "UNDELIV"), (3, "DELIVRD")]),
        ("9027", [(1, "DELIVRD"), (3, "UNDELIV")]),
        ("9028", [(0, "DELIVRD")]),
    ],
)
def test_the_number_decides_which_receipts_come_and_when(
    last_four: str, expected: list[tuple[int, str]]
) -> None:
    assert codes([f"1380013{last_four}"]) == expected


@pytest.mark.parametrize(
    ("last_four", "first", "again", "receipts_first", "receipts_again"),
    [
        ("9011", (400, {"code": "InvalidMessage"}), (400, {"code": "InvalidMessage"}), 0, 0),
        ("9012", (503, {"code": "NotTaken"}), 200, 0, 2),
        ("9013", (503, {"code": "NotTaken"}), (503, {"code": "NotTaken"}), 0, 0),
        ("9030", (504, "rubbish"), 200, 2, 2),
        ("9031", 200, 200, 2, 2),
        ("9032", (504, "rubbish"), 200, 1, 2),
        ("9033", (504, "rubbish"), (400, {"code": "RepeatedContent"}), 1, 0),
    ],
)
def test_one_number_may_speak_for_the_whole_call(
    last_four: str, first: object, again: object, receipts_first: int, receipts_again: int
) -> None:
    numbers = [ORDINARY, f"1380013{last_four}"]
    taken = 200, {"group": group_of(call().reference), "refused": {}}

    assert said(*numbers) == (taken if first == 200 else first)
    assert said(*numbers, attempt=2) == (taken if again == 200 else again)
    assert len(codes(numbers)) == receipts_first
    assert len(codes(numbers, attempt=2)) == receipts_again


def test_the_first_number_that_speaks_for_the_call_is_obeyed() -> None:
    assert said(ORDINARY, "13800139011", "13800139012")[0] == 400
    assert said(ORDINARY, "13800139012", "13800139011")[0] == 503
    assert said(ORDINARY, "13800139012", "13800139011", attempt=2)[0] == 400


def test_a_refused_number_is_named_and_the_others_are_taken() -> None:
    numbers = [ORDINARY, "13800139010", "13800130001"]

    status, document = said(*numbers)

    assert status == 200
    assert document == {"group": group_of(call().reference), "refused": {"13800139010": "IllegalMobile"}}
    assert codes(numbers) == [(1, "DELIVRD"), (1, "DELIVRD")]


def test_only_the_silent_number_costs_time() -> None:
    assert [n for n in MAGIC if answer(call(n)).wait_s] == ["13800139031"]
    assert answer(call("13800139031", attempt=2)).wait_s == 0


@pytest.mark.parametrize(("last_four", "words"), [("9040", "R"), ("9041", "退订"), ("9042", "收到，谢谢")])
def test_some_recipients_answer(last_four: str, words: str) -> None:
    inbound = [mo for post in posts(call(f"1380013{last_four}"), NOW) for mo in post.inbound]

    assert [(mo["text"], mo["port"], mo["at"]) for mo in inbound] == [
        (words, "1065097332714", "20251124093002")
    ]


def test_numbers_of_other_people_are_never_magic() -> None:
    assert codes(["13900139001"]) == [(1, "DELIVRD")]


def test_receipts_tell_the_shanghai_time_of_the_event_not_of_the_post() -> None:
    (late,) = posts(call("13800139021"), NOW)
    early, after = posts(call("13800139025"), NOW)

    assert late.receipts[0]["at"] == "20251124093001"
    assert early.receipts[0]["at"] > after.receipts[0]["at"]


def test_every_rule_can_be_carried_out() -> None:
    assert len({rule.last_four for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert all(0 <= planned.after_s <= 900 for planned in rule.receipts)
        assert all(CODE.fullmatch(planned.code) for planned in rule.receipts)
        assert bool(rule.code) == bool({rule.first, rule.again} & {Effect.REFUSE_CALL, Effect.REFUSE_NUMBER})


def test_a_meaning_says_what_the_receipts_settle_to() -> None:
    for rule in RULES:
        outcome = settle(planned.code for planned in rule.receipts)
        if rule.meaning.startswith("delivered"):
            assert outcome is Proof.DELIVERED, rule
        if rule.meaning.startswith("failed"):
            assert outcome is Proof.FAILED, rule
            assert rule.meaning == f"failed: {rule.receipts[0].code}"


@given(numbers_of_calls, st.integers(1, 3))
def test_posts_stay_small_in_order_and_about_numbers_of_the_call(numbers: list[str], attempt: int) -> None:
    made = posts(call(*numbers, attempt=attempt), NOW)

    assert [post.after_s for post in made] == sorted({post.after_s for post in made})
    assert len(made) <= 10
    for post in made:
        assert len(post.receipts) <= 100
        assert {each["number"] for each in (*post.receipts, *post.inbound)} <= set(numbers)


@given(numbers_of_calls, st.integers(3, 5), st.integers(0, 86_400))
def test_every_repetition_is_answered_alike_and_whenever_it_comes(
    numbers: list[str], attempt: int, later_s: int
) -> None:
    second = call(*numbers, attempt=2)

    later = replace(second, attempt=attempt)

    assert answer(later) == answer(second)
    assert codes(numbers, attempt) == codes(numbers, 2)
    groups = {r["group"] for post in posts(later, NOW + timedelta(seconds=later_s)) for r in post.receipts}
    assert groups <= {group_of(call().reference)}


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=50))
def test_calls_have_groups_of_their_own(references: list[str]) -> None:
    assert len({group_of(reference) for reference in references}) == len(references)


def test_the_keys_differ_from_each_other_and_from_those_of_another_seal() -> None:
    made = [key for seal in (b"a", b"b") for key in (keys_from(seal).calls, keys_from(seal).receipts)]

    assert len(set(made)) == 4


GOOD = {
    "reference": "a/b",
    "attempt": 1,
    "port": "1065097332714",
    "text": "【甲】\n好",
    "numbers": [ORDINARY],
}


def test_a_call_reads_as_it_was_written() -> None:
    assert parse_call(json.dumps(GOOD)) == Call("a/b", 1, "1065097332714", "【甲】\n好", (ORDINARY,))


EACH = {name: GOOD[name] for name in ("reference", "attempt", "port")} | {
    "messages": [{"number": ORDINARY, "text": "【甲】一"}, {"number": "13800130001", "text": "【甲】二"}]
}


def test_a_call_with_a_text_for_each_number_reads_as_it_was_written() -> None:
    numbers, texts = (ORDINARY, "13800130001"), ("【甲】一", "【甲】二")

    assert parse_call(json.dumps(EACH)) == Call("a/b", 1, "1065097332714", texts, numbers)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"text": "【甲】"}, "/text"),
        ({"numbers": [ORDINARY]}, "/numbers"),
        ({"messages": []}, "/messages"),
        ({"messages": [{"number": ORDINARY, "text": "好"}] * 101}, "/messages"),
        ({"messages": {"number": ORDINARY, "text": "好"}}, "/messages"),
        ({"messages": [ORDINARY]}, "/messages/0"),
        ({"messages": [{"number": "１３８００１３００００", "text": "好"}]}, "/messages/0/number"),
        ({"messages": [{"number": ORDINARY, "text": ""}]}, "/messages/0/text"),
        ({"messages": [{"number": ORDINARY}]}, "/messages/0/text"),
        ({"messages": [{"number": ORDINARY, "text": "好", "units": 1}]}, "/messages/0/units"),
    ],
)
def test_what_is_no_call_with_texts_is_refused_at_its_place(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_call(json.dumps(EACH | change))

    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_a_hundred_of_the_longest_texts_are_a_call_that_is_read() -> None:
    messages = [{"number": f"1380013{n:04d}", "text": "汉" * 500} for n in range(100)]

    assert len(parse_call(json.dumps(EACH | {"messages": messages}, ensure_ascii=False)).text) == 100


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reference": ""}, "/reference"),
        ({"reference": "a b"}, "/reference"),
        ({"attempt": 0}, "/attempt"),
        ({"attempt": True}, "/attempt"),
        ({"attempt": "1"}, "/attempt"),
        ({"port": "10650x"}, "/port"),
        ({"port": "１０６５"}, "/port"),
        ({"text": ""}, "/text"),
        ({"text": None}, "/text"),
        ({"numbers": []}, "/numbers"),
        ({"numbers": [ORDINARY] * 101}, "/numbers"),
        ({"numbers": ORDINARY}, "/numbers"),
        ({"numbers": [ORDINARY, "+8613800130001"]}, "/numbers/1"),
        ({"numbers": [13800130000]}, "/numbers/0"),
        ({"extra": 1}, "/extra"),
    ],
)
def test_what_is_no_call_is_refused_at_its_place(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_call(json.dumps(GOOD | change))

    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_a_huge_call_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        parse_call(json.dumps(GOOD | {"text": "x" * 300_000}))


def test_every_pair_of_magic_numbers_is_answered() -> None:
    for one, other, attempt in product(MAGIC, MAGIC, (1, 2)):
        if one != other:
            assert answer(call(one, other, attempt=attempt)).status in (200, 400, 503, 504)
            assert all(proof_of(code) for _, code in codes([one, other], attempt))
