"""Characters that deceive."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.characters import CLOSING, OPENING, is_unseen, seen


def test_every_bracket_stands_on_one_side() -> None:
    assert len(OPENING) == len(CLOSING)
    assert OPENING.isdisjoint(CLOSING)
    assert all(unicodedata.category(bracket) == "Ps" for bracket in OPENING)
    assert all(unicodedata.category(bracket) == "Pe" for bracket in CLOSING)


@pytest.mark.parametrize(
    "character",
    list(
        "\u200b\u200d\u200e\u202e\u2060\ufeff\u00ad\u034f\u115f\u3164\uffa0\u2800\ufe0f\U000e0041\U000e0101\x00\n\x7f\u2028\ud83d"
    ),
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_what_leaves_no_ink_is_unseen(character: str) -> None:
    assert is_unseen(character)


@given(st.sampled_from("aZ9 ，。【】塔😀é\u3000\u00a0"))
def test_ink_and_ordinary_space_are_seen(character: str) -> None:
    assert not is_unseen(character)


@given(st.text(), st.text(alphabet=st.sampled_from("\u200b\u2060\x00\ufe0f"), max_size=3))
def test_a_text_reads_the_same_without_what_is_unseen(text: str, unseen: str) -> None:
    assert seen(unseen + text + unseen) == seen(text) == seen(seen(text))
