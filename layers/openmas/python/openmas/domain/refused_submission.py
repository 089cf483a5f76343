"""A submission that was refused as a whole: what is kept of it, beside no text and no number.

Nothing of it became a batch, so there is nothing off which the decision could be read later.
"""

from dataclasses import dataclass
from datetime import datetime

from openmas.domain.calendar import shanghai_day
from openmas.domain.contract import Category
from openmas.domain.parcel import Law
from openmas.domain.profile import Profile
from openmas.domain.reasons import kept_of
from openmas.domain.schedule import AHEAD_MAX
from openmas.domain.submission import Submission
from openmas.errors import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSubmission:
    """What was decided about all recipients of a submission at once.

    Shape: `idempotency_key` and `reference` as the client sent them, as are `port`, `signature`, `template`
    and `file`, none of which need be there; `reason` as it is kept; `law` the contract and version in force
    on the day whose rules refused it, None where there was none.
    """

    client: str
    at: datetime
    idempotency_key: str
    test: bool
    recipients: int
    reason: str
    law: Law | None
    category: Category | None = None
    port: str | None = None
    signature: str | None = None
    template: str | None = None
    file: str | None = None
    reference: str | None = None


def law_cited(error: Rejected, profile: Profile, submission: Submission, now: datetime) -> Law | None:
    """The contract in force on the day whose rules refused a submission, if there is one: mostly the day on
    which it is to be sent, and today where the client is not even served today.
    """
    send_on = shanghai_day(min(submission.send_at or now, now + AHEAD_MAX))
    contract = profile.contract_on(error.decided_on or send_on)
    return Law(contract.number, contract.version) if contract else None


def refused_submission(
    error: Rejected,
    profile: Profile,
    submission: Submission,
    now: datetime,
    *,
    idempotency_key: str,
    test: bool,
) -> RefusedSubmission | None:
    """What is kept of the refusal; None if it is no decision but says that the request cannot be read."""
    reason = kept_of(error.code, error.clause)
    if reason is None:
        return None
    template = profile.template(submission.template) if submission.template else None
    return RefusedSubmission(
        client=profile.client.id,
        at=now,
        idempotency_key=idempotency_key,
        test=test,
        recipients=len(submission.recipients),
        reason=reason,
        law=law_cited(error, profile, submission, now),
        category=submission.category or (template.category if template else None),
        port=submission.port,
        signature=submission.signature,
        template=submission.template,
        file=submission.file,
        reference=submission.reference,
    )
