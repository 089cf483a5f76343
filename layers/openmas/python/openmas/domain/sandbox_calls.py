"""What the sandbox carrier makes of one call: its answer, and what it posts to the platform afterwards.

Some rules speak for the whole call, not for one number (`Effect`). A call obeys the first of its numbers that
has such a rule for this attempt. A reference always yields the same group, so a repeated call is the same
call: it is answered again, and its receipts come again.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from openmas.domain.calendar import SHANGHAI
from openmas.domain.carrier import TAKE_LATER, Call
from openmas.domain.documents import Document, only, parse_object, text, whole, wrong
from openmas.domain.sandbox import INBOUND_AFTER_S, ORDINARY, SILENCE_S, Effect, Rule, rule_of

ATTEMPT_MAX = 1_000_000
NUMBERS_MAX = 100
BODY_BYTES_MAX = 262_144

_NUMBER = re.compile(r"1[3-9][0-9]{9}")
_REFERENCE = re.compile(r"[!-~]{1,64}")
_PORT = re.compile(r"[0-9]{3,20}")
_TEXT = re.compile(r"(?s).{1,2000}")
_MEMBERS = frozenset({"reference", "attempt", "port"})
_MESSAGE = frozenset({"number", "text"})


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted together, `after_s` seconds after the call; receipts and inbound in their wire form."""

    after_s: int
    receipts: tuple[Document, ...] = ()
    inbound: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """How a call is answered, after `wait_s` seconds of silence."""

    status: int
    body: str
    wait_s: int = 0


def record(post: Post) -> dict[str, object]:
    """The post as a queue carries it until its time."""
    return {"receipts": list(post.receipts), "inbound": list(post.inbound)}


def parse_call(body: str | bytes) -> Call:
    """The call that the body holds.

    Raises: InvalidInput, LimitExceeded.
    """
    document = parse_object(body, BODY_BYTES_MAX)
    own = "messages" in document
    only(document, "", _MEMBERS | ({"messages"} if own else {"text", "numbers"}))
    said, numbers = _messages(document) if own else _one_text(document)
    return Call(
        reference=text(document, "", "reference", _REFERENCE),
        attempt=whole(document, "", "attempt", 1, ATTEMPT_MAX),
        port=text(document, "", "port", _PORT),
        text=said,
        numbers=numbers,
    )


def _one_text(document: Document) -> tuple[str, tuple[str, ...]]:
    numbers = []
    for place, number in enumerate(_listed(document, "numbers")):
        if not isinstance(number, str) or _NUMBER.fullmatch(number) is None:
            raise wrong(f"/numbers/{place}", "A mobile number of 11 digits belongs here.")
        numbers.append(number)
    return text(document, "", "text", _TEXT), tuple(numbers)


def _messages(document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    texts, numbers = [], []
    for place, each in enumerate(_listed(document, "messages")):
        pointer = f"/messages/{place}"
        if not isinstance(each, dict):
            raise wrong(pointer, "An object belongs here.")
        only(each, pointer, _MESSAGE)
        numbers.append(text(each, pointer, "number", _NUMBER))
        texts.append(text(each, pointer, "text", _TEXT))
    return tuple(texts), tuple(numbers)


def _listed(document: Document, name: str) -> list[object]:
    found = document.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= NUMBERS_MAX:
        raise wrong(f"/{name}", f"A list of 1 to {NUMBERS_MAX} {name} belongs here.")
    return found


def answer(call: Call) -> Reply:
    """How the call is answered."""
    effect, rule = _speaker(call)
    match effect:
        case Effect.REFUSE_CALL:
            return reply(400, {"code": rule.code})
        case Effect.NOT_NOW:
            return reply(503, {"code": TAKE_LATER})
        case Effect.TAKE_BUT_ANSWER_RUBBISH:
            return Reply(504, "<html><h1>504 Gateway Time-out</h1>")
    wait_s = SILENCE_S if effect is Effect.TAKE_BUT_KEEP_SILENT else 0
    refused = {number: rule.code for number, rule in _rules(call) if _refuses(rule, call.attempt)}
    return reply(200, {"group": group_of(call.reference), "refused": refused}, wait_s)


def reply(status: int, document: Document, wait_s: int = 0) -> Reply:
    return Reply(status, json.dumps(document), wait_s)


def posts(call: Call, now: datetime) -> tuple[Post, ...]:
    """What comes of the call later, one post for each moment; nothing for a call that is not taken."""
    if _speaker(call)[0] in (Effect.REFUSE_CALL, Effect.NOT_NOW):
        return ()
    receipts: dict[int, list[Document]] = {}
    inbound: dict[int, list[Document]] = {}
    named = {"group": group_of(call.reference), "reference": call.reference}
    for number, rule in _rules(call):
        if _refuses(rule, call.attempt) or call.attempt < rule.receipts_from:
            continue
        for planned in rule.receipts:
            told = {"number": number, "code": planned.code, "at": _written(now, planned.at_s)}
            receipts.setdefault(planned.after_s, []).append(named | told)
        if rule.inbound is not None:
            inbound.setdefault(INBOUND_AFTER_S, []).append(_mo(call, number, rule.inbound, now))
    moments = sorted(receipts.keys() | inbound.keys())
    return tuple(Post(s, tuple(receipts.get(s, ())), tuple(inbound.get(s, ()))) for s in moments)


def group_of(reference: str) -> str:
    """The sandbox's name for a call: the same for the same reference."""
    return "S" + sha256(reference.encode()).hexdigest()[:21].upper()


def _rules(call: Call) -> Iterable[tuple[str, Rule]]:
    return ((number, rule_of(number)) for number in call.numbers)


def _speaker(call: Call) -> tuple[Effect, Rule]:
    """What is done to the whole call, and the rule that says so."""
    for _, rule in _rules(call):
        effect = rule.effect(call.attempt)
        if effect not in (Effect.TAKE, Effect.REFUSE_NUMBER):
            return effect, rule
    return Effect.TAKE, ORDINARY


def _refuses(rule: Rule, attempt: int) -> bool:
    return rule.effect(attempt) is Effect.REFUSE_NUMBER


def _mo(call: Call, number: str, words: str, now: datetime) -> Document:
    name = sha256(f"{call.reference}/{number}".encode()).hexdigest()[:21].upper()
    at = _written(now, INBOUND_AFTER_S)
    return {"id": f"I{name}", "number": number, "port": call.port, "text": words, "at": at}


def _written(now: datetime, after_s: int) -> str:
    return f"{now.astimezone(SHANGHAI) + timedelta(seconds=after_s):%Y%m%d%H%M%S}"
