"""Tells a client what was decided about every recipient of a batch, by which clause of which contract."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge.access import Door, client_calling
from openmas.edge.http import Answer, Handler, Request, serve
from openmas.edge.seals import Keys, Listing
from openmas.edge.wire_decisions import decision_document
from openmas.flows import read_decisions as flow


class Needs(flow.Needs, Door, Protocol):
    """Reads the registry, batches and parcels; seals cursors."""

    @property
    def seal(self) -> Keys: ...


def build(world: Needs) -> Handler:
    def decisions(request: Request, batch: str) -> Answer:
        client = client_calling(request, Scope.READ, world).client
        listing = Listing(world.seal, client, f"decisions on {batch}")
        start, limit = wire.place_in(listing, wire.query(request, "limit", "cursor"))
        found, end = flow.read_decisions(world, client, batch, int(start or 0), limit)
        return Answer(listing.page("decisions", [decision_document(each) for each in found], end))

    return serve({("GET", "/v1/batches/<batch>/decisions"): decisions}, take)


handle = build(AwsWorld())
