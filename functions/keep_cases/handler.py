"""Lets an operator see what a person must look at, and close it with a reason; an auditor may look."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge import wire
from openmas.edge.access import operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Keys, Listing
from openmas.edge.wire_cases import ClosingBody, case_document, kept_name
from openmas.flows import keep_cases as flow


class Needs(flow.Needs, Protocol):
    """Reads and closes cases; seals cursors."""

    @property
    def seal(self) -> Keys: ...


def build(world: Needs) -> Handler:
    def look(request: Request) -> Answer:
        asked = wire.query(request, "kind", "limit", "cursor")
        kind = asked.get("kind")
        listing = Listing(world.seal, "#operator", f"cases of {kind}")
        found, end = flow.open_cases(world, kind, *wire.place_in(listing, asked))
        return Answer(listing.page("cases", [case_document(case) for case in found], end))

    def show(_request: Request, client: str, case: str) -> Answer:
        return Answer(case_document(flow.show_case(world, kept_name(client), kept_name(case))))

    def close(request: Request, client: str, case: str) -> Answer:
        by, body = operator_calling(request), wire.read_body(ClosingBody, request.body())
        place = (kept_name(client), kept_name(case))
        return Answer(case_document(flow.close_case(world, *place, by, body.why, body.outcome)))

    top, one = "/v1/operator/cases", "/v1/operator/cases/<client>/<case>"
    routes: Routes = {("GET", top): look, ("GET", one): show, ("POST", f"{one}/closing"): close}
    return serve({place: operator_only(act) for place, act in routes.items()}, take)


handle = build(AwsWorld())
