"""Keep the black list of addresses: block ranges and lift that again, with who did it, when and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from openmas.domain.addresses import AddressBlock, AddressChange, AddressList, read_ranges
from openmas.domain.change import Change
from openmas.domain.documents import wrong
from openmas.needs import Addresses, Clock


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def addresses(self) -> Addresses: ...


def block_addresses(
    needs: Needs, written: Sequence[str], until: datetime | None, by: str, why: str
) -> AddressList:
    """Nothing of clients is taken from these ranges any more, until the time is over or they are lifted.

    Raises: InvalidInput with a fault for each that cannot be blocked, or for a time that is over;
    LimitExceeded for too many together; Conflict if somebody else changed the list meanwhile.
    """
    ranges, now = read_ranges(written), needs.clock.now()
    if until is not None and until <= now:
        raise wrong("/until", "This time is over.")
    change = Change(by, now, why)
    after = needs.addresses.newest().with_blocks([AddressBlock(each, change, until) for each in ranges], now)
    needs.addresses.keep(after, AddressChange(after.version, change, tuple(ranges), until))
    return after


def lift_addresses(needs: Needs, written: Sequence[str], by: str, why: str) -> AddressList:
    """These ranges are not blocked any more; what they overlap with is.

    Raises: InvalidInput; NotFound with a fault for each that is not blocked as it is written; Conflict.
    """
    ranges, now = read_ranges(written), needs.clock.now()
    after = needs.addresses.newest().without(ranges, now)
    needs.addresses.keep(
        after, AddressChange(after.version, Change(by, now, why), tuple(ranges), lifted=True)
    )
    return after
