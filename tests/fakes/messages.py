"""Batches and parcels in memory: every read consistent, every write on the real one's condition."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from openmas.domain.batch import IDEMPOTENT_FOR, Batch, Intent
from openmas.domain.calendar import shanghai_day
from openmas.domain.case import Closing
from openmas.domain.cutting import Cutting, OfDay
from openmas.domain.ids import batch_of, check_batch, day_of, is_rehearsal, parcel_id, partition
from openmas.domain.inbound import Brought, Inbound, KeptInbound, Mo
from openmas.domain.message import ParcelTally, parcel_tally
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Report
from openmas.domain.refused_submission import RefusedSubmission
from openmas.errors import Conflict

Key = tuple[str, str]


@dataclass
class FakeMessages:
    """Shape: everything by client and name; `saves` counts changes of parcels, `lagging_reads` such days."""

    intents: dict[Key, Intent] = field(default_factory=dict)
    batches: dict[Key, Batch] = field(default_factory=dict)
    cuttings: dict[Key, Cutting] = field(default_factory=dict)
    parcels: dict[Key, Parcel] = field(default_factory=dict)
    notes: dict[tuple[str, bool, str], int] = field(default_factory=dict)
    verdicts: dict[Key, Closing] = field(default_factory=dict)
    references: dict[Key, Key] = field(default_factory=dict)
    refusals: dict[tuple[str, datetime, bool, str], RefusedSubmission] = field(default_factory=dict)
    orphans: dict[tuple[str, date], set[Report]] = field(default_factory=lambda: defaultdict(set))
    inbound: dict[tuple[str, datetime, str, str], KeptInbound] = field(default_factory=dict)
    orphan_inbound: dict[tuple[str, date], set[Mo]] = field(default_factory=lambda: defaultdict(set))
    saves: int = 0
    lagging_reads: int = 0

    def keep_intent(self, key_sha256: str, intent: Intent) -> Intent:
        key = (intent.batch.client, key_sha256)
        before = self.intents.get(key)
        if before and before.batch.accepted_at + IDEMPOTENT_FOR <= intent.batch.accepted_at:
            del self.intents[key]
        return self.intents.setdefault(key, intent)

    def intent(self, client: str, key_sha256: str) -> Intent | None:
        return self.intents.get((client, key_sha256))

    def keep_parcels(self, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            self.parcels.setdefault((parcel.client, parcel.id), parcel)

    def keep_batch(self, batch: Batch) -> None:
        self.batches.setdefault((batch.client, batch.id), batch)

    def batch(self, client: str, batch: str) -> Batch | None:
        return self.batches.get((client, check_batch(batch)))

    def keep_verdict(self, client: str, batch: str, verdict: Closing) -> Closing:
        first = self.verdicts.setdefault((client, batch), verdict)
        if first.outcome != verdict.outcome:
            raise Conflict("case_closed", "The batch has its verdict already.")
        return first

    def verdict(self, client: str, batch: str) -> Closing | None:
        return self.verdicts.get((client, batch))

    def keep_cutting(self, cutting: Cutting) -> None:
        self.cuttings.setdefault((cutting.client, cutting.batch), cutting)

    def cutting(self, client: str, batch: str) -> Cutting | None:
        return self.cuttings.get((client, check_batch(batch)))

    def save_cutting(self, cutting: Cutting) -> None:
        stored = self.cuttings.get((cutting.client, cutting.batch))
        if stored is None or stored.version != cutting.version - 1:
            raise Conflict("parcel_moved_on", "It was changed by another in the meantime.")
        self.cuttings[cutting.client, cutting.batch] = cutting

    def note_waiting(self, client: str, batch: str, units: int, *, in_file: bool = False) -> None:
        self.notes[client, in_file, batch] = units

    def waiting(self, client: str, since: date, *, in_files: bool = False) -> Mapping[str, int]:
        return {
            batch: units
            for (owner, in_file, batch), units in self.notes.items()
            if (owner, in_file) == (client, in_files) and units and day_of(batch) >= since
        }

    def parcel(self, client: str, parcel: str) -> Parcel | None:
        batch_of(parcel)
        return self.parcels.get((client, parcel))

    def parcels_named(self, client: str, parcels: Sequence[str]) -> Sequence[Parcel]:
        assert len(set(parcels)) == len(parcels), "DynamoDB refuses to read an item twice in one call"
        return [found for each in parcels if (found := self.parcel(client, each)) is not None]

    def save(self, parcel: Parcel) -> None:
        stored = self.parcels.get((parcel.client, parcel.id))
        if stored is None or stored.version != parcel.version - 1:
            raise Conflict("parcel_moved_on", "The parcel was changed by another in the meantime.")
        self.parcels[parcel.client, parcel.id] = parcel
        self.saves += 1

    def parcels_of_batch(
        self, client: str, batch: str, after: str | None, limit: int
    ) -> tuple[Sequence[Parcel], str | None]:
        check_batch(batch)
        rest = [
            parcel
            for (owner, name), parcel in sorted(self.parcels.items(), key=lambda each: each[0])
            if owner == client and batch_of(name) == batch and (after is None or name > after)
        ]
        return rest[:limit], rest[limit - 1].id if len(rest) > limit else None

    def tallies(
        self, client: str, batch: str, parcels: int, *, may_lag: bool = False
    ) -> Iterator[ParcelTally]:
        first = parcel_id(check_batch(batch), 0)
        assert batch_of(first) == batch, "a parcel's name tells its batch"
        found, _ = self.parcels_of_batch(client, batch, None, len(self.parcels) + 1)
        return map(parcel_tally, found)

    def day(self, client: str, on: date, *, may_lag: bool = False) -> Iterator[OfDay]:
        self.lagging_reads += may_lag
        of_day = [
            key
            for key in (*self.batches, *self.parcels)
            if key[0] == client and day_of(key[1]) == on and not is_rehearsal(key[1])
        ]
        # As the real one reads: partition by partition, and there by key.
        for key in sorted(of_day, key=lambda key: (partition(*key), key[1])):
            yield self.batches.get(key) or self.parcels[key]
            if key in self.batches and key in self.cuttings:
                yield self.cuttings[key]

    def due(self, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        overdue = [
            (each.due_at, key)
            for key, each in self._with_due()
            if each.due_at is not None and each.due_at <= before
        ]
        return [key for _, key in sorted(overdue)[:limit]]

    def _with_due(self) -> Iterator[tuple[Key, Parcel | Cutting]]:
        yield from self.parcels.items()
        yield from self.cuttings.items()

    def keep_reference(self, carrier: str, group: str, client: str, parcel: str) -> None:
        self.references[carrier, group] = (client, parcel)

    def find_reference(self, carrier: str, group: str) -> tuple[str, str] | None:
        return self.references.get((carrier, group))

    def keep_refusal(self, refused: RefusedSubmission) -> None:
        self.refusals[refused.client, refused.at, refused.test, refused.idempotency_key] = refused

    def refusals_of_day(
        self, client: str, on: date, before: str | None, limit: int
    ) -> tuple[Sequence[RefusedSubmission], str | None]:
        of_day = [key for key in self.refusals if key[0] == client and shanghai_day(key[1]) == on]
        places = {f"{key[1].isoformat(timespec='microseconds')}#{key[2:]}": key for key in of_day}
        rest = [place for place in sorted(places, reverse=True) if before is None or place < before]
        page = [self.refusals[places[place]] for place in rest[:limit]]
        return page, rest[limit - 1] if len(rest) > limit else None

    def keep_orphan(self, carrier: str, report: Report, at: datetime) -> None:
        self.orphans[carrier, shanghai_day(at)].add(report)

    def orphans_of_day(self, carrier: str, on: date, limit: int) -> Sequence[Report]:
        return sorted(self.orphans[carrier, on], key=str)[:limit]

    def keep_inbound(self, inbound: Inbound, at: datetime) -> KeptInbound:
        return self.inbound.setdefault(_key(inbound), KeptInbound(inbound, at))

    def end_inbound(self, kept: KeptInbound) -> None:
        self.inbound[_key(kept.inbound)] = replace(kept, done=True)

    def keep_orphan_inbound(self, carrier: str, mo: Mo, at: datetime) -> None:
        self.orphan_inbound[carrier, shanghai_day(at)].add(mo)

    def orphan_inbound_of_day(self, on: date, limit: int) -> Sequence[Brought]:
        of_day = sorted((carrier, mos) for (carrier, day), mos in self.orphan_inbound.items() if day == on)
        return [Brought(carrier, tuple(sorted(mos, key=str)[:limit])) for carrier, mos in of_day]

    def inbound_of_day(
        self, client: str, on: date, after: str | None, limit: int
    ) -> tuple[Sequence[Inbound], str | None]:
        of_day = [key for key in self.inbound if key[0] == client and shanghai_day(key[1]) == on]
        rest = [key for key in sorted(of_day) if after is None or _place(key) > after]
        page = [self.inbound[key].inbound for key in rest[:limit]]
        return page, _place(rest[limit - 1]) if len(rest) > limit else None


def _place(key: tuple[str, datetime, str, str]) -> str:
    return f"{key[1].isoformat()}#{key[2]}#{key[3]}"


def _key(inbound: Inbound) -> tuple[str, datetime, str, str]:
    return inbound.client, inbound.at, inbound.id, inbound.number
