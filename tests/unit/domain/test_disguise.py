"""Links and telephone numbers are found behind their disguises, and ordinary words are let be."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openmas.domain.disguise import crossing, has_link, has_long_run, has_number, plain
from tests.fakes.notices import NEAR_MISSES, ordinary_notices

DOTS = ".．。｡﹒․"
LINKS = [
    *(f"evil{dot}com" for dot in DOTS),
    *(f"ｅｖｉｌ{dot}ｃｏｍ" for dot in DOTS),
    *("evil·com", "evil・com", "evil•com", "evil .com", "evil. com", "evil . com", "evil点com", "evil點cn"),
    *("evildotcom", "evil dot com", "evil(dot)com", "evil（dot）com", "evil ｄｏｔ com"),
    *("例子.com", "例.中国", "例子.公司", "a.xn--fiqs8s", "xn--fiqs8s", "XN--FIQS8S"),
    *("http://1", "https：//1", "HTTP：／／a", "http:a", "weixin://dl", "mailto:a", "www.a", "ｗｗｗ。ａ"),
    *("10.0.0.1", "10。0。0。1", "١٠.٠.٠.١", "10·0·0·1", "a10.0.0.1b", "1.10.0.0.1"),
    *("пример.рф", "еvil.com", "evil.соm", "t.ｃｎ/a", "ⓔⓥⓘⓛ.ⓒⓞⓜ", "🅴🆅🅸🅻.🅲🅾🅼", "🇪🇻🇮🇱.🇨🇴🇲", "⒈com"),
    *("e\u0301vil.com", "evil.\u0301com", "evil.\u200bcom", "evil\u200d.com", "evil.c\ufe0fom", "evil.㏄"),
]


LINKS += [
    *("a.我爱你/x", "abcꓸcom", "abc۔com", "abc⸱com", "abcㆍcom", "abc丶com"),
    *(
        "abc.我爱你",
        "abc.游戏/x",
        "ab.娱乐",
        "abc.购物",
        "abc.新闻",
        "abc.台湾",
        "abc.佛山",
        "abc.餐厅",
        "ab-c.世界",
    ),
    *(
        "abc.コム",
        "abc.みんな",
        "abc.書籍",
        "abc.通販",
        "abc.家電",
        "abc.组织机构",
        "abc.天主教",
        "abc.香格里拉",
    ),
    *("пример。рф", "abc。рф", "abc｡рф", "пример｡com", "abc。сom", "مثال。مصر"),
    *(
        "abc点ru",
        "abc點ru",
        "a(.)com",
        "a（．）com",
        "a（点）com",
        "baidu点сom",
        "baidu点соm",
        "abc点me",
        "abc点app",
    ),
    *("abc点link", "abc點shop", "abc．c o m", "abc . c n", "abc点c o m"),
]


LINKS += [
    *(
        "abc,com",
        "abc，com",
        "abc、com",
        "abc,c0m",
        "ab1，xyz",
        "t,cn/a",
        "abc,net/x",
        "abc点c0m",
        "abc.c0m",
        "abc。c0m",
    ),
    *(
        "abc店com",
        "abc电com",
        "abc奌com",
        "abc小数点com",
        "abc句号cn",
        "abc[.]com",
        "abc【点】com",
        "abc<dot>cn",
    ),
    *(
        "abc d0t com",
        "abc{.}net",
        "www baidu com",
        "www,baidu,com",
        "www点baidu点cn",
        "w w w baidu",
        "w.w.w.a",
    ),
    *(
        "hxxp:a",
        "hxxps://a",
        "hXXp",
        "h t t p a",
        "h t t p s",
        "h.t.t.p",
        "h**p:a",
        "ht*p:",
        "http;//a",
        "http//a",
    ),
    *("https :a", "ｈｔｔｐ ：a"),
]


@pytest.mark.parametrize("text", LINKS)
@pytest.mark.parametrize("around", ["{}", "请看{}吧", "请看 {}，", "a-{}"])
def test_a_link_is_found_in_every_disguise(text: str, around: str) -> None:
    assert has_link(plain(around.format(text)))


@pytest.mark.parametrize(
    "text",
    [
        "淘宝。com",
        "淘宝｡com/x",
        "淘宝。vip/x",
        "例子。中国",
        "例子。公司/",
        "例子。游戏/x",
        "领奖.游戏",
        "领奖.游戏/x，",
        "请看163.购物",
        "淘宝点com",
        "例子點cn，",
        "abc。游戏",
        "淘宝,com",
        "淘宝，c0m",
        "请看abc,cn",
        "淘宝点c0m",
    ],
)
def test_a_link_with_a_han_name_is_found_where_it_ends(text: str) -> None:
    assert has_link(plain(text))


@pytest.mark.parametrize("text", [*NEAR_MISSES, *ordinary_notices()])
def test_an_ordinary_notice_has_neither_link_nor_number(text: str) -> None:
    assert not has_link(plain(text))
    assert not has_number(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "3.5kg",
            "2025.11.24",
            "1.5.2",
            "8:30-11:30",
            "第3.1条",
            "您好。abc",
            "您好。中国移动",
            "50%",
            "￥12.00",
        ),
        *(
            "U.S.A",
            "a.m.",
            "8 a.m.",
            "阿布都·热合曼",
            "买买提·Ali",
            "……",
            "ok...thanks",
            "e.g.",
            "No.12",
            "V2.0",
        ),
        *(
            "9点到场",
            "10点半",
            "甲：乙",
            "比例1：2",
            "24/7",
            "and/or",
            "A座。B座",
            "C. 乙",
            "1. 甲",
        ),
        *(
            "3,5",
            "1,000",
            "甲,乙",
            "A,B,C",
            "usb,com口",
            "com,net",
            "rs232,com1",
            "请用com口",
            "cn,us",
            "us,cn,jp",
        ),
        *(
            "jpg,png",
            "tom,cc jerry",
            "gross,net of tax",
            "a级,vip客户",
            "please, com",
            "www",
            "网店com",
            "书店app",
        ),
        *("WWW 会议", "h t m l", "w w f", "句号", "小数点后2位", "电com", "http协议", "n,org chart", "hp: 1"),
        *("please come. Me too", "Press 1. Then go", "dot", "the dot is red", "点com机", "王. 李"),
    ],
)
def test_ordinary_words_are_no_link(text: str) -> None:
    assert not has_link(plain(text))


NUMBERS = [
    *("13800130001", "138-0013-0001", "138 0013 0001", "1 3 8 0 0 1 3 0 0 0 1", "１３８００１３０００１"),
    *("8613800130001", "+86 13800130001", "①③⑧⓪⓪①③⓪⓪⓪①", "一三八零零一三零零零一", "幺三八〇〇幺三〇〇〇幺"),
    *(
        "壹叁捌零零壹叁零零零壹",
        "138.0013.0001",
        "138·0013·0001",
        "١٣٨٠٠١٣٠٠٠١",
        "138_0013_0001",
        "𝟏𝟑𝟖00130001",
    ),
    *(
        "4001234567",
        "400-123-4567",
        "800 123 4567",
        "010-12345678",
        "(010)12345678",
        "０１０－１２３４５６７８",
    ),
    *("0901-6228888", "95588", "九五五八八", "9\u200b5588"),
]


NUMBERS += [
    *("❶❸❽⓿⓿❶❸❽⓿⓿⓿", "⓵⓷⓼⓿⓿⓵⓷⓼⓿⓿⓿", "➊➌➑00➊➌➑000", "〡〣〨〇〇〡〣〨〇〇〇", "138001380❿"),
    *(
        "138/0013/8000",
        "138、0013、8000",
        "138~0013~8000",
        "138～00138000",
        "1380013/8000",
        "138,0013，8000",
        "1+3+8+0+0+1+3+8+0+0+0",
    ),
    *("1/3/8/0/0/1/3/8/0/0/0", "1、3、8、0、0、1、3、8、0、0、0", "1~3~8~0~0~1~3~8~0~0~0"),
]


@pytest.mark.parametrize(
    "number", ["l38OOl38OOO", "138OO138OOO", "I38OOI38OOO", "13800I38000", "ｌ38oo138ooo"]
)
@pytest.mark.parametrize("around", ["{}", "请拨{}。", "电话 {} 转"])
def test_letters_for_figures_make_a_number(number: str, around: str) -> None:
    assert has_number(plain(around.format(number)))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "请拨{}。", "QQ{}x"])
def test_a_telephone_number_is_found_in_every_disguise(number: str, around: str) -> None:
    assert has_number(plain(around.format(number)))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "491823",
            "12345678",
            "2025-11-24",
            "2025年11月24日 08:30-11:30",
            "8:30-11:30",
            "20251124",
            "3-2-101",
        ),
        *(
            "955881",
            "10000",
            "12320",
            "95%",
            "共95人",
            "二〇二五年十一月二十四日",
            "15:30-17:30 2025年",
            "1.5.2",
        ),
    ],
)
def test_ordinary_figures_are_no_telephone_number(text: str) -> None:
    assert not has_number(plain(text))
    assert not has_long_run(plain(text))


def test_nine_digits_in_a_row_are_too_many_however_they_are_written() -> None:
    assert not has_long_run(plain("尾号12345678"))
    assert has_long_run(plain("账号123456789"))
    assert has_long_run(plain("账号１２３４５６七八九"))


LETTERLESS = st.lists(
    st.sampled_from(
        ["1", "20", "333", ".", "。", "·", ":", "：", "//", "公司", "网站", "健康", "王", "-", "点", " "]
    ),
    max_size=9,
)


@given(LETTERLESS)
@example(["20", "。", "1", "·", "1", ".", "1"])
@example(["：", "//"])
@example(["333", ".", "健康"])
@example(["王", "。", "公司"])
def test_a_text_without_letters_is_looked_through_as_one_with_a_letter_apart(pieces: list[str]) -> None:
    text = plain("".join(pieces))

    assert has_link(text) is has_link(f"z！！{text}")


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_plain_form_of_two_texts_is_that_of_both(one: str, other: str) -> None:
    assert plain(one + other) == plain(one) + plain(other)


@given(st.characters())
def test_every_letter_and_digit_that_is_a_form_of_an_ascii_one_is_plain(character: str) -> None:
    simple = unicodedata.normalize("NFKC", character).lower()

    if re.fullmatch("[a-z0-9]+", simple):
        assert plain(character) == simple


PIECES = st.lists(
    st.sampled_from(["a", "evil", ".", ".com", "com", "cn", "10.0", ".0.1", "：/", "/", "王", "，", "", " "]),
    min_size=3,
    max_size=5,
).filter(lambda parts: len(parts) % 2 == 1)


@given(PIECES)
@example(["evil", ".", "com"])
@example(["a.com，", "王", ""])
def test_what_crosses_is_what_no_part_has_alone(parts: list[str]) -> None:
    """Naively: no value is a link, the text is one that no fixed part holds; so it lies across."""
    fixed, values = parts[::2], parts[1::2]
    whole = "".join(parts)
    if not any(map(has_link, fixed + values)):
        assert crossing(parts) == ("link" if has_link(whole) else None)


@given(st.lists(st.text(st.sampled_from("01385l-·（，/ 至元\ue000"), max_size=6), min_size=3, max_size=5))
@example(["138", "0013", "8000"])
@example(["138oo", "o13800", ""])
@example(["1，3，8，0，", "0，1，3，8，0", "，0，0"])
def test_a_number_across_parts_is_found_wherever_it_is_parted(parts: list[str]) -> None:
    """Naively: a number of a text that is none of its parts'."""
    parts = parts[: len(parts) - 1 + len(parts) % 2]
    apart = any(has_number(part) or has_long_run(part) for part in parts)
    whole = "".join(parts)

    if not apart:
        assert crossing(parts) == ("number" if has_number(whole) or has_long_run(whole) else None)


@pytest.mark.parametrize(
    "parts", [["t.cn", "王", ""], ["", "王", "t.cn"], ["t.cn/", "王", ""], ["a", "", ".cn"]]
)
def test_a_reviewed_link_does_not_touch_a_value(parts: list[str]) -> None:
    assert crossing(parts) == "link"


@pytest.mark.parametrize(
    "parts", [["t.cn，", "王", ""], ["", "王", "，t.cn"], ["请看t.cn ", "王", " a.cn"], ["t.cn"]]
)
def test_a_reviewed_link_apart_from_values_is_let_be(parts: list[str]) -> None:
    assert crossing(parts) is None
