"""What clients send and get, as JSON: strict models in, plain documents out.

Strict means that nothing is read as something else: no member beyond those named, no `true` for 1,
no "1" for 1.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.cancellation import Cancellation
from openmas.domain.case import Closing
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import CutStage, Cutting
from openmas.domain.documents import Document, parse_object
from openmas.domain.inbound import Inbound
from openmas.domain.listing import Consent
from openmas.domain.message import Message
from openmas.domain.parcel import MessageState
from openmas.domain.reasons import reason_of
from openmas.domain.statement import DayStatement, to_document
from openmas.edge.request import BODY_BYTES_MAX, Request
from openmas.edge.seals import Listing
from openmas.errors import Fault, InvalidInput, NotFound

PAGE_MAX = 1_000
PAGE = 100

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_LIMIT = re.compile(r"[1-9][0-9]{0,3}")
# What half a surrogate pair is spelled with.
_HALF_SPELLED = re.compile(rb"\\u[dD][89a-fA-F]")
_NUMBERLIKE = re.compile(r"\d[\d \-]{4,}\d")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")


class Wire(BaseModel):
    """A body that holds just what it names, each as the type that is named."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# A number as somebody wrote it: one that is far too long is refused in its place, not with all the others.
Written = str
# One line, without control characters: it comes back in answers and lists.
Label = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_SAYING = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
Why = Annotated[str, Field(min_length=1, max_length=200, pattern=_SAYING)]
Text = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class WhyQuery(Wire):
    """DELETE /v1/lists/{kind}/numbers/{number}?why=…"""

    why: Why | None = None


W = TypeVar("W", bound=Wire)


def _moment(written: str) -> str:
    try:
        if _TIME.fullmatch(written) and to_moment(written).year >= 2000:
            return written
    except (ValueError, OverflowError):
        pass
    raise ValueError("a time with its zone, written yyyy-mm-ddThh:mm:ssZ")


def to_moment(written: str) -> datetime:
    """The time in UTC that a moment writes."""
    return datetime.fromisoformat(written).astimezone(UTC)


# A time with its zone.
Moment = Annotated[str, AfterValidator(_moment)]


def read_body(model: type[W], body: bytes) -> W:
    """The body as the model says it.

    Raises: InvalidInput with a pointer to every fault.
    """
    return read_document(model, read_object(body))


def read_object(body: bytes) -> Document:
    """The JSON object that the body holds, made of characters only."""
    document = parse_object(body, BODY_BYTES_MAX)
    _check_characters(body, document)
    return document


def read_document(model: type[W], document: Mapping[str, Any], code: str = "body_invalid") -> W:
    """The document as the model says it."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        faults = tuple(Fault(_pointer(each["loc"]), each["msg"]) for each in found)
        raise InvalidInput(code, "It does not have the form that is asked for.", None, faults) from None


def digest(body: bytes) -> str:
    """What tells one body from another."""
    return sha256(body).hexdigest()


def idempotency_key(request: Request) -> str:
    """The key under which the request is carried out once."""
    key = request.headers.get("idempotency-key", "")
    if not key:
        raise InvalidInput(
            "idempotency_key_missing", "Send a header Idempotency-Key, a new one for each new batch."
        )
    if _IDEMPOTENCY_KEY.fullmatch(key) is None:
        raise InvalidInput(
            "idempotency_key_malformed", "An idempotency key is 1 to 128 visible ASCII characters."
        )
    return key


def query(request: Request, *names: str) -> Mapping[str, str]:
    """The query, which holds no other names than these."""
    strange = sorted(request.query.keys() - set(names))
    if strange:
        raise InvalidInput("query_invalid", f"This address takes only: {', '.join(names) or 'no query'}.")
    return request.query


def limit(asked: Mapping[str, str]) -> int:
    """How many to give at once."""
    written = asked.get("limit", str(PAGE))
    if _LIMIT.fullmatch(written) is None or int(written) > PAGE_MAX:
        raise InvalidInput("query_invalid", f"`limit` is a whole number from 1 to {PAGE_MAX}.")
    return int(written)


def why(asked: Mapping[str, str]) -> str | None:
    """The reason that a query gives, if it gives one."""
    given = {name: value for name, value in asked.items() if name == "why"}
    return read_document(WhyQuery, given, "query_invalid").why


def masked(text: str) -> str:
    """The text for a log line: whatever may be a telephone number is hidden."""
    return _NUMBERLIKE.sub("***", text)


def place_in(listing: Listing, asked: Mapping[str, str]) -> tuple[str | None, int]:
    """Where to go on in a listing, and how many to give."""
    return listing.place(asked), limit(asked)


def day(written: str) -> date:
    """The day that a caller means by yyyy-mm-dd."""
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise InvalidInput("day_malformed", "A day is written yyyy-mm-dd.")


def day_asked(asked: Mapping[str, str], now: datetime) -> date:
    """The day that a query names; today in Shanghai if it names none."""
    return day(asked["day"]) if "day" in asked else shanghai_day(now)


def time_text(at: datetime) -> str:
    """A time in UTC, to the second: 2025-11-24T01:30:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def batch_document(batch: Batch) -> dict[str, object]:
    """What is told of an accepted batch; it depends on the batch alone, so that a retry is told the same."""
    return {
        "batch": batch.id,
        "accepted": batch.accepted,
        "refused": refused_documents(batch.refused),
        "units_each": None if batch.own else batch.units_each,
        "units": batch.units,
        "category": batch.category,
        "service": batch.service,
        "template": {"id": batch.template, "version": batch.template_version} if batch.template else None,
        "port": batch.port,
        "signature": batch.signature,
        "reference": batch.reference,
        "consent": consent_document(batch.consent),
        "contract": {"number": batch.contract, "version": batch.contract_version},
        "test": batch.test,
        "accepted_at": time_text(batch.accepted_at),
        "send_at": time_text(batch.send_at) if batch.send_at else None,
        "valid_until": time_text(batch.valid_until),
        "warnings": [reason_document(code) for code in batch.warnings],
        "held": [kind_document(kind) for kind in batch.held],
        **({"accepted": None, "units": None, "file": {"upload": batch.file.upload}} if batch.file else {}),
        **({"dry_run": True} if batch.rehearsal else {}),
    }


def cancellation_document(batch: str, done: Cancellation) -> dict[str, object]:
    """What a wish to cancel came to; told again, it is the same, but for what receipts have said since."""
    return {"batch": batch, **asdict(done)}


def consent_document(consent: Consent | None) -> dict[str, object] | None:
    return None if consent is None else {"basis": consent.basis, "evidence": consent.evidence}


def kind_document(kind: ContentKind) -> dict[str, object]:
    """A kind of content with its clause and its name in both languages."""
    return {"kind": kind.value, "clause": kind.clause, "detail": kind.en, "detail_zh": kind.zh}


def refused_documents(refused: Mapping[str, Iterable[int]]) -> list[dict[str, object]]:
    """The refused places in the order of the request, each with its reason."""
    by_place = sorted((place, code) for code, places in refused.items() for place in places)
    told = {code: reason_document(code) for code in refused}
    return [{"index": place, **told[code]} for place, code in by_place]


def reason_document(kept: str) -> dict[str, object]:
    """A reason with its code, its clause and its sentence in both languages."""
    reason = reason_of(kept)
    return {"code": reason.code, "clause": reason.clause, "detail": reason.en, "detail_zh": reason.zh}


def progress_document(
    batch: Batch,
    states: Mapping[MessageState, int],
    units_charged: int,
    verdict: Closing | None = None,
    cutting: Cutting | None = None,
    price: object = None,
) -> dict[str, object]:
    """A batch and how far it has come; every state is named, also those that no message is in.

    Shape: who gave the verdict on what was held is the operator's business.
    """
    counts = {state: states.get(state, 0) for state in MessageState}
    said = {"outcome": verdict.outcome, "why": verdict.why, "at": time_text(verdict.at)} if verdict else None
    file: dict[str, object] = {"file": file_document(cutting, batch, states)} if cutting else {}
    if cutting and batch.rehearsal:
        done = cutting.stage is CutStage.DONE
        told = {"accepted": cutting.accepted, "units": cutting.units} if done else {}
        file = {**file, **told, "price": plain(price)}
    facts = {"states": counts, "units_charged": units_charged, "verdict": said}
    return {**batch_document(batch), **file, **facts}


def file_document(cutting: Cutting, batch: Batch, states: Mapping[MessageState, int]) -> dict[str, object]:
    """How far the file of a batch has been read and cut."""
    # A step that died may have left more messages than the cutting knows of; and counts may lag behind it.
    cut = max(cutting.messages, sum(states.values()))
    return {
        "upload": batch.file.upload if batch.file else None,
        "stage": cutting.stage,
        "rows": cutting.rows,
        "recipients": cutting.recipients,
        "refused": [
            {**reason_document(code), "count": count} for code, count in sorted(cutting.refused.items())
        ],
        "held": [kind_document(kind) for kind in cutting.held],
        "cut": cut,
        "stopped": reason_document(cutting.code) if cutting.code else None,
    }


def message_document(message: Message) -> dict[str, object]:
    """A message as its client sees it, with the carrier's own codes."""
    refusal = message.refusal
    said = {} if message.text is None else {"text": message.text}
    return {
        "message": message.id,
        "number": message.number,
        "state": message.state,
        "units": message.units,
        "receipts": [{"code": each.code, "at": time_text(each.at)} for each in message.receipts],
        "refused": {**reason_document(refusal.reason), "carrier_code": refusal.raw} if refusal else None,
        **said,
    }


def inbound_document(inbound: Inbound) -> dict[str, object]:
    """An inbound message as its client sees it."""
    return {
        "id": inbound.id,
        "number": inbound.number,
        "port": inbound.port,
        "text": inbound.text,
        "at": time_text(inbound.at),
    }


def statement_document(stated: DayStatement | None) -> dict[str, object]:
    """A day's statement, with every line of money and the clauses that it rests on."""
    if stated is None:
        raise NotFound("statement_unknown", "This day is not stated (yet); the night after it does that.")
    counts = {"messages": stated.messages, "billed_messages": stated.billed_messages}
    return {**to_document(stated), **counts, "lines": [plain(line) for line in stated.lines()]}


def plain(value: object) -> object:
    """A domain fact as JSON values, member by member."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return sorted(value) if isinstance(value, frozenset) else value


def _pointer(place: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1")[:64] for part in place)


def _check_characters(body: bytes, document: object) -> None:
    """Half a surrogate pair, which JSON can spell, is no character: it could be neither stored nor sent."""
    if _HALF_SPELLED.search(body) is None:
        return
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidInput("body_invalid", "The body holds half a surrogate pair.") from None
