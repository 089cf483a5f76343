"""A carrier inside the platform: takes calls, and posts receipts and inbound messages back in time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge.problems import CONTENT_TYPE
from openmas.edge.records import Record, all_records
from openmas.edge.request import Request, read_request, refusal, written
from openmas.edge.telemetry import line
from openmas.errors import OpenMasError, Rejected
from openmas.flows import sandbox


class Needs(sandbox.Needs, Protocol):
    """Reads the seal, queues what comes later, posts to the platform's own webhook. No database."""


def build(world: Needs) -> Callable[[dict[str, Any], object], Mapping[str, object]]:
    def post(records: Sequence[Record]) -> dict[str, object]:
        return {**sandbox.post_due(world, [record.body for record in records]), **take()}

    def answer(event: Mapping[str, Any]) -> dict[str, object]:
        with line("request") as noted:
            request = read_request(event, noted)
            noted.update(request=request.id)
            try:
                said = sandbox.take_call(world, request.bearer, _body(request))
            except OpenMasError as error:
                wrong = refusal(request, error)
                noted.update(status=wrong.status, **take())
                return _answer(wrong.status, CONTENT_TYPE, written(wrong.document), wrong.headers)
            outcome = "done" if said.status < 400 else "refused" if said.status < 500 else "failed"
            noted.update(outcome=outcome, status=said.status, **take())
        kind = "application/json" if said.body.startswith("{") else "text/html"
        return _answer(said.status, kind, said.body)

    def handle(event: dict[str, Any], _context: object) -> Mapping[str, object]:
        return all_records(event, post) if "Records" in event else answer(event)

    return handle


def _answer(status: int, kind: str, body: str, more: Mapping[str, str] | None = None) -> dict[str, object]:
    return {"statusCode": status, "headers": {"Content-Type": kind, **(more or {})}, "body": body}


def _body(request: Request) -> bytes:
    """The body; one that cannot be decoded reads as empty, which is no call either."""
    try:
        return request.body()
    except Rejected:
        return b""


handle = build(AwsWorld())
