"""The law of the platform: what must be true for something to be sent, one rule each, in their order.

The rules are asked twice: when a submission comes in, about the day on which it is to be sent, and again
before a carrier is called. So whatever has changed in between counts, and both moments can never read
different laws. A rule that only puts off refuses a submission; what was accepted before waits for better
times, as long as it is valid. Only the access code and the signature by which something was accepted stay
good where an amendment brings others: it is the same client that speaks, and nothing is wrong with either.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from openmas.domain import reasons
from openmas.domain.client_document import last_served_on
from openmas.domain.contract import AccessCode, Category, Contract, ServiceKind
from openmas.domain.lifecycle import code_back_on
from openmas.domain.measures import REASON_OF, stopped_by
from openmas.domain.parcel import Law
from openmas.domain.port import Port
from openmas.domain.profile import Profile
from openmas.domain.proof import last_proved_on
from openmas.domain.signing import Signature, SignatureStatus
from openmas.domain.term import TermPhase, term_state


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, as far as the rules ask about it; `law` is what it was accepted under, if any."""

    service: ServiceKind
    category: Category
    template: str | None = None
    port: str | None = None
    signature: str | None = None
    template_version: int | None = None
    law: Law | None = None


# The codes of what will pass: a parcel that waits already goes on waiting.
PUT_OFF = frozenset({reasons.PORT_CLOSED})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every rule is asked about: what is to be sent, by whom, on which day, under which contract."""

    sending: Sending
    profile: Profile
    on: date
    contract: Contract | None

    @property
    def port(self) -> Port | None:
        """The port, where one is registered under the number."""
        return self.profile.port(self.sending.port or "")

    @property
    def accepted(self) -> Contract | None:
        """The version under which it was accepted, if it was."""
        law = self.sending.law
        return self.profile.version(law.contract, law.version) if law else None

    @property
    def signatures(self) -> frozenset[str]:
        """The contract's own signature, then and now."""
        return frozenset(each.signature for each in (self.contract, self.accepted) if each)

    @property
    def entries(self) -> tuple[Signature, ...]:
        """What is registered of the signature, and of the Chinese one that it means the same as."""
        return self.profile.entries(self.sending.signature or "")

    @property
    def access_code(self) -> AccessCode | None:
        """The contract's own; or the one it was accepted with and comes from, until that goes back."""
        now, was = (each.access_code if each else None for each in (self.contract, self.accepted))
        if was is None or was.code != self.comes_from or (now is not None and now.code == was.code):
            return now
        back_on = code_back_on(self.profile.contracts, was.code, self.on)
        return was if back_on is None or self.on < back_on else now

    @property
    def comes_from(self) -> str | None:
        """The access code of the port that is named."""
        return self.port.access_code if self.port else self.sending.port


def objection(sending: Sending, profile: Profile, on: date) -> str | None:
    """The code of the first rule that what is to be sent breaks on this day; None if it may be sent."""
    return _first(_RULES, _Asked(sending, profile, on, profile.contract_on(on)))


def objection_today(sending: Sending, profile: Profile, on: date) -> str | None:
    """The same for what is to be sent on a later day: today decides only whether the client is served."""
    return _first(_RULES_OF_TODAY, _Asked(sending, profile, on, profile.contract_on(on)))


def _first(rules: Iterable[Callable[[_Asked], str | None]], asked: _Asked) -> str | None:
    return next((code for rule in rules if (code := rule(asked)) is not None), None)


def _client_is_served(asked: _Asked) -> str | None:
    return reasons.CLIENT_SUSPENDED if asked.profile.client.suspended else None


def _contract_is_in_force(asked: _Asked) -> str | None:
    if asked.contract is None:
        return reasons.CONTRACT_MISSING
    match term_state(asked.contract.term, asked.on).state:
        case TermPhase.NOT_STARTED:
            return reasons.CONTRACT_NOT_STARTED
        case TermPhase.ENDED:
            return reasons.CONTRACT_ENDED
    return None


def _documents_are_valid(asked: _Asked) -> str | None:
    last_on = last_served_on(asked.contract, asked.profile.documents) if asked.contract else None
    return reasons.DOCUMENT_EXPIRED if last_on and last_on < asked.on else None


def _access_code_is_valid(asked: _Asked) -> str | None:
    last_on = asked.access_code.valid_until if asked.access_code else None
    return reasons.ACCESS_CODE_EXPIRED if last_on and last_on < asked.on else None


def _service_was_bought(asked: _Asked) -> str | None:
    bought = asked.contract is not None and asked.sending.service in asked.contract.services
    return None if bought else reasons.SERVICE_NOT_BOUGHT


def _category_is_agreed(asked: _Asked) -> str | None:
    agreed = asked.contract is not None and asked.sending.category in asked.contract.categories
    return None if agreed else reasons.CATEGORY_NOT_ALLOWED


def _category_is_not_stopped(asked: _Asked) -> str | None:
    measure = stopped_by(asked.profile.measures, asked.sending.category, asked.sending.template)
    return REASON_OF[measure.cause] if measure else None


def _template_is_in_use(asked: _Asked) -> str | None:
    name, version = asked.sending.template, asked.sending.template_version
    stopped = name is not None and asked.profile.template_stopped(name, version)
    return reasons.TEMPLATE_STOPPED if stopped else None


def _port_is_the_clients(asked: _Asked) -> str | None:
    own = asked.access_code.code if asked.access_code else None
    return None if asked.comes_from in (None, own) else reasons.PORT_UNKNOWN


def _port_serves_the_purpose(asked: _Asked) -> str | None:
    port = asked.port
    return reasons.PORT_FOR_OTHER_PURPOSE if port and not port.serves(asked.sending.category) else None


def _port_is_valid(asked: _Asked) -> str | None:
    port = asked.port
    return reasons.PORT_EXPIRED if port and port.expired(asked.on) else None


def _signature_is_in_use(asked: _Asked) -> str | None:
    """The contract's own was looked at before the contract was made active, so it needs no verdict here; but
    where there is one, it counts; a refusal until a person passes what was handed in again.
    """
    signature = asked.sending.signature
    if signature is None:
        return None
    if signature not in asked.signatures and signature not in asked.profile.signatures:
        return reasons.SIGNATURE_UNKNOWN
    codes = (_verdict(entry, entry.text in asked.signatures) for entry in asked.entries)
    return next((code for code in codes if code is not None), None)


def _verdict(entry: Signature, own: bool) -> str | None:
    match entry.status:
        case SignatureStatus.APPROVED:
            return None
        case SignatureStatus.STOPPED:
            return reasons.SIGNATURE_STOPPED
        case SignatureStatus.PENDING if own and not entry.awaits_person:
            return None
    return reasons.SIGNATURE_UNKNOWN


def _signature_is_proved(asked: _Asked) -> str | None:
    """What nobody has passed yet rests on no proof: the contract's own is used without it meanwhile."""
    if asked.contract is None:
        return None
    filed, days = asked.profile.documents, asked.contract.notices.breach_days
    ends = (last_proved_on(entry.claim, filed, days) for entry in asked.entries if entry.in_use)
    over = any(last_on is not None and last_on < asked.on for last_on in ends)
    return reasons.SIGNATURE_UNPROVED if over else None


def _signature_is_allowed_for_the_port(asked: _Asked) -> str | None:
    signature, port = asked.sending.signature, asked.port
    if signature is None or port is None or port.any_purpose:
        return None
    allowed = port.terms.signatures or asked.signatures
    return None if signature in allowed else reasons.SIGNATURE_NOT_FOR_PORT


def _port_is_open(asked: _Asked) -> str | None:
    port = asked.port
    return reasons.PORT_CLOSED if port and port.closed else None


_RULES_OF_TODAY: tuple[Callable[[_Asked], str | None], ...] = (
    _client_is_served,
    _contract_is_in_force,
    _documents_are_valid,
)
_RULES = (
    *_RULES_OF_TODAY,
    _access_code_is_valid,
    _service_was_bought,
    _category_is_agreed,
    _category_is_not_stopped,
    _template_is_in_use,
    _port_is_the_clients,
    _port_serves_the_purpose,
    _port_is_valid,
    _signature_is_in_use,
    _signature_is_proved,
    _signature_is_allowed_for_the_port,
    # Last: what can never be sent is told so, and does not wait for a port to open.
    _port_is_open,
)
