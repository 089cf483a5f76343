"""The text as it goes on the air: signature before it, opt-out words behind it."""

import unicodedata

from openmas.domain.characters import CLOSING, OPENING, seen
from openmas.domain.contract import Category

TEXT_LENGTH_MAX = 500
OPT_OUT_WORDS = "拒收请回复R"

_MARKS = frozenset({"Mn", "Me"})


def compose(text: str, signature: str, category: Category) -> str:
    """The text behind its signature (2.1.9) and, for marketing, before the opt-out words (2.1.16), each once.

    Units: at most TEXT_LENGTH_MAX UTF-16 units may be sent; the caller holds the limit.
    """
    before = bracketed(signature)
    behind = OPT_OUT_WORDS if category is Category.MARKETING else ""
    return f"{before}{text.removeprefix(before).removesuffix(behind)}{behind}"


def bracketed(signature: str) -> str:
    """The signature as it stands before a text."""
    return f"【{signature}】"


def has_own_signature(text: str) -> bool:
    """Whether a reader would take brackets at the start or the end of a text for a signature (2.1.9)."""
    if OPENING.isdisjoint(text) or CLOSING.isdisjoint(text):
        return False
    read = seen(_unmarked(text))
    if not read:
        return False
    begins = read[0] in OPENING and not CLOSING.isdisjoint(read[1:])
    ends = read[-1] in CLOSING and not OPENING.isdisjoint(read[:-1])
    return begins or ends


def _unmarked(text: str) -> str:
    """The text without combining marks, behind which a bracket could hide at either end."""
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) not in _MARKS)
