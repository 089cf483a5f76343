"""Open a case for what a client's messages depend on and that ends soon: contract, papers, numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import chain
from typing import Protocol

from openmas.domain.calendar import day_start_at
from openmas.domain.case import Case
from openmas.domain.client_document import ClientDocument, running_out
from openmas.domain.contract import Contract, version_in_force
from openmas.domain.profile import Profile
from openmas.domain.proof import proof_of
from openmas.domain.signing import SignatureStatus
from openmas.domain.term import TermPhase, term_state
from openmas.needs import Cases

_BARRED = frozenset({SignatureStatus.STOPPED, SignatureStatus.REFUSED})


class Needs(Protocol):
    @property
    def cases(self) -> Cases: ...


@dataclass(frozen=True, slots=True)
class _End:
    """What ends, its last day, the first on which it is too late, and what is said of it before that day."""

    kind: str
    name: str
    on: date
    late_on: date
    said: str


def warn_of_ends(needs: Needs, profile: Profile, on: date) -> None:
    """Somebody is told of every end within the days of a notice (10), and of the day on which sending stops;
    also of the last day to object before the contract renews itself (9).

    Shape: one case for each thing and end, whatever became of the one before.
    """
    contract = profile.contract_on(on)
    if contract is None:
        return
    found = (each(profile, contract, on) for each in (_terms, _documents, _proofs, _numbers))
    for end in chain.from_iterable(found):
        case_id = f"{end.kind}#{end.name}#{end.on:%Y%m%d}"
        if needs.cases.find(profile.client.id, case_id) is None:
            detail, due_at = f"{end.said} {end.late_on}", day_start_at(end.late_on)
            needs.cases.open(Case(case_id, profile.client.id, end.kind, on, due_at, detail))


def _terms(profile: Profile, ruling: Contract, on: date) -> Iterator[_End]:
    """Of every contract that runs: of two, only one rules, and what only that one allows ends with it."""
    for number in dict.fromkeys((ruling.number, *(each.number for each in profile.contracts))):
        versions = [each for each in profile.contracts if each.number == number]
        contract = version_in_force(versions, on)
        if contract is not None:
            yield from _term(profile, versions, contract, on)


def _term(profile: Profile, versions: Sequence[Contract], contract: Contract, on: date) -> Iterator[_End]:
    """The end of the term, unless another follows, or the day until which its renewal can be prevented."""
    ends_on = term_state(contract.term, on).end_on
    if ends_on is None:
        return
    soon_on, next_on = on + timedelta(days=contract.notices.change_days), ends_on + timedelta(days=1)
    objected_on = ends_on - timedelta(days=contract.term.notice_days)
    following, name = version_in_force(versions, next_on), sha256(contract.number.encode()).hexdigest()[:12]
    if following is None or not _runs(following, next_on):
        if ends_on < soon_on and not _replaced(profile, versions, next_on):
            said = _stops(contract.number, "is over after", ends_on, " under it")
            yield _End("contract", f"end-{name}", ends_on, next_on, said)
    elif following.term.start_on <= on <= objected_on < soon_on:
        said = f"{contract.number} renews itself after {ends_on}; it is too late to object from"
        yield _End("contract", f"objection-{name}", objected_on, objected_on + timedelta(days=1), said)


def _replaced(profile: Profile, versions: Sequence[Contract], on: date) -> bool:
    """Whether a newer contract rules the day; an older one that runs beside it was there before."""
    ruling = profile.contract_on(on)
    if ruling is None or not _runs(ruling, on):
        return False
    begins_on = min(each.begins_on for each in profile.contracts if each.number == ruling.number)
    return begins_on > min(each.begins_on for each in versions)


def _runs(contract: Contract, on: date) -> bool:
    return term_state(contract.term, on).state is TermPhase.ACTIVE


def _documents(profile: Profile, contract: Contract, on: date) -> Iterator[_End]:
    for document in running_out(contract, profile.documents, on):
        yield _lapse("document", document.kind, document, contract)


def _proofs(profile: Profile, contract: Contract, on: date) -> Iterator[_End]:
    """What signatures in use rest on; several may rest on one document."""
    soon_on = on + timedelta(days=contract.notices.change_days)
    resting: dict[str, list[str]] = {}
    proofs: dict[str, ClientDocument] = {}
    for text in profile.signatures:
        entry, *others = entries = profile.entries(text)
        # The contract's own is used also while a person looks at what was handed in for it.
        if not entry.in_use or any(each.status in _BARRED for each in others):
            continue
        for proof in (proof_of(each.claim, profile.documents) for each in entries if each.in_use):
            if proof is not None and proof.ends_on is not None and proof.ends_on < soon_on:
                resting.setdefault(proof.id, []).append(f"【{text}】")
                proofs[proof.id] = proof
    for name, proof in proofs.items():
        yield _lapse("proof", name, proof, contract, f" as {' or '.join(resting[name])}")


def _lapse(kind: str, name: str, document: ClientDocument, contract: Contract, of_what: str = "") -> _End:
    """A document that ends, and leaves its client the days to mend a breach."""
    ends_on = document.ends_on
    assert ends_on is not None, "only what has an end lapses"
    stops_on = ends_on + timedelta(days=contract.notices.breach_days + 1)
    said = "was withdrawn on" if document.withdrawn else "is valid until"
    # Another paper than the one that was withdrawn may have run out on that very day.
    known_as = f"{name}-withdrawn" if document.withdrawn else name
    return _End(kind, known_as, ends_on, stops_on, _stops(name, said, ends_on, of_what))


def _numbers(profile: Profile, contract: Contract, on: date) -> Iterator[_End]:
    """The access code, without which nothing is sent, and ports, without which nothing of theirs is."""
    numbers = [("code", contract.access_code.code, contract.access_code.valid_until)]
    numbers += [
        ("port", port.number, port.terms.valid_until)
        for port in profile.ports.values()
        if port.reclaimed_on is None
    ]
    soon_on = on + timedelta(days=contract.notices.change_days)
    for kind, number, ends_on in numbers:
        if ends_on is not None and ends_on < soon_on:
            said = _stops(number, "is valid until", ends_on)
            yield _End(kind, number, ends_on, ends_on + timedelta(days=1), said)


def _stops(name: str, said: str, ends_on: date, of_what: str = "") -> str:
    return f"{name} {said} {ends_on}; unless renewed, nothing is sent{of_what} from"
