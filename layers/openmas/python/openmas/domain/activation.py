"""What is kept of a contract's coming into force, and of who holds its access code."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Who put a version into force, when, and why its signature may be used though a rule doubts it."""

    contract: str
    version: int
    by: str
    at: datetime
    signature_passed_because: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a number: an access code under a version of a contract, or a port without any.

    Shape: `free_on` is the day from which a port that was reclaimed may be another's.
    """

    client: str
    contract: str | None = None
    version: int | None = None
    free_on: date | None = None
