"""Keep the registry: clients, their API keys, the versions of their contracts."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

from openmas.domain.contract import Contract
from openmas.domain.contract_warnings import Warning as ContractWarning
from openmas.domain.contract_warnings import warnings
from openmas.domain.ids import CLIENT
from openmas.domain.profile import ApiKey, Client, Profile
from openmas.errors import Conflict, Fault, InvalidInput, NotFound
from openmas.needs import Clock, Entropy, Registry

SECRET_BYTES = 32


class ShowNeeds(Protocol):
    @property
    def registry(self) -> Registry: ...


class Needs(ShowNeeds, Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def entropy(self) -> Entropy: ...


def show_client(needs: ShowNeeds, client: str) -> Profile:
    """All that is kept of the client now: an operator decides on nothing older.

    Raises: NotFound if there is no such client.
    """
    profile = needs.registry.profile(client, fresh=True) if CLIENT.fullmatch(client) else None
    if profile is None:
        raise NotFound("client_unknown", "There is no client of this name.")
    return profile


def keep_client(needs: Needs, client: Client) -> None:
    """The client is kept, as it is now described."""
    if CLIENT.fullmatch(client.id) is None:
        raise InvalidInput(
            "client_malformed", "A client's id is 3 to 32 of a-z, 0-9 and -, and begins with a letter."
        )
    needs.registry.keep_client(client)


def issue_key(needs: Needs, client: str, wanted: ApiKey) -> tuple[str, ApiKey]:
    """A new key of the client as wanted; its text is told now and never again."""
    show_client(needs, client)
    secret = urlsafe_b64encode(needs.entropy.draw(SECRET_BYTES)).decode().rstrip("=")
    text = f"{client}.{wanted.mode}.{secret}"
    key = replace(wanted, sha256=sha256(text.encode()).hexdigest())
    needs.registry.keep_key(client, key)
    return text, key


def drop_key(needs: Needs, client: str, digest: str) -> None:
    """The key opens nothing any more, within seconds.

    Raises: NotFound if the client has no such key.
    """
    if digest not in show_client(needs, client).keys:
        raise NotFound("key_not_kept", "The client has no key of this SHA-256.")
    needs.registry.drop_key(client, digest)


def keep_contract(needs: Needs, client: str, contract: Contract) -> Sequence[ContractWarning]:
    """The version is kept as a draft; what is odd about it is told, and its own numbers hold all the same.

    Raises: Conflict if this version is kept with other content, or is not the next one.
    """
    profile = show_client(needs, client)
    gap = version_gap(contract, profile)
    if gap is not None:
        raise Conflict("contract_version_skipped", gap.detail, gap.clause, (gap,))
    needs.registry.keep_contract(client, contract)
    return warnings(contract, profile.followed_by(contract))


def version_gap(contract: Contract, profile: Profile) -> Fault | None:
    """What is wrong where versions of the contract are missing before this one."""
    kept = (*profile.contracts, *profile.drafts)
    following = max((each.version for each in kept if each.number == contract.number), default=0) + 1
    if contract.version <= following:
        return None
    return Fault("/version", f"The next version of this contract is {following}.", "10")
