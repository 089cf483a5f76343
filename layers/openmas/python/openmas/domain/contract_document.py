"""A contract as a document: written down, and read so strictly that every fault is told at once."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import StrEnum
from functools import partial
from itertools import pairwise
from typing import Any

from openmas.domain.characters import reads_as_written
from openmas.domain.contract import (
    RECIPIENTS_MAX,
    AccessCode,
    Amendment,
    Category,
    CodeSource,
    Contract,
    DocumentKind,
    InvoiceKind,
    Invoices,
    Limits,
    Notices,
    OptOutWord,
    Payment,
    PaymentDue,
    PaymentKind,
    PaymentMethod,
    ServiceKind,
    ServiceLevels,
    Trial,
)
from openmas.domain.documents import Document
from openmas.domain.limits import (
    BeyondBundle,
    ComplaintLadder,
    Frequency,
    Level,
    MarketingHours,
    OutsideHours,
    UnitLimits,
)
from openmas.domain.reading import Reader
from openmas.domain.signature import Judged, judge_signature
from openmas.domain.tariff import PPM, ChargedOn, Tariff
from openmas.domain.term import Term
from openmas.domain.units import Counting
from openmas.errors import Fault, InvalidInput

# A contract's number is part of a key, in which # parts one thing from the next; two that look alike are one.
NUMBER = re.compile(r"[0-9A-Za-z_〇\u3400-\u4dbf\u4e00-\u9fff\[\]()【】〔〕.-]{1,64}")

_FULL_NAME = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f\u2028\u2029]{0,62}[^\s\x00-\x1f\x7f])?")
_CODE = re.compile(r"[0-9]{3,20}")
_CARRIER = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_SIGNATURE = re.compile(r".{1,64}")
# Short enough that nobody writes it by chance; what is not seen is not compared.
_OPT_OUT_WORD = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]{1,10}")
_OPT_OUT_WORDS_MAX = 20
_WHY = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f\u2028\u2029]{0,254}[^\s\x00-\x1f\x7f])?")
_HAO_MAX = 10**12
_RATE_MAX = 100_000
_UNITS_MAX = 10**10
_DAYS_MAX = 3_650
_HOURS_MAX = 24 * 366
_DAY_S = 86_400


def to_document(contract: Contract) -> dict[str, Any]:
    """The contract as plain JSON values, which `from_document` reads back."""
    document = _plain(contract)
    assert isinstance(document, dict)
    return document


def from_document(document: Document) -> Contract:
    """The contract that a document writes down, read strictly.

    Raises: InvalidInput that names every place where something is wrong.
    """
    contract, faults = read(document)
    if faults:
        said = "The document does not have the form that is asked for."
        raise InvalidInput("body_invalid", said, faults=faults)
    return contract


def read(document: Document) -> tuple[Contract, tuple[Fault, ...]]:
    """The contract as far as it can be read, and every fault in the order of reading.

    Shape: where there is a fault, the contract has nothing that anybody could use.
    """
    reader = Reader(document)
    return _contract(reader), tuple(reader.faults)


def _contract(reader: Reader) -> Contract:
    reader.only(_names(Contract))
    contract = Contract(
        number=reader.text("number", NUMBER),
        version=reader.whole("version", 1, 9_999),
        effective_on=reader.day("effective_on", "10"),
        amendment=reader.part_if_any("amendment", _amendment, "10"),
        client_full_name=reader.text("client_full_name", _FULL_NAME),
        operator_full_name=reader.text("operator_full_name", _FULL_NAME),
        services=reader.choices("services", ServiceKind, "2.1.1"),
        categories=reader.choices("categories", Category, "2.1.7"),
        access_code=reader.part("access_code", _access_code, "2.1.8"),
        carrier=reader.text("carrier", _CARRIER),
        signature=reader.text("signature", _SIGNATURE, "2.1.9"),
        term=reader.part("term", _term, "9"),
        trial=reader.part_if_any("trial", _trial, "3.1.1"),
        tariff=reader.part("tariff", _tariff, "A1"),
        counting=reader.choice("counting", Counting, "A1"),
        late_fee_ppm_per_day=reader.whole("late_fee_ppm_per_day", 0, PPM, "6.3"),
        payment=reader.part("payment", _payment, "3.2.1"),
        invoices=reader.part("invoices", _invoices, "3.2.6"),
        notices=reader.part("notices", _notices, "10"),
        service_levels=reader.part("service_levels", _service_levels, "2.2.8"),
        limits=reader.part("limits", _limits),
        complaints=reader.part_if_any("complaints", _complaints, "2.1.6"),
        opt_out_words=reader.texts("opt_out_words", _OPT_OUT_WORD, _OPT_OUT_WORDS_MAX, "2.1.16"),
        not_opt_out_words=reader.choices_if_any("not_opt_out_words", OptOutWord, "2.1.16"),
        documents=reader.choices("documents", DocumentKind, "2.1.5", at_least=0),
    )
    _agree(reader, contract)
    return contract


def _agree(reader: Reader, contract: Contract) -> None:
    """What several members say goes together."""
    trial, term = contract.trial, contract.term
    for name in ("client_full_name", "operator_full_name"):
        said = "A name holds nothing unseen, and letters and digits in their plain form only."
        reader.require((name,), partial(reads_as_written, getattr(contract, name)), said, "2.1.15")
    reader.require(
        # What nobody may pass is its form alone, whatever the full name is.
        ("signature",),
        lambda: judge_signature("", contract.signature).outcome is not Judged.REFUSE,
        "A signature is 3 to 8 Han characters and nothing else.",
        "2.1.9",
    )
    if trial is not None:
        reader.require(
            ("trial", "term"),
            lambda: term.start_on <= trial.start_on and trial.end_on <= term.end_on,
            "A trial lies in the first term.",
            "3.1.1",
        )


def _amendment(reader: Reader) -> Amendment:
    reader.only(_names(Amendment))
    amendment = Amendment(reader.day("agreed_on"), reader.day("notice_given_on"), reader.text("why", _WHY))
    reader.require(
        ("agreed_on", "notice_given_on"),
        lambda: amendment.notice_given_on <= amendment.agreed_on,
        "Nothing is agreed before notice of it is given.",
        "10",
    )
    return amendment


def _access_code(reader: Reader) -> AccessCode:
    reader.only(_names(AccessCode))
    return AccessCode(
        code=reader.text("code", _CODE),
        source=reader.choice("source", CodeSource),
        valid_until=reader.day_if_any("valid_until"),
        reclaim_after_days=reader.whole_or(30, "reclaim_after_days", 0, _DAYS_MAX, "2.2.11"),
        quarantine_days=reader.whole_or(90, "quarantine_days", 0, _DAYS_MAX, "2.2.11"),
    )


def _term(reader: Reader) -> Term:
    reader.only(_names(Term))
    term = Term(
        start_on=reader.day("start_on"),
        end_on=reader.day("end_on"),
        renew_months=reader.whole("renew_months", 0, 120),
        notice_days=reader.whole("notice_days", 0, 366),
        renewals_max=reader.whole_if_any("renewals_max", 0, 100),
        objection_received_on=reader.day_if_any("objection_received_on"),
        extended_days=reader.whole_or(0, "extended_days", 0, _DAYS_MAX, "7.2"),
        terminated_on=reader.day_if_any("terminated_on", "10"),
    )
    reader.require(
        ("end_on", "start_on"),
        lambda: term.start_on <= term.end_on,
        "A term does not end before it starts.",
        "9",
    )
    reader.require(
        ("terminated_on", "start_on"),
        lambda: term.terminated_on is None or term.start_on <= term.terminated_on,
        "A term does not end before it starts.",
        "10",
    )
    return term


def _trial(reader: Reader) -> Trial:
    reader.only(_names(Trial))
    return Trial(
        start_on=reader.day("start_on"),
        days=reader.whole("days", 1, 366),
        units=reader.whole("units", 0, _UNITS_MAX),
    )


def _tariff(reader: Reader) -> Tariff:
    reader.only(_names(Tariff))
    return Tariff(
        annual_fee_hao=reader.whole("annual_fee_hao", 0, _HAO_MAX),
        included_units=reader.whole("included_units", 0, _UNITS_MAX),
        overage_hao_per_unit=reader.whole("overage_hao_per_unit", 0, _HAO_MAX),
        charged_on=reader.choice_or(ChargedOn.ACCEPTED, "charged_on"),
        tax_ppm=reader.whole("tax_ppm", 0, PPM, "3.2.5"),
    )


def _payment(reader: Reader) -> Payment:
    reader.only(_names(Payment))
    return Payment(
        kind=reader.choice("kind", PaymentKind),
        prepaid=reader.flag("prepaid"),
        cycle_months=reader.whole("cycle_months", 1, 120),
        due=reader.choice("due", PaymentDue),
        methods=reader.choices("methods", PaymentMethod, "3.2.2"),
    )


def _invoices(reader: Reader) -> Invoices:
    reader.only(_names(Invoices))
    return Invoices(reader.choice("kind", InvoiceKind), reader.whole("pay_within_months", 0, 120))


def _notices(reader: Reader) -> Notices:
    reader.only(_names(Notices))
    return Notices(
        change_days=reader.whole("change_days", 0, 366),
        registration_change_days=reader.whole("registration_change_days", 0, 366, "2.1.15"),
        breach_days=reader.whole("breach_days", 0, 366, "6.2"),
        force_majeure_days=reader.whole("force_majeure_days", 0, 366, "7.1"),
        interface_change_working_days=reader.whole("interface_change_working_days", 0, 366, "2.2.7"),
    )


def _service_levels(reader: Reader) -> ServiceLevels:
    reader.only(_names(ServiceLevels))
    return ServiceLevels(
        repair_hours=reader.whole("repair_hours", 1, _HOURS_MAX),
        complaint_hours=reader.whole("complaint_hours", 1, _HOURS_MAX),
        client_complaint_hours=reader.whole("client_complaint_hours", 1, _HOURS_MAX, "2.1.13"),
    )


def _limits(reader: Reader) -> Limits:
    reader.only(_names(Limits))
    return Limits(
        recipients_max=reader.whole_or(RECIPIENTS_MAX, "recipients_max", 1, RECIPIENTS_MAX),
        requests_per_s=reader.whole_if_any("requests_per_s", 1, 1_000, "2.2.5"),
        units=reader.part_if_any("units", _unit_limits, "A1") or UnitLimits(),
        frequency=reader.by_kind("frequency", Category, _frequency, "11.3.17"),
        same_text_within_s=reader.whole_if_any("same_text_within_s", 1, 31 * _DAY_S, "11.3.17"),
        marketing_hours=reader.part_if_any("marketing_hours", _marketing_hours, "11.3.17"),
    )


def _unit_limits(reader: Reader) -> UnitLimits:
    reader.only(_names(UnitLimits))
    return UnitLimits(
        beyond_bundle=reader.choice_or(BeyondBundle.CHARGED, "beyond_bundle"),
        per_day=reader.part_if_any("per_day", _level),
        per_month=reader.part_if_any("per_month", _level),
    )


def _level(reader: Reader) -> Level:
    reader.only(_names(Level))
    level = Level(reader.whole("warn", 0, _UNITS_MAX), reader.whole("stop", 0, _UNITS_MAX))
    reader.require(
        ("warn", "stop"), lambda: level.warn <= level.stop, "One is warned before one is stopped.", "A1"
    )
    return level


def _frequency(reader: Reader) -> Frequency:
    reader.only(_names(Frequency))
    return Frequency(reader.whole("messages", 1, 10_000), reader.whole("within_s", 1, 31 * _DAY_S))


def _marketing_hours(reader: Reader) -> MarketingHours:
    reader.only(_names(MarketingHours))
    hours = MarketingHours(
        open=reader.clock_time("open"),
        close=reader.clock_time("close"),
        outside=reader.choice("outside", OutsideHours),
    )
    reader.require(
        ("close", "open"), lambda: hours.open < hours.close, "Hours open before they close.", "11.3.17"
    )
    return hours


def _complaints(reader: Reader) -> ComplaintLadder:
    reader.only(_names(ComplaintLadder))
    ladder = ComplaintLadder(
        messages_min=reader.whole("messages_min", 1, _UNITS_MAX),
        warn_ppm=reader.whole("warn_ppm", 1, PPM),
        slow_ppm=reader.whole("slow_ppm", 1, PPM),
        stop_marketing_ppm=reader.whole("stop_marketing_ppm", 1, PPM),
        stop_all_ppm=reader.whole("stop_all_ppm", 1, PPM),
        slowed_to_per_s=reader.whole("slowed_to_per_s", 1, _RATE_MAX),
    )
    for lower, higher in pairwise(("warn_ppm", "slow_ppm", "stop_marketing_ppm", "stop_all_ppm")):
        _rises(reader, ladder, lower, higher)
    return ladder


def _rises(reader: Reader, ladder: ComplaintLadder, lower: str, higher: str) -> None:
    reader.require(
        (higher, lower),
        lambda: getattr(ladder, lower) <= getattr(ladder, higher),
        "Each step of the ladder is at least as high as the one before.",
        "2.1.6",
    )


def _names(kind: type[Any]) -> frozenset[str]:
    return frozenset(each.name for each in fields(kind))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): [_plain(each) for each in inner] for name, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, date) else value
