"""Lets a client hand in its signatures, and an operator pass, refuse and stop them; an auditor may look."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire_sender as form
from openmas.edge.access import Door, client_calling, operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.flows import keep_signatures as flow
from openmas.flows.keep_contracts import show_client


class Needs(flow.Needs, Door, Protocol):
    """Reads and writes the registry; opens and closes cases."""


def build(world: Needs) -> Handler:
    def look_for(_request: Request, client: str) -> Answer:
        profile = show_client(world, client)
        own = flow.own_signature(profile, world)
        return Answer({"own": own, **form.signatures_document(profile)})

    def entered(request: Request, client: str, by: str) -> Answer:
        claim = read_body(form.SignatureBody, request.body()).claim()
        signature = flow.enter_signature(world, client, claim, by)
        request.noted.update(status=signature.status)
        return Answer(form.signature_document(signature), 201)

    def look(request: Request) -> Answer:
        return look_for(request, client_calling(request, Scope.REGISTRY, world).client)

    def enter(request: Request) -> Answer:
        caller = client_calling(request, Scope.REGISTRY, world)
        return entered(request, caller.client, caller.by)

    def show(_request: Request, client: str, signature: str) -> Answer:
        return Answer(form.signature_history(flow.show_signature(world, client, signature)))

    def show_own(request: Request, signature: str) -> Answer:
        return show(request, client_calling(request, Scope.REGISTRY, world).client, signature)

    def enter_for(request: Request, client: str) -> Answer:
        return entered(request, client, operator_calling(request))

    def judge(request: Request, client: str) -> Answer:
        by, body = operator_calling(request), read_body(form.VerdictBody, request.body())
        judged = flow.judge_signature(world, client, *body.said(), by, body.why, version=body.version)
        return Answer(form.signature_document(judged))

    own, top = "/v1/signatures", "/v1/operator/clients/<client>/signatures"
    routes: Routes = {("GET", own): look, ("POST", own): enter, ("GET", f"{own}/<signature>"): show_own}
    shows: Routes = {("GET", top): look_for, ("GET", f"{top}/<signature>"): show}
    acts = {**shows, ("POST", top): enter_for, ("POST", f"{top}/verdicts"): judge}
    return serve({**routes, **{place: operator_only(act) for place, act in acts.items()}}, take)


handle = build(AwsWorld())
