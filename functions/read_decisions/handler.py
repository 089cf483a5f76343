"""Tells a client what was decided about every recipient of a batch, by which clause of which contract."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge.access import Door, client_calling
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Keys, Listing
from openmas.edge.wire_decisions import decision_document, fault_document
from openmas.flows import read_decisions as flow


class Needs(flow.Needs, Door, Protocol):
    """Reads the registry, batches, parcels and the faults of files; seals cursors; signs addresses."""

    @property
    def seal(self) -> Keys: ...


def build(world: Needs) -> Handler:
    def decisions(request: Request, batch: str) -> Answer:
        client = client_calling(request, Scope.READ, world).client
        listing = Listing(world.seal, client, f"decisions on {batch}")
        start, limit = wire.place_in(listing, wire.query(request, "limit", "cursor"))
        found, end = flow.read_decisions(world, client, batch, int(start or 0), limit)
        return Answer(listing.page("decisions", [decision_document(each) for each in found], end))

    def faults(request: Request, batch: str) -> Answer:
        client = client_calling(request, Scope.READ, world).client
        listing = Listing(world.seal, client, f"faults of {batch}")
        page = listing.place(wire.query(request, "cursor"))
        law, found, end = flow.read_faults(world, client, batch, int(page or 0))
        return Answer(listing.page("faults", [fault_document(each, law) for each in found], end))

    def fault_file(request: Request, batch: str) -> Answer:
        client = client_calling(request, Scope.READ, world).client
        return Answer({"batch": batch, "form": "csv", "url": flow.fault_file(world, client, batch)})

    one = "/v1/batches/<batch>"
    routes: Routes = {("GET", f"{one}/decisions"): decisions, ("GET", f"{one}/faults"): faults}
    return serve({**routes, ("GET", f"{one}/faults/file"): fault_file}, take)


handle = build(AwsWorld())
