"""Merge what carriers report into the parcels, and take the opt-outs that recipients send."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.ids import batch_of, day_of
from openmas.domain.inbound import Inbound, Mo
from openmas.domain.journal import DAYS_OPEN
from openmas.domain.listing import ListKind, is_opt_out
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Receipt, Report, Reported
from openmas.errors import Conflict, NotFound, Unavailable
from openmas.needs import Clock, LateFacts, ListEntry, Lists, Messages, ReceiptQueue, Registry

# How long a receipt waits for its parcel to become known, try by try; then it is an orphan.
ORPHAN_AFTER_S = (2, 10, 60, 300, 900)
SAVE_TRIES = 8


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def receipts(self) -> ReceiptQueue: ...
    @property
    def late(self) -> LateFacts: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """Counts of what became of the reports."""

    merged: int = 0
    known: int = 0
    waiting: int = 0
    orphans: int = 0

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(
            self.merged + other.merged,
            self.known + other.known,
            self.waiting + other.waiting,
            self.orphans + other.orphans,
        )


ParcelKey = tuple[str, str]


def settle_receipts(needs: Needs, reported: Sequence[Reported]) -> Settled:
    """Every report is merged into its parcel, waits for it, or is kept as an orphan; one write a parcel.

    Raises: Unavailable when the records should be tried again; what was merged may be merged again.
    """
    found: dict[ParcelKey, list[tuple[str, Report]]] = {}
    total = Settled()
    for each in reported:
        missing = _find(needs, each, found)
        total += _keep_for_later(needs, each, missing)
    for (client, parcel), reports in found.items():
        total += _merge(needs, client, parcel, reports)
    return total


def take_inbound(needs: Needs, messages: Iterable[Mo]) -> int:
    """The messages are kept with their client, and whoever opted out is on the opt-out list; how many did."""
    opted_out = 0
    for mo in messages:
        client = needs.registry.client_of_port(mo.port)
        if client is None:
            continue
        needs.messages.keep_inbound(Inbound(mo.id, client, mo.number, mo.port, mo.text, mo.at))
        if is_opt_out(mo.text):
            entry = ListEntry(mo.number, by="recipient", at=needs.clock.now(), why=f"inbound {mo.id}")
            needs.lists.keep(client, ListKind.OPTOUT, [entry])
            opted_out += 1
    return opted_out


def _find(needs: Needs, reported: Reported, found: dict[ParcelKey, list[tuple[str, Report]]]) -> list[Report]:
    """Sorts the reports by parcel, and returns those whose parcel is not known."""
    keys: dict[tuple[str | None, str | None], ParcelKey | None] = {}
    missing = []
    for report in reported.reports:
        named = (report.reference, report.group)
        if named not in keys:
            keys[named] = _parcel_key(needs, reported.carrier, report)
        if (key := keys[named]) is None:
            missing.append(report)
        else:
            found.setdefault(key, []).append((reported.carrier, report))
    return missing


def _parcel_key(needs: Needs, carrier: str, report: Report) -> ParcelKey | None:
    if report.reference is not None:
        client, _, parcel = report.reference.partition("/")
        try:
            batch_of(parcel)
        except NotFound:
            return None
        return client, parcel
    if report.group is None:
        return None
    return needs.messages.find_reference(carrier, report.group)


def _keep_for_later(needs: Needs, reported: Reported, missing: list[Report]) -> Settled:
    if not missing:
        return Settled()
    if reported.tries < len(ORPHAN_AFTER_S):
        delay_s = ORPHAN_AFTER_S[reported.tries]
        needs.receipts.put(reported.carrier, missing, tries=reported.tries + 1, delay_s=delay_s)
        return Settled(waiting=len(missing))
    for report in missing:
        needs.messages.keep_orphan(reported.carrier, report, needs.clock.now())
    return Settled(orphans=len(missing))


def _merge(needs: Needs, client: str, parcel_id: str, reports: list[tuple[str, Report]]) -> Settled:
    for _ in range(SAVE_TRIES):
        parcel = needs.messages.parcel(client, parcel_id)
        receipts, strangers = _receipts(parcel, reports)
        after = parcel.merge(receipts, needs.clock.now()) if parcel and receipts else parcel
        if parcel is None or after is None or after is parcel:
            merged = 0
            break
        try:
            _save(needs, after)
        except Conflict:
            continue
        merged = len(after.receipts) - len(parcel.receipts)
        break
    else:
        raise Unavailable("parcel_contended", "Too many others are writing this parcel.")
    for carrier, report in strangers:
        needs.messages.keep_orphan(carrier, report, needs.clock.now())
    return Settled(merged=merged, known=len(receipts) - merged, orphans=len(strangers))


def _receipts(
    parcel: Parcel | None, reports: list[tuple[str, Report]]
) -> tuple[set[Receipt], list[tuple[str, Report]]]:
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


def _save(needs: Needs, after: Parcel) -> None:
    """The day's note comes first: if we die between the two, the night looks once in vain."""
    on = day_of(after.id)
    if on <= shanghai_day(needs.clock.now()) - timedelta(days=DAYS_OPEN):
        needs.late.note_late(after.client, on)
    needs.messages.save(after)
