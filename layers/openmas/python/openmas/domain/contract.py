"""The contract as data: versions with an effective date, and what each of them allows, clause by clause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from openmas.domain.limits import ComplaintLadder, Frequency, MarketingHours, UnitLimits
from openmas.domain.tariff import Tariff
from openmas.domain.term import Term, TermPhase, term_state
from openmas.domain.units import Counting

RECIPIENTS_MAX = 5_000


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


class CodeSource(StrEnum):
    """Where an access code comes from: the operator, or an application of the client's own (2.1.8)."""

    ASSIGNED = "assigned"
    APPLIED = "applied"


class PaymentKind(StrEnum):
    """Who pays: the client as a group (集团付费) (3.2.1)."""

    GROUP = "group"


class PaymentDue(StrEnum):
    """When a payment cycle's fee is due (3.2.1)."""

    CYCLE_START = "cycle_start"
    CYCLE_END = "cycle_end"


class PaymentMethod(StrEnum):
    """The ways in which a payment may come in (3.2.2)."""

    TRANSFER = "transfer"
    COUNTER_CASH = "counter_cash"
    CHEQUE = "cheque"


class InvoiceKind(StrEnum):
    """The kinds of VAT invoice (增值税专用发票, 增值税普通发票) (3.2.6)."""

    SPECIAL = "special"
    ORDINARY = "ordinary"


class DocumentKind(StrEnum):
    """What a client may have to hand in before, or while, it sends."""

    SECURITY_UNDERTAKING = "security_undertaking"
    ACCESS_UNDERTAKING = "access_undertaking"
    DECENCY_PLEDGE = "decency_pledge"
    QUALIFICATION = "qualification"
    TELECOM_LICENCE = "telecom_licence"
    SITE_FILING = "site_filing"
    POLICE_FILING = "police_filing"
    SECURITY_ASSESSMENT = "security_assessment"
    MONITORING_ACCOUNT = "monitoring_account"
    CODE_CERTIFICATE = "code_certificate"
    TRADEMARK_CERTIFICATE = "trademark_certificate"
    DOMAIN_FILING = "domain_filing"


@dataclass(frozen=True, slots=True)
class Amendment:
    """How a later version came to be: agreed by both parties, after a notice in writing (10, 3.2.4, 12.3)."""

    agreed_on: date
    notice_given_on: date
    why: str


@dataclass(frozen=True, slots=True)
class AccessCode:
    """The number that messages come from (2.1.8), and when it goes back at the end (2.2.11).

    Shape: `valid_until` is its last day. It is reclaimed so many days after the contract's last day, and
    nobody else gets it for so many days after that; a code that the client applied for stays the client's.
    """

    code: str
    source: CodeSource = CodeSource.ASSIGNED
    valid_until: date | None = None
    reclaim_after_days: int = 30
    quarantine_days: int = 90


@dataclass(frozen=True, slots=True)
class Trial:
    """The days before billing starts, with the units that they cost nothing (3.1.1)."""

    start_on: date
    days: int
    units: int

    @property
    def end_on(self) -> date:
        """Its last day."""
        return self.start_on + timedelta(days=self.days - 1)


@dataclass(frozen=True, slots=True)
class Payment:
    """How the fee is paid (3.2.1, 3.2.2)."""

    kind: PaymentKind
    prepaid: bool
    cycle_months: int
    due: PaymentDue
    methods: frozenset[PaymentMethod]


@dataclass(frozen=True, slots=True)
class Invoices:
    """What invoices the client gets, and within how many months it pays them (3.2.6)."""

    kind: InvoiceKind
    pay_within_months: int


@dataclass(frozen=True, slots=True)
class Notices:
    """How long ahead, or how soon, one party tells the other (10, 2.1.15, 6.2, 7.1, 2.2.7)."""

    change_days: int
    registration_change_days: int
    breach_days: int
    force_majeure_days: int
    interface_change_working_days: int


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """How fast the operator repairs faults and answers complaints (2.2.8), and the client (2.1.13)."""

    repair_hours: int
    complaint_hours: int
    client_complaint_hours: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a contract limits; what it does not name is not limited.

    Shape: all frequencies of a category hold at once. Units: `recipients_max` a request.
    """

    recipients_max: int = RECIPIENTS_MAX
    requests_per_s: int | None = None
    units: UnitLimits = field(default_factory=UnitLimits)
    frequency: Mapping[Category, tuple[Frequency, ...]] = field(default_factory=dict, hash=False)
    same_text_within_s: int | None = None
    marketing_hours: MarketingHours | None = None


class OptOutWord(StrEnum):
    """What opts out unless a contract says otherwise; R always does: each marketing message asks for it."""

    TD = "TD"
    T = "T"
    UNSUBSCRIBE = "退订"
    CANCEL = "取消"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One version of one contract.

    Shape: `signature` without its brackets; `late_fee_ppm_per_day` in parts per million; `opt_out_words` hold
    beside the usual ones but for `not_opt_out_words`; `documents` are the kinds that must be on file.
    """

    number: str
    version: int
    effective_on: date
    amendment: Amendment | None = None
    client_full_name: str
    operator_full_name: str
    services: frozenset[ServiceKind]
    categories: frozenset[Category]
    access_code: AccessCode
    carrier: str
    signature: str
    term: Term
    trial: Trial | None = None
    tariff: Tariff
    counting: Counting
    late_fee_ppm_per_day: int
    payment: Payment
    invoices: Invoices
    notices: Notices
    service_levels: ServiceLevels
    limits: Limits
    complaints: ComplaintLadder | None = None
    opt_out_words: tuple[str, ...] = ()
    not_opt_out_words: frozenset[OptOutWord] = frozenset()
    documents: frozenset[DocumentKind] = frozenset()

    @property
    def begins_on(self) -> date:
        """The first day on which anything may be sent under it."""
        return max(self.effective_on, self.term.start_on)

    def in_trial(self, on: date) -> bool:
        """Whether the day lies before the contract's billing starts."""
        return self.trial is not None and self.trial.start_on <= on <= self.trial.end_on


def version_in_force(versions: Iterable[Contract], on: date) -> Contract | None:
    """Of one contract's versions the one that took effect last; None before the first.

    Shape: of several that took effect on one day, the highest. One whose term is yet to begin leaves the
    version before it in force while that one's term runs, if it ran when the new one took effect.
    """
    ruling: Contract | None = None
    effective = (version for version in versions if version.effective_on <= on)
    for version in sorted(effective, key=lambda version: (version.effective_on, version.version)):
        if ruling is None or not _goes_on(ruling, version, on):
            ruling = version
    return ruling


def _goes_on(before: Contract, version: Contract, on: date) -> bool:
    """Whether a version is signed for a term to come, and the one before it runs until then."""
    return (
        version.term.start_on > on
        and before.term.start_on <= version.effective_on
        and term_state(before.term, on).state is TermPhase.ACTIVE
    )


def contract_in_force(versions: Iterable[Contract], on: date) -> Contract | None:
    """The version that rules a day, of all the contracts of one client; None before the first takes effect.

    Shape: each contract speaks through its version in force. A contract whose term is running goes before one
    whose term is not; then the version that took effect last rules.
    """
    contracts: dict[str, list[Contract]] = {}
    for version in versions:
        contracts.setdefault(version.number, []).append(version)
    speaking = filter(None, (version_in_force(each, on) for each in contracts.values()))
    return max(
        speaking,
        key=lambda version: (
            term_state(version.term, on).state is TermPhase.ACTIVE,
            version.effective_on,
            version.version,
            version.number,
        ),
        default=None,
    )
