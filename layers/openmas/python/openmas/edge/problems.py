"""Failures as RFC 9457 problem documents: one status for each class of error, one title for each code.

Shape: a problem is {type, title, status, code, detail, clause?, contract?, request_id, errors?}; each of the
errors is {pointer, detail, clause?}, and the contract {number, version}.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from openmas.domain.reasons import REASONS
from openmas.errors import (
    Conflict,
    Fault,
    InvalidInput,
    LimitExceeded,
    NotAllowed,
    NotFound,
    OpenMasError,
    Unavailable,
)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
FAULTS_MAX = 50

STATUS: Mapping[type[OpenMasError], int] = {
    InvalidInput: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    LimitExceeded: 429,
    Unavailable: 503,
}
# Where HTTP has a word of its own for a code.
STATUS_OF_CODE: Mapping[str, int] = {
    "key_missing": 401,
    "key_unknown": 401,
    "key_expired": 401,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "addresses_too_many": 413,
    "words_too_many": 413,
    "internal": 500,
}
# Every code that is no reason of the domain's catalogue, with the words that are the same each time.
TITLES: Mapping[str, str] = {
    "access_code_stays": "An access code goes back with its contract only",
    "access_code_taken": "The access code has changed hands meanwhile",
    "act_unknown": "That cannot be done to a list",
    "address_not_allowed": "The key is not good from this address",
    "address_not_blocked": "Not all of these ranges are blocked",
    "addresses_moved_on": "The list of addresses was changed by another",
    "addresses_too_many": "No more ranges can be blocked",
    "appeal_unknown": "Nobody appeals against this measure",
    "aws_busy": "A service that we stand on is busy",
    "aws_refused": "A service that we stand on refused us",
    "aws_unreachable": "A service that we stand on cannot be reached",
    "batch_unknown": "There is no such batch",
    "body_invalid": "The body does not have the form that is asked for",
    "body_too_large": "The body is too large",
    "carrier_unknown": "There is no such carrier",
    "carrier_unusable": "The carrier is not set up so that it can be used",
    "case_closed": "The case was closed with another outcome",
    "case_needs_verdict": "A review or complaint is closed by its verdict or finding only",
    "case_unknown": "There is no such case",
    "category_missing": "The category is missing",
    "client_malformed": "The client's id does not have the form that is asked for",
    "client_moved_on": "The client's record was changed by another",
    "client_unknown": "There is no such client",
    "complaint_ahead": "The complaint is dated ahead of now",
    "complaint_unknown": "There is no such complaint",
    "codes_contended": "Another access code was given out in the same instant",
    "contract_activated": "This version of the contract is in force already",
    "contract_moved_on": "Another version of the contract was activated meanwhile",
    "contract_not_ready": "The contract lacks what it needs to come into force",
    "contract_unknown": "There is no such version of a contract",
    "contract_version_skipped": "This is not the next version of the contract",
    "contract_version_stored": "This version of the contract is stored with other content",
    "cursor_invalid": "The cursor is not one of ours",
    "day_malformed": "The day cannot be read",
    "document_over": "The document is over already",
    "document_unknown": "There is no such document",
    "flow_malformed": "A limited port has a rate, and no other has one",
    "idempotency_key_malformed": "The idempotency key is not 1 to 128 visible ASCII characters",
    "idempotency_key_missing": "The header Idempotency-Key is missing",
    "idempotency_key_reused": "The idempotency key stands for another request",
    "internal": "Something is wrong on our side",
    "key_expired": "The key has expired",
    "key_missing": "The key is missing",
    "key_not_kept": "The client has no such key",
    "key_unknown": "The key is not known",
    "kind_unknown": "There is no such list",
    "live_key_needed": "This needs a live key",
    "measure_appealed": "There is an appeal against the measure already",
    "measure_lifted": "The measure was lifted already",
    "measure_unknown": "There is no such measure",
    "list_contended": "Too many are changing the same list",
    "message_of_another": "The message went to another number",
    "message_unknown": "There is no such message",
    "method_not_allowed": "This address does not take that method",
    "night_contended": "Two nights write the same client's statements",
    "night_not_yet": "The night has not begun",
    "night_unreadable": "The night cannot be read",
    "number_not_listed": "The number is not on the list",
    "numbers_contended": "Too many are sending to the same numbers",
    "parcel_contended": "Too many are writing the same parcel",
    "parcel_moved_on": "The parcel was changed by another",
    "parcel_unknown": "There is no such parcel",
    "port_malformed": "The port is no access code of the client with an extension",
    "port_moved_on": "The port was changed by another",
    "port_purpose_fixed": "The port is registered for another purpose",
    "port_resting": "The number is in quarantine after its last use",
    "port_taken": "The number is another client's, or in quarantine after it",
    "query_invalid": "The query does not have the form that is asked for",
    "record_unreadable": "The queue's record cannot be read",
    "revision_overtaken": "The statement was changed by another",
    "revision_taken": "This revision of the statement is stored with other content",
    "role_missing": "The token does not carry a role that may do this",
    "route_unknown": "There is nothing at this address",
    "scope_malformed": "What the list is limited to cannot be read",
    "scope_missing": "The key may not do this",
    "secret_unreadable": "A secret cannot be read",
    "send_at_past": "The time to send at has passed",
    "send_at_too_far": "The time to send at is too far ahead",
    "signature_entered": "The signature is entered already, on other grounds",
    "signature_moved_on": "The signature was changed by another",
    "signature_not_entered": "The client has not handed in this signature",
    "signature_settled": "This cannot become of the signature any more",
    "signature_without_proof": "What the signature rests on is not on file, or not good any more",
    "statement_unknown": "There is no statement of this day",
    "stored_otherwise": "It is stored with other content",
    "stored_unreadable": "What is stored does not have the form that is read",
    "template_decided": "Something else was decided of this version",
    "template_id_malformed": "The template's id does not have the form that is asked for",
    "template_pending": "Another text of this template waits for its review",
    "template_version_stored": "This version of the template is stored with other content",
    "template_version_unknown": "The template has no such version",
    "templates_too_many": "The client has as many versions of templates as it may",
    "text_or_template": "A submission has either a template or a text",
    "units_contended": "Too many are holding units of the same client",
    "upload_unknown": "There is no such uploaded file",
    "transfer_unknown": "There is no such import or export",
    "webhook_refused": "The webhook refused what was posted",
    "webhook_unreachable": "The webhook cannot be reached",
    "word_unfit": "Not all of these can be looked for",
    "words_overtaken": "Somebody else changed the words",
    "words_too_many": "The book holds no more words",
    "why_missing": "A change of this list needs a reason",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure as HTTP says it."""

    status: int
    document: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(error: Exception, request_id: str) -> Problem:
    """What the caller is told of an error; of one without a code only that it happened."""
    if not isinstance(error, OpenMasError):
        error = OpenMasError("internal", "The request was not carried out; please tell us its request_id.")
    status = status_of(error)
    document: dict[str, object] = {
        "type": f"urn:openmas:problem:{error.code}",
        "title": title_of(error.code),
        "status": status,
        "code": error.code,
        "detail": error.detail,
        "request_id": request_id,
    }
    if error.clause is not None:
        document["clause"] = error.clause
    if error.contract is not None:
        document["contract"] = dict(zip(("number", "version"), error.contract, strict=True))
    if error.faults:
        document["errors"] = [fault_document(fault) for fault in error.faults[:FAULTS_MAX]]
    headers = _headers(status)
    if isinstance(error, LimitExceeded):
        if error.left is not None:
            document["left"] = error.left
        if error.retry_after_s is not None:
            headers = {"Retry-After": str(error.retry_after_s)}
    return Problem(status, document, headers)


def fault_document(fault: Fault) -> dict[str, str]:
    """One wrong place, with its clause if one asks for the right form."""
    told = {"pointer": fault.pointer, "detail": fault.detail}
    return told if fault.clause is None else {**told, "clause": fault.clause}


def status_of(error: OpenMasError) -> int:
    """The HTTP status of an error: its code's own, else its class's."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS_OF_CODE.get(error.code, STATUS[kind])
    return STATUS_OF_CODE.get(error.code, 500)


def title_of(code: str) -> str:
    reason = REASONS.get(code)
    return reason.en if reason else TITLES.get(code, "The request was not carried out")


def _headers(status: int) -> Mapping[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="openmas"'}
    return {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
