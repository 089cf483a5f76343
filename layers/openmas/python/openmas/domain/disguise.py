"""Links and telephone numbers in a text, also behind the commonest disguises: what a recipient could tap.

`plain` makes look-alikes one; links and numbers are then looked for in plain text only. It works character by
character, so the plain form of two texts side by side is that of both, side by side.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from openmas.domain.characters import is_unseen
from openmas.domain.lookalikes import LATIN

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W\d_{_HAN}]"
# Those that nobody writes behind a full stop for another reason, and the other Chinese ones and Japanese ones
# in Han. Source: IANA's root zone database, with the ones that are gone.
_HAN_DOMAINS = "中国|中國|公司|网络|網絡|网址|网站|集团|商城|中文网|在线|网店|手机|移动|政务|公益|企业|香港"
_MORE_HAN_DOMAINS = (
    "世界|中信|亚马逊|佛山|信息|健康|八卦|台湾|台灣|臺灣|商店|商标|嘉里大酒店|嘉里|大众汽车|大拿|天主教|娱乐|家電|工行|广东|微博"
    "|慈善|我爱你|手表|招聘|政府|新加坡|新闻|时尚|書籍|书籍|机构|淡马锡|游戏|澳門|澳门|点看|珠宝|盛贸饭店|组织机构|联通|诺基亚|谷歌|购物|通販|電訊盈科"
    "|飞利浦|食品|餐厅|香格里拉"
)
_ANY_HAN = f"{_HAN_DOMAINS}|{_MORE_HAN_DOMAINS}"
# What no Japanese sentence is written in, so that a full stop of theirs between two of them ends none.
_UNJAPANESE = rf"[^\W\d_{_HAN}\u3040-\u30ff]"
# Those that are met in what people spell out; a text may say `. Me` for other reasons, and 9点App.
_SPELLED = "com|c0m|cn|net|org|top|xyz|vip|cc|info|icu|ru"
_SPELLED_BEHIND_LETTERS = "me|app|link|shop|site|online|club|co|io|tv|fun|live|store|wang|hk|tw"
_NEVER_A_WORD = "com|c0m|cn|net|org|xyz|cc|icu|ru"
# Behind a comma, where a list goes on with others.
_BEHIND_COMMA = "com|c0m|xyz|icu"
_DOT = r"[.。·点點]|d[o0]t"
_SPACED = "|".join(r"[ ]".join(each) for each in _SPELLED.split("|"))
# The second line lets go of most characters at once: no other link has its telling part begin with another.
_LINK = re.compile(
    r"[0-9]{1,3}(?:[.。·][0-9]{1,3}){3}"
    r"|(?=[.。:：·点點奌店电典小圆句,，、(（[［【{<〈《「『dfhmwx\s])(?:"
    rf"(?<=[\w-])\.(?:{_LETTER}{{2,}}|{_HAN_DOMAINS})"
    # 1.健康监测 and A.健康 are points of a list; a name has two characters, and does not go on in Han.
    rf"|(?<=[a-z0-9-][a-z-])\.(?:{_MORE_HAN_DOMAINS})"
    rf"|(?<=[a-z0-9-])\.(?:{_MORE_HAN_DOMAINS})/(?![{_HAN}])"
    rf"|(?:(?<=\w[^\W\d_])|(?<=[0-9]{{3}}))\.(?:{_MORE_HAN_DOMAINS})(?!\w)"
    rf"|(?<=[a-z0-9-])。(?:[a-z]{{2,}}|c0m|中国|公司|网络|网址)"
    rf"|(?:(?<={_UNJAPANESE})|(?<=[0-9-]))。(?:{_UNJAPANESE}{{2,}}|(?:{_ANY_HAN})(?!\w))"
    rf"|(?<=[{_HAN}])。(?:(?:{_NEVER_A_WORD})(?![a-z0-9])|[a-z]{{2,}}/|(?:{_ANY_HAN})/|(?:{_HAN_DOMAINS})\Z)"
    r"|[:：]//|(?:https?|ftp|mailto)\s?[:：]|https?\s?[;；]?//|www[.。·]|xn--"
    r"|h(?:xx|\*\*|[t*]{2})ps?\s?[:：;；/]|hxxp|h([ .·_-])t\1t\1p(?![a-rt-z])|w([ .·_-])w\2w(?![a-z])"
    rf"|www[\s,，、点點:：/_-]{{1,3}}[a-z0-9-]{{1,63}}[\s.。·,，、点點_-]{{1,3}}(?:{_SPELLED})(?![a-z0-9])"
    rf"|(?<=[a-z0-9])\s?(?:\s[.。]|[.。]\s|·|点|點|小数点|圆点|句号|d[o0]t|[(（[［【{{<〈《「『]\s?(?:{_DOT})\s?[)）\]］】}}>〉》」』])"
    rf"\s?(?:{_SPELLED})(?!{_LETTER})"
    rf"|(?<=[a-z0-9-]{{2}})[,，、](?:{_BEHIND_COMMA})(?![a-z0-9口机端]|[,，、][a-z])|(?<=[a-z0-9])[,，、](?:{_SPELLED})/[a-z0-9]"
    rf"|(?<=[{_HAN}])[,，](?:com|c0m)(?!\w)|(?<=[a-z0-9]{{3}})[,，](?:cn|org|ru)(?=\Z|[{_HAN}])"
    r"|(?<=[a-z0-9])[奌店电典]c[o0]m(?![a-z0-9])|(?<=\w)\.c0m(?![a-z0-9])"
    rf"|(?<=[a-z])[点點](?:{_SPELLED_BEHIND_LETTERS})(?!{_LETTER})"
    rf"|(?<=[{_HAN}])[点點](?:{_NEVER_A_WORD})(?!\w)"
    rf"|(?<=[a-z0-9])\s?[.。·点點]\s?(?:{_SPACED})(?!{_LETTER}))"
)
# A link has a letter, or one of these: most texts have neither, which is seen ten times as soon.
_ANY_LETTER = re.compile(_LETTER)
_LETTERLESS = re.compile(
    rf"[.。·:：](?:(?<=[.。])(?:{_ANY_HAN})|(?<=[:：])//|(?<=[0-9].)[0-9]{{1,3}}(?:[.。·][0-9]{{1,3}}){{2}})"
)
# What goes on with a link: ahead of it a name, behind it a path. Han stands between words, and ends it.
_NAME = re.compile(rf"(?:[.@\-]|(?![{_HAN}])\w)*")
_PATH = re.compile(rf"(?:[-._~/?#=&%:@+$*]|(?![{_HAN}])\w)*")

_BETWEEN = r"[ \-.·_()（）*]{0,2}"
_NUMBER = re.compile(
    rf"(?<![0-9])(?:(?:86{_BETWEEN})?1{_BETWEEN}[3-9](?:{_BETWEEN}[0-9]){{9}}"
    rf"|[48]{_BETWEEN}0{_BETWEEN}0(?:{_BETWEEN}[0-9]){{7}}"
    rf"|0{_BETWEEN}[1-9](?:{_BETWEEN}[0-9]){{8,10}}"
    r"|95[0-9]{3})(?![0-9])"
)
# What parts a list, too: a list of single digits has not eleven, and its numbers are not of three and four.
_PARTED = re.compile(
    r"(?<![0-9])(?:1[/、~,，+][3-9](?:[/、~,，+][0-9]){9}|1[3-9][0-9][/、~,，+][0-9]{4}[/、~,，+][0-9]{4}"
    r"|1[3-9][0-9][/、~,，+][0-9]{8}|1[3-9][0-9]{5}[/、~,，+][0-9]{4})(?![0-9元块人名户室号])"
)
# Letters for 1 and 0 in what would be a mobile number, and has too many figures to be a word.
_LETTERED = re.compile(r"(?<![a-z0-9])(?=(?:[ilo]*[0-9]){3})[1il][3-9][0-9ilo]{9}(?![a-z0-9])")
_FIGURE = re.compile("[0-9]")
_NUMBERS = (_NUMBER, _PARTED, _LETTERED)
# Whatever reads as a number across a border has figures, and nothing but what may part them, on both sides.
_BORDER = "\ue000"
_PARTING = rf"[ \-.·_()（）*/、~,，+{_BORDER}]*"
_ACROSS = re.compile(rf"[0-9ilo]{_PARTING}{_BORDER}{_PARTING}[0-9ilo]")
RUN_MAX = 8
_LONG_RUN = re.compile(rf"[0-9]{{{RUN_MAX + 1},}}")

_HAN_DIGITS = "〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖○壹貳參肆伍陸柒捌玖"
_LIKE = {
    "．": ".",
    "﹒": ".",
    "․": ".",
    "。": "。",
    "｡": "。",
    "＿": "_",
    "＠": "@",
    "幺": "1",
    **dict.fromkeys("\n\r\t\u2028\u2029", " "),
    **dict.fromkeys("·・･•‧∙⋅●ꓸ۔⸱丶\u119e", "·"),
    **dict.fromkeys("‐‑‒–—―−－﹣﹘", "-"),
    **dict.fromkeys("／∕⁄⧸", "/"),
    **dict.fromkeys("：∶꞉﹕", "："),
    **dict.fromkeys("～〜∼˜", "~"),
    **{numeral: str(n) for n, numeral in enumerate("〡〢〣〤〥〦〧〨〩", start=1)},
    **{han: str(n % 10) for n, han in enumerate(_HAN_DIGITS)},
}
# Letters that Unicode does not call a form of theirs: negative circled and squared, and those of flags.
_LETTERS_FROM = (0x1F150, 0x1F170, 0x1F1E6)


class _Plain(dict[int, str]):
    """The plain form of each character, reckoned when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = _plain(chr(code))
        return self[code]


def plain(text: str) -> str:
    """The text as it is read: look-alikes as what they look like, without marks and what nobody sees."""
    return text.translate(_PLAIN)


def has_link(plain_text: str) -> bool:
    """Whether a telephone, or its owner, would make a link of any part."""
    return next(_links(plain_text), None) is not None


def has_number(plain_text: str) -> bool:
    """Whether a part reads as a telephone number: mobile, fixed with its area, 400, 800, or 95 and three."""
    if _FIGURE.search(plain_text) is None:
        return False
    return any(pattern.search(plain_text) is not None for pattern in _NUMBERS)


def has_long_run(plain_text: str) -> bool:
    """Whether so many digits stand together as no code has, but accounts and cards have."""
    return _LONG_RUN.search(plain_text) is not None


def crossing(parts: Sequence[str]) -> str | None:
    """What the parts of a text make together although none of them has it alone: `link` or `number`; or None.

    Shape: plain parts, at even places fixed ones. A link that lies in a fixed part must not touch another.
    """
    text = "".join(parts)
    if any(not _inside(parts, *_whole(text, found), apart=True) for found in _links(text)):
        return "link"
    if _ACROSS.search(_BORDER.join(parts)) is None:
        return None
    numbers = (found.span() for pattern in (*_NUMBERS, _LONG_RUN) for found in pattern.finditer(text))
    return "number" if any(not _inside(parts, *span, apart=False) for span in numbers) else None


def _links(text: str) -> Iterator[re.Match[str]]:
    """The telling parts of all links."""
    if _ANY_LETTER.search(text) is None and _LETTERLESS.search(text) is None:
        return iter(())
    return _LINK.finditer(text)


def _whole(text: str, found: re.Match[str]) -> tuple[int, int]:
    """From where to where a link reaches, of which the telling part was found."""
    start, end = found.span()
    ahead = _NAME.match(text[:start][::-1])
    behind = _PATH.match(text, end)
    start -= ahead.end() if ahead else 0
    # Before a dot a Han name belongs to it, too, as far as one can tell its last character.
    if start == found.start() and start and text[start] in ".。":
        start -= 1
    return start, behind.end() if behind else end


def _inside(parts: Sequence[str], start: int, end: int, *, apart: bool) -> bool:
    """Whether one part holds all of it; `apart`: a fixed one, at whose inner borders it does not lie."""
    begins = 0
    for place, part in enumerate(parts):
        ends = begins + len(part)
        if begins <= start < ends:
            touches = (start == begins and place > 0) or (end == ends and place < len(parts) - 1)
            return end <= ends and not (apart and (place % 2 == 1 or touches))
        begins = ends
    return False


def _plain(character: str) -> str:
    if character in _LIKE:
        return _LIKE[character]
    code = ord(character)
    for first in _LETTERS_FROM:
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    if is_unseen(character) or unicodedata.category(character) in {"Mn", "Me"}:
        return ""
    if 0xFF01 <= code <= 0xFF5E and not unicodedata.normalize("NFKC", character).isalnum():
        # Full-width punctuation ends a link where its ASCII twin would go on with it.
        return character
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    folded = unicodedata.normalize("NFKD", character).casefold()
    if folded == character and unicodedata.category(character) == "No":
        return _number(character)
    parts = (each for each in folded if unicodedata.category(each) not in {"Mn", "Me"})
    return "".join(_LIKE.get(each) or LATIN.get(each, each) for each in parts)


def _number(character: str) -> str:
    """The figures of a number in a circle or another sign of its own, such as ❿."""
    number = unicodedata.numeric(character, None)
    return str(int(number)) if number is not None and number.is_integer() and number < 100 else character


_PLAIN = _Plain()
