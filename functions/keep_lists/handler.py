"""Lets a client keep its black, white and opt-out lists."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge.access import Caller, Door, client_calling
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Keys, Listing
from openmas.flows import keep_lists as flow


class Needs(flow.Needs, Door, Protocol):
    """Reads the registry; reads and writes the lists; seals cursors."""

    @property
    def seal(self) -> Keys: ...


def build(world: Needs) -> Handler:
    def calling(request: Request) -> Caller:
        return client_calling(request, Scope.LISTS, world)

    def look(request: Request, kind: str) -> Answer:
        listing = Listing(world.seal, calling(request).client, f"numbers of {kind}")
        after, limit = wire.place_in(listing, wire.query(request, "limit", "cursor"))
        found, end = world.lists.page(listing.client, flow.kind_named(kind), after, limit)
        return Answer(listing.page("numbers", [wire.plain(each) for each in found], end))

    def keep(request: Request, kind: str) -> Answer:
        caller, body = calling(request), wire.read_body(wire.NumbersBody, request.body())
        changed = flow.keep_numbers(world, caller.client, kind, body.numbers, caller.by, body.why)
        request.noted.update(list=kind, kept=changed.numbers)
        return Answer({"kept": changed.numbers, "refused": wire.refused_documents(changed.refused)})

    def strike(request: Request, kind: str) -> Answer:
        caller, body = calling(request), wire.read_body(wire.NumbersBody, request.body())
        changed = flow.strike_numbers(world, caller.client, kind, body.numbers, caller.by, body.why)
        request.noted.update(list=kind, struck=changed.numbers, why=wire.masked(body.why or ""))
        return Answer({"struck": changed.numbers, "refused": wire.refused_documents(changed.refused)})

    def find(request: Request, kind: str, number: str) -> Answer:
        return Answer(wire.plain(flow.find_entry(world, calling(request).client, kind, number)))

    def strike_one(request: Request, kind: str, number: str) -> Answer:
        caller, why = calling(request), wire.why(wire.query(request, "why"))
        flow.strike_number(world, caller.client, kind, number, caller.by, why)
        request.noted.update(list=kind, struck=1, why=wire.masked(why or ""))
        return Answer({"struck": 1, "refused": []})

    all_of, one = "/v1/lists/<kind>/numbers", "/v1/lists/<kind>/numbers/<number>"
    routes: Routes = {("GET", all_of): look, ("POST", all_of): keep, ("DELETE", all_of): strike}
    return serve({**routes, ("GET", one): find, ("DELETE", one): strike_one}, take)


handle = build(AwsWorld())
