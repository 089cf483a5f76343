"""The law of the platform: what must be true for something to be sent, one rule each, in their order.

The rules are asked twice: when a submission comes in, and again before a carrier is called. So whatever has
changed in between counts, and both moments can never read different laws. A rule that only puts off refuses a
submission; what was accepted before waits for better times, as long as it is valid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from openmas.domain import reasons
from openmas.domain.client_document import last_served_on
from openmas.domain.contract import Category, Contract, ServiceKind
from openmas.domain.measures import REASON_OF, stopped_by
from openmas.domain.port import Port
from openmas.domain.profile import Profile
from openmas.domain.proof import last_proved_on
from openmas.domain.signing import SignatureStatus
from openmas.domain.term import TermPhase, term_state


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, as far as the rules ask about it."""

    service: ServiceKind
    category: Category
    template: str | None = None
    port: str | None = None
    signature: str | None = None
    template_version: int | None = None


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


def objection(sending: Sending, profile: Profile, on: date) -> str | None:
    """The code of the first rule that what is to be sent breaks on this day; None if it may be sent."""
    asked = _Asked(sending, profile, on, profile.contract_on(on))
    return next((code for rule in _RULES if (code := rule(asked)) is not None), None)


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
    last_on = asked.contract.access_code.valid_until if asked.contract else None
    return reasons.ACCESS_CODE_EXPIRED if last_on and last_on < asked.on else None


def _service_was_bought(asked: _Asked) -> str | None:
    bought = asked.contract is not None and asked.sending.service in asked.contract.services
    return None if bought else reasons.SERVICE_NOT_BOUGHT


def _category_is_agreed(asked: _Asked) -> str | None:
    agreed = asked.contract is not None and asked.sending.category in asked.contract.categories
    return None if agreed else reasons.CATEGORY_NOT_ALLOWED


def _category_is_not_stopped(asked: _Asked) -> str | None:
    measure = stopped_by(asked.profile.measures, asked.sending.category)
    return REASON_OF[measure.cause] if measure else None


def _template_is_in_use(asked: _Asked) -> str | None:
    name, version = asked.sending.template, asked.sending.template_version
    stopped = name is not None and asked.profile.template_stopped(name, version)
    return reasons.TEMPLATE_STOPPED if stopped else None


def _port_is_the_clients(asked: _Asked) -> str | None:
    number, port = asked.sending.port, asked.port
    if number is None:
        return None
    own = asked.contract.access_code.code if asked.contract else None
    return None if own == (port.access_code if port else number) else reasons.PORT_UNKNOWN


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
    entry = asked.profile.signatures.get(signature)
    own = asked.contract is not None and signature == asked.contract.signature
    match entry.status if entry else SignatureStatus.PENDING:
        case SignatureStatus.APPROVED:
            return None
        case SignatureStatus.STOPPED:
            return reasons.SIGNATURE_STOPPED
        case SignatureStatus.PENDING if own and not (entry and entry.awaits_person):
            return None
    return reasons.SIGNATURE_UNKNOWN


def _signature_is_proved(asked: _Asked) -> str | None:
    entry = asked.profile.signatures.get(asked.sending.signature or "")
    if entry is None or asked.contract is None:
        return None
    last_on = last_proved_on(entry.claim, asked.profile.documents, asked.contract.notices.breach_days)
    return reasons.SIGNATURE_UNPROVED if last_on and last_on < asked.on else None


def _signature_is_allowed_for_the_port(asked: _Asked) -> str | None:
    signature, port, contract = asked.sending.signature, asked.port, asked.contract
    if signature is None or port is None or contract is None or port.any_purpose:
        return None
    allowed = port.terms.signatures or (contract.signature,)
    return None if signature in allowed else reasons.SIGNATURE_NOT_FOR_PORT


def _port_is_open(asked: _Asked) -> str | None:
    port = asked.port
    return reasons.PORT_CLOSED if port and port.closed else None


_RULES: tuple[Callable[[_Asked], str | None], ...] = (
    _client_is_served,
    _contract_is_in_force,
    _documents_are_valid,
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
