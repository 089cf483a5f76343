"""Keep the registry: clients, their API keys, the versions of their contracts."""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.change import Change
from openmas.domain.contract import Contract
from openmas.domain.contract_warnings import Warning as ContractWarning
from openmas.domain.contract_warnings import warnings
from openmas.domain.ids import CLIENT
from openmas.domain.profile import ApiKey, Client, Profile
from openmas.domain.registration import oddities
from openmas.errors import Conflict, Fault, InvalidInput, NotFound
from openmas.needs import Clock, Entropy, Registry

SECRET_BYTES = 32


class ShowNeeds(Protocol):
    @property
    def registry(self) -> Registry: ...


class ClockNeeds(Protocol):
    @property
    def clock(self) -> Clock: ...


class Needs(ShowNeeds, ClockNeeds, Protocol):
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


def keep_client(
    needs: Needs, wanted: Client, by: str, why: str
) -> tuple[Client, tuple[ContractWarning, ...]]:
    """The newest version of the client's record says this, at once, with what is odd about it.

    Shape: where it says so already, nothing changes.
    Raises: Conflict if somebody else changed it in the meantime.
    """
    if CLIENT.fullmatch(wanted.id) is None:
        raise InvalidInput(
            "client_malformed", "A client's id is 3 to 32 of a-z, 0-9 and -, and begins with a letter."
        )
    profile, now = needs.registry.profile(wanted.id, fresh=True), needs.clock.now()
    before, contract = (profile.client, profile.contract_on(shanghai_day(now))) if profile else (None, None)
    after = before if before and before.says(wanted) else _next(before, wanted, Change(by, now, why))
    if after is not before:
        needs.registry.keep_client(after)
    return after, tuple(oddities(after, before, contract)) if contract else ()


def client_versions(needs: ShowNeeds, client: str) -> Sequence[Client]:
    """All versions of a client's record, the newest one last."""
    return needs.registry.client_versions(client)


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
    return odd_about(needs, profile, contract)


def odd_about(
    needs: ClockNeeds, profile: Profile, contract: Contract, unread: Collection[str] = ()
) -> tuple[ContractWarning, ...]:
    """What is odd about a contract beside all that is known of its client."""
    beside = profile.beside(contract, shanghai_day(needs.clock.now()))
    return warnings(contract, profile.followed_by(contract), unread, beside)


def _next(before: Client | None, wanted: Client, change: Change) -> Client:
    effective_on = wanted.effective_on or shanghai_day(change.at)
    version = before.version + 1 if before else 1
    return replace(wanted, effective_on=effective_on, change=change, version=version)


def version_gap(contract: Contract, profile: Profile) -> Fault | None:
    """What is wrong where versions of the contract are missing before this one."""
    kept = (*profile.contracts, *profile.drafts)
    following = max((each.version for each in kept if each.number == contract.number), default=0) + 1
    if contract.version <= following:
        return None
    return Fault("/version", f"The next version of this contract is {following}.", "10")
