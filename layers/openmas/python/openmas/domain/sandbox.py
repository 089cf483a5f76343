"""The carrier inside the platform: a number's last four digits decide what becomes of its message.

Only numbers that begin with 1380013 are magic. Every other number, and every one that is not in the table, is
taken at once and delivered after a second. `RULES` is the whole table.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from openmas.domain.carrier import REPEATED

DEDUPLICATES_S = 86_400
# Longer than a caller waits for an answer (10 s), shorter than the function may run (30 s).
SILENCE_S = 12
INBOUND_AFTER_S = 2

_MAGIC = "1380013"


class Effect(StrEnum):
    """What a number does to the call that carries it."""

    TAKE = "take"
    REFUSE_NUMBER = "refuse_number"
    REFUSE_CALL = "refuse_call"
    NOT_NOW = "not_now"
    TAKE_BUT_ANSWER_RUBBISH = "take_but_answer_rubbish"
    TAKE_BUT_KEEP_SILENT = "take_but_keep_silent"


@dataclass(frozen=True, slots=True)
class Planned:
    """A receipt that will be posted.

    Units: `after_s` and `at_s` are seconds since the call: when it is posted (0: before the answer), and what
    time it tells.
    """

    code: str
    after_s: int = 1
    at_s: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of a message to a magic number.

    Shape: `first` is done at the first attempt of a call, `again` at every later one; receipts come from
    attempt `receipts_from` on.
    """

    last_four: str
    meaning: str
    first: Effect = Effect.TAKE
    again: Effect = Effect.TAKE
    code: str = ""
    receipts: tuple[Planned, ...] = (Planned("DELIVRD"),)
    receipts_from: int = 1
    inbound: str | None = None

    def effect(self, attempt: int) -> Effect:
        return self.first if attempt == 1 else self.again


ORDINARY = Rule(last_four="", meaning="delivered after 1 s")

RULES: tuple[Rule, ...] = (
    Rule(last_four="9001", meaning="failed: UNDELIV", receipts=(Planned("UNDELIV"),)),
    Rule(last_four="9002", meaning="failed: MK:0001", receipts=(Planned("MK:0001"),)),
    Rule(last_four="9003", meaning="failed: EXPIRED", receipts=(Planned("EXPIRED"),)),
    Rule(
        last_four="9010",
        meaning="this number is refused in the answer: IllegalMobile",
        first=Effect.REFUSE_NUMBER,
        again=Effect.REFUSE_NUMBER,
        code="IllegalMobile",
        receipts=(),
    ),
    Rule(
        last_four="9011",
        meaning="the whole call is refused: InvalidMessage",
        first=Effect.REFUSE_CALL,
        again=Effect.REFUSE_CALL,
        code="InvalidMessage",
    ),
    Rule(
        last_four="9012",
        meaning="the whole call is not taken at the first attempt, and taken at the next",
        first=Effect.NOT_NOW,
    ),
    Rule(
        last_four="9013",
        meaning="the whole call is never taken: it waits until it expires",
        first=Effect.NOT_NOW,
        again=Effect.NOT_NOW,
    ),
    Rule(last_four="9020", meaning="delivered, receipt after 20 s", receipts=(Planned("DELIVRD", 20),)),
    Rule(last_four="9021", meaning="delivered, receipt after 90 s", receipts=(Planned("DELIVRD", 90),)),
    Rule(last_four="9022", meaning="delivered, receipt after 15 min", receipts=(Planned("DELIVRD", 900),)),
    Rule(last_four="9023", meaning="no receipt, ever", receipts=()),
    Rule(
        last_four="9024",
        meaning="delivered, the same receipt twice",
        receipts=(Planned("DELIVRD", 1), Planned("DELIVRD", 3)),
    ),
    Rule(
        last_four="9025",
        meaning="delivered, receipts in the wrong order: DELIVRD, then the ENROUTE from before",
        receipts=(Planned("DELIVRD", 1, at_s=2), Planned("ENROUTE", 3, at_s=1)),
    ),
    Rule(
        last_four="9026",
        meaning="delivered, with a contradiction: UNDELIV, then DELIVRD",
        receipts=(Planned("UNDELIV", 1), Planned("DELIVRD", 3, at_s=3)),
    ),
    Rule(
        last_four="9027",
        meaning="delivered, with a contradiction: DELIVRD, then UNDELIV",
        receipts=(Planned("DELIVRD", 1), Planned("UNDELIV", 3, at_s=3)),
    ),
    Rule(
        last_four="9028",
        meaning="delivered, receipt before the call is answered",
        receipts=(Planned("DELIVRD", 0, at_s=0),),
    ),
    Rule(
        last_four="9030",
        meaning="the call is taken, but answered 504 with rubbish; a repeated call is answered well",
        first=Effect.TAKE_BUT_ANSWER_RUBBISH,
    ),
    Rule(
        last_four="9031",
        meaning=f"the call is taken, but answered only after {SILENCE_S} s; a repeated one at once",
        first=Effect.TAKE_BUT_KEEP_SILENT,
    ),
    Rule(
        last_four="9032",
        meaning="as 9030, and there is no receipt until the call is repeated",
        first=Effect.TAKE_BUT_ANSWER_RUBBISH,
        receipts_from=2,
    ),
    Rule(
        last_four="9033",
        meaning="as 9030, no receipt, and a repeated call is refused: RepeatedContent",
        first=Effect.TAKE_BUT_ANSWER_RUBBISH,
        again=Effect.REFUSE_CALL,
        code=REPEATED,
        receipts=(),
    ),
    Rule(last_four="9040", meaning="delivered, and the recipient answers R", inbound="R"),
    Rule(last_four="9041", meaning="delivered, and the recipient answers 退订", inbound="退订"),
    Rule(last_four="9042", meaning="delivered, and the recipient answers 收到，谢谢", inbound="收到，谢谢"),
)
_BY_NUMBER: Mapping[str, Rule] = {_MAGIC + rule.last_four: rule for rule in RULES}


def rule_of(number: str) -> Rule:
    """What becomes of a message to this number."""
    return _BY_NUMBER.get(number, ORDINARY)


@dataclass(frozen=True, slots=True)
class Keys:
    """`calls`: what the platform shows to the sandbox; `receipts`: what the sandbox shows to the platform."""

    calls: str
    receipts: str


def keys_from(seal: bytes) -> Keys:
    """The sandbox's two keys, made from the platform's own secret."""
    return Keys(*(hmac.new(seal, use, sha256).hexdigest() for use in (b"calls", b"receipts")))
