"""Lets an operator keep clients, their API keys and contracts; an auditor may look at them."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.calendar import shanghai_day
from openmas.edge import wire_contract as form
from openmas.edge.access import operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import query, read_body
from openmas.flows import keep_contracts as flow
from openmas.flows.activate_contracts import CheckNeeds, check_contract


class Needs(flow.Needs, CheckNeeds, Protocol):
    """Reads and writes the registry; draws new keys; knows which carriers are set up."""


def build(world: Needs) -> Handler:
    def clients(_request: Request) -> Answer:
        return Answer({"clients": list(world.registry.clients())})

    def show(_request: Request, client: str) -> Answer:
        profile, records = flow.show_client(world, client), flow.client_versions(world, client)
        return Answer(form.profile_document(profile, shanghai_day(world.clock.now()), records))

    def keep_client(request: Request, client: str) -> Answer:
        by, body = operator_calling(request), read_body(form.ClientBody, request.body())
        return Answer(form.kept_client_document(*flow.keep_client(world, body.client(client), by, body.why)))

    def issue_key(request: Request, client: str) -> Answer:
        text, key = flow.issue_key(world, client, read_body(form.KeyBody, request.body()).wanted())
        return Answer({"key": text, **form.key_document(key)}, 201)

    def drop_key(_request: Request, client: str, sha256: str) -> Answer:
        flow.drop_key(world, client, sha256)
        return Answer({"client": client, "dropped": sha256})

    def keep_contract(request: Request, client: str) -> Answer:
        contract = form.read_contract(request.body())
        return Answer(form.kept_document(contract, flow.keep_contract(world, client, contract)), 201)

    def check(request: Request) -> Answer:
        client = query(request, "client").get("client")
        contract, faults = form.read_to_its_end(request.body())
        if contract is None:
            return Answer(form.checked_document(faults))
        found = check_contract(world, contract, faults, client)
        return Answer(form.checked_document(found.problems, found.odd, found.missing))

    top, one = "/v1/operator", "/v1/operator/clients/<client>"
    routes: Routes = {("GET", f"{top}/clients"): clients, ("GET", one): show, ("PUT", one): keep_client}
    routes |= {("POST", f"{one}/keys"): issue_key, ("DELETE", f"{one}/keys/<sha256>"): drop_key}
    routes |= {("POST", f"{one}/contracts"): keep_contract, ("POST", f"{top}/contracts/check"): check}
    return serve({place: operator_only(act) for place, act in routes.items()}, take)


handle = build(AwsWorld())
