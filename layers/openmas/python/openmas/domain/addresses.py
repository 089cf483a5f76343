"""Addresses on the Internet: read in one form whoever wrote them, and the ranges that nobody may call from.

An address of IPv4 that is written as one of IPv6 (::ffff:192.0.2.7) is one of IPv4, in calls and in ranges.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from openmas.domain.change import Change
from openmas.domain.documents import all_wrong
from openmas.errors import Fault, LimitExceeded, NotFound

Address = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network

BLOCKS_MAX = 1_000
# About what the largest providers hold in one piece. Whatever is wider is a slip, and shuts out everybody.
LENGTH_MIN = {4: 8, 6: 19}
_WRITTEN = re.compile(r"[0-9a-fA-F:.]{2,45}(/(0|[1-9][0-9]{0,2}))?")
_MAPPED = IPv6Network("::ffff:0:0/96")


def read_address(written: str) -> Address | None:
    """The address; None for any other text."""
    try:
        address = ip_address(written)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def plain_range(wanted: Range) -> Range:
    """The range as addresses are read: one of IPv4 that is written as one of IPv6 is one of IPv4."""
    if isinstance(wanted, IPv4Network) or not wanted.subnet_of(_MAPPED):
        return wanted
    return IPv4Network((int(wanted.network_address) & 0xFFFF_FFFF, wanted.prefixlen - _MAPPED.prefixlen))


def read_ranges(written: Sequence[str]) -> Sequence[Range]:
    """The ranges to be blocked, each once; a single address is a range of one.

    Raises: InvalidInput with a fault for each that is none, begins elsewhere than it says, or is too wide.
    """
    read = [_range(each) for each in written]
    faults = [Fault(f"/ranges/{place}", why) for place, why in enumerate(read) if isinstance(why, str)]
    if faults:
        raise all_wrong(faults)
    return list(dict.fromkeys(each for each in read if not isinstance(each, str)))


def _range(written: str) -> Range | str:
    """The range, or what is wrong with it."""
    if _WRITTEN.fullmatch(written) is None:
        return "Write an address, or a range such as 192.0.2.0/24 or 2001:db8::/32."
    try:
        loose = ip_network(written, strict=False)
    except ValueError:
        return "There is no such address or range."
    if loose.network_address != ip_address(written.partition("/")[0]):
        return f"A range is written by its first address: {loose}."
    wanted = plain_range(loose)
    if wanted.prefixlen < LENGTH_MIN[wanted.version]:
        return f"A range of IPv{wanted.version} is /{LENGTH_MIN[wanted.version]} or narrower."
    return wanted


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """A range that no client may call from, who said so, when and why; without `until` it stays so."""

    range: Range
    change: Change
    until: datetime | None = None

    def counts(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class AddressList:
    """The black list of addresses at one time; a change makes the next version.

    Shape: ranges may overlap; an address that lies in any of them is blocked.
    """

    version: int = 0
    blocks: Mapping[Range, AddressBlock] = field(default_factory=dict)

    def blocks_from(self, written: str, now: datetime) -> bool:
        """Whether nobody may call from this address now; what cannot be read as one is on no list."""
        address = read_address(written) if self.blocks else None
        return address is not None and any(
            address in each and block.counts(now) for each, block in self.blocks.items()
        )

    def with_blocks(self, blocks: Iterable[AddressBlock], now: datetime) -> "AddressList":
        """The next list, with these ranges as they are given last, and without any whose time is over.

        Raises: LimitExceeded if they are too many together.
        """
        more = {**self._counting(now), **{block.range: block for block in blocks}}
        if len(more) > BLOCKS_MAX:
            raise too_many()
        return AddressList(self.version + 1, more)

    def without(self, ranges: Sequence[Range], now: datetime) -> "AddressList":
        """The next list, without these ranges; others that they overlap with stay.

        Raises: NotFound, with a fault for each, if some of them are not on the list.
        """
        known = self._counting(now)
        missing = [place for place, each in enumerate(ranges) if each not in known]
        if missing:
            faults = tuple(Fault(f"/ranges/{place}", "This range is not blocked.") for place in missing)
            raise NotFound("address_not_blocked", "Ranges are lifted as they are listed.", None, faults)
        return AddressList(self.version + 1, {each: known[each] for each in known if each not in ranges})

    def page(self, after: str | None, limit: int) -> tuple[Sequence[AddressBlock], str | None]:
        """Some blocks in the order of their written ranges, and where to go on (None at the end)."""
        by_name = {str(block.range): block for block in self.blocks.values()}
        rest = sorted(name for name in by_name if after is None or name > after)
        return [by_name[name] for name in rest[:limit]], rest[limit - 1] if len(rest) > limit else None

    def _counting(self, now: datetime) -> dict[Range, AddressBlock]:
        return {each: block for each, block in self.blocks.items() if block.counts(now)}


@dataclass(frozen=True, slots=True)
class AddressChange:
    """What led to a version of the list: these ranges were blocked, perhaps until a time, or lifted."""

    version: int
    change: Change
    ranges: tuple[Range, ...]
    until: datetime | None = None
    lifted: bool = False


def too_many() -> LimitExceeded:
    return LimitExceeded("addresses_too_many", f"At most {BLOCKS_MAX:,} ranges are blocked: lift some first.")
