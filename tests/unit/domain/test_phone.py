"""Recipients' numbers: read as written or not at all."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.phone import mask, parse_mobile, written_digits
from openmas.errors import InvalidInput

NUMBER = "13800130001"
MOBILES = st.integers(0, 9_999).map(lambda n: f"1380013{n:04d}")
WIDE = str.maketrans("0123456789+ -", "０１２３４５６７８９＋\u3000－")
WRITABLE = frozenset("0123456789+ -") | frozenset("０１２３４５６７８９＋\u3000－")
PLACES = [("", "13800130001"), ("1380", "130001"), ("13800130001", ""), ("+86", "13800130001")]
CODE_POINTS = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))


def code_of(written: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse_mobile(written)
    return caught.value.code


@given(MOBILES, st.sampled_from(["", "+86", "0086", "86", "+86 ", "+86-", "0086-"]), st.data())
def test_a_number_is_read_however_it_is_spaced_or_widened(
    number: str, prefix: str, draw: st.DataObject
) -> None:
    gaps = draw.draw(st.lists(st.sampled_from(["", "", " ", "-", "\u3000"]), min_size=12, max_size=12))
    written = prefix + "".join(gap + digit for gap, digit in zip(gaps, (*number, ""), strict=True))

    assert parse_mobile(written) == number
    assert parse_mobile(written.translate(WIDE)) == number


@pytest.mark.parametrize(
    "written",
    [
        "13800130001", "+8613800130001", "008613800130001", "8613800130001", "+86 138 0013 0001",
        "138-0013-0001", "０086-138-0013-0001", "１３８００１３０００１",
        "＋８６１３８００１３０００１", " 13800130001 ", "\u300013800130001", "138－0013－0001",
    ],
)  # fmt: skip
def test_usual_ways_of_writing_are_read(written: str) -> None:
    assert parse_mobile(written) == NUMBER


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "-", "1380013000", "138001300011", "1380013000a", "a13800130001", "١٣٨٠٠١٣٠٠٠١",
        "१३८००१३०००१", "13800130001\n", "\n13800130001", "13800130001\r\n", "13800130001\t",
        "138\t00130001", "1380013\u200b0001", "\ufeff13800130001", "138\u00a00013\u00a00001",
        "138\u20090013\u20090001", "138–0013–0001", "138—0013—0001", "138‑0013‑0001", "138−0013−0001",
        "138_0013_0001", "138.0013.0001", "(138)00130001", "13800130001,", "tel:13800130001",
        "+8686 13800130001", "+86+8613800130001", "00860086 13800130001", "86 86 13800130001",
        "+008613800130001", "+13800130001", "13800130001+", "138+00130001", "+1 4155550100",
        "0013800130001", "013800130001", "+086 13800130001", "①③⑧00130001", "𝟏𝟑𝟖00130001",
        "1380013000¹", "1.38e10", "0x138001300", "1_3800130001", "13800130001" * 2, "1" * 5_000,
        " " * 5_000 + "13800130001", "\x0013800130001", "13800130001\x00", "1380013000\ud800",
    ],
)  # fmt: skip
def test_what_is_not_clearly_one_number_is_malformed(written: str) -> None:
    assert code_of(written) == "number_malformed"


@pytest.mark.parametrize(
    "written", ["12800130001", "01012345678", "00000000000", "+8601012345678", "86138001300"]
)
def test_eleven_digits_that_are_no_mobile_are_told_apart(written: str) -> None:
    assert code_of(written) == "number_not_mobile"


@pytest.mark.parametrize(("before", "behind"), PLACES)
def test_no_code_point_of_unicode_yields_another_number_than_is_written(before: str, behind: str) -> None:
    read = {c: digits for c in CODE_POINTS if (digits := written_digits(before + c + behind)) is not None}

    assert read.keys() <= WRITABLE
    for character, digits in read.items():
        plain = unicodedata.normalize("NFKC", character).strip(" -")
        assert digits == (before + plain + behind).removeprefix("+86")


@pytest.mark.parametrize(("before", "behind"), PLACES)
def test_parsing_takes_no_other_characters_than_those_that_write_digits(before: str, behind: str) -> None:
    def is_read(written: str) -> bool:
        try:
            return parse_mobile(written) == (written_digits(written) or "")
        except InvalidInput:
            return False

    assert {c for c in CODE_POINTS[:0xF000] if is_read(before + c + behind)} <= WRITABLE


@given(st.text(alphabet=st.sampled_from(sorted(WRITABLE | set("aٱ٣३\u200b\n\t–.,()"))), max_size=20))
def test_only_what_can_be_written_ever_makes_a_number(written: str) -> None:
    try:
        number = parse_mobile(written)
    except InvalidInput:
        return

    plain = unicodedata.normalize("NFKC", written).replace(" ", "").replace("-", "")
    assert set(written) <= WRITABLE
    assert plain in {number, f"+86{number}", f"0086{number}", f"86{number}"}


@given(st.integers(10**6, 10**15).map(str))
def test_a_refusal_never_repeats_the_number(written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_mobile(f"{written}x")

    assert caught.value.code == "number_malformed"
    assert written not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "shown"), [(NUMBER, "138****0001"), ("", "****"), ("1380013", "****"), ("塔城疾控", "****")]
)
def test_a_masked_number_shows_its_ends_only(number: str, shown: str) -> None:
    assert mask(number) == shown
