"""Inbound messages (MO, 上行): what recipients write to a client's port."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

# The short numbers of public services; nothing shorter takes extensions.
EXTENDED_DIGITS_MIN = 5


@dataclass(frozen=True, slots=True)
class Mo:
    """An inbound message as the carrier words it, before we know whose port it means."""

    id: str
    number: str
    port: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Brought:
    """Inbound messages of one carrier that came in together."""

    carrier: str
    messages: tuple[Mo, ...]


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a recipient to a client's port."""

    id: str
    client: str
    number: str
    port: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptInbound:
    """A message as it was brought first; `done` is that all has been done which follows from it."""

    inbound: Inbound
    kept_at: datetime
    done: bool = False


def access_codes(port: str) -> Iterator[str]:
    """The access codes that a port can mean, the longest first: itself, or one with an extension after it."""
    yield port
    yield from (port[:digits] for digits in range(len(port) - 1, EXTENDED_DIGITS_MIN - 1, -1))
