"""Takes batches from files a step further: reads the file, then cuts parcels as fast as they are sent."""

from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.records import cut_record
from openmas.edge.records import Failures, Handler, Record, each_record
from openmas.flows import cut_files


class Needs(cut_files.Needs, Protocol):
    """Reads registry, lists, uploaded files; writes parts, cuttings, parcels and cases; fills the queues."""


def build(world: Needs) -> Handler:
    def cut(record: Record) -> dict[str, object]:
        client, batch, version = cut_record(record.body)
        step, cutting = cut_files.cut_file(world, client, batch, version)
        told: dict[str, object] = {"client": client, "batch": batch, "step": step}
        if cutting is not None:
            counts = {"rows": cutting.rows, "recipients": cutting.recipients, "cut": cutting.messages}
            told |= {"stage": cutting.stage, **counts, **({"stopped": cutting.code} if cutting.code else {})}
        return {**told, **take()}

    def handle(event: dict[str, Any], _context: object) -> Failures:
        return each_record(event, cut)

    return handle


handle = build(AwsWorld())
