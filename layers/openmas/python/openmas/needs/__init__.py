"""What the flows need from the world, one protocol per aggregate; adapters and the tests' fakes fulfil them.

A flow's own `Needs` names just those attributes that it uses, so a handler's grants can be read off it.
"""

from openmas.needs.carriers import Carrier, Carriers, Receiver, Receivers
from openmas.needs.cases import Cases, Complaints
from openmas.needs.ledger import LateFacts, Ledger
from openmas.needs.limits import Pace, Recent, Units
from openmas.needs.lists import Exports, Lists, Transfers, Uploads
from openmas.needs.machine import Clock, Crew, Entropy
from openmas.needs.messages import Messages, Parts
from openmas.needs.queues import (
    CutQueue,
    NightQueue,
    ReceiptQueue,
    ReleaseQueue,
    Schedule,
    TransferQueue,
    WorkQueue,
)
from openmas.needs.registry import Addresses, Registry, Words

__all__ = [
    "Addresses",
    "Carrier",
    "Carriers",
    "Cases",
    "Clock",
    "Complaints",
    "Crew",
    "CutQueue",
    "Entropy",
    "Exports",
    "LateFacts",
    "Ledger",
    "Lists",
    "Messages",
    "NightQueue",
    "Pace",
    "Parts",
    "ReceiptQueue",
    "Receiver",
    "Receivers",
    "Recent",
    "Registry",
    "ReleaseQueue",
    "Schedule",
    "TransferQueue",
    "Transfers",
    "Units",
    "Uploads",
    "Words",
    "WorkQueue",
]
