"""The text as it goes on the air."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.characters import CLOSING, OPENING
from openmas.domain.contract import Category
from openmas.domain.texts import OPT_OUT_WORDS, compose, has_own_signature

ROWS = json.loads((Path(__file__).parents[2] / "vectors/units.json").read_text(encoding="utf-8"))
SIGNATURE = "塔城市疾控中心宣"
UNSEEN = st.text(
    alphabet=st.sampled_from("\u200b\u200e\u2060\ufeff\u00ad\u3164\ufe0f\u0301\u3000 \n\t\x00"), max_size=4
)
INSIDE = st.text(alphabet=st.sampled_from("塔城疾控abc 1"), max_size=8)


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_the_reference_sends_the_same(row: dict[str, str]) -> None:
    assert compose(row["text"], row["signature"], Category(row["category"])) == row["sent"]


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_none_of_the_references_texts_carries_a_signature(row: dict[str, str]) -> None:
    assert not has_own_signature(row["text"])


@pytest.mark.parametrize(
    ("text", "category", "sent"),
    [
        ("请接种", Category.NOTICE, "【塔城市疾控中心宣】请接种"),
        ("请接种", Category.VERIFICATION, "【塔城市疾控中心宣】请接种"),
        ("请接种", Category.MARKETING, "【塔城市疾控中心宣】请接种拒收请回复R"),
        ("请接种拒收请回复R", Category.MARKETING, "【塔城市疾控中心宣】请接种拒收请回复R"),
        ("请接种拒收请回复R", Category.NOTICE, "【塔城市疾控中心宣】请接种拒收请回复R"),
        ("请接种，拒收请回复T", Category.MARKETING, "【塔城市疾控中心宣】请接种，拒收请回复T拒收请回复R"),
    ],
)
def test_a_text_is_composed(text: str, category: Category, sent: str) -> None:
    assert compose(text, SIGNATURE, category) == sent


@given(st.text(), st.sampled_from(Category))
def test_nothing_is_ever_added_twice(text: str, category: Category) -> None:
    sent = compose(text, SIGNATURE, category)

    assert sent.startswith(f"【{SIGNATURE}】")
    assert category is not Category.MARKETING or sent.endswith(OPT_OUT_WORDS)
    assert compose(sent, SIGNATURE, category) == sent


@given(UNSEEN, st.sampled_from(sorted(OPENING)), INSIDE, st.sampled_from(sorted(CLOSING)), UNSEEN, st.text())
def test_no_disguise_hides_a_signature_at_the_start(
    before: str, opening: str, inside: str, closing: str, between: str, text: str
) -> None:
    assert has_own_signature(f"{before}{opening}{between}{inside}{closing}{text}")


@given(st.text(), st.sampled_from(sorted(OPENING)), INSIDE, st.sampled_from(sorted(CLOSING)), UNSEEN)
def test_no_disguise_hides_a_signature_at_the_end(
    text: str, opening: str, inside: str, closing: str, behind: str
) -> None:
    assert has_own_signature(f"{text}{opening}{inside}{closing}{behind}")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\u200b", "请于【周五】前接种", "验证码[123456]，五分钟内有效", "《健康报》通知",
        "（重要）请接种", "「提醒」请接种", "【请接种", "请接种】", "1) 请接种", "】【",
        "请按第[3]项办理。", "R",
    ],
)  # fmt: skip
def test_brackets_in_the_middle_and_other_marks_are_fine(text: str) -> None:
    assert not has_own_signature(text)
