"""Carriers, as called and as they call."""

from collections.abc import Sequence
from typing import Protocol

from openmas.domain.carrier import Answer, Call, Capabilities
from openmas.domain.inbound import Mo
from openmas.domain.receipts import Report
from openmas.domain.webhook import Door


class Carrier(Protocol):
    @property
    def capabilities(self) -> Capabilities: ...

    def send(self, call: Call) -> Answer:
        """The call is made once, without retries."""
        ...


class Carriers(Protocol):
    def named(self, name: str) -> Carrier:
        """Raises: Unavailable if no such carrier is set up."""
        ...


class Receiver(Protocol):
    """How one carrier hands in what it has to tell."""

    @property
    def door(self) -> Door: ...

    def parse_receipts(self, body: bytes) -> tuple[Sequence[Report], int]:
        """Those that can be read, one or more, and how many cannot.

        Raises: InvalidInput, LimitExceeded.
        """
        ...

    def parse_inbound(self, body: bytes) -> tuple[Sequence[Mo], int]:
        """The same for inbound messages."""
        ...


class Receivers(Protocol):
    def receiver(self, name: str) -> Receiver:
        """Raises: NotFound if no such carrier is set up."""
        ...
