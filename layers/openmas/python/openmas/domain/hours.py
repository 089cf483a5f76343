"""Marketing hours: when marketing may go out, by a clock in Shanghai (11.3.17)."""

from datetime import UTC, datetime, timedelta

from openmas.domain.calendar import SHANGHAI
from openmas.domain.contract import Category, Contract
from openmas.domain.limits import MarketingHours, OutsideHours
from openmas.domain.reasons import OUTSIDE_MARKETING_HOURS, rejected
from openmas.errors import NotAllowed


def next_opening(hours: MarketingHours, at: datetime) -> datetime:
    """The first time from this one on at which marketing may go out; this one itself within the hours.

    Shape: the hours open before they close, so none of them spans midnight.
    """
    shown = at.astimezone(SHANGHAI)
    if hours.open <= shown.time() < hours.close:
        return at
    on = shown.date() + timedelta(days=int(shown.time() >= hours.close))
    return datetime.combine(on, hours.open, SHANGHAI).astimezone(UTC)


def may_go_at(contract: Contract, category: Category, at: datetime) -> datetime:
    """The first time from this one on at which the contract lets a message of this category go."""
    hours = contract.limits.marketing_hours
    return at if hours is None or category is not Category.MARKETING else next_opening(hours, at)


def start_at(contract: Contract, category: Category, at: datetime) -> datetime:
    """When what is to be sent at this time goes: then, or, where the contract has it wait, at the opening.

    Raises: NotAllowed where the contract refuses it instead.
    """
    opening, hours = may_go_at(contract, category, at), contract.limits.marketing_hours
    if opening != at and hours is not None and hours.outside is OutsideHours.REFUSE:
        raise rejected(NotAllowed, OUTSIDE_MARKETING_HOURS)
    return opening
