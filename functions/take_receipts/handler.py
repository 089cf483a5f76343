"""Takes receipts and inbound messages from carriers: checks key and address, queues, answers."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge.http import Answer, Handler, Request, serve
from openmas.flows import take_receipts


class Needs(take_receipts.Needs, Protocol):
    """Reads the carriers and the seal; queues receipts. No database."""


def build(world: Needs) -> Handler:
    def receipts(request: Request, carrier: str) -> Answer:
        key, source = _key(request), request.address
        return _taken(request, take_receipts.take_receipts(world, carrier, key, source, request.body()))

    def inbound(request: Request, carrier: str) -> Answer:
        key, source = _key(request), request.address
        return _taken(request, take_receipts.take_inbound(world, carrier, key, source, request.body()))

    routes = {
        ("POST", "/carriers/<carrier>/receipts"): receipts,
        ("POST", "/carriers/<carrier>/inbound"): inbound,
    }
    return serve(routes, take)


def _key(request: Request) -> str | None:
    """The carrier's key; some carriers can only put it into the address."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else request.query.get("key")


def _taken(request: Request, count: int) -> Answer:
    request.noted["taken"] = count
    return Answer({"taken": count})


handle = build(AwsWorld())
