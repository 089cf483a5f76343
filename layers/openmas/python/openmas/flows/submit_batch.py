"""Accept a submission once: decide, remember the decision, keep the parcels, commit the batch, queue.

Every step can be done again. A retry under the same key finds the decision and goes through all the steps;
a crash anywhere leaves either nothing that is sent, or a batch that the sweep brings to its queue. The batch
item is the commit: a parcel without its batch is never sent. What is to be sent later is put on the schedule
instead of into the queue; its parcels come to the sweep's notice only after that time.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from openmas.domain.batch import IDEMPOTENT_FOR, LISTS_NOT_ASKED, Batch, FileSource, Intent, cut
from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import SANDBOX
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import CUT_GRACE, Cutting
from openmas.domain.hours import start_at
from openmas.domain.ids import ENTROPY_BYTES, batch_id, parcel_id
from openmas.domain.listing import lists_to_ask, refused_by_lists
from openmas.domain.pace import parcel_size
from openmas.domain.parcel import State
from openmas.domain.profile import Mode, Profile
from openmas.domain.reasons import WAITS_FOR_MARKETING_HOURS
from openmas.domain.refused_submission import RefusedSubmission, refused_submission
from openmas.domain.review import review_of
from openmas.domain.schedule import check_ahead, warnings_of, whole_second
from openmas.domain.submission import (
    Admitted,
    Allowed,
    Submission,
    accepted_numbers,
    accepted_places,
    accepted_values,
    admit,
    allow,
    sort_recipients,
)
from openmas.errors import Conflict, LimitExceeded, NotFound, Rejected
from openmas.flows import request_rate, screening, within_limits
from openmas.flows.hold_units import give_back
from openmas.flows.request_rate import check_rate
from openmas.flows.screening import screen
from openmas.flows.waiting_units import note_accepted
from openmas.flows.within_limits import Asked, Within, keep_within
from openmas.needs import CutQueue, Entropy, Lists, Schedule, Uploads, WorkQueue


class Needs(screening.Needs, within_limits.Needs, request_rate.Needs, Protocol):
    @property
    def entropy(self) -> Entropy: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def cut_queue(self) -> CutQueue: ...
    @property
    def uploads(self) -> Uploads: ...


Keeping = Callable[[Needs, Asked, Mapping[int, str]], Within]


def submit_batch(
    needs: Needs, profile: Profile, mode: Mode, submission: Submission, idempotency_key: str, digest: str
) -> Batch:
    """The batch that stands under the key, stored and queued.

    Raises: Conflict if the key stands for another body; NotAllowed and InvalidInput as `allow` and `admit`
    do; LimitExceeded for more than the contract allows.
    """
    check_rate(needs, profile, mode)
    client = profile.client.id
    key = sha256(f"{mode}:{idempotency_key}".encode()).hexdigest()
    now = needs.clock.now()
    intent = known = _known(needs, client, key, now)
    if intent is None:
        try:
            # Another body under the same key is another request: neither stands for the other's messages.
            batch = decide(needs, profile, mode, submission, f"{key}/{digest}", now)
        except Rejected as error:
            # What is missing may be what the same request holds, which was answered by now.
            intent = known = _known(needs, client, key, now) if isinstance(error, LimitExceeded) else None
            if intent is None:
                test = mode is Mode.TEST
                refused = refused_submission(
                    error, profile, submission, now, idempotency_key=idempotency_key, test=test
                )
                _keep_refusal(needs, refused)
                raise
        else:
            intent = _kept(needs, key, Intent(digest, batch))
    if intent.digest != digest:
        raise Conflict(
            "idempotency_key_reused", "This idempotency key stands for a request with another body."
        )
    if known is None or not _stopped(needs, intent.batch, now):
        _carry_out(needs, intent.batch, submission, now)
    return intent.batch


def _known(needs: Needs, client: str, key: str, now: datetime) -> Intent | None:
    """What stands under the key, until the key is forgotten."""
    intent = needs.messages.intent(client, key)
    return intent if intent and intent.batch.accepted_at + IDEMPOTENT_FOR > now else None


def _kept(needs: Needs, key: str, wanted: Intent) -> Intent:
    """What stands under the key from now on."""
    intent, batch = needs.messages.keep_intent(key, wanted), wanted.batch
    if intent.batch.id != batch.id:
        # Another request under the same key was quicker: this decision came to nothing.
        give_back(needs, batch.client, batch.holds, batch.units)
    return intent


def _keep_refusal(needs: Needs, refused: RefusedSubmission | None) -> None:
    """What is refused as a whole is on record before it is told."""
    if refused is not None:
        needs.messages.keep_refusal(refused)


def decide(
    needs: Needs,
    profile: Profile,
    mode: Mode,
    submission: Submission,
    key: str,
    now: datetime,
    *,
    keep: Keeping = keep_within,
) -> Batch:
    """The batch that the submission is to become; but for what `keep` holds and notes, nothing is written."""
    allowed, submission, warnings = _timed(profile, submission, now)
    admitted, starts_at = admit(submission, allowed), submission.send_at or now
    if submission.file is not None and not needs.uploads.there(profile.client.id, submission.file):
        raise NotFound("upload_unknown", "There is no uploaded file of this name.")
    lists_clock = LISTS_NOT_ASKED if submission.file else needs.lists.clock(profile.client.id)
    numbers, refused_by, held = _by_content_and_lists(needs, profile.client.id, admitted, submission)
    on = shanghai_day(starts_at)
    asked = Asked(profile, admitted, mode is Mode.TEST, key, now, starts_at, on)
    within = keep(needs, asked, numbers)
    for place, code in within.refused.items():
        refused_by.setdefault(code, []).append(place)
    refused = {code: tuple(places) for code, places in refused_by.items()}
    places = accepted_places(len(submission.recipients), refused)
    contract, template = admitted.contract, admitted.template
    return Batch(
        client=profile.client.id,
        id=batch_id(on, needs.entropy.draw(ENTROPY_BYTES)),
        accepted_at=now,
        send_at=submission.send_at,
        valid_until=starts_at + timedelta(seconds=submission.valid_for_s),
        test=mode is Mode.TEST,
        service=admitted.service,
        category=admitted.category,
        template=template.id if template else None,
        template_version=template.version if template else None,
        text=admitted.text,
        units_each=admitted.units_each,
        port=admitted.sender.port,
        signature=admitted.sender.signature,
        carrier=SANDBOX if mode is Mode.TEST else contract.carrier,
        contract=contract.number,
        contract_version=contract.version,
        lists_clock=lists_clock,
        recipients=len(submission.recipients),
        reference=submission.reference,
        consent=submission.consent,
        own=admitted.own_texts(places),
        refused=refused,
        holds=within.held.names,
        parcel_size=parcel_size(profile, admitted.sender.port, template.id if template else None),
        warnings=(*warnings, *within.held.warnings),
        held=held if places or submission.file else (),
        file=FileSource(submission.file, submission.parameters) if submission.file else None,
        noted=asked.mark,
    )


def _timed(
    profile: Profile, submission: Submission, now: datetime
) -> tuple[Allowed, Submission, tuple[str, ...]]:
    """The submission as the contract lets it go, perhaps only at the opening; what to tell of its time."""
    # Only the client's own wish: he does not ask for the opening that the contract makes of it.
    check_ahead(submission.send_at, now)
    if submission.send_at is not None:
        submission = replace(submission, send_at=whole_second(submission.send_at))
    allowed, asked = allow(submission, profile, now), submission.send_at or now
    starts_at = start_at(allowed.contract, allowed.category, asked)
    warnings = warnings_of(allowed.contract, now, starts_at)
    if starts_at == asked:
        return allowed, submission, warnings
    # It must be allowed on the day on which it goes, too.
    submission = replace(submission, send_at=starts_at)
    return allow(submission, profile, now), submission, (*warnings, WAITS_FOR_MARKETING_HOURS)


def _by_content_and_lists(
    needs: Needs, client: str, admitted: Admitted, submission: Submission
) -> tuple[dict[int, str], dict[str, list[int]], tuple[ContentKind, ...]]:
    """Which numbers may be written to, by place; which places not, by reason; for what all must wait."""
    numbers, refused = sort_recipients(submission.recipients, admitted.unfit)
    screened = screen(needs, admitted, submission, numbers)
    for place, code in screened.refused.items():
        del numbers[place]
        refused.setdefault(code, []).append(place)
    service, category, stated = admitted.service, admitted.category, submission.consent is not None
    asked = lists_to_ask(service, category, admitted.sender.signature, consent_stated=stated)
    listed = needs.lists.listed(client, asked, numbers.values())
    for place, code in refused_by_lists(service, category, numbers.items(), listed, consent_stated=stated):
        refused.setdefault(code, []).append(place)
    out = {place for places in refused.values() for place in places}
    left = {place: number for place, number in numbers.items() if place not in out}
    return left, refused, screened.held


def _stopped(needs: Needs, batch: Batch, now: datetime) -> bool:
    """Whether what is to be sent later was cancelled or refused, so that a retry must not bring it back."""
    if not batch.waits(now):
        return False
    if batch.file is not None:
        cutting = needs.messages.cutting(batch.client, batch.id)
        return cutting is not None and cutting.ended
    if needs.messages.batch(batch.client, batch.id) is None:
        return False
    first = needs.messages.parcel(batch.client, parcel_id(batch.id, 0))
    return first is None or first.state is not State.QUEUED


def _carry_out(needs: Needs, batch: Batch, submission: Submission, now: datetime) -> None:
    if batch.file is not None:
        _carry_out_file(needs, batch, now)
        return
    numbers = accepted_numbers(submission.recipients, batch.refused)
    parcels = tuple(cut(batch, numbers, accepted_values(submission, batch)))
    needs.messages.keep_parcels(parcels)
    if batch.held:
        # Before the commit: nothing that is held is ever without its case.
        needs.cases.open(review_of(batch))
    note_accepted(needs, batch)
    needs.messages.keep_batch(batch)
    if batch.waits(now):
        needs.schedule.add(batch)
    elif not batch.held or needs.messages.verdict(batch.client, batch.id) is not None:
        # The queue gets what is held only if a person was faster than this try; his verdict is asked again.
        needs.queue.put(parcels)


def _carry_out_file(needs: Needs, batch: Batch, now: datetime) -> None:
    """The file is read at once, also where the batch waits for a time; then what is held gets its case."""
    cutting = Cutting(client=batch.client, batch=batch.id, size=batch.parcel_size, due_at=now + CUT_GRACE)
    needs.messages.keep_cutting(cutting)
    needs.messages.keep_batch(batch)
    needs.cut_queue.put(cutting)
    if batch.waits(now):
        needs.schedule.add(batch)
