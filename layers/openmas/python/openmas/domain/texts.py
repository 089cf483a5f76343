"""The text as it goes on the air: signature before it, opt-out words behind it."""

from openmas.domain.contract import Category

TEXT_LENGTH_MAX = 500
OPT_OUT_WORDS = "拒收请回复R"


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
