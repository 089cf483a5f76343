"""How a contract version comes into force: it is drawn up, then activated once nothing is missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from openmas.domain.client_document import ClientDocument, lacking
from openmas.domain.contract import Contract
from openmas.domain.signature import Outcome, judge_signature
from openmas.errors import Fault


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


def obstacles(
    contract: Contract,
    full_name: str,
    earlier: Iterable[Contract],
    filed: Iterable[ClientDocument],
    signature_passed_because: str | None,
    on: date,
) -> Iterator[Fault]:
    """All that keeps a version from coming into force on a day, each with its clause.

    Shape: `full_name` is the client's as registered; `earlier` are the contract's versions in force.
    """
    if contract.client_full_name != full_name:
        yield Fault("/client_full_name", f"The client is registered as {full_name}.", "2.1.15")
    yield from lacking(contract, filed, on)
    yield from _signature(contract, signature_passed_because)
    yield from _succession(contract, tuple(earlier))
    ends_on = contract.access_code.valid_until
    if ends_on is not None and ends_on < on:
        yield Fault("/access_code/valid_until", f"The access code was valid until {ends_on}.", "2.1.8")


def _signature(contract: Contract, passed_because: str | None) -> Iterator[Fault]:
    verdict = judge_signature(contract.client_full_name, contract.signature)
    if verdict.outcome is not Outcome.PASS and passed_because is None:
        said = f"A person has to pass the signature 【{contract.signature}】 with a reason: {verdict.why}."
        yield Fault("/signature", said, "2.1.9")


def _succession(contract: Contract, earlier: tuple[Contract, ...]) -> Iterator[Fault]:
    """A change is agreed in writing (12.3), and what follows is newer than what it follows."""
    if not earlier:
        return
    newest = max(earlier, key=lambda each: each.version)
    if contract.amendment is None:
        yield Fault("/amendment", f"Version {newest.version} is in force: say what was agreed.", "12.3")
    if contract.version < newest.version:
        yield Fault("/version", f"Version {newest.version} is in force already.", "10")
    elif contract.effective_on < max(each.effective_on for each in earlier):
        yield Fault("/effective_on", "An earlier version takes effect only later than this one.", "10")
