"""What is odd about a contract that is used all the same, each with the clause that it touches."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from openmas.domain.contract import Category, CodeSource, Contract, DocumentKind, PaymentDue
from openmas.domain.signature import Judged, judge_signature
from openmas.domain.term import Term

# 3‰ a day: Telecom Regulations (2016 text), article 34.
LATE_FEE_PPM_LAWFUL = 3_000

# What the agreement has every client hand in.
_USUAL_DOCUMENTS = {
    DocumentKind.SECURITY_UNDERTAKING: "2.1.5",
    DocumentKind.ACCESS_UNDERTAKING: "A2",
    DocumentKind.DECENCY_PLEDGE: "A3",
    DocumentKind.SECURITY_ASSESSMENT: "11.7",
}


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 (the contract's own word for it)
    """What the operator should look at.

    Shape: `path` is an RFC 6901 JSON pointer into the contract's document.
    """

    path: str
    clause: str
    text: str


def warnings(
    contract: Contract,
    before: Contract | None = None,
    unread: Collection[str] = (),
    beside: Contract | None = None,
) -> tuple[Warning, ...]:
    """What the operator should look at before relying on the contract.

    Shape: `before` is what it takes over from, `beside` another contract of the client that runs as well;
    `unread` names the members that could not be read; nothing is said of what rests on one of them.
    """
    looks = [look for members, look in _LOOKS if members.isdisjoint(unread)]
    found = [warning for look in looks for warning in look(contract)]
    for members, compare in _COMPARISONS:
        found += compare(contract, before) if before and members.isdisjoint(unread) else ()
    return (*found, *(_beside(contract, beside) if beside else ()))


def _late_fee(contract: Contract) -> Iterator[Warning]:
    if contract.late_fee_ppm_per_day > LATE_FEE_PPM_LAWFUL:
        text = (
            f"The late fee is {contract.late_fee_ppm_per_day} ppm a day; the Telecom Regulations, to which"
            f" the clause refers, say {LATE_FEE_PPM_LAWFUL} (3‰). The contract's number is used."
        )
        yield Warning("/late_fee_ppm_per_day", "6.3", text)


def _payment(contract: Contract) -> Iterator[Warning]:
    if contract.payment.prepaid and contract.payment.due is PaymentDue.CYCLE_END:
        text = "The fee is prepaid, yet due only at the end of its cycle. The end of the cycle is used."
        yield Warning("/payment/due", "3.2.1", text)


def _signature(contract: Contract) -> Iterator[Warning]:
    verdict = judge_signature(contract.client_full_name, contract.signature)
    if verdict.outcome is Judged.REVIEW:
        text = (
            f"A person has to pass the signature 【{contract.signature}】: {verdict.why}. The contract does"
            " not come into force until somebody says why it may be used."
        )
        yield Warning("/signature", "2.1.9", text)


def _access_code(contract: Contract) -> Iterator[Warning]:
    code, last_on = contract.access_code, contract.term.end_on + timedelta(days=contract.term.extended_days)
    if code.valid_until is not None and code.valid_until < last_on:
        text = f"The access code is valid until {code.valid_until}, the term runs until {last_on}."
        yield Warning("/access_code/valid_until", "2.1.8", text)
    if code.source is CodeSource.APPLIED and code.valid_until is None:
        text = "The client applied for its access code, and nothing says how long it is valid."
        yield Warning("/access_code/valid_until", "2.1.8", text)
    if code.source is CodeSource.APPLIED and DocumentKind.CODE_CERTIFICATE not in contract.documents:
        text = "The client applied for its access code, and no certificate of it is asked for."
        yield Warning("/documents", "2.1.8", text)


def _trial(contract: Contract) -> Iterator[Warning]:
    if contract.trial is not None and contract.trial.units == 0:
        text = "The trial has no units: each of its messages costs the price beyond the bundle."
        yield Warning("/trial/units", "3.1.1", text)


def _amendment(contract: Contract) -> Iterator[Warning]:
    """Changes and ends are told in writing, so many days ahead (10)."""
    amendment, ahead = contract.amendment, timedelta(days=contract.notices.change_days)
    if amendment is None:
        if contract.version > 1:
            text = "Nothing says what was agreed for this version, nor when notice of it was given."
            yield Warning("/amendment", "12.3", text)
    elif contract.effective_on < amendment.notice_given_on + ahead:
        text = f"Notice was given on {amendment.notice_given_on}, less than {ahead.days} days ahead."
        yield Warning("/effective_on", "10", text)
    if amendment is not None and contract.effective_on < amendment.agreed_on:
        text = f"The version takes effect before it was agreed, on {amendment.agreed_on}."
        yield Warning("/effective_on", "12.3", text)


def _termination(contract: Contract) -> Iterator[Warning]:
    ends_on, ahead = contract.term.terminated_on, timedelta(days=contract.notices.change_days)
    given_on = contract.amendment.notice_given_on if contract.amendment else None
    if ends_on is not None and (given_on is None or ends_on < given_on + ahead):
        said = f"notice was given on {given_on}" if given_on else "no notice is on record"
        text = f"The contract ends on {ends_on}, and {said}; {ahead.days} days ahead are agreed."
        yield Warning("/term/terminated_on", "10", text)


def _term(contract: Contract) -> Iterator[Warning]:
    if contract.version == 1 and contract.effective_on > contract.term.start_on:
        text = f"The term begins on {contract.term.start_on}, before the contract takes effect."
        yield Warning("/effective_on", "9", text)
    if contract.version > 1 and contract.effective_on < contract.term.start_on:
        text = f"Its term begins on {contract.term.start_on}: until then the version before it goes on."
        yield Warning("/term/start_on", "9", text)
    objected_on, last_on = contract.term.objection_received_on, _last_day_to_object(contract.term)
    if objected_on is not None and objected_on > last_on:
        text = f"The objection came after {last_on}: it does not prevent the first renewal."
        yield Warning("/term/objection_received_on", "9", text)


def _documents(contract: Contract) -> Iterator[Warning]:
    for kind, clause in _USUAL_DOCUMENTS.items():
        if kind not in contract.documents:
            text = (
                f"The contract does not ask for the {kind.replace('_', ' ')}, and comes into force without."
            )
            yield Warning("/documents", clause, text)


def _limits(contract: Contract) -> Iterator[Warning]:
    units = contract.limits.units
    if units.per_day and units.per_month and units.per_month.stop < units.per_day.stop:
        yield Warning("/limits/units/per_month/stop", "A1", "A month stops below what a single day may use.")
    if Category.MARKETING in contract.categories and Category.MARKETING not in contract.limits.frequency:
        text = "Nothing limits how often one number gets marketing."
        yield Warning("/limits/frequency", "11.3.17", text)


def _price(contract: Contract, before: Contract) -> Iterator[Warning]:
    """A price is changed by a supplementary agreement (3.2.4)."""
    if contract.tariff != before.tariff and contract.amendment is None:
        text = f"Prices differ from version {before.version}, and no agreement on it is on record."
        yield Warning("/tariff", "3.2.4", text)


def _early_renewal(contract: Contract, before: Contract) -> Iterator[Warning]:
    """A version signed early for a term to come is followed, as any other, before it comes to rule."""
    starts_on, own_start_on = before.term.start_on, contract.term.start_on
    # On its first day a version of a term yet to come leaves it in force, one of an older term does not.
    if own_start_on != starts_on and (contract.effective_on, own_start_on) < (starts_on, starts_on):
        text = (
            f"Version {before.version}, activated for a term from {starts_on}, never comes to rule: this one"
            " takes its place for good. To have it rule then, activate it anew as the version after this."
        )
        yield Warning("/term/start_on", "9", text)


def _beside(contract: Contract, other: Contract) -> Iterator[Warning]:
    """Of two contracts that run only one rules (the agreement knows of no two)."""
    text = (
        f"Contract {other.number} runs, too. Only one of them rules a day, the one whose version took effect"
        " last: what only the other allows is refused, and an amendment of either may turn that round."
    )
    yield Warning("/number", "9", text)


def _last_day_to_object(term: Term) -> date:
    return term.end_on + timedelta(days=term.extended_days - term.notice_days)


# What is looked at, with the members of the contract that each look rests on.
_LOOKS: tuple[tuple[frozenset[str], Callable[[Contract], Iterator[Warning]]], ...] = (
    (frozenset({"late_fee_ppm_per_day"}), _late_fee),
    (frozenset({"payment"}), _payment),
    (frozenset({"client_full_name", "signature"}), _signature),
    (frozenset({"access_code", "term", "documents"}), _access_code),
    (frozenset({"trial"}), _trial),
    (frozenset({"amendment", "version", "effective_on", "notices"}), _amendment),
    (frozenset({"term", "amendment", "notices"}), _termination),
    (frozenset({"version", "effective_on", "term"}), _term),
    (frozenset({"documents"}), _documents),
    (frozenset({"limits", "categories"}), _limits),
)
_COMPARISONS: tuple[tuple[frozenset[str], Callable[[Contract, Contract], Iterator[Warning]]], ...] = (
    (frozenset({"tariff", "amendment"}), _price),
    (frozenset({"effective_on", "term"}), _early_renewal),
)
