"""Merge what carriers report into the parcels, many parcels at a time and as long as the time does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.ids import batch_of, day_of
from openmas.domain.journal import DAYS_OPEN
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Receipt, Report, Reported
from openmas.errors import Conflict, NotFound, Unavailable
from openmas.flows.hold_units import save_parcel
from openmas.needs import Clock, Crew, LateFacts, Messages, ReceiptQueue, Units

# How long a receipt waits for its parcel to become known, try by try; then it is an orphan.
ORPHAN_AFTER_S = (2, 10, 60, 300, 900)
SAVE_TRIES = 8


class MergeNeeds(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def crew(self) -> Crew: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def late(self) -> LateFacts: ...
    @property
    def units(self) -> Units: ...


class Needs(MergeNeeds, Protocol):
    @property
    def receipts(self) -> ReceiptQueue: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """Counts of what became of the reports; `left` are the places of those that the time did not do for."""

    merged: int = 0
    known: int = 0
    waiting: int = 0
    orphans: int = 0
    left: frozenset[int] = frozenset()

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(
            self.merged + other.merged,
            self.known + other.known,
            self.waiting + other.waiting,
            self.orphans + other.orphans,
            self.left | other.left,
        )


# How a report names its call: the carrier, our reference if the carrier echoes it, the carrier's own name.
CallName = tuple[str, str | None, str | None]
ParcelKey = tuple[str, str]
Carried = tuple[str, Report]
_NOT_ASKED: ParcelKey = ("", "")
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Merge:
    """What became of a parcel's reports; `strangers` concern no message that their carrier was given."""

    merged: int
    known: int
    strangers: Sequence[Carried]


def settle_receipts(needs: Needs, reported: Sequence[Reported], for_s: float) -> Settled:
    """Every report is merged into its parcel, waits for it, or is kept as an orphan; one write a parcel.

    Shape: after `for_s` nothing new is begun; what is left may be merged in part, and will be merged again.
    Raises: Unavailable when the records should be tried again; what was merged may be merged again.
    """
    until = needs.clock.now() + timedelta(seconds=for_s)
    owners = _owners(needs, reported, until)
    found = _by_parcel(reported, owners)
    merges = needs.crew.each(lambda key: _settle_parcel(needs, key, found[key], until), found)
    done = {None} | {key for key, merge in zip(found, merges, strict=True) if merge is not None}
    total = sum((merge for merge in merges if merge is not None), Settled())
    for place, each in enumerate(reported):
        missing = [report for report in each.reports if owners[_name(each, report)] is None]
        ended = all(owners[_name(each, report)] in done for report in each.reports)
        if ended and (not missing or needs.clock.now() < until):
            total += _keep_for_later(needs, each, missing)
        else:
            total += Settled(left=frozenset({place}))
    return total


def strangers(needs: MergeNeeds, reported: Reported) -> int:
    """How many of the reports belong to nobody even now; all others are merged into their parcels."""
    owners = _owners(needs, [reported], _FOREVER)
    found = _by_parcel([reported], owners)
    merges = needs.crew.each(lambda key: _merge(needs, key, found[key]), found)
    missing = sum(owners[_name(reported, report)] is None for report in reported.reports)
    return missing + sum(len(merge.strangers) for merge in merges)


def _name(reported: Reported, report: Report) -> CallName:
    return reported.carrier, report.reference, report.group


def _owners(
    needs: MergeNeeds, reported: Sequence[Reported], until: datetime
) -> Mapping[CallName, ParcelKey | None]:
    """The parcel that each name means, or None where none is known yet."""
    names = dict.fromkeys(_name(each, report) for each in reported for report in each.reports)
    found = needs.crew.each(lambda name: _owner(needs, name, until), names)
    return dict(zip(names, found, strict=True))


def _owner(needs: MergeNeeds, name: CallName, until: datetime) -> ParcelKey | None:
    carrier, reference, group = name
    if reference is not None:
        client, _, parcel = reference.partition("/")
        try:
            batch_of(parcel)
        except NotFound:
            return None
        return client, parcel
    if group is None:
        return None
    return needs.messages.find_reference(carrier, group) if needs.clock.now() < until else _NOT_ASKED


def _by_parcel(
    reported: Sequence[Reported], owners: Mapping[CallName, ParcelKey | None]
) -> Mapping[ParcelKey, Sequence[Carried]]:
    """The reports of each known parcel with their carriers, in the order in which the parcels come up."""
    found: dict[ParcelKey, list[Carried]] = {}
    for each in reported:
        for report in each.reports:
            key = owners[_name(each, report)]
            if key is not None and key is not _NOT_ASKED:
                found.setdefault(key, []).append((each.carrier, report))
    return found


def _keep_for_later(needs: Needs, reported: Reported, missing: Sequence[Report]) -> Settled:
    if not missing:
        return Settled()
    if reported.tries < len(ORPHAN_AFTER_S):
        delay_s = ORPHAN_AFTER_S[reported.tries]
        needs.receipts.put(reported.carrier, missing, tries=reported.tries + 1, delay_s=delay_s)
        return Settled(waiting=len(missing))
    now = needs.clock.now()
    needs.crew.each(lambda report: needs.messages.keep_orphan(reported.carrier, report, now), missing)
    return Settled(orphans=len(missing))


def _settle_parcel(
    needs: Needs, key: ParcelKey, reports: Sequence[Carried], until: datetime
) -> Settled | None:
    """The parcel's reports are merged or orphans; None if there was no time left to look."""
    if needs.clock.now() >= until:
        return None
    merge = _merge(needs, key, reports)
    for carrier, report in merge.strangers:
        needs.messages.keep_orphan(carrier, report, needs.clock.now())
    return Settled(merged=merge.merged, known=merge.known, orphans=len(merge.strangers))


def _merge(needs: MergeNeeds, key: ParcelKey, reports: Sequence[Carried]) -> _Merge:
    for _ in range(SAVE_TRIES):
        parcel = needs.messages.parcel(*key)
        receipts, unknown = _receipts(parcel, reports)
        after = parcel.merge(receipts, needs.clock.now()) if parcel and receipts else parcel
        if parcel is None or after is None or after is parcel:
            return _Merge(0, len(receipts), unknown)
        try:
            _save(needs, parcel, after)
        except Conflict:
            continue
        merged = len(after.receipts) - len(parcel.receipts)
        return _Merge(merged, len(receipts) - merged, unknown)
    raise Unavailable("parcel_contended", "Too many others are writing this parcel.")


def _receipts(parcel: Parcel | None, reports: Sequence[Carried]) -> tuple[set[Receipt], list[Carried]]:
    """The receipts for messages of this parcel that were sent by this carrier, and everything else."""
    receipts: set[Receipt] = set()
    strangers = []
    for carrier, report in reports:
        place = parcel.place_of(report.number) if parcel and parcel.carrier == carrier else None
        if place is None:
            strangers.append((carrier, report))
        else:
            receipts.add(Receipt(place, report.code, report.at))
    return receipts, strangers


def _save(needs: MergeNeeds, before: Parcel, after: Parcel) -> None:
    """The day's note comes first: if we die between the two, the night looks once in vain."""
    on = day_of(after.id)
    if on <= shanghai_day(needs.clock.now()) - timedelta(days=DAYS_OPEN):
        needs.late.note_late(after.client, on)
    save_parcel(needs, before, after)
