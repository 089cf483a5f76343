"""A batch from a file: how far its file has been read, and its recipients cut into parcels.

    READING ──► WEIGHING ──► CUTTING ──► DONE
        │           └───────────│───────► DONE     of a rehearsal, of which nothing is ever cut
        └───────────┴───────────┴───────► STOPPED  with the reason: cancelled, out of time, an unreadable file

First the whole file is read, and its good lines become parts of so many recipients, which depend on nothing
but the file and the template. Where each has values of its own, or all is a rehearsal, the parts are then
weighed against what changes by the day. Then one part after the other becomes parcels, as fast as they are
sent. So a parcel has the same messages whoever cuts it, and however often.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.content_kinds import ContentKind
from openmas.domain.ids import PARCEL_RECIPIENTS_MAX, is_rehearsal, parcel_id
from openmas.domain.parcel import Law, Parcel, Refusal, State

FILE_RECIPIENTS_MAX = 1_000_000
PART_PARCELS = 20
# So many parts are weighed together: the lists are then asked less often.
PARTS_WEIGHED = 10
# A person who must look at what stands in lines is shown so many of them.
DOUBTFUL_MAX = 50
# The sweep takes up what nobody has worked on for so long.
CUT_GRACE = timedelta(minutes=20)
# A parcel may stand still far behind the others; more of them than this are not looked at again.
LOOKED_BACK_MAX = 1_000


class CutStage(StrEnum):
    READING = "reading"
    WEIGHING = "weighing"
    CUTTING = "cutting"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Part:
    """Recipients in the order of their lines: their numbers, what fills the text for each, its units.

    Shape: the three run in parallel, but there are no `values` where all get one text.
    """

    numbers: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """What the lines of a file come to. Units: `units` billed segments of all recipients."""

    rows: int
    recipients: int
    refused: Mapping[str, int]
    units: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was found in some parts.

    Shape: `doubtful` are places among all recipients at which a person must look for the kinds in `held`;
    `refused` counts those who would be refused, by reason, and `short` is why all of them would be from some
    part on, if units end there.
    Units: `units` billed segments of the refused ones, `fitting` those of all others.
    """

    held: tuple[ContentKind, ...] = ()
    doubtful: tuple[int, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    units: int = 0
    fitting: int = 0
    short: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """Beside the batch, which never changes, all of it that does.

    Shape: `rows` hold anything, and `refused` counts those that are none of the `recipients`, by reason; in a
    rehearsal also those that would be refused later. The first `weighed` parts are weighed; `held` are the
    kinds for which a person must look at what stands in lines, the first of which have the places `doubtful`
    among the recipients. The first `parcels`, of `size` messages each, are cut, and the first `settled` of
    them wait no more; `code` says why it stopped, or a rehearsed one would, and `stopped_under` is the law,
    if it is not the batch's own; `due_at` is when the sweep takes it up. Every change makes the next version.
    Units: `units` billed segments of those recipients who are in no parcel, and not refused; `fitting`, in a
    rehearsal, those of them who are in the weighed parts.
    """

    client: str
    batch: str
    size: int = PARCEL_RECIPIENTS_MAX
    stage: CutStage = CutStage.READING
    version: int = 1
    rows: int = 0
    recipients: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    units: int = 0
    weighed: int = 0
    fitting: int = 0
    held: tuple[ContentKind, ...] = ()
    doubtful: tuple[int, ...] = ()
    parcels: int = 0
    settled: int = 0
    code: str | None = None
    stopped_under: Law | None = None
    due_at: datetime | None = None

    @property
    def messages(self) -> int:
        """How many recipients are in parcels by now."""
        return min(self.parcels * self.size, self.recipients)

    @property
    def cancelled(self) -> bool:
        return self.stage is CutStage.STOPPED and self.code == reasons.CANCELLED

    @property
    def unread(self) -> bool:
        """Whether it stopped before its file was read to the end, so that nobody knows who stood in it."""
        return self.stage is CutStage.STOPPED and self.rows == 0

    @property
    def ended(self) -> bool:
        return self.stage in (CutStage.DONE, CutStage.STOPPED)

    def overdue(self, now: datetime) -> bool:
        """Whether even the sweep has not taken it up for a day."""
        return self.due_at is not None and self.due_at + timedelta(days=1) <= now

    @property
    def rehearsal(self) -> bool:
        return is_rehearsal(self.batch)

    @property
    def accepted(self) -> int:
        """How many lines would become messages, by what is known."""
        return self.rows - sum(self.refused.values())

    @property
    def parts(self) -> int:
        """How many parts its recipients are in."""
        return -(-self.recipients // part_messages(self.size))

    @property
    def next_part(self) -> int:
        return self.parcels // part_parcels(self.size)

    @property
    def next_weighed(self) -> range:
        """The parts that are weighed next, together."""
        return range(self.weighed, min(self.weighed + PARTS_WEIGHED, self.parts))

    def read(self, lines: Lines, now: datetime, *, weigh: bool) -> "Cutting":
        """The whole file was read; it is to be weighed or cut next."""
        assert self.stage is CutStage.READING, "a file is read once"
        stage = CutStage.WEIGHING if weigh else CutStage.CUTTING
        return replace(
            self,
            stage=stage,
            rows=lines.rows,
            recipients=lines.recipients,
            refused=dict(lines.refused),
            units=lines.units,
        )._next(now)

    def weighed_on(self, found: Weighed, now: datetime) -> "Cutting":
        """The next parts are weighed."""
        assert self.stage is CutStage.WEIGHING, "what is cut is weighed no more"
        doubtful = (*self.doubtful, *found.doubtful)[:DOUBTFUL_MAX]
        held = tuple(sorted({*self.held, *found.held}))
        refused = Counter(self.refused)
        refused.update(found.refused)
        return replace(
            self,
            weighed=self.next_weighed.stop,
            held=held,
            doubtful=doubtful,
            refused=dict(refused),
            units=self.units - found.units,
            fitting=self.fitting + found.fitting,
            code=self.code or found.short,
        )._next(now)

    def put_off(self, until: datetime) -> "Cutting":
        """The sweep takes it up after that time only."""
        return replace(self, due_at=until + CUT_GRACE)

    def grown(self, parcels: int, units: int, settled: int, now: datetime) -> "Cutting":
        """So many more parcels, with so many units, are stored."""
        assert self.stage is CutStage.CUTTING, "what has ended grows no more"
        return replace(self, parcels=self.parcels + parcels, units=self.units - units, settled=settled)._next(
            now
        )

    def stopped(self, code: str, now: datetime, under: Law | None = None) -> "Cutting":
        """No more parcels are cut, by this law; the same cutting if it had ended."""
        if self.ended:
            return self
        return replace(self, stage=CutStage.STOPPED, code=code, stopped_under=under)._next(now)

    def rest(self, due_at: datetime | None) -> "Cutting":
        """Nothing changes but when the sweep takes it up, if it ever does."""
        return replace(self, version=self.version + 1, due_at=due_at)

    def _next(self, now: datetime) -> "Cutting":
        stage = self.stage
        if stage is CutStage.WEIGHING and self.weighed == self.parts:
            stage = CutStage.DONE if self.rehearsal else CutStage.CUTTING
        if stage is CutStage.CUTTING and self.messages == self.recipients:
            stage = CutStage.DONE
        due_at = None if stage in (CutStage.DONE, CutStage.STOPPED) else now + CUT_GRACE
        return replace(self, stage=stage, version=self.version + 1, due_at=due_at)


def part_parcels(size: int) -> int:
    """How many parcels of so many messages a part becomes: about two thousand messages in all."""
    return PART_PARCELS * (PARCEL_RECIPIENTS_MAX // size)


def part_messages(size: int) -> int:
    """How many recipients a part has that is not a file's last, in parcels of so many messages."""
    return part_parcels(size) * size


def parcels_there(batch: Batch, cutting: Cutting | None) -> int:
    """About how many parcels there are of a batch by now."""
    return cutting.parcels if cutting else batch.parcels


@dataclass(frozen=True, slots=True)
class Backlog:
    """How a batch's parcels stand: all before `settled` wait no more, and so many of the others do.

    Shape: the parcels end before `behind`, which may be more than the cutting knows of, if a step died.
    """

    settled: int
    waiting: int
    behind: int


def backlog(first: int, parcels: Sequence[Parcel]) -> Backlog:
    """The backlog of a batch by its parcels from the number `first` on."""
    waiting = [n for n, parcel in enumerate(parcels, first) if parcel.state is State.QUEUED]
    behind = first + len(parcels)
    return Backlog(waiting[0] if waiting else behind, len(waiting), behind)


OfDay = Batch | Cutting | Parcel


def parcels_of(
    batch: Batch,
    first: int,
    part: Part,
    now: datetime,
    refused: Mapping[int, Refusal],
    *,
    holds: tuple[str, ...] = (),
    lists_clock: int | None = None,
) -> Iterator[Parcel]:
    """The parcels that a part makes, the first of which has the number `first`.

    Shape: `refused` are places in the part that get nothing, each with the reason; `holds` names the counters
    that hold the units of all others; `lists_clock` is how far the lists had moved when they were asked.
    """
    size = batch.parcel_size
    for n in range(-(-len(part.numbers) // size)):
        places = range(n * size, min((n + 1) * size, len(part.numbers)))
        share = slice(places.start, places.stop)
        yield Parcel(
            client=batch.client,
            id=parcel_id(batch.id, first + n),
            numbers=part.numbers[share],
            values=part.values[share],
            units=part.units[share],
            category=batch.category,
            carrier=batch.carrier,
            test=batch.test,
            accepted_at=batch.accepted_at,
            valid_until=batch.valid_until,
            send_at=now,
            holds=holds,
            lists_clock=lists_clock,
            refused={place - places.start: refused[place] for place in places if place in refused},
        ).queued()
