"""Lets a client hand in its signatures, and an operator pass, refuse and stop them; an auditor may look."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Profile, Scope
from openmas.domain.signing import Ruling
from openmas.edge import wire_sender as form
from openmas.edge.access import Door, client_calling, operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.flows import keep_signatures as flow
from openmas.flows.keep_contracts import show_client


class Needs(flow.Needs, Door, Protocol):
    """Reads and writes the registry; opens and closes cases."""


def build(world: Needs) -> Handler:
    def listed(profile: Profile) -> Answer:
        entered = [form.signature_document(each) for each in profile.signatures.values()]
        return Answer({"own": flow.own_signature(profile, world), "signatures": entered})

    def entered(request: Request, client: str, by: str) -> Answer:
        claim = read_body(form.SignatureBody, request.body()).claim()
        signature = flow.enter_signature(world, client, claim, by)
        request.noted.update(status=signature.status)
        return Answer(form.signature_document(signature), 201)

    def look(request: Request) -> Answer:
        return listed(client_calling(request, Scope.REGISTRY, world).profile)

    def enter(request: Request) -> Answer:
        caller = client_calling(request, Scope.REGISTRY, world)
        return entered(request, caller.client, caller.by)

    def look_for(_request: Request, client: str) -> Answer:
        return listed(show_client(world, client))

    def enter_for(request: Request, client: str) -> Answer:
        return entered(request, client, operator_calling(request))

    def judge(request: Request, client: str) -> Answer:
        by, body = operator_calling(request), read_body(form.VerdictBody, request.body())
        ruling = Ruling(body.verdict)
        judged = flow.judge_signature(world, client, body.signature, ruling, by, body.why)
        return Answer(form.signature_document(judged))

    own, top = "/v1/signatures", "/v1/operator/clients/<client>/signatures"
    routes: Routes = {("GET", own): look, ("POST", own): enter}
    acts = {("GET", top): look_for, ("POST", top): enter_for, ("POST", f"{top}/verdicts"): judge}
    return serve({**routes, **{place: operator_only(act) for place, act in acts.items()}}, take)


handle = build(AwsWorld())
