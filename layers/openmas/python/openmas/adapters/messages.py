"""Batches, parcels and what belongs to them, in DynamoDB."""

import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from openmas.adapters import items, items_cutting, items_refused, items_told
from openmas.adapters.aws import each
from openmas.adapters.items_ledger import closing_of
from openmas.adapters.packing import Item, from_time
from openmas.adapters.table import ABSENT, Table
from openmas.domain.batch import Batch, Intent
from openmas.domain.case import Closing
from openmas.domain.cutting import Cutting, OfDay
from openmas.domain.ids import SHARDS, check_batch, parcel_id, partition, partitions_of_day
from openmas.domain.inbound import Brought, Inbound, KeptInbound, Mo
from openmas.domain.message import ParcelTally
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Report
from openmas.domain.refused_submission import RefusedSubmission
from openmas.errors import Conflict

BATCHES_MAX = 64
FEW_PARCELS = 3
# A page of a query holds as many.
PARCELS_A_QUERY = 800
_PARTITION = "pk = :pk"


class AwsMessages:
    """Shape: batches never change, so the last ones read are kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._batches: OrderedDict[tuple[str, str], Batch] = OrderedDict()

    def keep_intent(self, key_sha256: str, intent: Intent) -> Intent:
        # The table's own rule may remove what has expired as late as two days after.
        now = {":now": items.expiry(intent.batch.accepted_at, timedelta(0))}
        condition = f"{ABSENT} OR expires_at <= :now"
        stored = self._table.put_if(condition, items.intent_item(key_sha256, intent), now)
        return intent if stored is None else items.intent_from(stored)

    def intent(self, client: str, key_sha256: str) -> Intent | None:
        item = self._table.get(items.intent_key(client, key_sha256))
        return items.intent_from(item) if item else None

    def keep_parcels(self, parcels: Iterable[Parcel]) -> None:
        each(lambda parcel: self._table.put_if(ABSENT, items.parcel_item(parcel)), parcels, FEW_PARCELS)

    def keep_batch(self, batch: Batch) -> None:
        self._table.put_if(ABSENT, items.batch_item(batch))

    def batch(self, client: str, batch: str) -> Batch | None:
        if (known := self._batches.get((client, batch))) is not None:
            return known
        item = self._table.get(items.batch_key(client, batch))
        if item is None:
            return None
        read = self._batches[client, batch] = items.batch_from(item)
        if len(self._batches) > BATCHES_MAX:
            self._batches.popitem(last=False)
        return read

    def keep_verdict(self, client: str, batch: str, verdict: Closing) -> Closing:
        stored = self._table.put_if(ABSENT, items.verdict_item(client, batch, verdict))
        if stored is None:
            return verdict
        first = closing_of(stored)
        if first.outcome != verdict.outcome:
            raise Conflict("case_closed", f"The batch has its verdict already: {first.outcome}.")
        return first

    def verdict(self, client: str, batch: str) -> Closing | None:
        item = self._table.get(items.verdict_key(client, batch))
        return closing_of(item) if item else None

    def keep_cutting(self, cutting: Cutting) -> None:
        self._table.put_if(ABSENT, items_cutting.cutting_item(cutting))

    def cutting(self, client: str, batch: str) -> Cutting | None:
        item = self._table.get(items_cutting.cutting_key(client, batch))
        return items_cutting.cutting_from(item) if item else None

    def save_cutting(self, cutting: Cutting) -> None:
        self._save(items_cutting.cutting_item(cutting), cutting.version)

    def note_waiting(self, client: str, batch: str, units: int, *, in_file: bool = False) -> None:
        self._table.put(items_cutting.waiting_item(client, batch, units, in_file=in_file))

    def waiting(self, client: str, since: date, *, in_files: bool = False) -> Mapping[str, int]:
        pk, first, last = items_cutting.waiting_range(client, since, in_files=in_files)
        values = {":pk": {"S": pk}, ":first": {"S": first}, ":last": {"S": last}}
        found = self._table.query("pk = :pk AND sk BETWEEN :first AND :last", values, ConsistentRead=False)
        return {batch: units for batch, units in map(items_cutting.waiting_from, found) if units}

    def parcel(self, client: str, parcel: str) -> Parcel | None:
        item = self._table.get(items.parcel_key(client, parcel))
        return items.parcel_from(item) if item else None

    def parcels_named(self, client: str, parcels: Sequence[str]) -> Sequence[Parcel]:
        keys = [items.parcel_key(client, parcel) for parcel in parcels]
        return [items.parcel_from(item) for item in self._table.fetch(keys)]

    def save(self, parcel: Parcel) -> None:
        self._save(items.parcel_item(parcel), parcel.version)

    def parcels_of_batch(
        self, client: str, batch: str, after: str | None, limit: int
    ) -> tuple[Sequence[Parcel], str | None]:
        pk = {"S": partition(client, check_batch(batch))}
        first = f"{batch}#" if after is None else f"{items.parcel_key(client, after)['sk']['S']}!"
        values = {":pk": pk, ":first": {"S": first}, ":last": {"S": f"{batch}#~"}}
        found = self._table.first(limit + 1, "pk = :pk AND sk BETWEEN :first AND :last", values)
        parcels = [items.parcel_from(item) for item in found[:limit]]
        return parcels, parcels[-1].id if len(found) > limit else None

    def tallies(
        self, client: str, batch: str, parcels: int, *, may_lag: bool = False
    ) -> Iterator[ParcelTally]:
        # Ten thousand parcels would take seconds to read whole, or one page after the other.
        begins = range(0, max(parcels, 1), PARCELS_A_QUERY)
        firsts = [items.parcel_key(client, parcel_id(batch, n))["sk"] for n in begins]
        lasts = [items.parcel_key(client, parcel_id(batch, n - 1))["sk"] for n in begins[1:]]
        asked: dict[str, Any] = {"ProjectionExpression": "sk, tally, refused", "ConsistentRead": not may_lag}

        def read(between: tuple[Item, Item]) -> list[ParcelTally]:
            pk = {"S": partition(client, check_batch(batch))}
            values = {":pk": pk, ":first": between[0], ":last": between[1]}
            found = self._table.query("pk = :pk AND sk BETWEEN :first AND :last", values, **asked)
            return [items_cutting.tally_from(item) for item in found]

        ranges = zip(firsts, [*lasts, {"S": f"{batch}#~"}], strict=True)
        return chain.from_iterable(each(read, ranges))

    def day(self, client: str, on: date, *, may_lag: bool = False) -> Iterator[OfDay]:
        # A batch and its parcels lie in one partition, and its key is the beginning of theirs.
        for pk in partitions_of_day(client, on):
            for item in self._table.query(_PARTITION, {":pk": {"S": pk}}, ConsistentRead=not may_lag):
                yield items_cutting.of_day_from(item)

    def due(self, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        share = -(-limit // SHARDS)
        by_shard = each(lambda shard: self._due(shard, before, share), range(SHARDS))
        overdue = sorted(
            (item for shard in by_shard for item in shard), key=lambda item: float(item["due_at"]["N"])
        )
        return [
            (items.client_of(item["pk"]["S"]), items_cutting.due_name_of(item)) for item in overdue[:limit]
        ]

    def keep_reference(self, carrier: str, group: str, client: str, parcel: str) -> None:
        self._table.put(items_told.reference_item(carrier, group, client, parcel))

    def find_reference(self, carrier: str, group: str) -> tuple[str, str] | None:
        item = self._table.get(items_told.reference_key(carrier, group))
        return items_told.reference_from(item) if item else None

    def keep_refusal(self, refused: RefusedSubmission) -> None:
        self._table.put(items_refused.refusal_item(refused))

    def refusals_of_day(
        self, client: str, on: date, before: str | None, limit: int
    ) -> tuple[Sequence[RefusedSubmission], str | None]:
        # Every key begins with a digit, and all of them come before :.
        values = {":pk": {"S": items_refused.refusals_partition(client, on)}, ":before": {"S": before or ":"}}
        condition = "pk = :pk AND sk < :before"
        found = self._table.first(limit + 1, condition, values, ScanIndexForward=False)
        page = [items_refused.refusal_from(item) for item in found[:limit]]
        return page, found[limit - 1]["sk"]["S"] if len(found) > limit else None

    def keep_orphan(self, carrier: str, report: Report, at: datetime) -> None:
        self._table.put(items_told.orphan_item(carrier, report, at))

    def orphans_of_day(self, carrier: str, on: date, limit: int) -> Sequence[Report]:
        values = {":pk": {"S": items_told.orphan_partition(carrier, on)}}
        return [items_told.orphan_from(item) for item in self._table.first(limit, _PARTITION, values)]

    def keep_inbound(self, inbound: Inbound, at: datetime) -> KeptInbound:
        kept = KeptInbound(inbound, at)
        standing = self._table.put_if(ABSENT, items_told.inbound_item(kept))
        return items_told.kept_inbound_from(standing) if standing else kept

    def end_inbound(self, kept: KeptInbound) -> None:
        self._table.put(items_told.inbound_item(replace(kept, done=True)))

    def keep_orphan_inbound(self, carrier: str, mo: Mo, at: datetime) -> None:
        self._table.put(items_told.orphan_inbound_item(carrier, mo, at))

    def orphan_inbound_of_day(self, on: date, limit: int) -> Sequence[Brought]:
        found: list[Brought] = []
        pk, after = {"S": items_told.orphan_inbound_partition(on)}, "!"
        while True:
            values = {":pk": pk, ":after": {"S": after}}
            some = self._table.first(limit, "pk = :pk AND sk > :after", values)
            if not some:
                return found
            read = list(map(items_told.orphan_inbound_from, some))
            carrier = read[0][0]
            found.append(Brought(carrier, tuple(mo for of, mo in read if of == carrier)))
            # What comes behind all that begins with the carrier and #.
            after = f"{carrier}$"

    def inbound_of_day(
        self, client: str, on: date, after: str | None, limit: int
    ) -> tuple[Sequence[Inbound], str | None]:
        # Every key begins with a digit, and all of them come after !.
        values = {":pk": {"S": items_told.inbound_partition(client, on)}, ":after": {"S": after or "!"}}
        found = self._table.first(limit + 1, "pk = :pk AND sk > :after", values)
        page = [items_told.inbound_from(item) for item in found[:limit]]
        return page, found[limit - 1]["sk"]["S"] if len(found) > limit else None

    def _save(self, item: Item, version: int) -> None:
        """One write of the whole item: no dearer than a change of some attributes.

        A write whose answer was lost is made again by the library and meets itself: it is known by its mark.
        """
        mark = {"B": os.urandom(6)}
        before = {":before": {"N": str(version - 1)}}
        stored = self._table.put_if("version = :before", {**item, "mark": mark}, before)
        if stored is not None and stored.get("mark") != mark:
            raise Conflict("parcel_moved_on", "It was changed by another in the meantime.")

    def _due(self, shard: int, before: datetime, count: int) -> list[Item]:
        values = {":shard": {"S": f"d{shard}"}, ":before": from_time(before)}
        return self._table.first(count, "due_shard = :shard AND due_at <= :before", values, IndexName="due")
