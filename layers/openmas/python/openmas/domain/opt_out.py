"""The words by which a recipient opts out (2.1.16)."""

from openmas.domain.characters import seen

_OPT_OUT_WORDS = frozenset({"r", "td", "t", "退订", "取消"})
_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def is_opt_out(text: str) -> bool:
    """Whether an inbound text is one of the words by which a recipient opts out, and nothing else."""
    return seen(text).translate(_TO_ASCII).lower() in _OPT_OUT_WORDS
