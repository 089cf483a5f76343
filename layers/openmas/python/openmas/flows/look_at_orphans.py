"""Look once more for the messages of orphan receipts, and show a person what nobody can place.

Inbound messages that are no client's are shown as they are: whose they are a person must say.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from openmas.domain.carrier import SANDBOX
from openmas.domain.case import Case
from openmas.domain.inbound import Brought
from openmas.domain.receipts import Reported
from openmas.flows import settle_receipts
from openmas.needs import Cases, Registry

# A night may be missed, and one may have had no time for all.
ORPHAN_DAYS = 3
# Of one carrier and day; where there are more, the carrier is at fault, and the case says so all the same.
ORPHANS_MAX = 2_000
# The clients' own nights begin meanwhile, so this need not hurry; but it must end before the function does.
LOOK_FOR = timedelta(minutes=5)
CASE_WITHIN = timedelta(hours=48)
# Ports that a case names, those with the most messages.
PORTS_TOLD = 10


class Needs(settle_receipts.MergeNeeds, Protocol):
    @property
    def registry(self) -> Registry: ...
    @property
    def cases(self) -> Cases: ...


@dataclass(frozen=True, slots=True)
class OrphanCounts:
    """How many orphan receipts were looked at, how many of them and of the inbound messages are nobody's."""

    orphans: int = 0
    orphans_left: int = 0
    inbound_left: int = 0

    def __add__(self, other: "OrphanCounts") -> "OrphanCounts":
        return OrphanCounts(
            self.orphans + other.orphans,
            self.orphans_left + other.orphans_left,
            self.inbound_left + other.inbound_left,
        )


def look_at_orphans(needs: Needs, as_of: date) -> OrphanCounts:
    """The last days' orphans are merged where they can be; a carrier's day that keeps some has a case.

    Raises: Unavailable when it should be tried again; what was done is then found done.
    """
    until = needs.clock.now() + LOOK_FOR
    total = OrphanCounts()
    carriers = _carriers(needs)
    for on in (as_of - timedelta(days=ago) for ago in range(1, ORPHAN_DAYS + 1)):
        for carrier in carriers:
            if needs.clock.now() >= until:
                return total
            total += _look(needs, carrier, on)
        total += _show_inbound(needs, on)
    return total


def _carriers(needs: Needs) -> Sequence[str]:
    """Every carrier that a contract names, and the sandbox, to which every test key leads."""
    profiles = needs.crew.each(needs.registry.profile, needs.registry.clients())
    named = {contract.carrier for profile in profiles if profile for contract in profile.contracts}
    return sorted(named | {SANDBOX})


def _look(needs: Needs, carrier: str, on: date) -> OrphanCounts:
    reports = tuple(needs.messages.orphans_of_day(carrier, on, ORPHANS_MAX))
    left = settle_receipts.strangers(needs, Reported(carrier, reports))
    if left:
        said = f"receipts of {carrier} came in on {on} for messages that it was not given."
        _open_case(needs, carrier, on, f"{_count(left, len(reports))} {said}")
    return OrphanCounts(len(reports), left)


def _show_inbound(needs: Needs, on: date) -> OrphanCounts:
    """Each carrier that brought messages which are no client's on that day has a case."""
    left = 0
    for brought in needs.messages.orphan_inbound_of_day(on, ORPHANS_MAX):
        count = len(brought.messages)
        said = f"messages that {brought.carrier} brought on {on} are no client's: {_ports(brought)}."
        _open_case(needs, brought.carrier, on, f"{_count(count, count)} {said}", "#inbound")
        left += count
    return OrphanCounts(inbound_left=left)


def _count(left: int, read: int) -> str:
    return f"{left} or more" if read == ORPHANS_MAX else str(left)


def _ports(brought: Brought) -> str:
    """The ports that they went to, and how many to each."""
    counted = Counter(mo.port for mo in brought.messages).most_common()
    told = ", ".join(f"{count} to {port}" for port, count in counted[:PORTS_TOLD])
    return told if len(counted) <= PORTS_TOLD else f"{told} and others"


def _open_case(needs: Needs, carrier: str, on: date, detail: str, of: str = "") -> None:
    whose, case_id = f"#carrier#{carrier}", f"orphan#{carrier}#{on:%Y%m%d}{of}"
    if needs.cases.find(whose, case_id) is None:
        needs.cases.open(Case(case_id, whose, "orphan", on, needs.clock.now() + CASE_WITHIN, detail))
