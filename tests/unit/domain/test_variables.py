"""What a variable may hold: each kind has its form, checked here against a second, naive reading."""

from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openmas.domain.characters import CLOSING, OPENING, is_unseen
from openmas.domain.variables import DECIMALS_MAX, LENGTH_MAX, LENGTHS, Variable, VariableKind
from openmas.errors import InvalidInput

KINDS = st.sampled_from(VariableKind)
ASCII_DIGITS = "0123456789"
FIGURES = st.text("0123456789.,+-¥￥元 ()（）e_٣３一", max_size=14)
ANY = st.text(max_size=12) | FIGURES | st.text("ab.。:/汉0123456789-", max_size=12)


def taken(kind: VariableKind, value: str, decimals: int = 0, *, signed: bool = False) -> bool:
    return Variable("x", kind, LENGTH_MAX, decimals, signed).fault(value) is None


def naive_number(value: str, decimals: int, *, signed: bool) -> bool:
    if not value or set(value) - set("0123456789.+-"):
        return False
    if value[0] in "+-":
        if not signed:
            return False
        value = value[1:]
    whole, dot, rest = value.partition(".")
    return whole.isdigit() and (rest.isdigit() and len(rest) <= decimals if dot else True)


@given(FIGURES, st.integers(0, 3), st.booleans())
def test_a_number_is_ascii_digits_with_the_sign_and_the_decimals_that_are_declared(
    value: str, decimals: int, signed: bool
) -> None:
    if not naive_number(value, decimals, signed=signed):
        assert not taken(VariableKind.NUMBER, value, decimals, signed=signed)


@given(st.from_regex(r"[0-9]{1,9}", fullmatch=True))
def test_a_code_of_up_to_nine_digits_is_a_number(value: str) -> None:
    assert taken(VariableKind.NUMBER, value)


@pytest.mark.parametrize("value", ["13800130001", "4001234567", "8001234567", "01012345678", "09016228888"])
@pytest.mark.parametrize(
    "form", ["{}", "86{}", "0086{}", "00{}", "+{}", "-{}", "+86{}", "{}.0", "{}.00", "+0086{}.5"]
)
def test_a_number_is_none_that_is_dialled_whatever_stands_around_it(value: str, form: str) -> None:
    assert not taken(VariableKind.NUMBER, form.format(value), decimals=2, signed=True)


@pytest.mark.parametrize("value", ["12345678901", "86123456789", "0", "860013", "99999999.99"])
def test_a_number_that_nobody_dials_is_one_however_long(value: str) -> None:
    assert taken(VariableKind.NUMBER, value, decimals=2)


def naive_money(value: str) -> bool:
    """A sum that Decimal reads, below a thousand million, of two decimals at most, in ASCII."""
    bare = value.removesuffix("元") if value.endswith("元") else value.lstrip("¥￥")
    if set(bare) - set("0123456789.,"):
        return False
    try:
        amount = Decimal(bare.replace(",", ""))
    except InvalidOperation:
        return False
    return amount < 10**9 and len(bare.partition(".")[2]) <= 2


@given(FIGURES)
def test_money_is_a_sum_that_there_is(value: str) -> None:
    if not naive_money(value):
        assert not taken(VariableKind.MONEY, value)


@given(st.integers(0, 10**9 - 1), st.integers(0, 99))
def test_every_sum_is_money_in_the_ways_it_is_written(yuan: int, fen: int) -> None:
    for written in (
        f"{yuan}",
        f"{yuan}.{fen:02d}",
        f"{yuan:,}.{fen:02d}元",
        f"¥{yuan}.{fen:02d}",
        f"￥{yuan}",
    ):
        assert taken(VariableKind.MONEY, written)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "元",
        "¥",
        "12.",
        ".5",
        "012",
        "12.345",
        "1,23",
        "12,34,567",
        "¥12元",
        "-12",
        "1e3",
        "12 元",
        "１２元",
        "十元",
    ],
)
def test_what_is_no_sum_is_no_money(value: str) -> None:
    assert not taken(VariableKind.MONEY, value)


def naive_phone(value: str) -> bool:
    """Only what a dial shows, and as many digits as some number has."""
    digits = [c for c in value if c in ASCII_DIGITS]
    return not set(value) - set("0123456789+-() （）") and 3 <= len(digits) <= 18


@given(FIGURES)
def test_a_phone_is_what_can_be_dialled(value: str) -> None:
    if not naive_phone(value):
        assert not taken(VariableKind.PHONE, value)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "13800130001",
            "138-0013-0001",
            "138 0013 0001",
            "+8613800130001",
            "+86 13800130001",
            "010-62345678",
        ),
        *("0901-6228888", "(0901)6228888", "（0901）6228888", "6228888", "62288888-801", "400-123-4567"),
        *("4001234567", "400-1234-567", "95588", "12320", "10086", "96110", "110", "120"),
    ],
)
def test_numbers_as_they_are_written_are_phones(value: str) -> None:
    assert taken(VariableKind.PHONE, value)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "1",
            "13800",
            "23800130001",
            "138001300012",
            "1380013000",
            "１３８００１３０００１",
            "138-00130001",
        ),
        *(
            "13800130001或12320",
            "13800130001\n",
            "t.cn",
            "+1 6505550100",
            "0000-1234567",
            "400-12-34567",
            "999",
        ),
    ],
)
def test_what_nobody_can_dial_is_no_phone(value: str) -> None:
    assert not taken(VariableKind.PHONE, value)


@given(KINDS, ANY)
def test_no_kind_takes_a_bracket_an_unseen_character_or_a_scheme(kind: VariableKind, value: str) -> None:
    if set(value) & (OPENING | CLOSING) or any(map(is_unseen, value)) or "://" in value or "www." in value:
        assert not taken(kind, value)


@given(KINDS, ANY, st.sampled_from(["a.cn", "t.cn/x", "10.0.0.1", "ａ。ｃｎ", "xn--a"]), ANY)
def test_no_kind_takes_a_link_whatever_is_around_it(
    kind: VariableKind, before: str, link: str, after: str
) -> None:
    assume(not after[:1].isalnum())

    assert not taken(kind, f"{before} {link}{after}")


@given(
    KINDS.filter(lambda kind: kind is not VariableKind.PHONE), st.integers(3, 9), st.integers(0, 10**9 - 1)
)
def test_a_mobile_number_stands_in_a_phone_only(kind: VariableKind, second: int, rest: int) -> None:
    mobile = f"1{second}{rest:09d}"

    assert taken(VariableKind.PHONE, mobile)
    assert not taken(kind, mobile)


@given(KINDS, st.text("王1😀", max_size=12), st.integers(1, 12))
def test_a_value_is_as_long_as_its_variable_allows_in_utf16(
    kind: VariableKind, value: str, length_max: int
) -> None:
    if len(value.encode("utf-16-le")) // 2 > length_max:
        assert Variable("x", kind, length_max).fault(value) is not None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "王女士",
        "A座 3-2-101",
        "身份证、户口本",
        "2025年11月24日",
        "8:30-11:30",
        "12345678",
        "😀",
        "{x}",
        "50%",
    ],
)
def test_ordinary_texts_are_taken(value: str) -> None:
    assert taken(VariableKind.TEXT, value)


def bad(kind: VariableKind, length_max: int, decimals: int = 0, *, signed: bool = False) -> bool:
    try:
        Variable("x", kind, length_max, decimals, signed)
    except InvalidInput:
        return True
    return False


def test_bounds_that_make_no_sense_are_refused() -> None:
    assert bad(VariableKind.TEXT, 0)
    assert bad(VariableKind.TEXT, LENGTH_MAX + 1)
    assert bad(VariableKind.TEXT, 8, 2)
    assert bad(VariableKind.MONEY, 8, signed=True)
    assert bad(VariableKind.NUMBER, 8, DECIMALS_MAX + 1)
    assert bad(VariableKind.NUMBER, 8, -1)
    assert not any(bad(kind, LENGTHS[kind]) for kind in VariableKind)
