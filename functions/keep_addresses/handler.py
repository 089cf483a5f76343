"""Lets an operator block addresses for all clients, and lift that again; an auditor may look at them."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.addresses import AddressList
from openmas.edge import wire
from openmas.edge import wire_addresses as form
from openmas.edge.access import operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Listing, Sealing
from openmas.flows import keep_addresses as flow


class Needs(flow.Needs, Sealing, Protocol):
    """Reads and writes the black list of addresses; seals cursors."""


def build(world: Needs) -> Handler:
    def look(request: Request) -> Answer:
        listing = Listing(world.seal, "#operator", "addresses")
        listed = world.addresses.newest()
        page, end = listed.page(*wire.place_in(listing, wire.query(request, "limit", "cursor")))
        told = listing.page("addresses", list(map(form.block_document, page)), end)
        return Answer({**form.kept_document(listed), **told})

    def history(request: Request) -> Answer:
        listing = Listing(world.seal, "#operator", "changes of the addresses")
        place = wire.place_in(listing, wire.query(request, "limit", "cursor"))
        found, end = world.addresses.changes(*place)
        return Answer(listing.page("changes", list(map(form.change_document, found)), end))

    def block(request: Request) -> Answer:
        by, body = operator_calling(request), wire.read_body(form.BlockBody, request.body())
        return told(request, flow.block_addresses(world, body.ranges, body.ends_at(), by, body.why))

    def lift(request: Request) -> Answer:
        by, body = operator_calling(request), wire.read_body(form.LiftBody, request.body())
        return told(request, flow.lift_addresses(world, body.ranges, by, body.why))

    def told(request: Request, kept: AddressList) -> Answer:
        request.noted.update(version=kept.version, of=len(kept.blocks))
        return Answer(form.kept_document(kept))

    top = "/v1/operator/addresses"
    routes: Routes = {("GET", top): look, ("POST", top): block, ("DELETE", top): lift}
    routes |= {("GET", f"{top}/changes"): history}
    return serve({place: operator_only(act) for place, act in routes.items()}, take)


handle = build(AwsWorld())
