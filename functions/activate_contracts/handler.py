"""Lets an operator file and withdraw documents, and put contracts into force; an auditor may look."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge import wire_activation as form
from openmas.edge.access import operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.flows import activate_contracts as flow
from openmas.flows.keep_contracts import show_client


class Needs(flow.Needs, Protocol):
    """Reads and writes the registry."""


def build(world: Needs) -> Handler:
    def documents(_request: Request, client: str) -> Answer:
        return Answer(form.documents_document(show_client(world, client).documents))

    def file_document(request: Request, client: str) -> Answer:
        by, body = operator_calling(request), read_body(form.DocumentBody, request.body())
        filed = flow.file_document(world, client, body.document(by, world.clock.now()))
        return Answer(form.client_document(filed), 201)

    def withdraw(request: Request, client: str, document: str) -> Answer:
        by, body = operator_calling(request), read_body(form.WithdrawalBody, request.body())
        return Answer(form.client_document(flow.withdraw_document(world, client, document, by, body.why)))

    def show(_request: Request, client: str, contract: str, version: str) -> Answer:
        stands = flow.show_contract(world, client, contract, form.version_of(version))
        where = (stands.contract, stands.life, stands.activation)
        return Answer(form.standing_document(*where, stands.missing, stands.odd))

    def activate(request: Request, client: str, contract: str, version: str) -> Answer:
        by, body = operator_calling(request), read_body(form.ActivationBody, request.body())
        place = (client, contract, form.version_of(version))
        activation = flow.activate(world, *place, by, body.signature_passed_because)
        odd = flow.show_contract(world, *place).odd
        return Answer(form.activated_document(activation, odd))

    one = "/v1/operator/clients/<client>"
    place = f"{one}/contracts/<contract>/<version>/activation"
    routes: Routes = {("GET", f"{one}/documents"): documents, ("POST", f"{one}/documents"): file_document}
    routes |= {("POST", f"{one}/documents/<document>/withdrawal"): withdraw}
    routes |= {("GET", place): show, ("POST", place): activate}
    return serve({place: operator_only(act) for place, act in routes.items()}, take)


handle = build(AwsWorld())
