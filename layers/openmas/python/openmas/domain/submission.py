"""What a client asks for, and whether its contract allows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openmas.domain import reasons
from openmas.domain.calendar import shanghai_day
from openmas.domain.contract import Category, Contract, ServiceKind
from openmas.domain.phone import parse_mobile
from openmas.domain.profile import Profile
from openmas.domain.reasons import rejected
from openmas.domain.rules import Sending, objection
from openmas.domain.template import Template, render
from openmas.domain.texts import TEXT_LENGTH_MAX, compose, has_own_signature
from openmas.domain.units import count_units, length_utf16
from openmas.errors import InvalidInput, NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One request to send one text to many.

    Shape: either `template` with its `parameters`, or `text` with its `category`; `recipients` as the client
    wrote them.
    """

    recipients: tuple[str, ...]
    template: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    category: Category | None = None
    service: ServiceKind | None = None
    reference: str | None = None
    valid_for_s: int = 86_400


@dataclass(frozen=True, slots=True)
class Admitted:
    """A submission that the contract allows, with the text as it will go on the air."""

    contract: Contract
    service: ServiceKind
    category: Category
    template: Template | None
    text: str
    units_each: int


def admit(submission: Submission, profile: Profile, now: datetime) -> Admitted:
    """The submission, known to be allowed by the contract that is in force.

    Raises: NotAllowed with the clause that forbids it; InvalidInput for what cannot be sent as a text.
    """
    contract = _contract_in_force(profile, now)
    if len(submission.recipients) > contract.limits.recipients_max:
        told = f"Under this contract a request has at most {contract.limits.recipients_max} recipients."
        raise InvalidInput("recipients_too_many", told)
    template = _template(submission, profile)
    service = _service(submission, contract)
    category = template.category if template else submission.category
    if category is None:
        raise InvalidInput("category_missing", "A submission with its own text names a category.")
    sending = Sending(service, category, template.id if template else None)
    if (code := objection(sending, profile, shanghai_day(now))) is not None:
        raise rejected(NotAllowed, code)
    body = render(template, submission.parameters) if template else submission.text or ""
    text = _on_air(body, contract, category)
    return Admitted(contract, service, category, template, text, count_units(text, contract.counting))


def sort_recipients(recipients: Iterable[str]) -> tuple[dict[int, str], dict[str, list[int]]]:
    """The numbers by their place in the request, and the places that hold no new number, by reason."""
    numbers: dict[int, str] = {}
    refused: dict[str, list[int]] = {}
    seen: set[str] = set()
    for place, written in enumerate(recipients):
        try:
            number = parse_mobile(written)
        except InvalidInput as error:
            refused.setdefault(error.code, []).append(place)
            continue
        if number in seen:
            refused.setdefault(reasons.NUMBER_DUPLICATE, []).append(place)
            continue
        seen.add(number)
        numbers[place] = number
    return numbers, refused


def accepted_numbers(recipients: Sequence[str], refused: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """The numbers of a request without the places that were refused, in order."""
    out = {place for places in refused.values() for place in places}
    return tuple(parse_mobile(written) for place, written in enumerate(recipients) if place not in out)


def _contract_in_force(profile: Profile, now: datetime) -> Contract:
    if profile.client.suspended:
        raise rejected(NotAllowed, reasons.CLIENT_SUSPENDED)
    contract = profile.contract_on(shanghai_day(now))
    if contract is None:
        raise rejected(NotAllowed, reasons.CONTRACT_MISSING)
    return contract


def _template(submission: Submission, profile: Profile) -> Template | None:
    if (submission.template is None) == (submission.text is None):
        raise InvalidInput("text_or_template", "A submission has either a template or a text of its own.")
    if submission.template is None:
        return None
    template = profile.template(submission.template)
    if template is None or not template.sendable:
        raise rejected(NotAllowed, reasons.TEMPLATE_UNKNOWN)
    if submission.category not in (None, template.category):
        raise rejected(NotAllowed, reasons.CATEGORY_NOT_ALLOWED)
    return template


def _service(submission: Submission, contract: Contract) -> ServiceKind:
    if submission.template is not None:
        return submission.service or ServiceKind.TEMPLATE_BLACK
    if submission.service is ServiceKind.TEMPLATE_BLACK:
        raise rejected(NotAllowed, reasons.TEMPLATE_REQUIRED)
    if submission.service is not None:
        return submission.service
    ordinary = contract.services - {ServiceKind.TEMPLATE_BLACK}
    if len(ordinary) != 1:
        raise rejected(NotAllowed, reasons.SERVICE_NOT_BOUGHT)
    return next(iter(ordinary))


def _on_air(body: str, contract: Contract, category: Category) -> str:
    if not body.strip():
        raise rejected(InvalidInput, reasons.TEXT_EMPTY)
    if has_own_signature(body):
        raise rejected(InvalidInput, reasons.TEXT_HAS_SIGNATURE)
    text = compose(body, contract.signature, category)
    if length_utf16(text) > TEXT_LENGTH_MAX:
        raise rejected(InvalidInput, reasons.TEXT_TOO_LONG)
    return text
