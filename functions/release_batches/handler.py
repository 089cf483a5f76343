"""Takes batches whose time to be sent has come, and queues their parcels."""

from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.records import release_record
from openmas.edge.records import Failures, Handler, Record, each_record
from openmas.flows import release_batches


class Needs(release_batches.Needs, Protocol):
    """Reads batches and their parcels; fills the queues of parcels, and its own with what is left over."""


def build(world: Needs) -> Handler:
    def release(record: Record) -> dict[str, object]:
        client, batch, after, cancel = release_record(record.body)
        done = release_batches.release_batch(world, client, batch, after, cancel)
        left = {"after": done.after} if done.after else {}
        told = {"client": client, "batch": batch, "committed": done.committed, "parcels": done.parcels}
        return {**told, **left, **({"cancelled": True} if cancel else {}), **take()}

    def handle(event: dict[str, Any], _context: object) -> Failures:
        return each_record(event, release)

    return handle


handle = build(AwsWorld())
