"""The law of the platform: what must be true for something to be sent, one rule each, in their order.

The rules are asked twice: when a submission comes in, and again before a carrier is called. So whatever has
changed in between counts, and both moments can never read different laws.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from openmas.domain import reasons
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.measures import REASON_OF, stopped_by
from openmas.domain.profile import Profile
from openmas.domain.term import TermPhase, term_state


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, as far as the rules ask about it."""

    service: ServiceKind
    category: Category
    template: str | None = None


def objection(sending: Sending, profile: Profile, on: date) -> str | None:
    """The code of the first rule that what is to be sent breaks on this day; None if it may be sent."""
    return next((code for rule in _RULES if (code := rule(sending, profile, on)) is not None), None)


def _client_is_served(_sending: Sending, profile: Profile, _on: date) -> str | None:
    return reasons.CLIENT_SUSPENDED if profile.client.suspended else None


def _contract_is_in_force(_sending: Sending, profile: Profile, on: date) -> str | None:
    contract = profile.contract_on(on)
    if contract is None:
        return reasons.CONTRACT_MISSING
    match term_state(contract.term, on).state:
        case TermPhase.NOT_STARTED:
            return reasons.CONTRACT_NOT_STARTED
        case TermPhase.ENDED:
            return reasons.CONTRACT_ENDED
    return None


def _service_was_bought(sending: Sending, profile: Profile, on: date) -> str | None:
    contract = profile.contract_on(on)
    return None if contract and sending.service in contract.services else reasons.SERVICE_NOT_BOUGHT


def _category_is_agreed(sending: Sending, profile: Profile, on: date) -> str | None:
    contract = profile.contract_on(on)
    return None if contract and sending.category in contract.categories else reasons.CATEGORY_NOT_ALLOWED


def _category_is_not_stopped(sending: Sending, profile: Profile, _on: date) -> str | None:
    measure = stopped_by(profile.measures, sending.category)
    return REASON_OF[measure.cause] if measure else None


def _template_is_in_use(sending: Sending, profile: Profile, _on: date) -> str | None:
    stopped = sending.template is not None and profile.template_stopped(sending.template)
    return reasons.TEMPLATE_UNKNOWN if stopped else None


_RULES: tuple[Callable[[Sending, Profile, date], str | None], ...] = (
    _client_is_served,
    _contract_is_in_force,
    _service_was_bought,
    _category_is_agreed,
    _category_is_not_stopped,
    _template_is_in_use,
)
