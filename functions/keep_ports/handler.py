"""Lets an operator keep a client's ports: purpose, rate, flow and end; an auditor may look."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge import wire_sender as form
from openmas.edge.access import operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.flows import keep_ports as flow


class Needs(flow.Needs, Protocol):
    """Reads and writes the registry; fills the queue of releases when a port lets more through."""


def build(world: Needs) -> Handler:
    def look(_request: Request, client: str) -> Answer:
        return Answer({"ports": [form.port_document(port) for port in flow.show_ports(world, client)]})

    def show(_request: Request, client: str, port: str) -> Answer:
        return Answer(form.history_document(flow.show_port(world, client, form.port_named(port))))

    def keep(request: Request, client: str, port: str) -> Answer:
        by, body = operator_calling(request), read_body(form.PortBody, request.body())
        kept = flow.keep_port(world, client, form.port_named(port), body.terms(), by=by, why=body.why)
        return Answer(form.port_document(kept))

    def set_flow(request: Request, client: str, port: str) -> Answer:
        by, body = operator_calling(request), read_body(form.FlowBody, request.body())
        after = flow.set_flow(world, client, form.port_named(port), *body.flow, by=by, why=body.why)
        return Answer(form.port_document(after))

    def reclaim(request: Request, client: str, port: str) -> Answer:
        by, body = operator_calling(request), read_body(form.ReclaimBody, request.body())
        after = flow.reclaim_port(world, client, form.port_named(port), by=by, why=body.why)
        return Answer(form.port_document(after))

    top, one = "/v1/operator/clients/<client>/ports", "/v1/operator/clients/<client>/ports/<port>"
    routes: Routes = {("GET", top): look, ("GET", one): show, ("PUT", one): keep}
    routes |= {("POST", f"{one}/flow"): set_flow, ("POST", f"{one}/reclaim"): reclaim}
    return serve({place: operator_only(act) for place, act in routes.items()}, take)


handle = build(AwsWorld())
