"""Characters that deceive."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.characters import (
    CLOSING,
    DRAWN_ALONE,
    DRAWN_CLOSING,
    DRAWN_OPENING,
    FRAMING,
    OPENING,
    ORDINARY_CLOSING,
    ORDINARY_OPENING,
    is_unseen,
    seen,
)

# The families that are in ordinary use, by what Unicode calls them; ornate ones are not.
ORDINARY = re.compile(
    "PARENTHESIS|CURLY BRACKET|LESS-THAN|GREATER-THAN|ANGLE|CORNER BRACKET|Z NOTATION|ARC LESS|ARC GREATER"
)
QUOTES = re.compile("QUOTATION|PRIME")
EVERYTHING = tuple(map(chr, range(sys.maxunicode + 1)))
BRACKETS = OPENING | CLOSING | ORDINARY_OPENING | ORDINARY_CLOSING


def standing(*categories: str) -> set[str]:
    """Every character of Unicode that opens or closes something, but for quotation marks."""
    found = {each for each in EVERYTHING if unicodedata.category(each) in categories}
    return {each for each in found if QUOTES.search(unicodedata.name(each)) is None}


def test_every_bracket_of_unicode_is_either_in_ordinary_use_or_taken_for_a_signature() -> None:
    stand_around = standing("Ps", "Pe", "Pi", "Pf")

    assert stand_around - BRACKETS == set()
    ordinary = {each for each in stand_around if ORDINARY.search(unicodedata.name(each))} - set("﴾﴿")
    assert ordinary <= ORDINARY_OPENING | ORDINARY_CLOSING
    assert stand_around - ordinary == OPENING | CLOSING


def test_whatever_contains_a_frame_is_known() -> None:
    frames = OPENING | CLOSING | DRAWN_OPENING | DRAWN_CLOSING

    found = {each for each in EVERYTHING if not frames.isdisjoint(unicodedata.normalize("NFKD", each))}

    assert found | frames | set(DRAWN_ALONE) == FRAMING


def test_every_bracket_stands_on_one_side() -> None:
    families = (OPENING, CLOSING, ORDINARY_OPENING, ORDINARY_CLOSING, DRAWN_OPENING, DRAWN_CLOSING)

    assert sum(map(len, families)) == len(frozenset().union(*families))
    assert len(OPENING) == len(CLOSING)
    assert len(ORDINARY_OPENING) == len(ORDINARY_CLOSING)


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
