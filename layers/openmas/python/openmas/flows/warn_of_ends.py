"""Open a case for what a client's messages depend on and that ends soon: documents, proofs, code, ports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from openmas.domain.calendar import day_start_at
from openmas.domain.case import Case
from openmas.domain.client_document import ClientDocument, running_out
from openmas.domain.contract import Contract
from openmas.domain.profile import Profile
from openmas.domain.proof import proof_of
from openmas.needs import Cases


class Needs(Protocol):
    @property
    def cases(self) -> Cases: ...


@dataclass(frozen=True, slots=True)
class _End:
    """What ends, its last day, and the first on which without it nothing is sent, of all or `of_what`."""

    kind: str
    name: str
    on: date
    stops_on: date
    said: str
    of_what: str = ""


def warn_of_ends(needs: Needs, profile: Profile, on: date) -> None:
    """Somebody is told of every end within the days of a notice (10), and of the day on which sending stops.

    Shape: one case for each thing and end, whatever became of the one before.
    """
    contract = profile.contract_on(on)
    if contract is None:
        return
    for end in (
        *_documents(profile, contract, on),
        *_proofs(profile, contract, on),
        *_numbers(profile, contract, on),
    ):
        case_id = f"{end.kind}#{end.name}#{end.on:%Y%m%d}"
        if needs.cases.find(profile.client.id, case_id) is None:
            detail = (
                f"{end.name} {end.said} {end.on}; unless renewed, nothing is sent{end.of_what}"
                f" from {end.stops_on}"
            )
            due_at = day_start_at(end.stops_on)
            needs.cases.open(Case(case_id, profile.client.id, end.kind, on, due_at, detail))


def _documents(profile: Profile, contract: Contract, on: date) -> Iterator[_End]:
    for document in running_out(contract, profile.documents, on):
        yield _lapse("document", document.kind, document, contract)


def _proofs(profile: Profile, contract: Contract, on: date) -> Iterator[_End]:
    """What signatures in use rest on; several may rest on one document."""
    soon_on = on + timedelta(days=contract.notices.change_days)
    resting: dict[str, list[str]] = {}
    proofs: dict[str, ClientDocument] = {}
    for signature in profile.signatures.values():
        proof = proof_of(signature.claim, profile.documents) if signature.in_use else None
        if proof is not None and proof.ends_on is not None and proof.ends_on < soon_on:
            resting.setdefault(proof.id, []).append(f"【{signature.text}】")
            proofs[proof.id] = proof
    for name, proof in proofs.items():
        yield _lapse("proof", name, proof, contract, f" as {' or '.join(resting[name])}")


def _lapse(kind: str, name: str, document: ClientDocument, contract: Contract, of_what: str = "") -> _End:
    """A document that ends, and leaves its client the days to mend a breach."""
    ends_on = document.ends_on
    assert ends_on is not None, "only what has an end lapses"
    stops_on = ends_on + timedelta(days=contract.notices.breach_days + 1)
    said = "was withdrawn on" if document.withdrawn else "is valid until"
    return _End(kind, name, ends_on, stops_on, said, of_what)


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
            yield _End(kind, number, ends_on, ends_on + timedelta(days=1), "is valid until")
