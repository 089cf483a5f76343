"""Every minute, brings forward the parcels that stand still."""

from collections.abc import Callable
from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge.telemetry import count, line
from openmas.flows import sweep_parcels


class Needs(sweep_parcels.Needs, Protocol):
    """Reads the index of open parcels; writes parcels, cases and what was noted; fills the queues."""


def build(world: Needs) -> Callable[[dict[str, Any], object], dict[str, int]]:
    def handle(_event: dict[str, Any], _context: object) -> dict[str, int]:
        with line("sweep") as noted:
            done = sweep_parcels.sweep_parcels(world)
            noted.update(done, outcome="done", **take())
            if done["left_unknown"]:
                count("ParcelsLeftUnknown", done["left_unknown"])
        return dict(done)

    return handle


handle = build(AwsWorld())
