"""Lets an operator check clients' lists: freeze, thaw and strike with a reason; an auditor may look."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.listing import Act
from openmas.edge import wire
from openmas.edge import wire_lists as form
from openmas.edge.access import operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Listing, Sealing
from openmas.flows import check_lists as flow
from openmas.flows.keep_lists import list_asked


class Needs(flow.Needs, Sealing, Protocol):
    """Reads the registry; reads and writes the lists; seals cursors."""


def build(world: Needs) -> Handler:
    def look(_request: Request, client: str) -> Answer:
        return Answer(form.lists_document(flow.show_lists(world, client)))

    def leaf(request: Request, client: str, kind: str) -> Answer:
        name = list_asked(kind, asked := form.asked(request, "limit", "cursor"))
        listing = Listing(world.seal, client, f"numbers of {name}, masked")
        found, end = flow.show_numbers(world, client, name, *wire.place_in(listing, asked))
        return Answer(listing.page("numbers", [form.masked_entry_document(each) for each in found], end))

    def find(request: Request, client: str, kind: str, number: str) -> Answer:
        name = list_asked(kind, form.asked(request))
        return Answer(form.entry_document(flow.show_entry(world, client, name, number)))

    def history(request: Request, client: str, kind: str) -> Answer:
        asked, name = wire.query(request, *form.OF_HISTORY), list_asked(kind)
        month = form.month_asked(asked, world.clock.now())
        listing = Listing(world.seal, client, f"changes of {name} in {month}, masked")
        found, end = world.lists.changes(client, name.kind, month, *form.place(listing, asked))
        return Answer(listing.page("changes", [form.masked_change_document(each) for each in found], end))

    def act(request: Request, client: str, kind: str) -> Answer:
        by, name = operator_calling(request), list_asked(kind, form.asked(request))
        body = wire.read_body(form.ActBody, request.body())
        done = Act(body.act)
        request.noted.update(list=str(name), act=done, why=wire.masked(body.why))
        if body.numbers is None:
            flow.change_list(world, client, name, done, by=by, why=body.why)
            return Answer({"act": done, "list": name.kind, "scope": name.scope or None})
        changed = flow.change_entries(world, client, name, done, body.numbers, by=by, why=body.why)
        return Answer({done: changed.numbers, "refused": wire.refused_documents(changed.refused)})

    top, one = "/v1/operator/clients/<client>/lists", "/v1/operator/clients/<client>/lists/<kind>"
    routes: Routes = {("GET", top): look, ("GET", f"{one}/numbers"): leaf, ("POST", f"{one}/acts"): act}
    routes |= {("GET", f"{one}/numbers/<number>"): find, ("GET", f"{one}/changes"): history}
    return serve({place: operator_only(acts) for place, acts in routes.items()}, take)


handle = build(AwsWorld())
