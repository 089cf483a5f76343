"""The black list of addresses in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from openmas.domain.addresses import AddressChange, AddressList
from openmas.errors import Conflict


@dataclass
class FakeAddresses:
    """Shape: `made` is what led from one list to the next."""

    stands: AddressList = field(default_factory=AddressList)
    made: list[AddressChange] = field(default_factory=list)

    def current(self) -> AddressList:
        return self.stands

    def newest(self) -> AddressList:
        return self.stands

    def keep(self, listed: AddressList, change: AddressChange) -> None:
        if listed.version != self.stands.version + 1:
            raise Conflict("addresses_moved_on", "Somebody else changed the list meanwhile: look first.")
        self.stands = listed
        self.made.append(change)

    def changes(self, after: str | None, limit: int) -> tuple[Sequence[AddressChange], str | None]:
        earlier = [each for each in reversed(self.made) if after is None or each.version < int(after)]
        return earlier[:limit], str(earlier[limit - 1].version) if len(earlier) > limit else None
