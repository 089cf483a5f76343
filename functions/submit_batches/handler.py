"""Takes a batch from a client: checked against its contract, kept and queued before 202 is answered."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.batch import Batch
from openmas.domain.profile import Scope
from openmas.domain.submission import Submission
from openmas.edge import wire
from openmas.edge.access import Caller, Door, client_calling
from openmas.edge.http import Answer, Handler, Request, serve
from openmas.edge.telemetry import count
from openmas.edge.wire_submission import dry_run_document, naming_contract, read_submission
from openmas.flows import submit_batch as flow
from openmas.flows.dry_run import dry_run, rehearse_file


class Needs(flow.Needs, Door, Protocol):
    """Reads the registry and the lists; writes intents, parcels and batches; fills the queues."""


def _rehearsed(world: Needs, caller: Caller, request: Request, submission: Submission) -> Answer:
    if submission.file:
        rehearsal = rehearse_file(world, caller.profile, caller.key.mode, submission)
        request.noted.update(batch=rehearsal.id)
        return Answer(wire.batch_document(rehearsal), 202)
    told = dry_run(world, caller.profile, caller.key.mode, submission)
    return Answer(dry_run_document(told.batch, told.said, told.price))


def _note(request: Request, batch: Batch, *, new: bool) -> None:
    """A retry is told of the batch that it made before; its messages are counted already."""
    refused = batch.recipients - batch.accepted
    request.noted.update(batch=batch.id, accepted=batch.accepted, refused=refused, category=batch.category)
    request.noted.update(held=[kind.clause for kind in batch.held])
    if new:
        count("MessagesAccepted", batch.accepted)
        count("MessagesRefused", refused)
        count("BatchesHeld", bool(batch.held))


def build(world: Needs) -> Handler:
    def submit(request: Request) -> Answer:
        caller = client_calling(request, Scope.SEND, world)
        submission = read_submission(body := request.body())
        request.noted.update(recipients=len(submission.recipients))
        now = world.clock.now()
        with naming_contract(caller.profile, submission, now):
            if submission.dry_run:
                return _rehearsed(world, caller, request, submission)
            named = wire.idempotency_key(request), wire.digest(body)
            batch = flow.submit_batch(world, caller.profile, caller.key.mode, submission, *named)
        _note(request, batch, new=batch.accepted_at >= now)
        return Answer(wire.batch_document(batch), 202)

    return serve({("POST", "/v1/batches"): submit}, take)


handle = build(AwsWorld())
