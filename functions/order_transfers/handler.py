"""Lets a client upload files, put them on its lists, and have its lists written to files."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire_transfers as form
from openmas.edge.access import Door, client_calling
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.wire import read_body
from openmas.edge.wire_lists import asked, given_consent
from openmas.flows import order_transfers as flow
from openmas.flows.keep_lists import list_asked


class Needs(flow.Needs, Door, Protocol):
    """Reads the registry; reads and writes transfers; fills their queue; hands out addresses for files."""


def build(world: Needs) -> Handler:
    def upload(request: Request) -> Answer:
        wanted = read_body(form.UploadBody, request.body())
        caller = client_calling(request, Scope.LISTS if wanted.use == "lists" else Scope.SEND, world)
        name = flow.new_upload(world)
        request.noted.update(upload=name)
        return Answer(form.upload_document(name, world.uploads.form(caller.client, name)), 201)

    def load(request: Request, kind: str) -> Answer:
        caller, name = client_calling(request, Scope.LISTS, world), list_asked(kind, asked(request))
        body = read_body(form.ImportBody, request.body())
        wanted = flow.Wanted(body.upload, body.load_mode, body.why, given_consent(body.consent), body.strict)
        transfer = flow.order_import(world, caller.client, name, wanted, caller.by)
        return form.ordered(request, transfer)

    def write(request: Request, kind: str) -> Answer:
        caller, name = client_calling(request, Scope.LISTS, world), list_asked(kind, asked(request))
        wanted = read_body(form.ExportBody, request.body()).file_form
        return form.ordered(request, flow.order_export(world, caller.client, name, wanted, caller.by))

    def show(request: Request, kind: str, transfer: str) -> Answer:
        caller = client_calling(request, Scope.LISTS, world)
        found = flow.find_transfer(world, caller.client, list_asked(kind), transfer)
        return Answer(form.transfer_document(found, flow.link_of(world, found)))

    one = "/v1/lists/<kind>"
    routes: Routes = {("POST", "/v1/uploads"): upload}
    routes |= {("POST", f"{one}/imports"): load, ("POST", f"{one}/exports"): write}
    routes |= {("GET", f"{one}/imports/<transfer>"): show, ("GET", f"{one}/exports/<transfer>"): show}
    return serve(routes, take)


handle = build(AwsWorld())
