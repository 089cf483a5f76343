"""Inbound messages (MO, 上行): what recipients write to a client's port."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mo:
    """An inbound message as the carrier words it, before we know whose port it means."""

    id: str
    number: str
    port: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a recipient to a client's port."""

    id: str
    client: str
    number: str
    port: str
    text: str
    at: datetime
