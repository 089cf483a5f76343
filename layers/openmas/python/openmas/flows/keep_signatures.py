"""Keep a client's signatures: handed in with their proof, judged by rule or by a person, stopped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.case import Closing
from openmas.domain.change import Change
from openmas.domain.profile import Profile
from openmas.domain.proof import lacking_proof, with_proof
from openmas.domain.reasons import SIGNATURE_UNKNOWN, rejected
from openmas.domain.signing import Claim, Ruling, Signature, SignatureStatus, entered, judge_claim
from openmas.errors import Conflict, NotAllowed, NotFound
from openmas.flows.keep_contracts import show_client
from openmas.flows.open_reviews import review_signature
from openmas.needs import Cases, Clock, Entropy, Registry

HANDED_IN = "handed in"


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def entropy(self) -> Entropy: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def cases(self) -> Cases: ...


def enter_signature(needs: Needs, client: str, claim: Claim, by: str) -> Signature:
    """The signature is entered: in use where the rules alone pass it, else waiting for a person.

    Shape: the same claim again changes nothing, unless it was refused; then only a person passes it. So does
    only a person pass other grounds for what is in use, which goes on until then, or was stopped.
    Raises: InvalidInput where nobody may pass it; Conflict while it waits on other grounds.
    """
    profile, now = show_client(needs, client), needs.clock.now()
    before = profile.signatures.get(claim.text)
    if before is not None and before.status is not SignatureStatus.REFUSED:
        if claim in (before.claim, before.awaited):
            # Whoever entered it may have died before anybody was told.
            review_signature(needs, client, before)
            return before
        if before.awaited is not None:
            raise Conflict("signature_entered", "The signature waits for its verdict on other grounds.")
    _check_chinese(claim, profile, needs)
    judged = judge_claim(profile.client.full_name, claim)
    judgement = with_proof(judged, claim, profile.documents, shanghai_day(now))
    signature = entered(claim, judgement, Change(by, now, HANDED_IN), before)
    if before is not None:
        # Whoever judged it may have died before its case was closed, which nobody could do later.
        _close_case(needs, client, before)
    needs.registry.keep_signature(client, signature)
    # Only what is stored is shown: of two who enter one text at once, one has stored nothing.
    review_signature(needs, client, signature)
    return signature


def judge_signature(
    needs: Needs, client: str, text: str, ruling: Ruling, by: str, why: str, *, version: int | None = None
) -> Signature:
    """What becomes of the signature is what the person says, within seconds, and the reason is kept.

    Shape: `version` is the one that he was shown, if it must be that one.
    Raises: NotFound if it was never entered; Conflict if this cannot become of it any more, if it is another
    version now, or if what it rests on is not on file, and good, when it is to be passed.
    """
    profile, now = show_client(needs, client), needs.clock.now()
    signature = profile.signatures.get(text)
    if signature is None:
        raise NotFound("signature_not_entered", "The client has not handed in this signature.", "2.1.9")
    after = signature if signature.says(ruling) else signature.judged(ruling, Change(by, now, why))
    if after is not signature:
        if version not in (None, signature.version):
            said = f"It was handed in again or judged since: its version is {signature.version} now."
            raise Conflict("signature_moved_on", said)
        if ruling is Ruling.PASS:
            _check_proof(after.claim, profile, now)
        # Whoever entered it may be about to open its case: it must not be opened after this.
        review_signature(needs, client, signature)
        needs.registry.keep_signature(client, after)
    _close_case(needs, client, after)
    return after


def show_signature(needs: Needs, client: str, text: str) -> Sequence[Signature]:
    """All versions of a signature, the newest one last.

    Raises: NotFound if it was never entered.
    """
    show_client(needs, client)
    versions = needs.registry.signature_versions(client, text)
    if not versions:
        raise NotFound("signature_not_entered", "The client has not handed in this signature.", "2.1.9")
    return versions


def own_signature(profile: Profile, needs: Needs) -> str | None:
    """The signature that a message gets where its submission names none."""
    contract = profile.contract_on(shanghai_day(needs.clock.now()))
    return contract.signature if contract else None


def _close_case(needs: Needs, client: str, judged: Signature) -> None:
    """The case in which it was looked at, if there is one, is closed with what a person ruled of it."""
    case = needs.cases.find(client, judged.case) if judged.case else None
    # What was stopped is passed again without a case: the one in which it was looked at is closed for good.
    if case is not None and case.closing is None:
        ruling, said = next(each for each in Ruling if judged.says(each)), judged.change
        needs.cases.close(client, case.id, Closing(said.by, said.why, said.at, ruling))


def _check_proof(claim: Claim, profile: Profile, now: datetime) -> None:
    """A person looks at what is on file: a proof that nobody filed is none that lapses."""
    lacking = lacking_proof(claim, profile.documents, shanghai_day(now))
    if lacking is not None:
        said = f"It cannot be passed: {lacking}; have it filed first, or renewed."
        raise Conflict("signature_without_proof", said, "2.1.9")


def _check_chinese(claim: Claim, profile: Profile, needs: Needs) -> None:
    """An English signature is tied to a Chinese one that is in use, and to no English one."""
    if claim.chinese is None:
        return
    entry = profile.signatures.get(claim.chinese)
    in_use = entry.in_use and not entry.english if entry else claim.chinese == own_signature(profile, needs)
    if not in_use or claim.chinese == claim.text:
        raise rejected(NotAllowed, SIGNATURE_UNKNOWN)
