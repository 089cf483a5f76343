"""Merges what carriers report into the parcels, and puts recipients who opt out on the client's list."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.records import inbound_record, receipts_record
from openmas.edge.records import Failures, Handler, Partly, Record, all_records, time_to_work_s
from openmas.edge.telemetry import count
from openmas.flows import keep_inbound, settle_receipts


class Needs(settle_receipts.Needs, keep_inbound.Needs, Protocol):
    """Reads references and profiles; writes parcels, orphans, inbound, opt-outs; queues what must wait."""


def build(world: Needs) -> Handler:
    def settle(records: Sequence[Record], left_s: Callable[[], float]) -> Partly:
        with_inbound = [record for record in records if "inbound" in record.body]
        with_reports = [record for record in records if "reports" in record.body]
        brought = [inbound_record(record.body) for record in with_inbound]
        reported = [receipts_record(record.body) for record in with_reports]
        # Opt-outs first: they are few, and somebody waits for each of them to count.
        kept = keep_inbound.keep_inbound(world, brought, left_s())
        settled = settle_receipts.settle_receipts(world, reported, left_s())
        left = [with_inbound[place] for place in kept.left] + [with_reports[place] for place in settled.left]
        _count(kept, settled)
        return Partly({**asdict(settled), **asdict(kept), **take()}, left)

    def handle(event: dict[str, Any], context: object) -> Failures:
        return all_records(event, lambda records: settle(records, lambda: time_to_work_s(context)))

    return handle


def _count(kept: keep_inbound.InboundCounts, settled: settle_receipts.Settled) -> None:
    if settled.orphans:
        count("ReceiptsOrphaned", settled.orphans)
    if kept.inbound_orphans:
        count("InboundOrphaned", kept.inbound_orphans)


handle = build(AwsWorld())
