"""Takes a batch from a client: checked against its contract, kept and queued before 202 is answered."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.profile import Scope
from openmas.edge import wire
from openmas.edge.access import Door, client_calling
from openmas.edge.http import Answer, Handler, Request, serve
from openmas.edge.telemetry import count
from openmas.edge.wire_submission import dry_run_document, read_submission
from openmas.flows import submit_batch
from openmas.flows.dry_run import dry_run, rehearse_file


class Needs(submit_batch.Needs, Door, Protocol):
    """Reads the registry and the lists; writes intents, parcels and batches; fills the queues."""


def build(world: Needs) -> Handler:
    def submit(request: Request) -> Answer:
        caller = client_calling(request, Scope.SEND, world)
        body = request.body()
        submission = read_submission(body)
        request.noted.update(recipients=len(submission.recipients))
        if submission.dry_run and submission.file:
            rehearsal = rehearse_file(world, caller.profile, caller.key.mode, submission)
            request.noted.update(batch=rehearsal.id)
            return Answer(wire.batch_document(rehearsal), 202)
        if submission.dry_run:
            told = dry_run(world, caller.profile, caller.key.mode, submission)
            return Answer(dry_run_document(told.batch, told.said, told.price))
        key = wire.idempotency_key(request)
        began_at = world.clock.now()
        batch = submit_batch.submit_batch(
            world, caller.profile, caller.key.mode, submission, key, wire.digest(body)
        )
        refused = batch.recipients - batch.accepted
        request.noted.update(
            batch=batch.id, accepted=batch.accepted, refused=refused, category=batch.category
        )
        request.noted.update(held=[kind.clause for kind in batch.held])
        # A retry is told of the batch that it made before; its messages are counted already.
        if batch.accepted_at >= began_at:
            count("MessagesAccepted", batch.accepted)
            count("MessagesRefused", refused)
            count("BatchesHeld", bool(batch.held))
        return Answer(wire.batch_document(batch), 202)

    return serve({("POST", "/v1/batches"): submit}, take)


handle = build(AwsWorld())
