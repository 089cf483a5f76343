"""Length and billed units (条) of a text as it goes on the air, under the rule that the contract names."""

from collections.abc import Iterable
from enum import StrEnum


class Counting(StrEnum):
    """How units are counted.

    chars_70_67: any character counts one per UTF-16 unit; 70 alone, or 67 in each segment (annex 1).
    gsm7_ucs2: a text in the GSM 7 bit alphabet has 160 septets alone or 153 in each segment, any other 70 or
    67 UTF-16 units, and no character is torn apart. Source: 3GPP TS 23.038 and 23.040.
    """

    CHARS_70_67 = "chars_70_67"
    GSM7_UCS2 = "gsm7_ucs2"


_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM7_ALL = _GSM7 | _GSM7_EXTENSION


def length_utf16(text: str) -> int:
    """The length of a text in UTF-16 units: an emoji counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def exceeds_utf16(text: str, length_max: int) -> bool:
    """Whether a text is longer; most are so short that nothing needs to be counted."""
    return 2 * len(text) > length_max and length_utf16(text) > length_max


def count_units(text: str, counting: Counting) -> int:
    """The billed segments of a text, one at least."""
    if counting is Counting.CHARS_70_67:
        length = length_utf16(text)
        return 1 if length <= 70 else -(-length // 67)
    if _GSM7_ALL.issuperset(text):
        return _segments((1 + (character in _GSM7_EXTENSION) for character in text), 160, 153)
    return _segments((1 + (character > "\uffff") for character in text), 70, 67)


def _segments(widths: Iterable[int], alone_max: int, segment_max: int) -> int:
    """So many segments hold characters of these widths, none of which may be torn apart."""
    total, segments, used = 0, 1, 0
    for width in widths:
        total += width
        if used + width > segment_max:
            segments, used = segments + 1, 0
        used += width
    return 1 if total <= alone_max else segments
