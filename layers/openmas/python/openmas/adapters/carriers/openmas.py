"""Carriers that speak the platform's own protocol, among them the sandbox.

    {"reference", "attempt", "port", "text", "numbers": […]}                 one text for all
    {"reference", "attempt", "port", "messages": [{"number", "text"}, …]}    a text for each

A call is made once, and its outcome is read so that nothing is ever sent twice:

    200 with a readable body                    Accepted, without the numbers in `refused`
    4xx {"code": "RepeatedContent"}             Refused, and an earlier copy was taken
    401, 403, 429; 503 {"code": "NotTaken"}     NotTaken
    any other 4xx {"code": …}                   Refused
    no connection, so no byte of the body left  NotTaken
    everything else                             Ambiguous

401 and 403 speak of us, not of the message: the carrier stopped at the door, so nothing was taken, and the
call succeeds once the operator has put the key or the address right. 429 means the same by its definition
(RFC 6585), whoever on the way says it.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeGuard, TypeVar

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Url

from openmas.adapters.carriers.deadline import Body, PlainConnection, TlsConnection, within
from openmas.domain.calendar import parse_shanghai
from openmas.domain.carrier import (
    REPEATED,
    TAKE_LATER,
    Accepted,
    Ambiguous,
    Answer,
    Call,
    Capabilities,
    NotTaken,
    Refused,
)
from openmas.domain.documents import Document, only, parse_object, reading, text, text_if_any, wrong
from openmas.domain.inbound import Mo
from openmas.domain.phone import parse_mobile
from openmas.domain.receipts import CODE, Report
from openmas.domain.webhook import Door
from openmas.errors import Fault, InvalidInput, OpenMasError
from openmas.needs import Clock

ANSWER_BYTES_MAX = 65_536
BODY_BYTES_MAX = 262_144
ITEMS_MAX = 500
CONNECTIONS_MAX = 16
# Carriers close idle connections, and a frozen function does not see it: better a new one than a doubt.
IDLE_MAX = timedelta(seconds=4)

Item = TypeVar("Item", Report, Mo)

_NAME = re.compile(r"[!-~]{1,64}")
_RAW_CODE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,64}")
_PORT = re.compile(r"[0-9]{3,20}")
_TEXT_LENGTH_MAX = 1_000
_REPORT = frozenset({"group", "reference", "number", "code", "at"})
_MO = frozenset({"id", "number", "port", "text", "at"})
# A time outside of these is a carrier's slip, and does not fit where receipts are stored.
_TIMES = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a carrier is waited for: to connect, for each piece of its answer, and for the last piece.

    Shape: `answer_s` counts from the call on and bounds all of it: a carrier that trickles must not hold a
    worker, nor a call outlive its lease.
    """

    connect_s: float = 3.0
    read_s: float = 10.0
    answer_s: float = 15.0


class OpenMasCarrier:
    """A carrier at an http or https address; calls may be made from several threads."""

    def __init__(
        self, url: Url, key: str, capabilities: Capabilities, clock: Clock, patience: Patience | None = None
    ) -> None:
        self._capabilities = capabilities
        self._url = url
        self._clock = clock
        self._patience = patience or Patience()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._lock = Lock()
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._used_at = clock.now()

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def send(self, call: Call) -> Answer:
        """What the carrier's one answer to one call proves."""
        # A hundred long texts must stay under what a carrier reads: three bytes a character, not six.
        body = Body(json.dumps(_wire(call), ensure_ascii=False).encode())
        answer = within(self._patience.answer_s, body, lambda: self._exchange(body, call))
        return answer or _failed("deadline", body)

    def _exchange(self, body: Body, call: Call) -> Answer:
        try:
            answer = self._live_pool().urlopen(
                "POST",
                self._url.request_uri,
                body=body,
                headers={**self._headers, "Content-Length": str(len(body.payload))},
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            return read_answer(answer.status, _read(answer), call, self._capabilities)
        except (HTTPError, OSError, ValueError) as error:
            return _failed(type(error).__name__, body)

    def _live_pool(self) -> urllib3.HTTPConnectionPool:
        now = self._clock.now()
        with self._lock:
            if self._pool is None or now - self._used_at > IDLE_MAX:
                if self._pool is not None:
                    self._pool.close()
                self._pool = _pool(self._url, self._patience)
            self._used_at = now
            return self._pool


@dataclass(frozen=True, slots=True)
class OpenMasReceiver:
    """How a carrier of this kind hands in receipts and inbound messages."""

    door: Door

    def parse_receipts(self, body: bytes) -> tuple[list[Report], int]:
        return parse_receipts(body)

    def parse_inbound(self, body: bytes) -> tuple[list[Mo], int]:
        return parse_inbound(body)


def read_answer(status: int, body: bytes, call: Call, capabilities: Capabilities) -> Answer:
    """What an answer proves, by the table at the top of this module."""
    document = _document(body)
    if status == 200:
        return _accepted(document, call, capabilities)
    code = _code(document)
    if 400 <= status < 500 and code == REPEATED:
        return Refused(code, repeated=True)
    if status in (401, 403, 429) or (status == 503 and code == TAKE_LATER):
        return NotTaken(f"{status} {code}" if code else str(status))
    if 400 <= status < 500 and code is not None:
        return Refused(code)
    return Ambiguous(f"status {status}")


def parse_receipts(body: str | bytes) -> tuple[list[Report], int]:
    """The reports that a carrier posted as far as they can be read, and how many of the 1 to 500 cannot.

    Raises: InvalidInput with the places of the faults if none can; LimitExceeded above 256 KB.
    """
    return _readable(body, "receipts", _report)


def parse_inbound(body: str | bytes) -> tuple[list[Mo], int]:
    """The inbound messages that a carrier posted as far as they can be read, and how many cannot.

    Raises: InvalidInput with the places of the faults if none can; LimitExceeded above 256 KB.
    """
    return _readable(body, "inbound", _mo)


def _failed(why: str, body: Body) -> Answer:
    return Ambiguous(why) if body.begun else NotTaken(why)


def _pool(url: Url, patience: Patience) -> urllib3.HTTPConnectionPool:
    kind = _TlsPool if url.scheme == "https" else _PlainPool
    timeout = urllib3.Timeout(connect=patience.connect_s, read=patience.read_s)
    return kind(url.host or "", url.port, timeout=timeout, maxsize=CONNECTIONS_MAX, retries=False)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = TlsConnection


def _wire(call: Call) -> Mapping[str, object]:
    head = {"reference": call.reference, "attempt": call.attempt, "port": call.port}
    if isinstance(call.text, str):
        return {**head, "text": call.text, "numbers": call.numbers}
    pairs = zip(call.numbers, call.text, strict=True)
    return {**head, "messages": [{"number": number, "text": text} for number, text in pairs]}


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    """The whole answer; its connection is used again only if it was read to its end.

    Raises: ValueError for one that is too long.
    """
    body = b""
    try:
        while chunk := answer.read1(ANSWER_BYTES_MAX):
            body += chunk
            if len(body) > ANSWER_BYTES_MAX:
                raise ValueError("the answer is too long")
    except BaseException:
        answer.close()
        raise
    answer.release_conn()
    return body


def _document(body: bytes) -> Document | None:
    try:
        return parse_object(body, ANSWER_BYTES_MAX)
    except OpenMasError:
        return None


def _accepted(document: Document | None, call: Call, capabilities: Capabilities) -> Answer:
    if document is None:
        return Ambiguous("200 without a readable body")
    # Some languages write an empty object as an empty list.
    group, refused = document.get("group"), document.get("refused") or {}
    named = isinstance(group, str) and _NAME.fullmatch(group) is not None
    # Receipts that name only the carrier's group could never be told apart without one.
    if not named and not (group is None and capabilities.echoes_reference):
        return Ambiguous("200 without a group")
    if not isinstance(refused, Mapping) or not all(map(_is_code, refused.values())):
        return Ambiguous("200 with unreadable refusals")
    name = str(group) if named else call.reference
    return Accepted(name, {number: refused[number] for number in call.numbers if number in refused})


def _code(document: Document | None) -> str | None:
    code = document.get("code") if document else None
    return code if _is_code(code) else None


def _is_code(code: object) -> TypeGuard[str]:
    return isinstance(code, str) and _RAW_CODE.fullmatch(code) is not None


def _readable(body: str | bytes, name: str, read: Callable[[Document, str], Item]) -> tuple[list[Item], int]:
    """One that cannot be read must not cost the others: carriers drop a post that is refused too often."""
    document = parse_object(body, BODY_BYTES_MAX)
    only(document, "", frozenset({name}))
    posted = document.get(name)
    if not isinstance(posted, list) or not 1 <= len(posted) <= ITEMS_MAX:
        raise wrong(f"/{name}", f"A list of 1 to {ITEMS_MAX} objects belongs here.")
    good: list[Item] = []
    faults: list[Fault] = []
    for place, each in enumerate(posted):
        try:
            good.append(read(_object(each, f"/{name}/{place}"), f"/{name}/{place}"))
        except InvalidInput as error:
            faults.extend(error.faults)
    if not good:
        raise InvalidInput("body_invalid", f"None of the {name} can be read.", faults=tuple(faults))
    return good, len(posted) - len(good)


def _object(posted: object, pointer: str) -> Document:
    if not isinstance(posted, dict):
        raise wrong(pointer, "An object belongs here.")
    return posted


def _report(document: Document, pointer: str) -> Report:
    only(document, pointer, _REPORT)
    group = text_if_any(document, pointer, "group", _NAME)
    reference = text_if_any(document, pointer, "reference", _NAME)
    if group is None and reference is None:
        raise wrong(pointer, "A receipt names its call by group or by reference.")
    return Report(
        number=_number(document, pointer),
        code=text(document, pointer, "code", CODE),
        at=_at(document, pointer),
        group=group,
        reference=reference,
    )


def _mo(document: Document, pointer: str) -> Mo:
    only(document, pointer, _MO)
    return Mo(
        id=text(document, pointer, "id", _NAME),
        number=_number(document, pointer),
        port=text(document, pointer, "port", _PORT),
        text=_words(document, pointer),
        at=_at(document, pointer),
    )


def _number(document: Document, pointer: str) -> str:
    detail = "A mobile number of 11 digits belongs here."
    return reading(parse_mobile, document.get("number"), f"{pointer}/number", detail)


def _at(document: Document, pointer: str) -> datetime:
    detail = "A Shanghai time of the form yyyyMMddHHmmss belongs here."
    at = reading(parse_shanghai, document.get("at"), f"{pointer}/at", detail)
    if not _TIMES[0] <= at < _TIMES[1]:
        raise wrong(f"{pointer}/at", detail)
    return at


def _words(document: Document, pointer: str) -> str:
    """What the recipient wrote, if need be without the half of a character that a carrier cut in two."""
    words = document.get("text")
    if not isinstance(words, str) or len(words) > _TEXT_LENGTH_MAX:
        raise wrong(f"{pointer}/text", f"A text of at most {_TEXT_LENGTH_MAX} characters belongs here.")
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
