"""Lets an operator stop or slow a client's messages and lift that again, and the client appeal."""

from collections.abc import Callable
from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.measures import Measure
from openmas.domain.profile import Profile, Scope
from openmas.edge import wire_measures as form
from openmas.edge.access import Door, client_calling, operator_calling, operator_only
from openmas.edge.http import Act, Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.flows import keep_measures as flow
from openmas.flows.keep_contracts import show_client


class Needs(flow.Needs, Door, Protocol):
    """Reads the registry; writes measures and the cases of appeals; fills the queue of releases."""


def build(world: Needs) -> Handler:
    def told(profile: Profile) -> Answer:
        return Answer({"measures": list(map(form.measure_document, flow.measures_of(profile)))})

    def said(request: Request) -> str:
        return read_body(form.WhyBody, request.body()).why

    def look(_request: Request, client: str) -> Answer:
        return told(show_client(world, client))

    def take_one(request: Request, client: str) -> Answer:
        by, body = operator_calling(request), read_body(form.MeasureBody, request.body())
        wanted = body.measure(flow.name_of(world), by, world.clock.now())
        measure = flow.take_measure(world, show_client(world, client), wanted)
        return Answer(form.measure_document(measure), 201)

    def ending(end: Callable[..., Measure]) -> Act:
        def act(request: Request, client: str, measure: str) -> Answer:
            by, why, profile = operator_calling(request), said(request), show_client(world, client)
            return Answer(form.measure_document(end(world, profile, measure, by, why)))

        return act

    def hear(request: Request) -> Answer:
        return told(client_calling(request, Scope.READ, world).profile)

    def appeal(request: Request, measure: str) -> Answer:
        caller, why = client_calling(request, Scope.SEND, world).live(), said(request)
        appealed = flow.appeal(world, show_client(world, caller.client), measure, caller.by, why)
        return Answer(form.measure_document(appealed), 201)

    top, own = "/v1/operator/clients/<client>/measures", "/v1/measures"
    routes: Routes = {("GET", top): operator_only(look), ("POST", top): take_one, ("GET", own): hear}
    routes |= {("POST", f"{top}/<measure>/lift"): ending(flow.lift_measure)}
    routes |= {("POST", f"{top}/<measure>/uphold"): ending(flow.uphold_measure)}
    return serve({**routes, ("POST", f"{own}/<measure>/appeal"): appeal}, take)


handle = build(AwsWorld())
