"""What is sent and got about ports and signatures, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import Category
from openmas.domain.port import NUMBER, RATE_MAX, SIGNATURES_MAX, FlowState, Port, Terms
from openmas.domain.profile import Profile
from openmas.domain.proof import proof_of
from openmas.domain.reasons import PORT_UNKNOWN, rejected
from openmas.domain.signing import Basis, Claim, Ruling, Signature, SignatureKind
from openmas.edge.wire import Label, Why, Wire, day, plain
from openmas.edge.wire_template import CategoryName
from openmas.errors import InvalidInput, NotFound


def _day(written: str) -> str:
    try:
        day(written)
    except InvalidInput as error:
        raise ValueError(error.detail) from None
    return written


Day = Annotated[str, AfterValidator(_day)]
Rate = Annotated[int, Field(ge=1, le=RATE_MAX)]


class PortBody(Wire):
    """PUT /v1/operator/clients/{client}/ports/{port}."""

    category: CategoryName
    valid_until: Day | None = None
    rate_per_s: Rate | None = None
    signatures: Annotated[list[Label], Field(max_length=SIGNATURES_MAX)] = Field(default_factory=list)
    why: Why

    def terms(self) -> Terms:
        valid_until = day(self.valid_until) if self.valid_until else None
        signatures = tuple(dict.fromkeys(self.signatures))
        return Terms(Category(self.category), valid_until, self.rate_per_s, signatures)


class FlowBody(Wire):
    """POST /v1/operator/clients/{client}/ports/{port}/flow."""

    state: Literal["open", "limited", "closed"]
    rate_per_s: Rate | None = None
    why: Why

    @property
    def flow(self) -> tuple[FlowState, int | None]:
        return FlowState(self.state), self.rate_per_s


class ReclaimBody(Wire):
    """POST /v1/operator/clients/{client}/ports/{port}/reclaim."""

    why: Why


class SignatureBody(Wire):
    """POST /v1/signatures, and the operator's /v1/operator/clients/{client}/signatures."""

    signature: Label
    kind: Literal["chinese", "english"] = "chinese"
    basis: Literal["full_name", "abbreviation", "product", "trade_mark", "website"] = "abbreviation"
    evidence: Why | None = None
    trade_mark: Label | None = None
    product_kind: Label | None = None
    chinese: Label | None = None

    def claim(self) -> Claim:
        return Claim(
            text=self.signature,
            kind=SignatureKind(self.kind),
            basis=Basis(self.basis),
            evidence=self.evidence,
            trade_mark=self.trade_mark,
            product_kind=self.product_kind,
            chinese=self.chinese,
        )


class VerdictBody(Wire):
    """POST /v1/operator/clients/{client}/signatures/verdicts."""

    signature: Label
    verdict: Literal["pass", "refuse", "stop"]
    version: Annotated[int, Field(ge=1)] | None = None
    why: Why

    @model_validator(mode="after")
    def _of_what_was_shown(self) -> Self:
        if self.verdict == "pass" and self.version is None:
            raise ValueError("whoever passes a signature names the version that he was shown")
        return self

    def said(self) -> tuple[str, Ruling]:
        return self.signature, Ruling(self.verdict)


def port_named(written: str) -> str:
    """The number that an address names.

    Raises: InvalidInput for a number that no port can have; NotFound for what is no number.
    """
    if NUMBER.fullmatch(written) is None:
        if written.isascii() and written.isdigit():
            raise InvalidInput("port_malformed", "A port has 3 to 20 digits.", "2.1.7")
        raise rejected(NotFound, PORT_UNKNOWN)
    return written


def port_document(port: Port) -> Mapping[str, object]:
    return {
        "port": port.number,
        "version": port.version,
        "category": port.terms.category,
        "valid_until": plain(port.terms.valid_until),
        "rate_per_s": port.terms.rate_per_s,
        "signatures": list(port.terms.signatures),
        "flow": {
            "state": port.flow.state,
            "rate_per_s": port.flow.rate_per_s,
            **_told(port.flow.change.by, port.flow.change.at, port.flow.change.why),
        },
        "reclaimed_on": plain(port.reclaimed_on),
        "free_on": plain(port.free_on),
        "changed": _told(port.change.by, port.change.at, port.change.why),
    }


def history_document(versions: Sequence[Port]) -> Mapping[str, object]:
    """The port as it is, with all that it was."""
    return {**port_document(versions[-1]), "history": [port_document(port) for port in versions]}


def signatures_document(profile: Profile) -> Mapping[str, object]:
    """All signatures of a client, and the documents on file that some of them rest on."""
    proofs = {
        each.text: proof
        for each in profile.signatures.values()
        if (proof := proof_of(each.claim, profile.documents)) is not None
    }
    return {
        "signatures": [signature_document(each) for each in profile.signatures.values()],
        "proofs": [_proof_document(text, proof) for text, proof in proofs.items()],
    }


def _proof_document(text: str, proof: ClientDocument) -> Mapping[str, object]:
    """Shape: `ends_on` is its last day, or the one on which it was withdrawn; null if it has none."""
    ends_on, withdrawn = plain(proof.ends_on), proof.withdrawn is not None
    named = {"signature": text, "kind": proof.kind, "reference": proof.reference}
    return {**named, "ends_on": ends_on, "withdrawn": withdrawn}


def signature_document(signature: Signature) -> Mapping[str, object]:
    """Shape: `renewal` are the other grounds that were handed in while it is in use, null if none were."""
    renewal = signature.renewal
    return {
        "signature": signature.text,
        "version": signature.version,
        **_claim_document(signature.claim),
        "status": signature.status,
        "found": signature.found,
        "case": signature.case.replace("#", ":") if signature.case else None,
        "renewal": {**_claim_document(renewal.claim), "refused": renewal.refused} if renewal else None,
        "changed": _told(signature.change.by, signature.change.at, signature.change.why),
    }


def _claim_document(claim: Claim) -> Mapping[str, object]:
    return {
        "kind": claim.kind,
        "basis": claim.basis,
        "evidence": claim.evidence,
        "trade_mark": claim.trade_mark,
        "product_kind": claim.product_kind,
        "chinese": claim.chinese,
    }


def signature_history(versions: Sequence[Signature]) -> Mapping[str, object]:
    """The signature as it is, with all that it was."""
    return {**signature_document(versions[-1]), "history": list(map(signature_document, versions))}


def _told(by: str, at: object, why: str) -> Mapping[str, object]:
    return {"by": by, "at": plain(at), "why": why}
