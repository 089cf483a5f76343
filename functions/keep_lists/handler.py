"""Lets a client keep its black, white and opt-out lists, and see who changed them."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge import wire_lists as form
from openmas.edge.access import Door, client_calling
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Listing, Sealing
from openmas.flows import keep_lists as flow


class Needs(flow.Needs, Door, Sealing, Protocol):
    """Reads the registry; reads and writes the lists; seals cursors."""


def build(world: Needs) -> Handler:
    def look(request: Request, kind: str) -> Answer:
        caller, asked = client_calling(request, Scope.LISTS, world), form.asked(request, "limit", "cursor")
        name = flow.list_asked(kind, asked)
        listing = Listing(world.seal, caller.client, f"numbers of {name}")
        found, end = world.lists.page(caller.client, name, *wire.place_in(listing, asked))
        return Answer(listing.page("numbers", [form.entry_document(each) for each in found], end))

    def history(request: Request, kind: str) -> Answer:
        caller, asked = client_calling(request, Scope.LISTS, world), wire.query(request, *form.OF_HISTORY)
        name, month = flow.list_asked(kind), form.month_asked(asked, world.clock.now())
        listing = Listing(world.seal, caller.client, f"changes of {name} in {month}")
        found, end = world.lists.changes(caller.client, name.kind, month, *form.place(listing, asked))
        return Answer(listing.page("changes", [form.change_document(each) for each in found], end))

    def change(request: Request, kind: str) -> Answer:
        caller, name = client_calling(request, Scope.LISTS, world), flow.list_asked(kind, form.asked(request))
        body = wire.read_body(form.NumbersBody, request.body())
        asks = flow.Asking(caller.by, body.why, form.given_consent(body.consent))
        changed = flow.CHANGES[request.method](world, caller.client, name, body.numbers, asks)
        return form.changed_answer(request, name, asks.why, changed.numbers, changed.refused)

    def find(request: Request, kind: str, number: str) -> Answer:
        caller, name = client_calling(request, Scope.LISTS, world), flow.list_asked(kind, form.asked(request))
        return Answer(form.entry_document(flow.find_entry(world, caller.client, name, number)))

    def strike_one(request: Request, kind: str, number: str) -> Answer:
        caller, asked = client_calling(request, Scope.LISTS, world), form.asked(request, "why")
        name, asks = flow.list_asked(kind, asked), flow.Asking(caller.by, wire.why(asked))
        flow.strike_number(world, caller.client, name, number, asks)
        return form.changed_answer(request, name, asks.why, 1, {})

    many, one = "/v1/lists/<kind>/numbers", "/v1/lists/<kind>/numbers/<number>"
    looks: Routes = {("GET", many): look, ("GET", one): find, ("GET", "/v1/lists/<kind>/changes"): history}
    return serve(
        {**looks, ("POST", many): change, ("DELETE", many): change, ("DELETE", one): strike_one}, take
    )


handle = build(AwsWorld())
