"""Takes receipts and inbound messages from carriers: checks key and address, queues, answers."""

import re
from dataclasses import asdict
from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.edge.request import Answer, Handler, Request, answering
from openmas.edge.telemetry import count
from openmas.errors import NotFound
from openmas.flows.take_receipts import Needs as FlowNeeds
from openmas.flows.take_receipts import take_inbound, take_receipts

_ADDRESS = re.compile(r"/carriers/([^/]+)/(receipts|inbound)")
_TAKE = {"receipts": take_receipts, "inbound": take_inbound}


class Needs(FlowNeeds, Protocol):
    """Reads the carriers and the seal; queues receipts. No database."""


def build(world: Needs) -> Handler:
    def act(request: Request) -> Answer:
        address = _ADDRESS.fullmatch(request.path)
        if request.method != "POST" or address is None:
            raise NotFound("route_unknown", "Carriers post to /carriers/<carrier>/receipts or …/inbound.")
        carrier, kind = address.groups()
        taken = _TAKE[kind](world, carrier, _key(request), request.address, request.body())
        request.noted.update(carrier=carrier, **asdict(taken))
        if taken.refused:
            count("ReceiptsUnreadable", taken.refused)
        return Answer(asdict(taken))

    return answering(act, take)


def _key(request: Request) -> str | None:
    """The carrier's key; some carriers can only put it into the address."""
    return request.bearer or request.query.get("key")


handle = build(AwsWorld())
