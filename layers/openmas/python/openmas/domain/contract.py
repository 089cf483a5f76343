"""The contract as data: versions with an effective date, and what each of them allows, clause by clause."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from openmas.domain import documents
from openmas.domain.documents import Document, wrong
from openmas.domain.signature import Outcome, judge_signature
from openmas.domain.tariff import ChargedOn, Tariff
from openmas.domain.term import Term
from openmas.domain.units import Counting

RECIPIENTS_MAX = 5_000
# 3‰ a day: Telecom Regulations (2016 text), article 34.
LATE_FEE_PPM_LAWFUL = 3_000


class Category(StrEnum):
    """What a message is for."""

    VERIFICATION = "verification"
    NOTICE = "notice"
    MARKETING = "marketing"


class ServiceKind(StrEnum):
    """The services that a client may buy, with the list that manages them (2.1.1)."""

    TEMPLATE_BLACK = "template_black"
    ORDINARY_WHITE = "ordinary_white"
    ORDINARY_BLACK = "ordinary_black"


class PaymentDue(StrEnum):
    """When a payment cycle's fee is due (3.2.1)."""

    CYCLE_START = "cycle_start"
    CYCLE_END = "cycle_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One version of one contract.

    Shape: `signature` without its brackets; `late_fee_ppm_per_day` in parts per million.
    """

    number: str
    version: int
    effective_on: date
    client_full_name: str
    services: frozenset[ServiceKind]
    categories: frozenset[Category]
    access_code: str
    carrier: str
    signature: str
    term: Term
    tariff: Tariff
    counting: Counting
    late_fee_ppm_per_day: int
    payment_due: PaymentDue
    prepaid: bool
    recipients_max: int = RECIPIENTS_MAX


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 (the contract's own word for it)
    """What is odd about a contract that is used all the same.

    Shape: `path` is an RFC 6901 JSON pointer into the contract's document.
    """

    path: str
    clause: str
    text: str


def contract_in_force(versions: Iterable[Contract], on: date) -> Contract | None:
    """The version that took effect last, and of several on one day the highest; None before the first."""
    effective = (version for version in versions if version.effective_on <= on)
    return max(effective, key=lambda version: (version.effective_on, version.version), default=None)


def warnings(contract: Contract) -> tuple[Warning, ...]:
    """What the operator should look at before relying on the contract."""
    found: list[Warning] = []
    if contract.late_fee_ppm_per_day > LATE_FEE_PPM_LAWFUL:
        text = (
            f"The late fee is {contract.late_fee_ppm_per_day} ppm a day; the Telecom Regulations, to which"
            f" the clause refers, say {LATE_FEE_PPM_LAWFUL} (3‰). The contract's number is used."
        )
        found.append(Warning("/late_fee_ppm_per_day", "6.3", text))
    if contract.prepaid and contract.payment_due is PaymentDue.CYCLE_END:
        text = "The fee is prepaid, yet due only at the end of its cycle. The end of the cycle is used."
        found.append(Warning("/payment_due", "3.2.1", text))
    verdict = judge_signature(contract.client_full_name, contract.signature)
    if verdict.outcome is Outcome.REVIEW:
        text = f"A person has to pass the signature 【{contract.signature}】: {verdict.why}. It is used."
        found.append(Warning("/signature", "2.1.9", text))
    return tuple(found)


def to_document(contract: Contract) -> dict[str, Any]:
    """The contract as plain JSON values, which `from_document` reads back."""
    return {each.name: _plain(getattr(contract, each.name)) for each in fields(contract)}


def from_document(document: Document) -> Contract:
    """The contract that a document writes down, read strictly.

    Raises: InvalidInput that names the place of what is wrong.
    """
    documents.only(document, "", _NAMES)
    full_name = documents.text(document, "", "client_full_name", _FULL_NAME)
    return Contract(
        number=documents.text(document, "", "number", _NUMBER),
        version=documents.whole(document, "", "version", 1, 9_999),
        effective_on=documents.day(document, "", "effective_on"),
        client_full_name=full_name,
        services=documents.choices(document, "", "services", ServiceKind),
        categories=documents.choices(document, "", "categories", Category),
        access_code=documents.text(document, "", "access_code", _ACCESS_CODE),
        carrier=documents.text(document, "", "carrier", _CARRIER),
        signature=_signature(document, full_name),
        term=_term(documents.part(document, "", "term")),
        tariff=_tariff(documents.part(document, "", "tariff")),
        counting=documents.choice(document, "", "counting", Counting),
        late_fee_ppm_per_day=documents.whole(document, "", "late_fee_ppm_per_day", 0, 1_000_000),
        payment_due=documents.choice(document, "", "payment_due", PaymentDue),
        prepaid=documents.flag(document, "", "prepaid"),
        recipients_max=documents.whole(
            {"recipients_max": RECIPIENTS_MAX, **document}, "", "recipients_max", 1, RECIPIENTS_MAX
        ),
    )


_NAMES = frozenset(each.name for each in fields(Contract))
_TERM_NAMES = frozenset(each.name for each in fields(Term))
_TARIFF_NAMES = frozenset(each.name for each in fields(Tariff))
# A contract's number is part of a key, in which # parts one thing from the next.
_NUMBER = re.compile(r"[\w\[\]()（）【】〔〕.-]{1,64}")
_FULL_NAME = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f\u2028\u2029]{0,62}[^\s\x00-\x1f\x7f])?")
_ACCESS_CODE = re.compile(r"[0-9]{3,20}")
_CARRIER = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_SIGNATURE = re.compile(r".{1,64}")
_HAO_MAX = 10**12
_UNITS_MAX = 10**10


def _signature(document: Document, full_name: str) -> str:
    signature = documents.text(document, "", "signature", _SIGNATURE)
    verdict = judge_signature(full_name, signature)
    if verdict.outcome is Outcome.REFUSE:
        raise wrong("/signature", f"A signature is 3 to 8 Han characters (2.1.9): {verdict.why}.")
    return signature


def _term(document: Document) -> Term:
    documents.only(document, "/term", _TERM_NAMES)
    term = Term(
        start_on=documents.day(document, "/term", "start_on"),
        end_on=documents.day(document, "/term", "end_on"),
        renew_months=documents.whole(document, "/term", "renew_months", 0, 120),
        notice_days=documents.whole(document, "/term", "notice_days", 0, 366),
        renewals_max=documents.whole_if_any(document, "/term", "renewals_max", 0, 100),
        objection_received_on=documents.day_if_any(document, "/term", "objection_received_on"),
        extended_days=documents.whole_if_any(document, "/term", "extended_days", 0, 3_650) or 0,
    )
    if term.end_on < term.start_on:
        raise wrong("/term/end_on", "A term does not end before it starts.")
    return term


def _tariff(document: Document) -> Tariff:
    documents.only(document, "/tariff", _TARIFF_NAMES)
    return Tariff(
        annual_fee_hao=documents.whole(document, "/tariff", "annual_fee_hao", 0, _HAO_MAX),
        included_units=documents.whole(document, "/tariff", "included_units", 0, _UNITS_MAX),
        overage_hao_per_unit=documents.whole(document, "/tariff", "overage_hao_per_unit", 0, _HAO_MAX),
        charged_on=documents.choice(
            {"charged_on": ChargedOn.ACCEPTED, **document}, "/tariff", "charged_on", ChargedOn
        ),
    )


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, StrEnum):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
