"""Merges what carriers report into the parcels, and puts recipients who opt out on the client's list."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.records import inbound_record, receipts_record
from openmas.edge.records import Failures, Handler, Record, all_records
from openmas.edge.telemetry import count
from openmas.flows import settle_receipts


class Needs(settle_receipts.Needs, Protocol):
    """Reads references; writes parcels, orphans, inbound and the opt-out list; queues what must wait."""


def build(world: Needs) -> Handler:
    def settle(records: Sequence[Record]) -> dict[str, object]:
        reported = [receipts_record(r.body) for r in records if "reports" in r.body]
        inbound = [mo for r in records if "inbound" in r.body for mo in inbound_record(r.body)]
        settled = settle_receipts.settle_receipts(world, reported)
        opted_out = settle_receipts.take_inbound(world, inbound)
        if settled.orphans:
            count("ReceiptsOrphaned", settled.orphans)
        return {**asdict(settled), "inbound": len(inbound), "opted_out": opted_out, **take()}

    def handle(event: dict[str, Any], _context: object) -> Failures:
        return all_records(event, settle)

    return handle


handle = build(AwsWorld())
