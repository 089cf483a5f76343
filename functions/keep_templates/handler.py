"""Lets a client hand in templates, and an operator pass, refuse and stop them; an auditor may look."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Profile, Scope
from openmas.domain.template import Template
from openmas.edge import wire_template as form
from openmas.edge.access import Door, client_calling, operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.flows import keep_templates as flow


class Needs(flow.Needs, Door, Protocol):
    """Reads and writes the registry; opens and closes cases."""


def build(world: Needs) -> Handler:
    def own(request: Request) -> Profile:
        return client_calling(request, Scope.REGISTRY, world).profile

    def told(*versions: Template) -> Answer:
        return Answer({"templates": list(map(form.template_document, versions))})

    def look(request: Request) -> Answer:
        return told(*(versions[-1] for versions in own(request).templates.values()))

    def hand_in(request: Request) -> Answer:
        caller = client_calling(request, Scope.REGISTRY, world)
        wanted = read_body(form.HandInBody, request.body()).wanted()
        return Answer(form.handed_in_document(flow.hand_in(world, caller.client, wanted, caller.by)), 201)

    def show(request: Request, template: str) -> Answer:
        return told(*flow.versions_of(own(request), template))

    def keep(request: Request, client: str, template: str) -> Answer:
        by, body = operator_calling(request), read_body(form.TemplateBody, request.body())
        return Answer(form.template_document(flow.keep_template(world, client, body.wanted(template), by)))

    def judge(request: Request, client: str, template: str) -> Answer:
        by, body = operator_calling(request), read_body(form.VerdictBody, request.body())
        judged = flow.judge_template(world, client, template, body.verdict_by(by))
        return Answer(form.template_document(judged))

    def stop(request: Request, client: str, template: str) -> Answer:
        by, body = operator_calling(request), read_body(form.StopBody, request.body())
        stopped = flow.stop_template(world, client, template, body.version, by, body.why)
        return Answer(form.template_document(stopped))

    top, one = "/v1/templates", "/v1/operator/clients/<client>/templates/<template>"
    routes: Routes = {("GET", top): look, ("POST", top): hand_in, ("GET", f"{top}/<template>"): show}
    acts: Routes = {("PUT", one): keep, ("POST", f"{one}/verdicts"): judge}
    acts |= {("POST", f"{one}/stop"): stop}
    return serve({**routes, **{place: operator_only(act) for place, act in acts.items()}}, take)


handle = build(AwsWorld())
