"""Tells a client what became of its batches and messages, what was written back, and what it has used."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge.access import Caller, Door, client_calling
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Keys, Listing
from openmas.flows import read_messages as flow
from openmas.flows import usage as ledger


class Needs(flow.Needs, ledger.Needs, Door, Protocol):
    """Reads the registry, batches, parcels, inbound messages and the ledger; seals cursors."""

    @property
    def seal(self) -> Keys: ...


def build(world: Needs) -> Handler:
    def calling(request: Request) -> Caller:
        return client_calling(request, Scope.READ, world)

    def batch(request: Request, batch: str) -> Answer:
        progress = flow.read_progress(world, calling(request).profile, batch)
        return Answer(wire.progress_document(*progress))

    def messages(request: Request, batch: str) -> Answer:
        listing = Listing(world.seal, calling(request).client, f"messages of {batch}")
        start, limit = wire.place_in(listing, wire.query(request, "limit", "cursor"))
        found, end = flow.read_batch_messages(world, listing.client, batch, int(start or 0), limit)
        return Answer(listing.page("messages", [wire.message_document(each) for each in found], end))

    def message(request: Request, message: str) -> Answer:
        return Answer(wire.message_document(flow.read_message(world, calling(request).client, message)))

    def inbound(request: Request) -> Answer:
        client, asked = calling(request).client, wire.query(request, "day", "limit", "cursor")
        on = wire.day_asked(asked, world.clock.now())
        listing = Listing(world.seal, client, f"inbound of {on}")
        found, end = flow.read_inbound(world, client, on, *wire.place_in(listing, asked))
        return Answer(listing.page("inbound", [wire.inbound_document(each) for each in found], end))

    def usage(request: Request) -> Answer:
        return Answer(wire.plain(ledger.usage(world, calling(request).client, world.clock.now())))

    def statement(request: Request, day: str) -> Answer:
        stated = ledger.statement(world, calling(request).client, wire.day(day))
        return Answer(wire.statement_document(stated))

    one = "/v1/batches/<batch>"
    routes: Routes = {("GET", one): batch, ("GET", f"{one}/messages"): messages, ("GET", "/v1/usage"): usage}
    routes |= {("GET", "/v1/messages/<message>"): message, ("GET", "/v1/inbound"): inbound}
    return serve({**routes, ("GET", "/v1/statements/<day>"): statement}, take)


handle = build(AwsWorld())
