"""Takes complaints about a client's messages, and lets the contract's ladder take its steps."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire_measures as form
from openmas.edge.access import Door, client_calling, operator_calling
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.flows import handle_complaints as flow
from openmas.flows.keep_contracts import show_client


class Needs(flow.Needs, Door, Protocol):
    """Reads the registry, days and statements; writes complaints, their cases, and measures."""


def build(world: Needs) -> Handler:
    def file(request: Request, client: str) -> Answer:
        by = operator_calling(request)
        profile, told = show_client(world, client), read_body(form.ComplaintBody, request.body()).told()
        complaint, rate = flow.file_complaint(world, profile, told, by)
        request.noted.update(complaint=complaint.id, rung=rate.rung)
        said = {"complaint": form.complaint_document(complaint), "rate": form.rate_document(rate)}
        return Answer(said, 201)

    def look(request: Request, client: str) -> Answer:
        operator_calling(request)
        rate = flow.rate_of(world, show_client(world, client))
        found = world.complaints.since(client, flow.month_before(world))
        said = [form.complaint_document(each) for each in found]
        return Answer({"complaints": said, "rate": form.rate_document(rate)})

    def settle(request: Request, client: str, complaint: str) -> Answer:
        by, body = operator_calling(request), read_body(form.FindingBody, request.body())
        profile = show_client(world, client)
        settled = flow.settle_complaint(world, profile, complaint, body.found(), by, body.why)
        return Answer(form.complaint_document(settled))

    def hear(request: Request) -> Answer:
        client = client_calling(request, Scope.READ, world).client
        found = world.complaints.since(client, flow.month_before(world))
        return Answer({"complaints": [form.complaint_document(each) for each in found]})

    one = "/v1/operator/clients/<client>/complaints"
    routes: Routes = {("POST", one): file, ("GET", one): look, ("GET", "/v1/complaints"): hear}
    return serve({**routes, ("POST", f"{one}/<complaint>/finding"): settle}, take)


handle = build(AwsWorld())
