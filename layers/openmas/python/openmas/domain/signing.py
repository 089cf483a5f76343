"""The register of signatures: whose name may stand before a client's messages, on which proof (2.1.9)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

from openmas.domain.change import Change
from openmas.domain.contract import DocumentKind
from openmas.domain.reasons import SIGNATURE_WRONG, rejected
from openmas.domain.signature import (
    Judged,
    Judgement,
    form_fault,
    judge_english_signature,
    judge_signature,
)
from openmas.errors import Conflict, Fault, InvalidInput


class SignatureKind(StrEnum):
    CHINESE = "chinese"
    ENGLISH = "english"


class Basis(StrEnum):
    """What makes the name the client's own."""

    FULL_NAME = "full_name"
    ABBREVIATION = "abbreviation"
    PRODUCT = "product"
    TRADE_MARK = "trade_mark"
    WEBSITE = "website"


class SignatureStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    STOPPED = "stopped"


class Ruling(StrEnum):
    """What a person may rule of a signature; what was stopped may be passed again."""

    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    REFUSE = "refuse"
    STOP = "stop"


_BECOMES = {
    Ruling.PASS: SignatureStatus.APPROVED,
    Ruling.REFUSE: SignatureStatus.REFUSED,
    Ruling.STOP: SignatureStatus.STOPPED,
}
_FROM = {
    Ruling.PASS: (SignatureStatus.PENDING, SignatureStatus.STOPPED),
    Ruling.REFUSE: (SignatureStatus.PENDING,),
    Ruling.STOP: (SignatureStatus.APPROVED, SignatureStatus.PENDING),
}
# What only a document can prove: a certificate of the trade mark office, or a filing of the domain.
PROOFS: Mapping[Basis, DocumentKind] = MappingProxyType(
    {
        Basis.PRODUCT: DocumentKind.TRADEMARK_CERTIFICATE,
        Basis.TRADE_MARK: DocumentKind.TRADEMARK_CERTIFICATE,
        Basis.WEBSITE: DocumentKind.DOMAIN_FILING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A signature as it is handed in.

    Shape: `text` without brackets; `evidence` is the reference of the document on file that proves it, or, on
    grounds that need none, a note; a trade mark stands with the kind of product; an English signature with
    the Chinese one that it means the same as.
    """

    text: str
    kind: SignatureKind = SignatureKind.CHINESE
    basis: Basis = Basis.ABBREVIATION
    evidence: str | None = None
    trade_mark: str | None = None
    product_kind: str | None = None
    chinese: str | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """Other grounds for a signature in use: it goes on with its own until a person passes these."""

    claim: Claim
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One version of an entered signature.

    Shape: `found` is what the automatic check said of what was handed in last; `case` names the case in which
    a person looks at that, None where nobody has to; only what is in use has a `renewal`.
    """

    claim: Claim
    status: SignatureStatus
    found: str
    change: Change
    case: str | None = None
    version: int = 1
    renewal: Renewal | None = None

    @property
    def text(self) -> str:
        return self.claim.text

    @property
    def english(self) -> bool:
        return self.claim.kind is SignatureKind.ENGLISH

    @property
    def in_use(self) -> bool:
        return self.status is SignatureStatus.APPROVED

    @property
    def awaits_person(self) -> bool:
        """Whether a person refused or stopped it, and it was handed in again: only a person passes it now."""
        return self.status is SignatureStatus.PENDING and self.version > 1

    @property
    def awaited(self) -> Claim | None:
        """The claim at which a person has yet to look; None if there is none."""
        if self.renewal is not None:
            return None if self.renewal.refused else self.renewal.claim
        return self.claim if self.status is SignatureStatus.PENDING else None

    def judged(self, ruling: Ruling, change: Change) -> "Signature":
        """The next version, of which a person has said what becomes of it.

        Shape: where it is in use, its renewal is what is passed or refused.
        Raises: Conflict if that cannot become of it any more: what was refused is handed in again.
        """
        after = replace(self, change=change, version=self.version + 1)
        if self.renewal is not None and self.awaited is not None and ruling is not Ruling.STOP:
            if ruling is Ruling.PASS:
                return replace(after, claim=self.renewal.claim, renewal=None)
            return replace(after, renewal=replace(self.renewal, refused=True))
        if self.status not in _FROM[ruling]:
            told = f"The signature is {self.status}: only {' or '.join(_FROM[ruling])} ones take this."
            raise Conflict("signature_settled", told)
        return replace(after, status=_BECOMES[ruling], renewal=None)

    def says(self, ruling: Ruling) -> bool:
        """Whether this is what has become of it already."""
        if self.renewal is not None:
            return ruling is Ruling.REFUSE and self.renewal.refused
        return self.status is _BECOMES[ruling]


def judge_claim(full_name: str, claim: Claim) -> Judgement:
    """What the clause says of a signature that is handed in, before any person has looked at it."""
    if claim.basis in PROOFS and claim.evidence is None:
        return Judgement(Judged.REFUSE, f"a {claim.basis} needs the reference of a document that proves it")
    if claim.kind is SignatureKind.ENGLISH:
        return _judge_english(claim)
    match claim.basis:
        case Basis.FULL_NAME if claim.text != full_name:
            return Judgement(Judged.REFUSE, "this is not the full name")
        case Basis.FULL_NAME | Basis.ABBREVIATION:
            return judge_signature(full_name, claim.text)
        case Basis.TRADE_MARK:
            return _judge_trade_mark(claim)
    return _by_its_proof(claim)


def entered(claim: Claim, judgement: Judgement, change: Change, before: Signature | None) -> Signature:
    """The version that a claim makes: a full name or its abbreviation is good at once, all else is looked at.

    Shape: `before` is what a person has refused or stopped, or what is in use on other grounds, which it then
    goes on with; after it no rule passes the text any more.
    Raises: InvalidInput where nobody may pass it.
    """
    if judgement.outcome is Judged.REFUSE:
        raise rejected(InvalidInput, SIGNATURE_WRONG, (Fault("/signature", f"{judgement.why}."),))
    by_rule = judgement.outcome is Judged.PASS and before is None
    status = SignatureStatus.APPROVED if by_rule else SignatureStatus.PENDING
    version = before.version + 1 if before else 1
    case = _case(claim.text, version) if status is SignatureStatus.PENDING else None
    if before is not None and before.in_use:
        made = replace(before, change=change, case=case, version=version)
        return replace(made, found=judgement.why, renewal=Renewal(claim))
    return Signature(
        claim=claim, status=status, found=judgement.why, change=change, case=case, version=version
    )


def passed(full_name: str, text: str, entry: Signature | None) -> bool:
    """Whether a signature may be used: its entry says so, or it needs none as the rules alone pass it."""
    if entry is not None:
        return entry.in_use
    return judge_signature(full_name, text).outcome is Judged.PASS


def _case(text: str, version: int) -> str:
    """The name of a case can stand in an address, which not every signature can."""
    return f"review#signature#{sha256(text.encode()).hexdigest()[:12]}#v{version:04d}"


def _judge_english(claim: Claim) -> Judgement:
    if claim.chinese is None:
        return Judgement(
            Judged.REFUSE, "an English signature names the Chinese one that it means the same as"
        )
    return judge_english_signature(claim.text)


def _judge_trade_mark(claim: Claim) -> Judgement:
    if claim.trade_mark is None or claim.product_kind is None:
        return Judgement(Judged.REFUSE, "a trade mark stands with the kind of product: name both")
    if claim.text != claim.trade_mark + claim.product_kind:
        return Judgement(Judged.REFUSE, "it must be the trade mark and the kind of product, nothing else")
    return _by_its_proof(claim)


def _by_its_proof(claim: Claim) -> Judgement:
    fault = form_fault(claim.text)
    if fault is not None:
        return Judgement(Judged.REFUSE, fault)
    return Judgement(Judged.REVIEW, f"a person has to look at the proof of the {claim.basis}")
