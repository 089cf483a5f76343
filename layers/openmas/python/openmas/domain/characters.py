"""Characters that deceive: those that nobody sees, and brackets that look like 【】."""

import unicodedata

# Lenticular, square and tortoise-shell brackets, black and white, full-width, small and upright.
OPENING = frozenset("【〖︻︗[［﹇⟦〚〔﹝︹❲〘⦗⟬⁅")
CLOSING = frozenset("】〗︼︘]］﹈⟧〛〕﹞︺❳〙⦘⟭⁆")

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Fillers, blanks, variation selectors and what is kept free for more (Unicode: Default_Ignorable).
_UNSEEN = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164, 0xFFA0),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xFFF0, 0xFFF9),
            *range(0xE0000, 0xE1000),
        ),
    )
)


def is_unseen(character: str) -> bool:
    """Whether a character leaves no ink and no ordinary space: control, format and filler characters."""
    return character in _UNSEEN or unicodedata.category(character) in _UNSEEN_CATEGORIES


def seen(text: str) -> str:
    """The text without its unseen characters, and without white space around it."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(character for character in text if not is_unseen(character)).strip()
