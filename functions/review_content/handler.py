"""Lets an operator look at a held batch, and pass or refuse it with a reason."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge import wire
from openmas.edge import wire_content as form
from openmas.edge.access import operator_calling
from openmas.edge.http import Answer, Handler, Request, serve
from openmas.edge.wire_cases import case_document, closing_document, kept_name
from openmas.flows import review_content as flow


class Needs(flow.Needs, Protocol):
    """Reads words, batches, parcels and parts; writes looks, verdicts, cases; fills the queue of releases."""


def build(world: Needs) -> Handler:
    def show(request: Request, client: str, case: str) -> Answer:
        by = operator_calling(request)
        held = flow.show_held(world, kept_name(client), kept_name(case), by)
        texts = [{"text": text, "findings": form.finding_documents(found)} for text, found in held.texts]
        told = {"held": form.kind_documents(held.kinds), "texts": texts, "looks": wire.plain(held.looks)}
        return Answer({**case_document(held.case), "batch": held.batch.id, **told})

    def judge(request: Request, client: str, case: str) -> Answer:
        by, body = operator_calling(request), wire.read_body(form.VerdictBody, request.body())
        place, said = (kept_name(client), kept_name(case)), (by, body.why, body.outcome)
        return Answer(closing_document(flow.give_verdict(world, *place, *said, kind=body.meant())))

    one = "/v1/operator/cases/<client>/<case>"
    return serve({("GET", f"{one}/content"): show, ("POST", f"{one}/verdict"): judge}, take)


handle = build(AwsWorld())
