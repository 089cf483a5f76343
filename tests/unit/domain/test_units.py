"""Length and billed units."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.units import Counting, count_units, length_utf16

ROWS = json.loads((Path(__file__).parents[2] / "vectors/units.json").read_text(encoding="utf-8"))
CHARS, GSM7 = Counting.CHARS_70_67, Counting.GSM7_UCS2
TEXTS = st.text(alphabet=st.sampled_from("ab€[é塔城😀🧪\n"), max_size=400)


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_the_reference_counts_the_same(row: dict[str, Any]) -> None:
    assert length_utf16(row["sent"]) == row["length_utf16"]
    assert {rule: count_units(row["sent"], Counting(rule)) for rule in row["units"]} == row["units"]


@pytest.mark.parametrize(
    ("text", "counting", "units"),
    [
        ("", CHARS, 1),
        ("塔" * 70, CHARS, 1),
        ("塔" * 71, CHARS, 2),
        ("塔" * 134, CHARS, 2),
        ("塔" * 135, CHARS, 3),
        ("a" * 71, CHARS, 2),
        ("😀" * 35, CHARS, 1),
        ("😀" * 67, CHARS, 2),
        ("", GSM7, 1),
        ("a" * 160, GSM7, 1),
        ("a" * 161, GSM7, 2),
        ("a" * 306, GSM7, 2),
        ("a" * 307, GSM7, 3),
        ("€" * 80, GSM7, 1),
        ("€" * 81, GSM7, 2),
        ("a" * 158 + "{", GSM7, 1),
        ("a" * 159 + "{", GSM7, 2),
        ("塔" * 70, GSM7, 1),
        ("塔" * 71, GSM7, 2),
        ("a" * 70 + "`", GSM7, 2),
        ("ç" + "a" * 69, GSM7, 1),
        ("ç" + "a" * 70, GSM7, 2),
        ("ÄÖÑÜäöñüàΔΩ@£$¥_§¿¡" * 8, GSM7, 1),
    ],
)
def test_a_text_at_a_border_counts(text: str, counting: Counting, units: int) -> None:
    assert count_units(text, counting) == units


def test_no_character_is_torn_apart_between_two_segments() -> None:
    escape_at_the_border = "a" * 152 + "€" + "a" * 152
    emoji_at_the_border = "塔" * 66 + "😀" + "塔" * 66

    assert length_utf16(emoji_at_the_border) == 134
    assert count_units(escape_at_the_border, GSM7) == 3
    assert count_units(emoji_at_the_border, GSM7) == 3
    assert count_units(emoji_at_the_border, CHARS) == 2


@given(TEXTS)
def test_length_is_that_of_utf16(text: str) -> None:
    assert length_utf16(text) == len(text.encode("utf-16-le")) // 2


def test_half_an_emoji_counts_one_and_breaks_nothing() -> None:
    assert length_utf16("\ud83d") == 1
    assert count_units("\ud83d" * 71, GSM7) == 2


@given(TEXTS, TEXTS, st.sampled_from(Counting))
def test_a_longer_text_never_costs_less(text: str, more: str, counting: Counting) -> None:
    # One foreign character turns a GSM text into a dearer one; nothing makes it cheaper.
    assert 1 <= count_units(text, counting) <= count_units(text + more, counting)


@given(TEXTS)
def test_units_hold_the_text_and_no_segment_is_spare(text: str) -> None:
    length, units = length_utf16(text), count_units(text, CHARS)

    assert length <= (70 if units == 1 else 67 * units)
    assert units == 1 or length > 67 * (units - 1)
