"""The words by which a recipient opts out (2.1.16)."""

from collections.abc import Iterable

from openmas.domain.characters import seen

_OPT_OUT_WORDS = frozenset({"r", "td", "t", "退订", "取消"})
_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def is_opt_out(text: str, more: Iterable[str] = ()) -> bool:
    """Whether an inbound text is one of the words by which a recipient opts out, and nothing else.

    Shape: `more` are the contract's own words beside those that hold everywhere.
    """
    said = _plain(text)
    return said in _OPT_OUT_WORDS or any(said == _plain(word) for word in more)


def _plain(text: str) -> str:
    return seen(text).translate(_TO_ASCII).lower()
