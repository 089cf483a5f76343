"""Held batches: those at which a person must look before anything of them is sent (clause 11.2)."""

from datetime import timedelta

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.case import REVIEW, Case, Closing
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import Cutting
from openmas.domain.ids import day_of

# What a person says; and how a review ends without one.
PASSED, REFUSED = "passed", "refused"
CANCELLED, EXPIRED = "cancelled", "expired"
# Whoever submitted it waits for the answer.
REVIEW_WITHIN = timedelta(hours=4)

_CASE = f"{REVIEW}#batch#"


def kinds_held(batch: Batch, cutting: Cutting | None) -> tuple[ContentKind, ...]:
    """The kinds for which a person must look at a batch, or at lines of its file."""
    return tuple(sorted({*batch.held, *(cutting.held if cutting else ())}))


def review_of(batch: Batch, cutting: Cutting | None = None) -> Case:
    """The case of a held batch; it says the kinds, never the text."""
    kinds = "; ".join(f"{kind.clause} {kind.zh}" for kind in kinds_held(batch, cutting))
    messages = cutting.recipients if cutting else batch.accepted
    return Case(
        id=case_of_batch(batch.id),
        client=batch.client,
        kind=REVIEW,
        on=day_of(batch.id),
        due_at=min(batch.accepted_at + REVIEW_WITHIN, batch.valid_until),
        detail=f"{messages} messages wait: {kinds}",
    )


def undecided(stands: Closing | None) -> bool:
    """Whether nobody has said of a held batch that it goes, nor that it does not: only time may have."""
    return stands is None or stands.outcome == EXPIRED


def reason_of_refusal(batch: Batch, verdict: Closing | None, cutting: Cutting | None = None) -> str | None:
    """Why nothing of a held batch goes, if a person has refused it or its client has cancelled it.

    Shape: a refusal is for the kind that was said, or the only one for which it was held.
    """
    if verdict is not None and verdict.outcome == CANCELLED:
        return reasons.CANCELLED
    if verdict is None or verdict.outcome != REFUSED:
        return None
    held = kinds_held(batch, cutting)
    kind = verdict.kind or (held[0] if len(held) == 1 else None)
    return reasons.content_refused(kind) if kind else reasons.CONTENT_REFUSED


def case_of_batch(batch: str) -> str:
    """The name of the case in which a person looks at a held batch."""
    return f"{_CASE}{batch}"


def batch_of_review(case: str) -> str | None:
    """The batch that a case is the review of; None if it is another case."""
    return case.removeprefix(_CASE) if case.startswith(_CASE) else None
