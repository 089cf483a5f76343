"""What can pass for a word although other characters stand there: figures, letters and Han that look alike.

`folded` makes one of all that might be taken for each other, so that one search finds every candidate;
`semblance` then says whether a reader would take what was found for the word.
Source: Unicode's Unihan database (kPrimaryNumeric, kAccountingNumeric; kSpoofingVariant, version 17, where
one of two is in GB 2312); Han that share all but a radical, or but a stroke.
"""

from collections.abc import Mapping
from enum import IntEnum

_NUMERALS = ("〇零", "一壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_FIGURES: Mapping[str, int] = {
    **{numeral: figure for figure, forms in enumerate(_NUMERALS) for numeral in f"{figure}{forms}"},
    "o": 0,
    "i": 1,
    "l": 1,
}
# The letters that a figure draws, besides 0 for o and 1 for i and l; a word has to have so many letters.
_DRAWN = {"2": "z", "3": "e", "4": "a", "5": "s", "6": "b", "7": "t", "8": "b", "9": "gq"}
_DRAWN_IN_MIN = 3
# So many figures may stand together by chance.
_FIGURES_CHANCE_MAX = 3
# What is left of a word that is to be known by it in spite of one that looks alike.
_KNOWN_BY = 2

# Han that look alike. In a word of two only those behind a stroke deceive: 货款 is no 贷款. They are
# rare, at most 60 in a million characters of ordinary text, and tell no two words apart.
_ALIKE = """
赌|睹堵 博|搏膊 毒|毐 枪抢|伧呛 彩采|睬踩 票|漂剽嘌 嫖|膘瞟 钞炒|抄 假|暇 情清晴睛 淫|滛 妓技|伎 裸|祼
炸诈榨 弹|掸惮 迷|谜 骗编|谝 奖|浆桨 贷货 支枝 炮泡|袍 轮伦|抡沦囵 功攻 邪斜 独|浊烛 怖布 暴爆|瀑曝
腥星猩|惺 娼|猖倡 品晶 洛络|珞 因囚|茵 啡|菲 洗|冼 返反 利|俐莉痢 微|徽 消销|捎 密|蜜 权|杈 推堆 颠|巅
裂烈列|冽 战站|粘 驱|躯 视祝 脉派 会绘 泛|眨 频|濒 转砖 扩|旷犷 散撒 联|聊 安按|桉 账|帐胀 户护 代伐|岱
发|犮 魂|瑰 粉纷|扮 喜|嘻 刷|涮 单|箪 薪新 包胞|苞 轰|轨 短|矩 群|裙 加|伽茄 领|颌 用|甩 套|奎 已己|巳 未末
土士 戊|戌戍 人入 大太犬 干千于 天|夭 王玉 刀|刁 性姓 践贱线残 容客 脏赃 诱绣 暗|谙 杀|刹 乳孔 腿|褪 黄|簧
法|怯 国|囤 强|犟 免|兔 狠|狼 拔|拨 刺|剌 酒洒 胁协 绑|梆 勒勤 索|紊 贩叛 偷|愉 窃|窍 盗|盔 淘|掏 骚|搔
搞|稿 海|悔 胺|铵 砷|呻 弩|驽 雷|擂 吉|𠮷 叱|𠮟 沫|沬 抹|抺 昧|眛 味|𠰌 器|𠾖 突|𥤮 致|𦤶 臭|𦤀
"""
_ROWS = [row.replace("|", "") for row in _ALIKE.split()]
_ROW_OF: Mapping[str, int] = {han: n for n, row in enumerate(_ROWS) for han in row}
_DECEIVING = frozenset("".join(row.partition("|")[2] for row in _ALIKE.split()))
# Ordinary words, two characters each, that have one of these: 目睹博物馆 holds no 赌博. Source: what the
# dictionary of jieba 0.42.1 (MIT) counts 30 times or more.
_PAIRS = (
    "一堵一睹七窍上颌下颌不菲不谙不轨专稿书稿伎俩传抄伶俐伽蓝伽马余暇供稿倔犟倡导倡议假扮僧袍兔娃兔子兔肉军帐军徽凛冽出轨刁钻刁难分拨划拨划桨初稿刹住刹车刹那剽悍剽窃力矩包抄升帐卫戍原稿双桨反悔发稿发胀古刹"
    "后悔呻吟哑谜嘌呤嘻笑囤积囫囵围堵围裙国徽坏帐堵住堵塞堵截堵死堵车够呛夭折头盔奎宁安徽定稿宝刹导轨封堵山巅岩浆巅峰帐号帐子帐幕帐户帐房帐目帐篷底稿开涮开窍弹簧徽号徽商徽宗徽州徽章心窍忌惮忏悔怯场怯怯怯懦"
    "怯薛悔恨悔悟悔改悔过愉快愉悦懊悔戊戌戍守戍边战袍手抄手稿打扮扮作扮成扮演抄写抄家抄录抄斩抄本抄袭投稿拥堵拨付拨动拨号拨开拨弄拨打拨款拨给拨通拼搏挑拨捎带捐躯掏出掏空掏钱接轨提倡搏击搏动搏斗搏杀搔头搔痒"
    "撩拨撰稿擂台擂鼓文稿旗袍无悔无暇无聊旷古旷野曝光曝晒有轨木桨来稿枝杈查抄树杈桉树桨叶梆子棉袍欢愉水漂永徽污浊沉沦沦丧沦为沦亡沦落沦陷泥浆浆果浆水浆洗浆液浆糊浊流浑浊海狼涡桨深谙混帐混浊滞胀漂亮漂泊漂流"
    "漂浮漂白漂移濒临濒于濒危濒海瀑布灌浆灯谜灰狼点拨烛光烛台烛火烛照照抄熟谙狼嗥狼山狼狈狼狗狼獾狼群狼藉猖狂猖獗猜谜玉兔王菲玫瑰珞狮珞珈理睬瑜伽瑰丽瑰宝甜蜜甩开甩手甩掉畏怯番茄痢疾白兔白袍盔甲目睹眨巴眨眼"
    "矩形矩阵短裙磁矩秉烛稿件稿子稿纸稿费稿酬空旷窍门粗犷粘合粘土粘度粘性粘液粘滞粘着粘稠粘结粘胶粘膜粘贴粘连粘附糖浆紊乱红烛红袍纱帐纸浆结帐绿茵罗刹羞怯聊城聊天聊聊肉搏肿胀胆怯胳膊脉搏脑浆脱稿腹稿腹胀膨胀"
    "臂膊色狼花蜜苞片茄子茄汁茉莉草稿莱茵菲尔营帐虎狼蚊帐蜂蜜蜜月蜜枣蜜桃蜜源蜜糖蜜腺蜜蜂蜜饯蜡烛血浆衣裙袍子袍服装扮裙子褪去褪色规矩讲稿诀窍诗抄诗稿调拨谙熟谙达谜团谜底谜语豆浆豺狼赤膊越轨踩踏身躯躯体躯壳"
    "躯干轨距轨迹轨道转轨通胀道袍野兔钢盔钢轨铁轨铺轨长袍长裙闲暇闲聊雪茄颌骨飞瀑饿狼首倡香烛马岱黄袍黑袍鼓胀龙袍"
)
_ORDINARY = frozenset(_PAIRS[n : n + 2] for n in range(0, len(_PAIRS), 2))
# What stands before or behind a 一 that is no dash: 上一门课 holds no 上门. Source: the same.
_BEFORE_ONE = frozenset("一七万不专之五任俩八六其划初十单合同周唯天如封惟独第纯统逐首高")
_BEHIND_ONE = frozenset(
    "一丁七万丈三下世业丝两个中串举九事二五些亩亿代件任份伙会传位体例侧倍元八共具册再准出刀分切列则刻剑副力动勺包匹十千半卷双发叠口句只台叶号同名向吨员周味品响回团圈场块堂堆堵壁声处多夜大天夫头套如季宗定审"
    "家寸对封尊小尺尾局层届岁峰师帖带帧席帮幅幕幢年并床应度座开张律心成战户所扇手打批把折抹担拖招拳捆排摊摞撇支数文斑斗斤新方旁日旦早时晃曲月服朝期本朵杆村束条来杯枚枝枪架柱栋株样根案桌档桩桶梦棵楼概次款步"
    "段气汪汽沓派流溜滴灯点片班瓢瓶生番百盆盏盒盘目直眼着睹瞥瞬碗磅票种秒程站章端笔等筐筹箱篇篓米类粒级纸线组经统维缕罐群股胎脚脸腔致般艘色节茬药行袋览角记贯起趟路身车轮轻载辆辈边连通遍道遭部里重针锤锭门间"
    "队阵隅集霎面页顶项顿颗餐首齐"
)

# A letter stands for each figure and its numerals: no word is looked for by two forms.
_LETTERS = "oizeasbtbg"
_FOLDS = str.maketrans(
    {
        **{each: _LETTERS[figure] for each, figure in _FIGURES.items()},
        **{han: row[0] for row in _ROWS for han in row},
        "q": "g",
    }
)


class Semblance(IntEnum):
    """Whether something passes for a word: not at all, so that a person must look, as good as the word."""

    NONE = 0
    DOUBTFUL = 1
    SURE = 2


def folded(plain: str) -> str:
    """One character, and only one, for all that might be taken for each other."""
    return plain.translate(_FOLDS)


def semblance(meant: str, seen: str, written: str) -> Semblance:
    """Whether what is seen passes for the word that is meant, with which it folds alike.

    Shape: `written` is what was taken for what is seen.
    """
    others = [n for n in range(len(meant)) if meant[n] != seen[n]]
    if not others:
        return Semblance.SURE
    known_by = len(meant) - len(others)
    found = [_one(meant, seen, written, n, known_by) for n in others]
    if Semblance.DOUBTFUL not in found or 2 * known_by >= len(meant):
        return min(found)
    return Semblance.NONE


def is_chance(before: str, seen: str, behind: str, *, over_dash: bool) -> bool:
    """Whether what passes for a word of two characters is made of parts of ordinary words.

    Shape: `before` and `behind` are the characters right beside it, if there are any.
    """
    if len(seen) != 2:
        return False
    if over_dash:
        return seen[0] in _BEFORE_ONE or seen[1] in _BEHIND_ONE
    return before + seen[0] in _ORDINARY or seen[1] + behind in _ORDINARY


def _one(meant: str, seen: str, written: str, n: int, known_by: int) -> Semblance:
    """The same of one character that is another than is meant."""
    word, other = meant[n], seen[n]
    if word in _ROW_OF:
        enough = known_by >= _KNOWN_BY or other in _DECEIVING
        return Semblance.DOUBTFUL if enough and known_by else Semblance.NONE
    if not (word.isascii() and other.isascii()):
        alike = not _is_letter(word) and _FIGURES.get(word) == _FIGURES.get(other)
        return Semblance.SURE if alike and _as_number(meant, seen, known_by) else Semblance.NONE
    if word.isalpha() and other.isalpha():
        return Semblance.SURE if known_by and _mistakable(written[n], written) else Semblance.NONE
    if _FIGURES.get(word) == _FIGURES.get(other):
        return Semblance.SURE if known_by else Semblance.NONE
    drawn = word in _DRAWN.get(other, "") and sum(map(str.isalpha, meant)) >= _DRAWN_IN_MIN
    return Semblance.DOUBTFUL if drawn else Semblance.NONE


def _as_number(meant: str, seen: str, known_by: int) -> bool:
    """Whether a figure in another form is meant: 6合彩, 陆肆, 八9六四; a2奶粉 and 周六4点 are ordinary."""
    if any(each not in _FIGURES or _is_letter(each) for each in meant):
        return known_by >= _KNOWN_BY
    if len(meant) > _FIGURES_CHANCE_MAX:
        return True
    return not (known_by or any(map(str.isascii, meant + seen)))


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _mistakable(character: str, written: str) -> bool:
    """Whether an I can be taken for an l, or an l for an I."""
    beside = written.replace(character, "")
    match character:
        case "I":
            return beside.islower()
        case "l":
            return beside.isupper()
    return not character.isascii()
