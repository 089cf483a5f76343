"""Look once more for the messages of orphan receipts, and show a person what nobody can place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from openmas.domain.carrier import SANDBOX
from openmas.domain.case import Case
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


class Needs(settle_receipts.MergeNeeds, Protocol):
    @property
    def registry(self) -> Registry: ...
    @property
    def cases(self) -> Cases: ...


@dataclass(frozen=True, slots=True)
class OrphanCounts:
    """How many orphans were looked at, and how many of them are still nobody's."""

    orphans: int = 0
    orphans_left: int = 0


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
            looked = _look(needs, carrier, on)
            total = OrphanCounts(total.orphans + looked.orphans, total.orphans_left + looked.orphans_left)
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
        _open_case(needs, carrier, on, left, len(reports))
    return OrphanCounts(len(reports), left)


def _open_case(needs: Needs, carrier: str, on: date, left: int, read: int) -> None:
    whose, case_id = f"#carrier#{carrier}", f"orphan#{carrier}#{on:%Y%m%d}"
    if needs.cases.find(whose, case_id) is not None:
        return
    count = f"{left} or more" if read == ORPHANS_MAX else str(left)
    detail = f"{count} receipts of {carrier} came in on {on} for messages that it was not given."
    needs.cases.open(Case(case_id, whose, "orphan", on, needs.clock.now() + CASE_WITHIN, detail))
