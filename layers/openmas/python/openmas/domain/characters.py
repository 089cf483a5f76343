"""Characters that deceive: those that nobody sees, and brackets that look like 【】."""

import unicodedata

# Whatever Unicode has to stand around words and a reader could take for 【】: lenticular, square and
# tortoise-shell brackets, and all that is not in ordinary use. A test goes through the whole of Unicode.
OPENING = frozenset("【〖︻︗[［﹇⟦〚〔﹝︹❲〘⦗⟬⁅⦋⦍⦏⸢⸤⸦⹕⹗⌈⌊⟅⧘⧚⸂⸄⸉⸌⸜⸠༺༼᚛﴿")
CLOSING = frozenset("】〗︼︘]］﹈⟧〛〕﹞︺❳〙⦘⟭⁆⦌⦎⦐⸣⸥⸧⹖⹘⌉⌋⟆⧙⧛⸃⸅⸊⸍⸝⸡༻༽᚜﴾")
# What nobody takes for a signature: round, curly, angle and corner brackets. 《 begins a title, （ a remark.
ORDINARY_OPENING = frozenset("(（﹙︵⁽₍❨❪⟮⦅⸨⹙｟⹛{｛﹛︷❴⦃<＜﹤〈〈《︽︿⟨⟪❬❮❰⧼⦑⦉⦓⦕⦇「『﹁﹃｢\u2329")
ORDINARY_CLOSING = frozenset(")）﹚︶⁾₎❩❫⟯⦆⸩⹚｠⹜}｝﹜︸❵⦄>＞﹥〉〉》︾﹀⟩⟫❭❯❱⧽⦒⦊⦔⦖⦈」』﹂﹄｣\u232a")
# Letters and lines that draw a square bracket, where one opens and the other closes.
DRAWN_OPENING = frozenset("ㄷ⌌⌎⌜⌞⎾⎿⊂⋐⫍⫏⫑𓊆𓊈𓊊𓍹𓉘匚匸ㄈ⊏⊑⎡⎢⎣┌┍┎┏└┕┖┗├┝┞┟┠┡┢┣╒╓╔╘╙╚╞╟╠◖")
DRAWN_CLOSING = frozenset("ㄱ⌍⌏⌝⌟⏋⏌⊃⋑⫎⫐⫒𓊇𓊉𓊋𓍺𓉜コヨ彐⊐⊒⎤⎥⎦┐┑┒┓┘┙┚┛┤┥┦┧┨┩┪┫╕╖╗╛╜╝╡╢╣◗")
# Hangul's letters draw one only where they stand alone; in a syllable they are a part of it.
DRAWN_ALONE = {each: drawn for drawn, forms in (("ㄷ", "ㄷ\u1103ﾧ"), ("ㄱ", "ㄱ\u1100ﾡ")) for each in forms}
# One of these is in every text that brings a signature of its own: the brackets, and what contains one.
FRAMING = (
    OPENING
    | CLOSING
    | DRAWN_OPENING
    | DRAWN_CLOSING
    | frozenset(DRAWN_ALONE)
    | frozenset("⊄⊅⋢⋣⼕⼖⼹ゴヿ㋙㋵㌝㌞㌰ｺﾖ🄪🈁🉀🉁🉂🉃🉄🉅🉆🉇🉈")
)
# What makes a telephone show a text in another order than it is written in.
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Letters by their category that are no more than one stroke or dot: beside others, a reader sees a sign.
# Not 一 and 乙, which are words; Hangul's stand as they are spelled out.
STROKES = frozenset("丶丨丿乀乁乚乛亅𠃊𠃋𠃌𠃍𠃎𠃑〡ㄧノ\u1173\u1175\u119eᐟᐠᐡᐢᐣᐤᐥᐦᐧᐨᐩᐪᣞᣟꞏ\u0885\u0887")
# Modifier letters, what is for private use, and what is no character yet: a reader sees a sign or a box.
SIGN_CATEGORIES = frozenset({"Lm", "Co", "Cn"})

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Fillers, blanks, variation selectors and what is kept free for more (Unicode: Default_Ignorable).
UNSEEN = frozenset(
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
    return character in UNSEEN or unicodedata.category(character) in _UNSEEN_CATEGORIES


def reads_as_written(text: str) -> bool:
    """Whether a text holds nothing unseen, and its letters and digits in their plain form only."""
    return unicodedata.is_normalized("NFC", text) and all(map(_plain, text))


def _plain(character: str) -> bool:
    if character.isalnum():
        ascii_digit = character.isascii() or not character.isdecimal()
        return ascii_digit and unicodedata.is_normalized("NFKC", character)
    return not is_unseen(character) and (character == " " or not character.isspace())


def seen(text: str) -> str:
    """The text without its unseen characters, and without white space around it."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(character for character in text if not is_unseen(character)).strip()
