"""What a signature rests on: the certificate of the trade mark, or the filing of the domain (2.1.9).

A client may have several certificates, so the evidence names one by its reference. A renewed one is filed
again under the same reference; then the newer one counts.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from openmas.domain.client_document import ClientDocument, last_standing
from openmas.domain.signature import Judged, Judgement
from openmas.domain.signing import PROOFS, Claim


def proof_of(claim: Claim, filed: Iterable[ClientDocument]) -> ClientDocument | None:
    """The document that the claim names; None if it needs none, or there is no such document on file.

    Shape: of several with this reference the newest that was not withdrawn, else the one that stood last.
    """
    kind = PROOFS.get(claim.basis)
    named = (each for each in filed if (each.kind, each.reference) == (kind, claim.evidence))
    return last_standing(named).get(kind) if kind else None


def lacking_proof(claim: Claim, filed: Iterable[ClientDocument], on: date) -> str | None:
    """What is missing of the proof that the claim needs on a day; None if nothing is."""
    kind, proof = PROOFS.get(claim.basis), proof_of(claim, filed)
    if kind is None:
        return None
    named = f"the {kind.replace('_', ' ')} {claim.evidence}"
    if proof is None:
        return f"{named} is not on file"
    if proof.withdrawn is not None:
        return f"{named} was withdrawn on {proof.ends_on}"
    return f"{named} was valid until {proof.ends_on}" if proof.ends_on and proof.ends_on < on else None


def with_proof(judgement: Judgement, claim: Claim, filed: Iterable[ClientDocument], on: date) -> Judgement:
    """The judgement with what is missing of the proof, for the person who looks at it."""
    lacking = lacking_proof(claim, filed, on)
    if judgement.outcome is Judged.REFUSE or lacking is None:
        return judgement
    return Judgement(judgement.outcome, f"{judgement.why}; {lacking}")


def last_proved_on(claim: Claim, filed: Iterable[ClientDocument], breach_days: int) -> date | None:
    """The last day on which the signature may be used; None if what it rests on does not end.

    Shape: a proof that lapses is a breach, and the client has its days to mend one, as for all documents.
    """
    proof = proof_of(claim, filed)
    return proof.ends_on + timedelta(days=breach_days) if proof and proof.ends_on else None
