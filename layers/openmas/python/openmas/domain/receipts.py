"""Receipts: what a carrier reported of a message, merged as a set.

A set has no order and no count, so a receipt may come early, late, twice or against another, and the result
is the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

CODE = re.compile(r"[A-Za-z0-9:_.-]{1,16}")


class Proof(StrEnum):
    """What the receipts of one message say together."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, order=True)
class Receipt:
    """One report about one message of a parcel.

    Shape: `index` is the message's place in its parcel; `code` is the carrier's own, unchanged.
    """

    index: int
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A receipt as the carrier words it, before we know which message it means.

    Shape: `group` is the carrier's name for the call, `reference` is ours, if the carrier echoes it.
    """

    number: str
    code: str
    at: datetime
    group: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """Reports of one carrier that came in together; `tries` is how often they found no parcel."""

    carrier: str
    reports: tuple[Report, ...]
    tries: int = 0


# Intermediate states that SMPP and CMPP carriers report on the way; they prove acceptance and settle nothing.
_UNDER_WAY = frozenset({"ACCEPTD", "ENROUTE", "UNKNOWN", "SCHEDULED"})


def proof_of(code: str) -> Proof:
    """What one raw code says: `DELIVRD` is success, all others but the intermediate ones are failures."""
    if code == "DELIVRD":
        return Proof.DELIVERED
    return Proof.PENDING if code in _UNDER_WAY else Proof.FAILED


def settle(codes: Iterable[str]) -> Proof:
    """What several codes of one message say together: one proof of delivery outweighs every failure."""
    outcomes = {proof_of(code) for code in codes}
    for outcome in (Proof.DELIVERED, Proof.FAILED):
        if outcome in outcomes:
            return outcome
    return Proof.PENDING
