"""Make a batch out of a file: read it once into parts, weigh them, then cut them as fast as they are sent.

Each step is one record, which names the version of the cutting that it was written for: whoever was overtaken
stops, so there is one chain of steps however often a record comes. A step that died is done again and makes
the same: a part depends on the file alone, and a parcel that is stored stays as it is. A chain that broke is
taken up by the sweep.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.cutting import (
    CUT_GRACE,
    LOOKED_BACK_MAX,
    Backlog,
    CutStage,
    Cutting,
    Part,
    backlog,
    parcels_of,
    part_parcels,
)
from openmas.domain.filing import (
    FAULTS_HEADER,
    Filing,
    each_text,
    fault_row,
    looked_through,
    variable_names,
)
from openmas.domain.ids import day_of, parcel_id
from openmas.domain.pace import limits_on
from openmas.domain.parcel import Law, Refusal
from openmas.domain.profile import Profile
from openmas.domain.review import kinds_held, reason_of_refusal, undecided
from openmas.domain.sheet import read_table
from openmas.errors import Conflict, NotFound, Rejected
from openmas.flows import weigh_files
from openmas.flows.end_reviews import close_review, let_expire
from openmas.flows.hold_units import forget_part
from openmas.flows.waiting_units import note_read
from openmas.flows.weigh_files import asked_for, by_content_and_lists, keep_read, weigh
from openmas.flows.within_limits import keep_within
from openmas.needs import CutQueue, Registry, Uploads, WorkQueue

# How far ahead of the sender parcels are cut: so many messages, or less where they go more slowly.
AHEAD_MESSAGES = 20_000
AHEAD_S = 60
LOOK_AGAIN_S = 5
STEP_FOR = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
# No longer than a queue can hide a record.
RELEASED_EARLY = timedelta(minutes=15)


class Needs(weigh_files.Needs, Protocol):
    @property
    def registry(self) -> Registry: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def queue(self) -> WorkQueue: ...
    @property
    def cut_queue(self) -> CutQueue: ...


class Step(StrEnum):
    """What one record led to."""

    NOT_COMMITTED = "not_committed"
    OVERTAKEN = "overtaken"
    WAITS = "waits"
    READ = "read"
    WEIGHED = "weighed"
    CUT = "cut"
    STOPPED = "stopped"
    DONE = "done"


def cut_file(needs: Needs, client: str, batch_id: str, version: int) -> tuple[Step, Cutting | None]:
    """The batch's file has been taken a step further, and the next step has its record, if there is one."""
    batch = needs.messages.batch(client, batch_id)
    cutting = needs.messages.cutting(client, batch_id)
    if batch is None or cutting is None:
        return Step.NOT_COMMITTED, cutting
    profile = needs.registry.profile(client)
    if profile is None:
        raise NotFound("client_unknown", "There is no client of this name.")
    if cutting.version != version or cutting.ended:
        return _overtaken(needs, profile, batch, cutting)
    try:
        if cutting.stage is CutStage.READING:
            return _read(needs, profile, batch, cutting)
        if cutting.stage is CutStage.WEIGHING:
            return _weigh(needs, profile, batch, cutting)
        step, after = _cut(needs, profile, batch, cutting)
    except Conflict:
        return _overtaken(needs, profile, batch, needs.messages.cutting(client, batch_id) or cutting)
    if after.ended:
        forget_part(needs, profile, batch)
    return step, after


def _overtaken(needs: Needs, profile: Profile, batch: Batch, stands: Cutting) -> tuple[Step, Cutting]:
    """Whoever ended the file could not close a case opened just then, nor forget what was being cut."""
    if stands.ended:
        forget_part(needs, profile, batch)
    verdict = needs.messages.verdict(stands.client, stands.batch) if stands.cancelled else None
    if verdict is not None:
        close_review(needs, stands.client, stands.batch, verdict)
    return Step.OVERTAKEN, stands


def _read(needs: Needs, profile: Profile, batch: Batch, cutting: Cutting) -> tuple[Step, Cutting]:
    try:
        filing = _filed(needs, profile, batch)
    except Rejected as error:
        # A file that cannot be read to its end is not sent up to its middle.
        return Step.STOPPED, _saved(needs, batch, cutting.stopped(error.code, needs.clock.now()))
    weighed = batch.rehearsal or batch.own is not None
    read = keep_read(needs, batch, cutting.read(filing.lines, needs.clock.now(), weigh=weighed))
    return Step.READ, _handed_on(needs, batch, read)


def _weigh(needs: Needs, profile: Profile, batch: Batch, cutting: Cutting) -> tuple[Step, Cutting]:
    begun = needs.clock.now()
    while cutting.stage is CutStage.WEIGHING and needs.clock.now() < begun + STEP_FOR:
        try:
            cutting = weigh(needs, profile, batch, cutting)
        except Rejected as error:
            return Step.STOPPED, _saved(needs, batch, cutting.stopped(error.code, needs.clock.now()))
    return Step.WEIGHED, _handed_on(needs, batch, cutting)


def _handed_on(needs: Needs, batch: Batch, cutting: Cutting) -> Cutting:
    """The next step has its record, unless it waits for its time or for a person, who will write it."""
    waits = cutting.stage is CutStage.CUTTING and batch.waits(needs.clock.now())
    if not cutting.ended and not waits:
        needs.cut_queue.put(cutting)
    return cutting


def _filed(needs: Needs, profile: Profile, batch: Batch) -> Filing:
    """The whole file is in parts, and in pages of faults, which also stand in one file.

    Raises: Rejected where it breaks off; the faults above that place stand in pages and in one file, too.
    """
    assert batch.file is not None, "only a batch from a file is cut"
    filing = Filing(batch, each_text(batch, profile))
    parts, pages = count(), count()
    try:
        with needs.uploads.rows(batch.client, batch.file.upload) as rows:
            for read in filing.read(read_table(rows, variable_names(batch, profile))):
                if isinstance(read, Part):
                    needs.parts.keep(batch.client, batch.id, next(parts), read)
                else:
                    needs.parts.keep_faults(batch.client, batch.id, next(pages), read)
    except Rejected:
        _keep_fault_file(needs, batch, filing, next(pages))
        raise
    _keep_fault_file(needs, batch, filing, next(pages))
    return filing


def _keep_fault_file(needs: Needs, batch: Batch, filing: Filing, pages: int) -> None:
    if filing.lines.refused:
        needs.parts.keep_fault_file(batch.client, batch.id, _fault_rows(needs, batch, pages))


def _fault_rows(needs: Needs, batch: Batch, pages: int) -> Iterator[Sequence[str]]:
    yield *FAULTS_HEADER, "contract", "version"
    for page in range(pages):
        for fault in needs.parts.faults(batch.client, batch.id, page) or ():
            yield *fault_row(fault), batch.law.contract, str(batch.law.version)


def _cut(needs: Needs, profile: Profile, batch: Batch, cutting: Cutting) -> tuple[Step, Cutting]:
    begun = needs.clock.now()
    verdict = needs.messages.verdict(batch.client, batch.id) if kinds_held(batch, cutting) else None
    if verdict is not None and (reason := reason_of_refusal(batch, verdict, cutting)) is not None:
        # Whoever said so may have died before he carried it out.
        close_review(needs, batch.client, batch.id, verdict)
        return Step.STOPPED, _saved(needs, batch, cutting.stopped(reason, begun))
    held = undecided(verdict) and bool(kinds_held(batch, cutting))
    if batch.valid_until > begun and (batch.waits(begun) or held):
        # Its release, or the verdict, writes the next record.
        if not held and batch.send_at is not None and batch.send_at - begun <= RELEASED_EARLY:
            # That was its release, by a clock a little ahead of ours, or one that knows whole seconds only.
            needs.cut_queue.put(cutting, delay_s=-(-(batch.send_at - begun) // SECOND))
        return Step.WAITS, cutting
    ahead, grown = _ahead(profile, batch), cutting
    while (now := needs.clock.now()) < begun + STEP_FOR:
        if batch.valid_until <= now:
            let_expire(needs, batch.client, batch.id)
            return Step.STOPPED, _saved(needs, batch, grown.stopped(reasons.VALIDITY_OVER, now))
        seen = _backlog(needs, grown)
        if seen.waiting > ahead:
            break
        try:
            grown = _grown(needs, profile, batch, grown, seen, now)
        except Rejected as error:
            stopped = grown.stopped(error.code, now, _law_now(profile, batch))
            return Step.STOPPED, _saved(needs, batch, stopped)
        if grown.ended:
            return Step.DONE, grown
    # Each step leaves a version of its own to the next one, also if it only looked.
    after = grown if grown is not cutting else _saved(needs, batch, cutting.rest(now + CUT_GRACE))
    needs.cut_queue.put(after, delay_s=LOOK_AGAIN_S if now < begun + STEP_FOR else 0)
    return Step.WAITS if grown is cutting else Step.CUT, after


def _ahead(profile: Profile, batch: Batch) -> int:
    """How many parcels may wait when another part is cut; fewer than none on a closed port."""
    port = profile.port(batch.port)
    if port is not None and port.closed:
        return -1
    rates = [limit.rate_per_s * AHEAD_S for limit in limits_on(profile, batch.port, batch.template)]
    return min([AHEAD_MESSAGES, *rates]) // batch.parcel_size


def _grown(
    needs: Needs, profile: Profile, batch: Batch, cutting: Cutting, seen: Backlog, now: datetime
) -> Cutting:
    """The next part is cut; its parcels are queued only once the cutting says so.

    Raises: LimitExceeded if the part does not keep within the limits of the contract.
    """
    part = needs.parts.part(batch.client, batch.id, cutting.next_part)
    parcels = tuple(parcels_of(batch, cutting.parcels, part, now, {}))
    if seen.behind < cutting.parcels + len(parcels):
        # Not all are stored yet: this is when content, lists and limits are asked, in this order everywhere.
        looked = looked_through(batch, part.values, needs.words.current())
        # Before the lists: whatever changes from here on, the call must see.
        lists_clock = needs.lists.clock(batch.client)
        numbers, refused = by_content_and_lists(needs, batch, part, looked, kinds_held(batch, cutting))
        asked = asked_for(profile, batch, part, cutting.next_part, now)
        within = keep_within(needs, asked, numbers)
        refused |= within.refused
        law = _law_now(profile, batch)
        why = {place: Refusal(code, under=law) for place, code in refused.items()}
        parcels = tuple(
            parcels_of(
                batch, cutting.parcels, part, now, why, holds=within.held.names, lists_clock=lists_clock
            )
        )
        needs.messages.keep_parcels(parcels)
    grown = _saved(needs, batch, cutting.grown(len(parcels), sum(part.units), seen.settled, now))
    needs.queue.put(parcels)
    return grown


def _law_now(profile: Profile, batch: Batch) -> Law | None:
    """What a part is refused under, if that is not what its batch was accepted under any more."""
    contract = profile.contract_on(day_of(batch.id))
    law = Law(contract.number, contract.version) if contract else None
    return None if law == batch.law else law


def _backlog(needs: Needs, cutting: Cutting) -> Backlog:
    first = max(cutting.settled, cutting.parcels - LOOKED_BACK_MAX)
    after = parcel_id(cutting.batch, first - 1) if first else None
    limit = LOOKED_BACK_MAX + part_parcels(cutting.size)
    parcels, _ = needs.messages.parcels_of_batch(cutting.client, cutting.batch, after, limit)
    return backlog(first, parcels)


def _saved(needs: Needs, batch: Batch, cutting: Cutting) -> Cutting:
    needs.messages.save_cutting(cutting)
    if cutting.ended:
        note_read(needs, batch, cutting)
    return cutting
