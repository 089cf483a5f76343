"""A text reads the same however its characters are spelled, and always leads back to what was written."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain import likeness
from openmas.domain.characters import STROKES, is_unseen
from openmas.domain.han import SIMPLIFIED
from openmas.domain.likeness import Gap, Reading, joined, spelled_out, undisguised
from openmas.domain.lookalikes import LATIN
from openmas.domain.semblance import folded
from tests.fakes.disguises import SIGNS

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def read_as(text: str) -> str:
    return undisguised(text).plain


def straightforward(text: str) -> tuple[str, list[int], list[int]]:
    """What is read of a text, where each of it is written, and the gap before each and at the end."""
    plain, places, gaps = "", [], [0]
    for place, character in enumerate(text):
        seen, gap = read_one(character)
        gaps[-1] = max(gaps[-1], gap)
        for each in seen:
            plain += each
            places.append(place)
            gaps.append(0)
    return plain, places, gaps


def read_one(character: str) -> tuple[str, int]:
    if character in "\n\r\x0b\x0c\x85\u2028\u2029。！？；，、：…—!?;,:":
        return "", 2
    if is_unseen(character) and character != "\t":
        return "", 0
    spelled = unicodedata.normalize("NFKD", LATIN.get(character, character))
    parts = [part for part in spelled if unicodedata.category(part) not in ("Mn", "Me")]
    seen = "".join(read_part(SIMPLIFIED.get(part, part)) for part in parts)
    if seen or not parts:
        return seen, 0
    ends = any(
        part in "!?;,:…—。、" or unicodedata.category(part) in ("Ps", "Pe", "Pi", "Pf") for part in parts
    )
    return "", 2 if ends else 1


def read_part(part: str) -> str:
    category = unicodedata.category(part)
    if part in STROKES or category[0] in "PSZC" or (category == "Lm" and part not in LATIN):
        return ""
    if unicodedata.name(part, "").startswith("HANGZHOU NUMERAL"):
        return str(int(unicodedata.numeric(part)))
    if (figure := unicodedata.digit(part, None)) is not None:
        return str(figure)
    folded = (LATIN.get(each, each) for each in LATIN.get(part, part).casefold())
    return "".join(LATIN.get(SIMPLIFIED.get(each, each), SIMPLIFIED.get(each, each)) for each in folded)


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
        ("❻⓺➏〦㈥Ⅵ", "6666六vi"),
        ("赌\u200b博", "赌博"),
        ("赌.博", "赌博"),
        ("赌 😀博", "赌博"),
        ("赌\ue000博\u0378网", "赌博网"),
        ("赌ー博ˇ网", "赌博网"),
        ("赌丶博㇑网㆒站", "赌博网一站"),
        ("ʰⁿ", "hn"),
        ("ƨеx", "sex"),
        ("100$", "100"),
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


@pytest.mark.parametrize("plane", range(0, sys.maxunicode + 1, 0x10000))
def test_every_character_reads_as_the_rules_say_one_after_the_other(plane: int) -> None:
    for code in range(plane, plane + 0x10000):
        reading = undisguised(chr(code))

        read = (reading.plain, list(reading.places), [*reading.gaps, reading.last_gap])
        assert read == straightforward(chr(code)), hex(code)


@given(texts)
def test_a_text_reads_as_its_characters_do(text: str) -> None:
    reading = undisguised(text)

    plain, places, gaps = straightforward(text)
    assert (reading.plain, list(reading.places)) == (plain, places)
    assert [*reading.gaps, reading.last_gap] == gaps
    assert likeness.plain(text) == plain
    assert reading.folded == folded(plain)


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


@pytest.mark.parametrize("sign", SIGNS)
def test_a_letter_that_says_nothing_only_separates(sign: str) -> None:
    reading = undisguised(f"赌{sign}博")

    assert (reading.plain, list(reading.gaps)) == ("赌博", [Gap.NONE, Gap.SEPARATED])


@pytest.mark.parametrize("word", "一乙人国")
def test_a_word_of_one_stroke_or_more_says_something(word: str) -> None:
    assert read_as(f"赌{word}博") == f"赌{word}博"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("$ex", "sex"),
        ("s€x", "sex"),
        ("Ѕ€х", "Ѕeх"),
        ("a$$", "ass"),
        ("$\u200bex", "s\u200bex"),
        ("s＄x💲", "ssxs"),
        ("100$", "100$"),
        ("$100 off", "$100 off"),
        ("100$ off", "100$ off"),
        ("€ 5", "€ 5"),
        ("价$格", "价$格"),
        ("", ""),
    ],
)
def test_a_currency_sign_is_a_letter_only_in_a_run_of_letters(text: str, spelled: str) -> None:
    assert spelled_out(text) == spelled


@given(st.text(st.sampled_from("$€＄aЅ1 价\u200b\u0301"), max_size=12))
def test_currency_signs_are_spelled_out_as_one_looks_from_each(text: str) -> None:
    """Naively: from each sign to either side, over other signs and what nobody sees, to a letter."""
    spelled = ""
    for place, each in enumerate(text):
        sides = (text[:place][::-1].lstrip("$€＄\u200b\u0301"), text[place + 1 :].lstrip("$€＄\u200b\u0301"))
        beside = any(side[:1] in ("a", "Ѕ") for side in sides)
        spelled += {"$": "s", "＄": "s", "€": "e"}.get(each, each) if beside else each

    assert spelled_out(text) == spelled


def test_only_what_may_be_taken_for_each_other_is_folded_together() -> None:
    assert undisguised("p0rn").folded == undisguised("PORN").folded
    assert undisguised("1O1").folded == undisguised("lol").folded == undisguised("I0I").folded
    assert undisguised("p0rn").plain != undisguised("porn").plain
