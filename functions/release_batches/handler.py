"""Queues the parcels of batches whose time has come, and those that wait on a port that was opened."""

from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.records import port_record, release_record
from openmas.edge.records import Failures, Handler, Record, each_record
from openmas.flows import release_batches, wake_ports


class Needs(release_batches.Needs, wake_ports.Needs, Protocol):
    """Reads batches and their parcels; fills the queues of parcels, and its own with what is left over."""


def build(world: Needs) -> Handler:
    def wake(record: Record) -> dict[str, object]:
        client, port, parcels = port_record(record.body)
        told: dict[str, object] = {"client": client, "port": port}
        if not parcels:
            return {**told, "looked_at": wake_ports.wake_port(world, client, port), **take()}
        return {**told, "parcels": wake_ports.wake_parcels(world, client, port, parcels), **take()}

    def release(record: Record) -> dict[str, object]:
        if "port" in record.body:
            return wake(record)
        client, batch, after, cancel = release_record(record.body)
        done = release_batches.release_batch(world, client, batch, after, cancel)
        left = {"after": done.after} if done.after else {}
        told = {"client": client, "batch": batch, "committed": done.committed, "parcels": done.parcels}
        return {**told, **left, **({"cancelled": True} if cancel else {}), **take()}

    def handle(event: dict[str, Any], _context: object) -> Failures:
        return each_record(event, release)

    return handle


handle = build(AwsWorld())
