"""Links and telephone numbers in a text, also behind the commonest disguises: what a recipient could tap.

`plain` makes look-alikes one; links and numbers are then looked for in plain text only. It works character by
character, so the plain form of two texts side by side is that of both, side by side.
"""

import re
import unicodedata
from collections.abc import Sequence

from openmas.domain.characters import is_unseen

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W\d_{_HAN}]"
_HAN_DOMAINS = "中国|中國|公司|网络|網絡|网址|网站|集团|商城|中文网|在线|网店|手机|移动|政务|公益|企业|香港"
# Those that are met in what people spell out; a text may say `. Me` for other reasons.
_SPELLED = "com|cn|net|org|top|xyz|vip|cc|info|icu"
# The first line lets go of most characters at once: no link has its telling part begin with another.
_LINK = re.compile(
    r"(?=[.。:：·点點(（0-9dfhmwx\s])(?:"
    rf"(?<=[\w-])\.(?:{_LETTER}{{2,}}|{_HAN_DOMAINS})"
    rf"|(?<=[a-z0-9-])。(?:[a-z]{{2,}}|中国|公司|网络|网址)"
    r"|[:：]//|(?:https?|ftp|mailto)[:：]|www[.。·]|xn--"
    r"|[0-9]{1,3}(?:[.。·][0-9]{1,3}){3}"
    rf"|(?<=[a-z0-9])\s?(?:\s[.。]|[.。]\s|·|点|點|[(（]?dot[)）]?)\s?(?:{_SPELLED})(?!{_LETTER}))"
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
    **dict.fromkeys("·・･•‧∙⋅●", "·"),
    **dict.fromkeys("‐‑‒–—―−－﹣﹘", "-"),
    **dict.fromkeys("／∕⁄⧸", "/"),
    **dict.fromkeys("：∶꞉﹕", "："),
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
    return _LINK.search(plain_text) is not None


def has_number(plain_text: str) -> bool:
    """Whether a part reads as a telephone number: mobile, fixed with its area, 400, 800, or 95 and three."""
    return _NUMBER.search(plain_text) is not None


def has_long_run(plain_text: str) -> bool:
    """Whether so many digits stand together as no code has, but accounts and cards have."""
    return _LONG_RUN.search(plain_text) is not None


def crossing(parts: Sequence[str]) -> str | None:
    """What the parts of a text make together although none of them has it alone: `link` or `number`; or None.

    Shape: plain parts, at even places fixed ones. A link that lies in a fixed part must not touch another.
    """
    text = "".join(parts)
    if any(not _inside(parts, *_whole(text, found), apart=True) for found in _LINK.finditer(text)):
        return "link"
    numbers = (found.span() for pattern in (_NUMBER, _LONG_RUN) for found in pattern.finditer(text))
    return "number" if any(not _inside(parts, *span, apart=False) for span in numbers) else None


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
    return "".join(_LIKE.get(each, each) for each in folded if unicodedata.category(each) not in {"Mn", "Me"})


_PLAIN = _Plain()
