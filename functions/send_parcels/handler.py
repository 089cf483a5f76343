"""Takes parcels from the urgent and the bulk queue and offers each to its carrier, at most once."""

from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.parcel import Parcel
from openmas.domain.records import parcel_record
from openmas.edge.records import Failures, Handler, Record, each_record
from openmas.edge.telemetry import count
from openmas.flows import send_parcels


class Needs(send_parcels.Needs, Protocol):
    """Reads registry, lists and batch; writes parcels, references and what was noted; calls carriers."""


def build(world: Needs) -> Handler:
    def send(record: Record) -> dict[str, object]:
        client, parcel_id, attempt = parcel_record(record.body)
        sent, parcel = send_parcels.send_parcel(world, client, parcel_id, attempt)
        return {"client": client, "parcel": parcel_id, "sent": sent, **_told(parcel), **take()}

    def handle(event: dict[str, Any], _context: object) -> Failures:
        return each_record(event, send)

    return handle


def _told(parcel: Parcel | None) -> dict[str, object]:
    if parcel is None:
        return {}
    count(f"Parcels{parcel.state.capitalize()}")
    return {"state": parcel.state, "attempt": parcel.attempt, "messages": len(parcel.to_send)}


handle = build(AwsWorld())
