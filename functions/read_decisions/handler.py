"""Tells a client what was decided about every recipient of a batch, by which clause of which contract."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge.access import Door, client_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Keys, Listing
from openmas.edge.wire_decisions import decision_document, fault_document, refusal_document
from openmas.flows import read_decisions as flow
from openmas.flows.keep_contracts import ShowNeeds, show_client


class Needs(flow.Needs, ShowNeeds, Door, Protocol):
    """Reads the registry, batches, parcels, refusals and faults of files; seals cursors; signs addresses."""

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
        listing = Listing(world.seal, client_calling(request, Scope.READ, world).client, f"faults of {batch}")
        page = listing.place(wire.query(request, "cursor"))
        law, found, end = flow.read_faults(world, listing.client, batch, int(page or 0))
        return Answer(listing.page("faults", [fault_document(each, law) for each in found], end))

    def fault_file(request: Request, batch: str) -> Answer:
        url = flow.fault_file(world, client_calling(request, Scope.READ, world).client, batch)
        return Answer({"batch": batch, "form": "csv", "url": url})

    def refusals_of(request: Request, client: str) -> Answer:
        on = wire.day_asked(asked := wire.query(request, "day", "limit", "cursor"), world.clock.now())
        listing = Listing(world.seal, client, f"refusals of {on}")
        found, end = flow.read_refusals(world, client, on, *wire.place_in(listing, asked))
        return Answer(listing.page("refusals", [refusal_document(each) for each in found], end))

    def refusals(request: Request) -> Answer:
        return refusals_of(request, client_calling(request, Scope.READ, world).client)

    def refusals_for(request: Request, client: str) -> Answer:
        return refusals_of(request, show_client(world, client).client.id)

    one, all_at_once = "/v1/batches/<batch>", "/v1/operator/clients/<client>/refusals"
    routes: Routes = {("GET", f"{one}/decisions"): decisions, ("GET", f"{one}/faults"): faults}
    routes |= {("GET", "/v1/refusals"): refusals, ("GET", all_at_once): operator_only(refusals_for)}
    return serve({**routes, ("GET", f"{one}/faults/file"): fault_file}, take)


handle = build(AwsWorld())
