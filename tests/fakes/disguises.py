"""Words as people write them who do not want them to be found; every disguise is known by heart here.

Nothing is taken from the platform's own tables, so that a gap in them shows.
"""

import random
import string
from collections.abc import Mapping

# Forms of Han characters: traditional and variant ones, Kangxi radicals, compatibility ideographs.
_HAN = """
赌賭 网網 发發発 银銀 联聯聨 奖獎奨 国國国囯 卖賣売 枪槍 药藥薬 视視 频頻 轰轟 独獨 钞鈔 单單単
讲講 经經経 圣聖 战戰戦 驱驅駆 贷貸 转轉転 扩擴拡 账賬 户戶戸 绝絕絶 体體躰 过過 动動 冲衝 权權権
团團団 门門 龙龍竜 书書 称稱 岛島嶋 群羣 峰峯 民⺠ 六\uf9d1 女\uf981⼥ 老\uf934⽼ 金\uf90a⾦ 色⾊ 大⼤ 小⼩
水⽔ 子⼦ 人⼈ 文⽂ 立\uf9f7⽴ 高⾼髙 里⾥裡裏 众眾衆 线線缐 猫貓
"""
HAN: Mapping[str, str] = {forms[0]: forms[1:] for forms in _HAN.split()}
# Letters of other alphabets that look like ours.
_STRANGERS = """
aаαɑАΑ bЬвВΒ cсСϲ dԁ eеЕΕ hһНΗн iіıІΙ jјЈ kкКΚκ lӏΙІ mмМΜ nոΝ oоοОΟօ
pрρРΡ qԛ rгᴦ sѕЅՏƨ tтТΤτ uυս vνѵ wѡԝ xхΧХ yуΥү zᴢΖ
"""
STRANGERS: Mapping[str, str] = {forms[0]: forms[1:] for forms in _STRANGERS.split()}
SMALL_CAPITALS = dict(zip("abcdefghjklmnoprtuvwz", "ᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡᴢ", strict=True))
LETTERS_AT = (
    *(0xFF21, 0xFF41, 0x24B6, 0x24D0, 0x249C, 0x1D400, 0x1D41A, 0x1D4D0, 0x1D5A0, 0x1D670),
    *(0x1F130, 0x1F150, 0x1F170, 0x1F1E6),
)
DIGITS_AT = (0xFF10, 0x1D7CE, 0x1D7D8, 0x0660, 0x06F0, 0x0966, 0x1FBF0)
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u034f\u180e\u2063\U000e0041\u3164\u115f\x07"
MARKS = "\u0301\u0308\u0336\u0335\u20dd\u0327\u0363\u20e3"
# Modifier letters, what is for private use or no character yet, and letters that are a single stroke.
SIGNS = "ーｰˇˉˊʼˑـゝヽ々ꓸ\ue000\uf8ff\U000f0000\U0010fffd\u0378\u0e5c\U0003fffd丶丨丿亅ㄧㅡㅣㆍノᐧꞏ〡\u1173"
SEPARATORS = " .*-_·~/|\\+=^'\"@#%&\u3000\t・ ●★→😀🚫️◆＊．－　％" + SIGNS
# What stands for money or an address alone, and for a letter of a word among others.
MONEY: Mapping[str, str] = {"s": "$＄﹩💲", "e": "€", "a": "@＠"}
# Forms of figures, Han ones and others.
_FIGURES = """
0〇零⓪ 1一壹①❶㊀ 2二贰②❷〢貳 3三叁③❸〣㈢ 4四肆④❹〤 5五伍⑤❺〥 6六陆⑥❻〦㈥陸 7七柒⑦❼〧 8八捌⑧❽〨 9九玖⑨❾〩㊈
"""
FIGURES: Mapping[str, str] = {each: forms for forms in _FIGURES.split() for each in forms[:2]}
# Han that differ so little that a word of two is known by the other one, too; and those of longer words.
DOUBLES = {"赌": "睹堵", "博": "搏膊", "毒": "毐", "钞": "抄", "假": "暇", "粉": "扮"}
LONG_DOUBLES = {**DOUBLES, **dict(zip("彩返微枪票消贷代情", "采反徽抢漂销货伐清", strict=True))}
LEET = {"e": "3", "a": "4", "s": "5", "t": "7", "g": "9", "b": "8"}
PHRASE_ENDS = "。！？；，、：\n…—（）《》【】“”!?,"


def disguised(word: str, chance: random.Random) -> tuple[str, bool]:
    """The word in some disguise, and whether it is such that a person must judge it."""
    trick = chance.choice(("", "", "", "doubles", "drawn", "dash"))
    style = chance.choice(("none", "unseen", "separated", "separated", "both", "phrases"))
    if trick and style == "phrases":
        trick = ""
    parts = _parts(word, trick, chance)
    if style in ("none", "unseen") and trick in ("", "doubles"):
        parts = [_money(word, n, chance) or part for n, part in enumerate(parts)]
    others = _doubles(word, chance) if trick == "doubles" else _drawn(word) if trick == "drawn" else {}
    parts = [others.get(n, part) for n, part in enumerate(parts)]
    text, judged = parts[0], bool(others)
    for part in parts[1:]:
        between = "" if style == "none" or chance.random() < 0.3 else _between(style, chance)
        # A word with a 一 of its own is not known without it, and 一战 is one.
        if trick == "dash" and "一" not in word and word != "圣战" and chance.random() < 0.5:
            between, judged = f"{between}一", True
        judged = judged or any(each in PHRASE_ENDS for each in between)
        text += between + part
    return text, judged


def _parts(word: str, trick: str, chance: random.Random) -> list[str]:
    kept = chance.randrange(len(word))
    other = trick in ("doubles", "drawn")
    return [_character(each, chance, may_be_digit=n != kept and not other) for n, each in enumerate(word)]


def _doubles(word: str, chance: random.Random) -> dict[int, str]:
    """Other Han for some of the word's, so that two stay, or the one of two."""
    doubles = DOUBLES if len(word) == 2 else LONG_DOUBLES
    places = [n for n, each in enumerate(word) if each in doubles]
    some = chance.sample(places, min(len(places), max(1, len(word) - 2), len(word) // 2))
    return {n: chance.choice(doubles[word[n]]) for n in some}


def _drawn(word: str) -> dict[int, str]:
    """A figure that draws one of the letters within a Latin word."""
    places = [n for n, each in enumerate(word) if each in LEET and 0 < n < len(word) - 1]
    return {n: LEET[word[n]] for n in places[:1]} if word.isascii() and word.isalpha() else {}


def _money(word: str, n: int, chance: random.Random) -> str:
    """A currency sign for the letter, now and then, if a letter stands beside it that stays one."""
    lower = word.lower()
    beside = lower[max(0, n - 1) : n] + lower[n + 1 : n + 2]
    stays = any(each in string.ascii_lowercase and each not in {*"oil", *MONEY} for each in beside)
    signs = MONEY.get(lower[n], "") if stays and chance.random() < 0.3 else ""
    return chance.choice(signs) if signs else ""


def _between(style: str, chance: random.Random) -> str:
    signs = {"unseen": UNSEEN, "separated": SEPARATORS, "both": UNSEEN + SEPARATORS, "phrases": PHRASE_ENDS}
    return "".join(chance.choices(signs[style], k=chance.randint(1, 3)))


def _character(each: str, chance: random.Random, *, may_be_digit: bool) -> str:
    lower = each.lower()
    if lower in string.ascii_lowercase:
        return _letter(lower, chance, may_be_digit=may_be_digit) + _marks(chance)
    forms = each + HAN.get(each, "")
    if each in string.digits:
        forms += "".join(chr(first + int(each)) for first in DIGITS_AT)
    if may_be_digit:
        forms += FIGURES.get(each, "")
    return chance.choice(forms) + _marks(chance)


def _letter(lower: str, chance: random.Random, *, may_be_digit: bool) -> str:
    at = ord(lower) - ord("a")
    forms: list[str] = [lower, lower.upper(), *STRANGERS.get(lower, ""), *SMALL_CAPITALS.get(lower, "")]
    forms += [chr(first + at) for first in LETTERS_AT]
    if may_be_digit and lower in "oil":
        forms += "0" if lower == "o" else "1"
    return chance.choice(forms)


def _marks(chance: random.Random) -> str:
    return "".join(chance.choices(MARKS, k=chance.randint(1, 2))) if chance.random() < 0.15 else ""
