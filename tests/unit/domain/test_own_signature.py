"""No disguise hides a signature at either end of a text, and ordinary texts carry none."""

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.characters import (
    CLOSING,
    DRAWN_ALONE,
    DRAWN_CLOSING,
    DRAWN_OPENING,
    OPENING,
    ORDINARY_CLOSING,
    ORDINARY_OPENING,
    REORDERING,
    STROKES,
)
from openmas.domain.own_signature import has_own_signature

ROWS = json.loads((Path(__file__).parents[2] / "vectors/units.json").read_text(encoding="utf-8"))
SAYING = ("Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No")
# Whatever a reader passes over: marks, symbols, punctuation, spaces, controls, what is not assigned at all.
DECORATION = st.text(
    alphabet=st.characters(exclude_categories=("Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No")).filter(
        lambda each: (
            unicodedata.normalize("NFKD", each) == each
            and each not in OPENING | CLOSING | ORDINARY_OPENING | ORDINARY_CLOSING
            and each not in DRAWN_OPENING | DRAWN_CLOSING
        )
    ),
    max_size=4,
)
INSIDE = st.text(alphabet=st.sampled_from("塔城疾控abc 1"), max_size=8)
OPENINGS, CLOSINGS = st.sampled_from(sorted(OPENING)), st.sampled_from(sorted(CLOSING))
# All of Unicode; of what nobody has assigned, which is most of it and all alike, some.
EVERYTHING = tuple(
    each
    for n, each in enumerate(map(chr, range(sys.maxunicode + 1)))
    if n % 97 == 0 or unicodedata.category(each) not in ("Cn", "Co")
)


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_none_of_the_references_texts_carries_a_signature(row: dict[str, str]) -> None:
    assert not has_own_signature(row["text"])


@given(DECORATION, OPENINGS, DECORATION, INSIDE, CLOSINGS, st.text())
def test_no_disguise_hides_a_signature_at_the_start(
    before: str, opening: str, between: str, inside: str, closing: str, text: str
) -> None:
    assert has_own_signature(f"{before}{opening}{between}{inside}{closing}{text}")


@given(st.text(), OPENINGS, INSIDE, DECORATION, CLOSINGS, DECORATION)
def test_no_disguise_hides_a_signature_at_the_end(
    text: str, opening: str, inside: str, between: str, closing: str, behind: str
) -> None:
    assert has_own_signature(f"{text}{opening}{inside}{between}{closing}{behind}")


def test_no_code_point_that_is_not_read_hides_a_signature() -> None:
    """Every code point of Unicode, before a signature and behind one, inside its brackets and around them."""
    passed_over = [
        each
        for each in EVERYTHING
        if unicodedata.category(each) not in SAYING and unicodedata.normalize("NFKD", each) == each
    ]
    letters = set(map(chr, (0x115F, 0x1160, 0x3164, 0xFFA0)))

    hiding = [
        each
        for each in {*passed_over, *letters}
        if not has_own_signature(f"{each}【招商银行】您好")
        or not has_own_signature(f"您好【招商银行】{each}")
    ]

    assert hiding == []


@pytest.mark.parametrize("stroke", sorted(STROKES | set("ㅣㅡㆍー｜ˇ")))
def test_no_single_stroke_hides_a_signature(stroke: str) -> None:
    assert has_own_signature(f"{stroke}【招商银行】您好")
    assert has_own_signature(f"您好【招商银行】{stroke}")
    assert has_own_signature(f"{stroke}【{stroke}招商银行{stroke}】您好")


def test_every_code_point_that_reads_as_a_bracket_is_taken_for_one() -> None:
    opening = [each for each in EVERYTHING if unicodedata.normalize("NFKD", each)[:1] in OPENING - {""}]
    closing = [each for each in EVERYTHING if unicodedata.normalize("NFKD", each)[-1:] in CLOSING - {""}]

    assert len(opening) > len(OPENING)
    assert all(has_own_signature(f"{each}招商银行】您好") for each in opening)
    assert all(has_own_signature(f"您好【招商银行{each}") for each in closing)


def test_no_letter_or_digit_is_a_bracket_but_those_that_draw_one() -> None:
    words = [
        each for each in EVERYTHING if unicodedata.category(each) in SAYING and each not in "\u3164\uffa0"
    ]

    taken = {each for each in words if has_own_signature(f"{each}招商银行】您好")}

    drawn = {
        each
        for each in words
        if DRAWN_ALONE.get(each, unicodedata.normalize("NFKD", each)[:1]) in DRAWN_OPENING - {""}
    }
    assert taken == drawn


@pytest.mark.parametrize(
    "text",
    [
        "︻招商银行︼您好", "［招商银行］您好", "﹝招商银行﹞您好", "﹇招商银行﹈您好",
        "[招商银行]您好", "😀【招商银行】您好", "❤\ufe0f【招商银行】您好",
        "\U0001f1e8\U0001f1f3【招商银行】您好", "！！【招商银行】您好", "\r\n【招商银行】您好",
        "\u2028【招商银行】您好", "\u202e【招商银行】您好", "【\u0301招商银行】您好",
        "\u0903【招商银行】您好", "ー【招商银行】您好", "（【招商银行】）您好", "“【招商银行】”您好",
        "*[招商银行]*您好", "【招商银行）您好", "（招商银行】您好", "【招商银行］您好",
        "】招商银行【您好", "】【招商银行】您好", "匚招商银行コ您好", "┣招商银行┫您好",
        "⎡招商银行⎦您好", "ㄈ招商银行ｺ您好", "🉀您好", "您好【招商银行】。", "您好【招商银行】😀",
        "您好\n【招商银行】", "您好【招商银行】\u200b\u0301", "您好（招商银行】",
        "﴾招商银行﴿您好", "﴿招商银行﴾您好", "您好﴾招商银行﴿", "您好﴿招商银行﴾",
        "⌜招商银行⌟您好", "⌞招商银行⌝您好", "𓊈招商银行𓊉您好", "⫍招商银行⫎您好", "匚招商银行ㄱ您好",
        "ㄷ招商银行ﾡ您好", "您好匚招商银行\u1100", "【招商银行ㄱ您好", "您好⌜招商银行⌟",
        "一【招商银行】您好", "您好【招商银行】一", "一一\u200b 【招商银行】您好", "I【招商银行】您好",
        "您好【招商银行】ｌ", "丶一【招商银行】您好",
        "\u202e好您【行银商招】\u202c您好", "\u2067您【招商银行】\u2069您好",
    ],
)  # fmt: skip
def test_what_looks_like_a_signature_is_one(text: str) -> None:
    assert has_own_signature(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\u200b", "。", "请于【周五】前接种", "验证码[123456]，五分钟内有效", "《健康报》通知",
        "（重要）请接种", "「提醒」请接种", "『提醒』请接种", "<提醒>请接种", "{提醒}请接种",
        "【请接种", "请接种】", "1) 请接种", "】【", "请按第[3]项办理。", "R",
        "（重要）请于【周五】前接种", "(一)【甲】(二)完", "请接种(第二剂)。", "匚字怎么写",
        "コーヒー【特価】です", "┌────┐", "ココ", "时间【周五】地点：城南（一楼）",
        "\u202e请接种\u202c", "通知：\n【时间】周五\n【地点】城南\n请准时",
        "您的余额为5元[含赠送]，请查收",
        "一、【时间】周五", "一）【时间】周五", "I. 【时间】周五", "第一【甲】第二", "一年级【通知】明天到校",
        "【请接种其一", "Il y a", "一", "匚가나", "匚 각 나", "⌜您好", "A⊂B，B⊃C", "x⫍y 时 y⫎x",
        "该表见【附件】之一",
    ],
)  # fmt: skip
def test_brackets_in_the_middle_and_marks_in_ordinary_use_are_fine(text: str) -> None:
    assert not has_own_signature(text)


@given(
    st.text(alphabet=st.sampled_from("塔城请于前接种abc123，。（）《》「」\n ")),
    st.sampled_from(sorted(REORDERING)),
)
def test_without_brackets_that_look_like_one_there_is_no_signature(text: str, reordering: str) -> None:
    assert not has_own_signature(text)
    assert not has_own_signature(f"{reordering}{text}")
