"""The text as it goes on the air."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import Category
from openmas.domain.texts import OPT_OUT_WORDS, compose

ROWS = json.loads((Path(__file__).parents[2] / "vectors/units.json").read_text(encoding="utf-8"))
SIGNATURE = "塔城市疾控中心宣"


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_the_reference_sends_the_same(row: dict[str, str]) -> None:
    assert compose(row["text"], row["signature"], Category(row["category"])) == row["sent"]


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
