"""What POST /v1/batches takes, a submission as JSON, read strictly; and what a dry run tells of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from openmas.domain.batch import Batch, Said
from openmas.domain.contract import RECIPIENTS_MAX, Category, ServiceKind
from openmas.domain.documents import Document
from openmas.domain.profile import Profile
from openmas.domain.refused_submission import law_cited
from openmas.domain.submission import Submission
from openmas.edge.wire import (
    Label,
    Text,
    Wire,
    Written,
    batch_document,
    plain,
    read_document,
    read_object,
)
from openmas.edge.wire_lists import ConsentBody, given_consent
from openmas.errors import Fault, InvalidInput, Rejected

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
Parameters = Annotated[dict[Label, Annotated[str, Field(max_length=500)]], Field(max_length=50)]


class _Body(Wire):
    """What both forms of POST /v1/batches have."""

    template: Label | None = None
    parameters: Parameters = Field(default_factory=dict)
    text: Text | None = None
    category: Literal["verification", "notice", "marketing"] | None = None
    service: Literal["template_black", "ordinary_white", "ordinary_black"] | None = None
    port: Annotated[str, Field(pattern=r"^[0-9]{3,20}$")] | None = None
    signature: Label | None = None
    reference: Label | None = None
    consent: ConsentBody | None = None
    valid_for_s: Annotated[int, Field(ge=60, le=259_200)] = 86_400
    send_at: Annotated[str, Field(max_length=40)] | None = None
    dry_run: bool = False


class BatchBody(_Body):
    """POST /v1/batches, once the recipients are parted from parameters of their own."""

    recipients: Annotated[list[Written], Field(min_length=1, max_length=RECIPIENTS_MAX)]


class FileBatchBody(_Body):
    """POST /v1/batches for the recipients in an uploaded file."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class RecipientBody(Wire):
    """One recipient with parameters of its own."""

    number: Written
    parameters: Parameters = Field(default_factory=dict)


class RecipientsBody(Wire):
    """The recipients of POST /v1/batches, where some have parameters of their own."""

    recipients: Annotated[list[RecipientBody], Field(min_length=1, max_length=RECIPIENTS_MAX)]


def read_submission(body: bytes) -> Submission:
    """The submission that a body asks for."""
    document, own = _parted(read_object(body))
    read = read_document(FileBatchBody if "file" in document else BatchBody, document)
    if (read.template is None) == (read.text is None):
        raise InvalidInput("text_or_template", "A submission has either a template or a text of its own.")
    if read.text is not None and (read.parameters or own):
        fault = Fault("/parameters", "Only a template has parameters.")
        raise InvalidInput("body_invalid", "The body does not have the form asked for.", None, (fault,))
    return Submission(
        recipients=tuple(read.recipients) if isinstance(read, BatchBody) else (),
        file=read.file if isinstance(read, FileBatchBody) else None,
        template=read.template,
        parameters=read.parameters,
        own=own,
        text=read.text,
        category=Category(read.category) if read.category else None,
        service=ServiceKind(read.service) if read.service else None,
        port=read.port,
        signature=read.signature,
        reference=read.reference,
        consent=given_consent(read.consent),
        valid_for_s=read.valid_for_s,
        send_at=moment("/send_at", read.send_at) if read.send_at is not None else None,
        dry_run=read.dry_run,
    )


@contextmanager
def naming_contract(profile: Profile, submission: Submission, now: datetime) -> Iterator[None]:
    """What is refused as a whole names the contract by which it was refused, if there is one."""
    try:
        yield
    except Rejected as error:
        law = law_cited(error, profile, submission, now)
        error.contract = (law.contract, law.version) if law else None
        raise


def dry_run_document(batch: Batch, said: Sequence[Said], price: object) -> dict[str, object]:
    """What would become of a submission; it has no name, as nothing is stored under one."""
    told = {name: each for name, each in batch_document(batch).items() if name != "batch"}
    return {"dry_run": True, **told, "messages": plain(said), "price": plain(price)}


def _parted(document: Document) -> tuple[Document, tuple[Mapping[str, str], ...]]:
    """The document with nothing but numbers as recipients, and what each has of its own, if anyone has."""
    recipients = document.get("recipients")
    if not isinstance(recipients, list) or dict not in map(type, recipients):
        return document, ()
    each_alone = [{"number": each} if isinstance(each, str) else each for each in recipients]
    read = read_document(RecipientsBody, {"recipients": each_alone}).recipients
    own = tuple(each.parameters for each in read)
    return {**document, "recipients": [each.number for each in read]}, own if any(own) else ()


def moment(pointer: str, written: str) -> datetime:
    """The time in UTC that a member of a body means, which says its zone."""
    try:
        if _MOMENT.fullmatch(written):
            return datetime.fromisoformat(written).astimezone(UTC)
    except (OverflowError, ValueError):
        pass
    fault = Fault(pointer, "A time is written 2025-11-28T09:30:00+08:00, with its zone or Z.")
    raise InvalidInput("body_invalid", "It does not have the form that is asked for.", None, (fault,))
