"""Ports (接入码): an access code, or a sub-port of it, for exactly one client and one purpose (2.1.7).

    REGISTERED ──► open ◄──► limited(rate) ◄──► closed        the operator's flow control (2.1.6, 2.2.5, 11.9)
        │                                                     a limit may also be changed by another limit
        └──► RECLAIMED ──► in quarantine ──► another client's (2.2.11)

Every change makes the next version of the port, with who, when and why; all the versions are kept.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from openmas.domain.change import Change
from openmas.domain.contract import Category
from openmas.errors import Conflict, InvalidInput

NUMBER = re.compile(r"[0-9]{3,20}")
RATE_MAX = 10_000
SIGNATURES_MAX = 50


class FlowState(StrEnum):
    OPEN = "open"
    LIMITED = "limited"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Flow:
    """How much a port lets through by the operator's word, and whose word that is.

    Units: `rate_per_s` messages a second, for a limited port only.
    """

    state: FlowState
    change: Change
    rate_per_s: int | None = None

    def __post_init__(self) -> None:
        if (self.state is FlowState.LIMITED) != (self.rate_per_s is not None):
            raise InvalidInput("flow_malformed", "A limited port has a rate_per_s, and no other has one.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a port is for and how much it carries, by agreement.

    Shape: without a category, as only an access code may be, it serves every agreed one that has no port of
    its own, with every signature; `valid_until` is its last day; other than that, no `signatures` mean the
    contract's own only.
    Units: `rate_per_s` messages a second, None for no limit.
    """

    category: Category | None
    valid_until: date | None = None
    rate_per_s: int | None = None
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One version of a port.

    Shape: `number` is the access code with the extension behind it; `registered` is the change that made the
    port; another client may have the number from `free_on`, None while it is this one's.
    """

    number: str
    access_code: str
    terms: Terms
    registered: Change
    flow: Flow
    change: Change
    reclaimed_on: date | None = None
    free_on: date | None = None
    version: int = 1

    def __post_init__(self) -> None:
        if NUMBER.fullmatch(self.number) is None or not self.number.startswith(self.access_code):
            told = f"A port is the access code {self.access_code} and an extension, 20 digits at most."
            raise InvalidInput("port_malformed", told, "2.1.7")

    @property
    def closed(self) -> bool:
        return self.flow.state is FlowState.CLOSED

    @property
    def rate_per_s(self) -> int | None:
        """How many messages a second it takes now: what was agreed, or less by the operator's word."""
        rates = (self.terms.rate_per_s, self.flow.rate_per_s)
        return min((rate for rate in rates if rate is not None), default=None)

    def wider_than(self, before: "Port") -> bool:
        """Whether it lets through more than the version before, so that nobody need wait as he was told."""
        if self.closed or before.closed or before.rate_per_s is None:
            return before.closed and not self.closed
        return self.rate_per_s is None or self.rate_per_s > before.rate_per_s

    @property
    def any_purpose(self) -> bool:
        """Whether it serves every category that has no port of its own."""
        return self.terms.category is None

    def serves(self, category: Category) -> bool:
        return self.any_purpose or self.terms.category is category

    def expired(self, on: date) -> bool:
        return self.terms.valid_until is not None and self.terms.valid_until < on

    def changed(self, terms: Terms, change: Change) -> "Port":
        """The next version; the same one if nothing changes.

        Raises: Conflict for another purpose, which only a new registration can give a port.
        """
        if self.terms.category not in (None, terms.category):
            told = f"The port is registered for {self.terms.category} and nothing else: reclaim it first."
            raise Conflict("port_purpose_fixed", told, "2.1.7")
        return self if terms == self.terms else self._next(change, terms=terms)

    def with_flow(self, flow: Flow) -> "Port":
        """The next version, which lets through what the operator says; the same one if it does already."""
        same = (self.flow.state, self.flow.rate_per_s) == (flow.state, flow.rate_per_s)
        return self if same else self._next(flow.change, flow=flow)

    def again(self, port: "Port") -> "Port":
        """The next version of a port that was reclaimed: it is registered anew."""
        assert self.reclaimed_on is not None, "only what was reclaimed is registered again"
        return replace(port, version=self.version + 1)

    def reclaimed(self, on: date, quarantine_days: int, change: Change) -> "Port":
        """The next version, with which nothing is sent any more (2.2.11).

        Shape: an access code itself goes back with its contract, not with what was registered for it.
        """
        free_on = None if self.number == self.access_code else on + timedelta(days=quarantine_days)
        return self._next(change, reclaimed_on=on, free_on=free_on)

    def _next(self, change: Change, **changes: object) -> "Port":
        return replace(self, version=self.version + 1, change=change, **changes)  # type: ignore[arg-type]
