"""What a contract version needs before it may be activated, all of it told at once and clause by clause."""

from collections.abc import Iterator
from datetime import date

from openmas.domain.client_document import lacking
from openmas.domain.contract import Contract
from openmas.domain.profile import Profile
from openmas.domain.proof import lacking_proof, proof_of
from openmas.domain.signature import Judged, judge_signature
from openmas.domain.signing import SignatureStatus
from openmas.errors import Fault


def obstacles(
    contract: Contract, profile: Profile, signature_passed_because: str | None, on: date
) -> Iterator[Fault]:
    """All that keeps a version of the client's from coming into force on a day, each with its clause."""
    if contract.client_full_name != profile.client.full_name:
        told = f"The client is registered as {profile.client.full_name}."
        yield Fault("/client_full_name", told, "2.1.15")
    yield from lacking(contract, profile.documents, on)
    yield from _signature(contract, profile, signature_passed_because)
    yield from _proof(contract, profile, on)
    yield from _succession(contract, profile)
    ends_on = contract.access_code.valid_until
    if ends_on is not None and ends_on < on:
        yield Fault("/access_code/valid_until", f"The access code was valid until {ends_on}.", "2.1.8")


def _signature(contract: Contract, profile: Profile, passed_because: str | None) -> Iterator[Fault]:
    """A person's verdict in the register counts before any rule; no reason given here overrules it."""
    entry = profile.signatures.get(contract.signature)
    if entry is not None and entry.status in (SignatureStatus.REFUSED, SignatureStatus.STOPPED):
        said = f"The signature 【{contract.signature}】 is {entry.status}: {entry.change.why}"
        yield Fault("/signature", said, "2.1.9")
        return
    if entry is not None and entry.awaits_person:
        said = f"The signature 【{contract.signature}】 waits for its verdict, once refused or stopped."
        yield Fault("/signature", said, "2.1.9")
        return
    verdict = judge_signature(contract.client_full_name, contract.signature)
    in_use = entry is not None and entry.in_use
    if not in_use and verdict.outcome is not Judged.PASS and passed_because is None:
        said = f"A person has to pass the signature 【{contract.signature}】 with a reason: {verdict.why}."
        yield Fault("/signature", said, "2.1.9")


def _proof(contract: Contract, profile: Profile, on: date) -> Iterator[Fault]:
    entry = profile.signatures.get(contract.signature)
    proof = proof_of(entry.claim, profile.documents) if entry and entry.in_use else None
    if entry and proof and (lacking := lacking_proof(entry.claim, profile.documents, on)):
        yield Fault(
            "/signature", f"The signature 【{contract.signature}】 lost its proof: {lacking}.", "2.1.9"
        )


def _succession(contract: Contract, profile: Profile) -> Iterator[Fault]:
    """A change is agreed in writing (12.3), and what follows is newer than what it follows."""
    earlier = [each for each in profile.contracts if each.number == contract.number]
    if not earlier:
        return
    newest = max(earlier, key=lambda each: each.version)
    if contract.amendment is None:
        yield Fault("/amendment", f"Version {newest.version} is in force: say what was agreed.", "12.3")
    if contract.version < newest.version:
        yield Fault("/version", f"Version {newest.version} is in force already.", "10")
    elif contract.effective_on < max(each.effective_on for each in earlier):
        yield Fault("/effective_on", "An earlier version takes effect only later than this one.", "10")
