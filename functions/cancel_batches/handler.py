"""Cancels a client's batch: what has not been offered to a carrier never will be."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge.access import Door, client_calling
from openmas.edge.http import Answer, Handler, Request, serve
from openmas.flows import cancel_batches


class Needs(cancel_batches.Needs, Door, Protocol):
    """Reads registry and batches; writes parcels, verdicts, cases; takes schedules away; fills release."""


def build(world: Needs) -> Handler:
    def cancel(request: Request, batch: str) -> Answer:
        caller = client_calling(request, Scope.SEND, world)
        done = cancel_batches.cancel_batch(world, caller.client, batch, caller.by, caller.key.mode)
        request.noted.update(batch=batch, cancelled=done.cancelled, already_sent=done.already_sent)
        request.noted.update(being_cancelled=done.being_cancelled)
        return Answer(wire.cancellation_document(batch, done))

    return serve({("DELETE", "/v1/batches/<batch>"): cancel}, take)


handle = build(AwsWorld())
