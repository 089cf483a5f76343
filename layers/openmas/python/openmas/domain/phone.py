"""Recipients' numbers: mainland mobiles, each read as the number that is written or not at all."""

import re

from openmas.domain.reasons import NUMBER_MALFORMED, NUMBER_NOT_MOBILE, rejected
from openmas.errors import InvalidInput

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Every character that may stand in a written number; whatever else there is makes it unreadable.
_WRITTEN = re.compile(r"[0-9+ \-０-９＋\u3000－]{11,64}")
_TO_ASCII = str.maketrans("０１２３４５６７８９＋", "0123456789+", " -\u3000－")
_PREFIXED = re.compile(r"(?:\+86|0086|86)?([0-9]{11})")


def parse_mobile(text: str) -> str:
    """The 11 digits of the mobile number that is written.

    Shape: spaces, hyphens and full-width forms are normalised; `+86`, `0086` or `86` may stand before.
    Raises: InvalidInput for anything that is not clearly one mainland mobile number.
    """
    if _MOBILE.fullmatch(text):
        return text
    digits = written_digits(text)
    if digits is None:
        raise rejected(InvalidInput, NUMBER_MALFORMED)
    if _MOBILE.fullmatch(digits) is None:
        raise rejected(InvalidInput, NUMBER_NOT_MOBILE)
    return digits


def written_digits(text: str) -> str | None:
    """The 11 digits that a text writes, without the country's prefix; None if it writes anything else."""
    if _WRITTEN.fullmatch(text) is None:
        return None
    match = _PREFIXED.fullmatch(text.translate(_TO_ASCII))
    return match[1] if match else None


def mask(number: str) -> str:
    """The number as people may see it; of anything but a number nothing is shown.

    >>> mask("13800130001")
    '138****0001'
    """
    return f"{number[:3]}****{number[7:]}" if _MOBILE.fullmatch(number) else "****"
