"""What operators send and get about a client's documents and its contracts' coming into force, as JSON."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from openmas.domain.activation import Activation
from openmas.domain.change import Change
from openmas.domain.client_document import CLAUSES, ClientDocument, on_file
from openmas.domain.contract import Contract, DocumentKind
from openmas.domain.contract_document import to_document
from openmas.domain.contract_warnings import Warning as ContractWarning
from openmas.domain.documents import day
from openmas.domain.lifecycle import Life, life
from openmas.domain.profile import Profile
from openmas.edge.problems import fault_document
from openmas.edge.wire import Why, Wire, plain
from openmas.errors import Fault, InvalidInput, NotFound

_VERSION = re.compile(r"[1-9][0-9]{0,3}")


def _day(written: str) -> str:
    try:
        day({"": written}, "", "")
    except InvalidInput:
        raise ValueError("a day of the form yyyy-mm-dd") from None
    return written


class DocumentBody(Wire):
    """POST /v1/operator/clients/{client}/documents."""

    kind: Annotated[str, AfterValidator(DocumentKind)]
    reference: Why
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    valid_until: Annotated[str, AfterValidator(_day)] | None = None
    why: Why

    def document(self, by: str, at: datetime) -> ClientDocument:
        """The document as this person files it now."""
        return ClientDocument(
            kind=DocumentKind(self.kind),
            reference=self.reference,
            filed=Change(by, at, self.why),
            sha256=self.sha256,
            valid_until=date.fromisoformat(self.valid_until) if self.valid_until else None,
        )


class WithdrawalBody(Wire):
    """POST /v1/operator/clients/{client}/documents/{document}/withdrawal."""

    why: Why


class ActivationBody(Wire):
    """POST /v1/operator/clients/{client}/contracts/{number}/{version}/activation."""

    signature_passed_because: Why | None = None


def version_of(written: str) -> int:
    """The version that an address names.

    Raises: NotFound for what can be none.
    """
    if _VERSION.fullmatch(written) is None:
        raise NotFound("contract_unknown", "The client has no such version of a contract.")
    return int(written)


def client_document(document: ClientDocument) -> dict[str, object]:
    """A document on file, with the clause that asks for it."""
    told = plain(document)
    assert isinstance(told, dict)
    return {"id": document.id, **told, "clause": CLAUSES[document.kind]}


def documents_document(filed: Iterable[ClientDocument]) -> dict[str, object]:
    """All that was filed; of each kind the newest that was not withdrawn counts."""
    counted = on_file(filed)
    return {
        "documents": [{**client_document(each), "counts": counted.get(each.kind) == each} for each in filed],
    }


def activation_document(activation: Activation) -> dict[str, object]:
    return {
        "contract": activation.contract,
        "version": activation.version,
        "activated_by": activation.by,
        "activated_at": plain(activation.at),
        "signature_passed_because": activation.signature_passed_because,
    }


def activated_document(activation: Activation, odd: Iterable[ContractWarning]) -> dict[str, object]:
    """The activation, with what the operator should look at now that the version counts."""
    return {**activation_document(activation), "warnings": plain(tuple(odd))}


def standing_document(
    contract: Contract,
    lived: Life,
    activation: Activation | None,
    missing: Iterable[Fault],
    odd: Iterable[ContractWarning],
) -> dict[str, object]:
    """Where a version stands, what keeps it from coming into force, and what is odd about it."""
    return {
        "contract": contract.number,
        "version": contract.version,
        "life": plain(lived),
        "activation": activation and activation_document(activation),
        "missing": list(map(fault_document, missing)),
        "warnings": plain(tuple(odd)),
    }


def versions_document(profile: Profile, on: date) -> list[Mapping[str, object]]:
    """Every version, in force or a draft, with where it stands on a day."""
    versions = sorted((*profile.contracts, *profile.drafts), key=lambda each: (each.number, each.version))
    return [_version(profile, each, on) for each in versions]


def _version(profile: Profile, contract: Contract, on: date) -> Mapping[str, object]:
    activation = profile.activations.get((contract.number, contract.version))
    return {
        "document": to_document(contract),
        "life": plain(life(contract, profile.contracts, on, profile.stopped)),
        "activation": activation and activation_document(activation),
    }
