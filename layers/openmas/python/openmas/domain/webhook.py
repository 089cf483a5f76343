"""The door at which carriers hand in receipts: who may come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from openmas.domain.addresses import Range, read_address
from openmas.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Door:
    """Who may speak for one carrier: whoever holds one of its keys and, if it has networks, comes from one.

    Shape: `keys_sha256` in lower-case hex; several while a key is changed.
    """

    keys_sha256: Sequence[str]
    networks: Sequence[Range] = ()

    def admit(self, key: str | None, source: str) -> None:
        """The caller may come in.

        Raises: NotAllowed with `key_missing`, `key_unknown` or `address_not_allowed`.
        """
        if not key:
            raise NotAllowed("key_missing", "A carrier hands in its receipts with its key.")
        if not self._knows(key):
            raise NotAllowed("key_unknown", "This key is not one of the carrier's.")
        if self.networks and not self._near(source):
            raise NotAllowed("address_not_allowed", "The carrier does not call from this address.")

    def _knows(self, key: str) -> bool:
        given = sha256(key.encode(errors="replace")).hexdigest()
        # Every key is compared, so the time says nothing about which one it was.
        return sum(compare_digest(given, each) for each in self.keys_sha256) > 0

    def _near(self, source: str) -> bool:
        address = read_address(source)
        return address is not None and any(address in network for network in self.networks)
