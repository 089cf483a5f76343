"""The 21 kinds of content that clause 11.3 forbids, by their number in it."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

_SAID = """
危害国家安全、荣誉和利益 | harm to the nation's security, honour or interests
煽动颠覆国家政权 | incitement to subvert the state
煽动分裂国家 | incitement to divide the country
恐怖主义、极端主义、邪教和封建迷信 | terrorism, extremism, cults or superstition
煽动、制造宗教矛盾 | strife between or within religions
民族仇恨、民族歧视 | ethnic hatred or discrimination
泛伊斯兰主义、泛突厥主义 | pan-Islamism or pan-Turkism
歪曲新疆历史 | distortion of Xinjiang's history
非法集会、结社、游行、示威 | unlawful assembly, association or demonstration
非法讲经、解经 | unlawful preaching
“清真”概念泛化 | the notion of halal stretched beyond food
暴力、淫秽、色情、赌博、教唆犯罪 | violence, obscenity, gambling or the teaching of crime
虚假信息、谣言 | false information or rumours
假冒银行诈骗、敲诈勒索 | fraud in a bank's name, or extortion
非法销售枪支、毒品、假钞假发票等 | unlawful sale of arms, drugs, forgeries or loot
假中奖、假婚介、假招聘、招嫖 | false prizes, matches or jobs, or prostitution
多次干扰他人正常生活及其他违法内容 | repeated disturbance, or what else the law forbids
侮辱、诽谤、侵害他人合法权益 | insult, slander, or harm to the rights of others
恶意、挑衅性文件和垃圾信息 | malicious or provocative files, or spam
国家秘密和企业商业秘密 | state or business secrets
其他不良信息 | whatever else the law forbids to send
"""


class ContentKind(IntEnum):
    """Shape: `clause` is where the kind is forbidden; `zh` and `en` say briefly what it is."""

    NATION = 1
    SUBVERSION = 2
    SECESSION = 3
    TERROR_AND_CULTS = 4
    RELIGIOUS_STRIFE = 5
    ETHNIC_HATRED = 6
    PAN_MOVEMENTS = 7
    DISTORTED_HISTORY = 8
    UNLAWFUL_ASSEMBLY = 9
    UNLAWFUL_PREACHING = 10
    HALAL_STRETCHED = 11
    VIOLENCE_SEX_GAMBLING = 12
    RUMOURS = 13
    BANK_FRAUD = 14
    UNLAWFUL_GOODS = 15
    FALSE_OFFERS = 16
    DISTURBANCE = 17
    OTHERS_RIGHTS = 18
    SPAM = 19
    SECRETS = 20
    OTHERWISE_UNLAWFUL = 21

    @property
    def clause(self) -> str:
        return f"11.3.{self.value}"

    @property
    def zh(self) -> str:
        return _NAMES[self.value][0]

    @property
    def en(self) -> str:
        return _NAMES[self.value][1]


def _names() -> Mapping[int, tuple[str, str]]:
    rows = (row.split(" | ") for row in _SAID.strip().splitlines())
    return MappingProxyType({number: (zh, en) for number, (zh, en) in enumerate(rows, 1)})


_NAMES = _names()
