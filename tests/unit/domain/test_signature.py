"""Signatures: who may pass them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.signature import Judged, judge_english_signature, judge_signature, may_carry_english

ROWS = json.loads((Path(__file__).parents[2] / "vectors/signature.json").read_text(encoding="utf-8"))
FULL_NAME = "塔城市疾病预防控制中心"


@pytest.mark.parametrize("row", ROWS, ids=[row["why"] for row in ROWS])
def test_the_reference_judges_the_same(row: dict[str, str]) -> None:
    verdict = judge_signature(row["full_name"], row["signature"])

    assert verdict.outcome == row["verdict"]


@pytest.mark.parametrize("row", [row for row in ROWS if row["verdict"] != "pass"], ids=lambda row: row["why"])
def test_the_reason_is_the_references_own(row: dict[str, str]) -> None:
    assert judge_signature(row["full_name"], row["signature"]).why == row["why"]


@pytest.mark.parametrize(
    ("full_name", "signature", "outcome"),
    [
        ("塔城市医院", "塔城市医院", Judged.PASS),
        ("塔城市医院", "塔城医院", Judged.REVIEW),
        (FULL_NAME, "塔塔塔", Judged.REVIEW),
        (FULL_NAME, "", Judged.REFUSE),
        (FULL_NAME, "【塔城疾控】", Judged.REFUSE),
        (FULL_NAME, "塔城\n疾控", Judged.REFUSE),
        (FULL_NAME, "塔城疾控\n", Judged.REFUSE),
        (FULL_NAME, "塔城\u3000疾控", Judged.REFUSE),
        (FULL_NAME, "塔城疾控１", Judged.REFUSE),
        (FULL_NAME, "塔城疾控。", Judged.REFUSE),
        (FULL_NAME, "塔城疾控😀", Judged.REFUSE),
        (FULL_NAME, "塔城⼼", Judged.REFUSE),
        (FULL_NAME, "塔城疾\ufe0f控", Judged.REFUSE),
        ("𠮷田制药有限责任公司", "𠮷田制药", Judged.PASS),
    ],
)
def test_a_signature_is_judged(full_name: str, signature: str, outcome: Judged) -> None:
    assert judge_signature(full_name, signature).outcome is outcome


@given(st.sets(st.integers(0, len(FULL_NAME) - 1), min_size=3, max_size=8))
def test_any_three_to_eight_of_a_long_names_characters_pass_in_their_order(places: set[int]) -> None:
    signature = "".join(FULL_NAME[place] for place in sorted(places))

    assert judge_signature(FULL_NAME, signature).outcome is Judged.PASS


@given(st.text(max_size=12))
def test_whatever_passes_is_three_to_eight_han_of_the_full_name(signature: str) -> None:
    verdict = judge_signature(FULL_NAME, signature)

    assert verdict.why
    assert verdict.outcome is not Judged.PASS or (
        3 <= len(signature) <= 8 and set(signature) <= set(FULL_NAME)
    )


@pytest.mark.parametrize(
    ("signature", "outcome"),
    [
        ("Tacheng CDC", Judged.REVIEW),
        ("T" * 16, Judged.REVIEW),
        ("T" * 17, Judged.REFUSE),
        ("", Judged.REFUSE),
        (" CDC", Judged.REFUSE),
        ("CDC\n", Judged.REFUSE),
        ("12345", Judged.REFUSE),
        ("塔城CDC", Judged.REFUSE),
        ("[CDC]", Judged.REFUSE),
        ("ＣＤＣ", Judged.REFUSE),
    ],
)
def test_an_english_signature_of_good_form_goes_to_a_person(signature: str, outcome: Judged) -> None:
    assert judge_english_signature(signature).outcome is outcome


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("Your code is 123456.", True),
        ("Line one\r\nline two", True),
        ("123456", False),
        ("", False),
        ("Your code: 123456。", False),
        ("您的验证码 123456", False),
        ("Caf\u00e9 at nine", False),
        ("code\u200b 1", False),
        ("code\x00 1", False),
    ],
)
def test_an_english_signature_stands_before_pure_english_only(text: str, may: bool) -> None:
    assert may_carry_english(text) is may
