"""Takes imports and exports of lists, and carries each out: all of it or nothing."""

from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.records import transfer_record
from openmas.edge.records import Failures, Handler, Record, each_record
from openmas.flows import transfer_lists


class Needs(transfer_lists.Needs, Protocol):
    """Reads uploaded files; reads and writes the lists; writes files that clients may fetch."""


def build(world: Needs) -> Handler:
    def transfer(record: Record) -> dict[str, object]:
        client, ordered = transfer_record(record.body)
        ended = transfer_lists.transfer_list(world, client, ordered)
        found, loaded = ended.found, ended.loaded
        told = {"client": client, "transfer": ended.id, "list": str(ended.name), "state": ended.state}
        counts = {"rows": found.rows, "errors": found.errors, "doubles": found.doubles}
        changed = {"added": loaded.added, "struck": loaded.struck} if loaded else {}
        refused = {"refusal": ended.refusal[0]} if ended.refusal else {}
        return {**told, **counts, **changed, **refused, **take()}

    def handle(event: dict[str, Any], _context: object) -> Failures:
        return each_record(event, transfer)

    return handle


handle = build(AwsWorld())
