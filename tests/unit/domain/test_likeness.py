"""A text reads the same however its characters are spelled, and always leads back to what was written."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.likeness import Gap, Reading, joined, undisguised

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def read_as(text: str) -> str:
    return undisguised(text).plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＳＥＸ", "sex"),
        ("ⓢⓔⓧ", "sex"),
        ("⒮⒠⒳", "sex"),
        ("🆂🅴🆇", "sex"),
        ("🇸🇪🇽", "sex"),
        ("𝕤𝖊𝔁", "sex"),
        ("ЅЕХ", "sex"),
        ("ᴀʙᴄ", "abc"),
        ("s̶e̶x̶", "sex"),
        ("Straße", "strasse"),
        ("賭博網站", "赌博网站"),
        ("⾊⼤⼥", "色大女"),
        ("⺠", "民"),
        ("金", "金"),
        ("売", "卖"),
        ("１２③٤५𝟞", "123456"),
        ("1️⃣2️⃣", "12"),
        ("赌\u200b博", "赌博"),
        ("赌.博", "赌博"),
        ("赌 😀博", "赌博"),
        ("赌\ue000博", "赌\ue000博"),
        ("。！ *", ""),
        ("", ""),
    ],
)
def test_disguises_are_taken_off(written: str, read: str) -> None:
    assert read_as(written) == read


@pytest.mark.parametrize("plane", range(0, sys.maxunicode + 1, 0x10000))
def test_what_is_read_reads_as_itself_whatever_the_character(plane: int) -> None:
    # Every hundredth of the far planes, where there is little, and all of the first two.
    step = 1 if plane < 0x20000 else 97
    for code in range(plane, plane + 0x10000, step):
        read = read_as(chr(code))
        assert read_as(read) == read, hex(code)


@given(texts)
def test_every_character_leads_back_to_where_it_is_written(text: str) -> None:
    reading = undisguised(text)

    assert list(reading.places) == sorted(reading.places)
    assert len(reading.folded) == len(reading.plain) == len(reading.places) == len(reading.gaps)
    assert reading.written == "".join(text[place] for place in reading.places)
    for place in set(reading.places):
        assert read_as(text[place]) == "".join(
            read for read, at in zip(reading.plain, reading.places, strict=True) if at == place
        )


@given(st.lists(texts, max_size=6))
def test_parts_read_one_by_one_read_as_the_whole(parts: list[str]) -> None:
    assert joined([undisguised(part) for part in parts]) == undisguised("".join(parts))


@pytest.mark.parametrize(
    ("between", "gap"),
    [
        ("", Gap.NONE),
        ("\u200b\u0301", Gap.NONE),
        (" ", Gap.SEPARATED),
        ("\t", Gap.SEPARATED),
        (".*-😀", Gap.SEPARATED),
        ("，", Gap.PHRASE_END),
        ("。", Gap.PHRASE_END),
        ("\n", Gap.PHRASE_END),
        ("\u2028", Gap.PHRASE_END),
        ("！", Gap.PHRASE_END),
        ("）", Gap.PHRASE_END),
        (" ； ", Gap.PHRASE_END),
    ],
)
def test_what_stands_between_two_characters_is_remembered(between: str, gap: Gap) -> None:
    reading: Reading = undisguised(f"赌{between}博")

    assert (reading.plain, list(reading.gaps)) == ("赌博", [Gap.NONE, gap])


def test_only_what_may_be_taken_for_each_other_is_folded_together() -> None:
    assert undisguised("p0rn").folded == undisguised("PORN").folded
    assert undisguised("1O1").folded == undisguised("lol").folded == undisguised("I0I").folded
    assert undisguised("p0rn").plain != undisguised("porn").plain
