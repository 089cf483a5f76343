"""Who is calling: a client by its API key, or an operator by the claims of a verified token."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol

from openmas.domain.addresses import AddressList, read_address
from openmas.domain.ids import CLIENT
from openmas.domain.profile import ApiKey, Mode, Profile, Scope
from openmas.domain.reasons import ADDRESS_BLOCKED, rejected
from openmas.edge.http import Act
from openmas.edge.request import Answer, Request
from openmas.errors import NotAllowed

KEY_LENGTH_MAX = 128
_NO_KEY = "0" * 64


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that is calling, and the key it calls with."""

    profile: Profile
    key: ApiKey

    @property
    def client(self) -> str:
        return self.profile.client.id

    @property
    def by(self) -> str:
        """Who it is, for a record of what was changed."""
        return f"key {self.key.label or self.key.sha256[:8]}"

    def live(self) -> "Caller":
        """The same caller, who has a live key.

        Raises: NotAllowed for a test key, which is for trying.
        """
        if self.key.mode is not Mode.LIVE:
            raise NotAllowed("live_key_needed", "This is done with a live key.")
        return self


class Profiles(Protocol):
    def profile(self, client: str) -> Profile | None:
        """All that is known of a client."""
        ...


class Blocked(Protocol):
    def current(self) -> AddressList:
        """The addresses that nobody may call from; at most 5 s old."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware and in UTC."""
        ...


class Door(Protocol):
    """What it takes to know a client by its key."""

    @property
    def addresses(self) -> Blocked: ...
    @property
    def registry(self) -> Profiles: ...
    @property
    def clock(self) -> Clock: ...


def client_calling(request: Request, scope: Scope, door: Door) -> Caller:
    """The client whose key the request carries, and whose key may do this from where it comes.

    Raises: NotAllowed, in the same words whether the client, its key or the whole text is unknown; from a
    blocked address before anything is known of the key, so that a stolen one is worth nothing there.
    """
    now = door.clock.now()
    if door.addresses.current().blocks_from(request.address, now):
        raise rejected(NotAllowed, ADDRESS_BLOCKED)
    presented = _bearer(request)
    name, mode, _ = [*presented.split("."), "", "", ""][:3]
    profile = door.registry.profile(name) if CLIENT.fullmatch(name) and presented.isascii() else None
    key = _matching(profile, presented)
    if profile is None or key is None or key.mode != mode:
        raise NotAllowed("key_unknown", "This key opens nothing here.")
    request.noted.update(client=profile.client.id, key=key.sha256[:8])
    _check(request, key, scope, now)
    return Caller(profile, key)


def operator_calling(request: Request) -> str:
    """The operator's person whose token the request carries; auditors may only look.

    Raises: NotAllowed for every other role.
    """
    roles = _roles(request)
    person = str(request.claims.get("sub") or "")
    request.noted.update(person=person[:64])
    if "operator" in roles or ("auditor" in roles and request.method in {"GET", "HEAD"}):
        return person
    raise NotAllowed("role_missing", "This needs the role operator; an auditor may only look.")


def operator_only(act: Act) -> Act:
    """The act, for operators, and for auditors as far as it only looks."""

    def call(request: Request, **names: str) -> Answer:
        operator_calling(request)
        return act(request, **names)

    return call


def _bearer(request: Request) -> str:
    if not request.bearer:
        raise NotAllowed("key_missing", "Send the key as `Authorization: Bearer <key>`.")
    return request.bearer[: KEY_LENGTH_MAX + 1]


def _matching(profile: Profile | None, presented: str) -> ApiKey | None:
    """The stored key that the presented one is, found in a time that says nothing of the stored ones."""
    digest = sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()
    found = None
    for sha in profile.keys if profile else (_NO_KEY,):
        if compare_digest(sha, digest) and profile:
            found = profile.keys[sha]
    return found


def _check(request: Request, key: ApiKey, scope: Scope, now: datetime) -> None:
    if key.expires_at is not None and key.expires_at <= now:
        raise NotAllowed("key_expired", "Ask the operator for a new key.")
    if read_address(request.address) is None and key.addresses:
        raise NotAllowed("address_not_allowed", "The key is bound to addresses, and yours cannot be seen.")
    if key.addresses and not key.opens_from(request.address, now):
        raise NotAllowed("address_not_allowed", "The key is bound to other addresses than yours.")
    if scope not in key.scopes:
        raise NotAllowed("scope_missing", f"The key lacks the scope {scope}.")


def _roles(request: Request) -> set[str]:
    """Roles of a Cognito group claim or of a plain one; gateways hand a list on as `[a b]`."""
    claims = request.claims
    value = claims.get("cognito:groups") or claims.get("roles") or ()
    if isinstance(value, str):
        return set(value.strip("[]").replace(",", " ").replace('"', " ").split())
    return {str(role) for role in value} if isinstance(value, list | tuple) else set()
