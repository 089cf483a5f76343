"""What a client asks for, and whether its contract allows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from openmas.domain import reasons
from openmas.domain.batch import Batch, OwnTexts
from openmas.domain.calendar import shanghai_day
from openmas.domain.contract import Category, Contract, ServiceKind
from openmas.domain.listing import Consent
from openmas.domain.own_signature import has_own_signature
from openmas.domain.phone import parse_mobile
from openmas.domain.profile import Profile
from openmas.domain.reasons import PARAMETERS_WRONG, REASONS, rejected
from openmas.domain.rules import Sending, objection, objection_today
from openmas.domain.sender import Sender, sender_for
from openmas.domain.template import Template, faults, fits, not_in_use, render
from openmas.domain.texts import TEXT_LENGTH_MAX, compose
from openmas.domain.units import Counting, count_units, exceeds_utf16
from openmas.domain.wording import gapped
from openmas.errors import InvalidInput, NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One request to send one text, or one template, to many.

    Shape: either `template` with its `parameters`, or `text` with its `category`; `recipients` as the client
    wrote them, or the name of an uploaded `file` in which they stand; `own`, if there are any, runs parallel
    to them: what goes over the parameters for each;
    `valid_for_s` counts from `send_at`, or from now on where there is none. Without `port` and `signature` it
    gets those of the contract. A `dry_run` only asks what would become of it.
    """

    recipients: tuple[str, ...]
    template: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    own: tuple[Mapping[str, str], ...] = ()
    text: str | None = None
    category: Category | None = None
    service: ServiceKind | None = None
    reference: str | None = None
    consent: Consent | None = None
    valid_for_s: int = 86_400
    send_at: datetime | None = None
    dry_run: bool = False
    port: str | None = None
    signature: str | None = None
    file: str | None = None


class OwnText(NamedTuple):
    """The text of one message alone: what fills the gaps of its template, what goes on the air, its units."""

    values: tuple[str, ...]
    on_air: str
    units: int


@dataclass(frozen=True, slots=True)
class EachText:
    """One template, and the text on the air that each recipient's own parameters make of it."""

    template: Template
    text: str
    sender: Sender
    counting: Counting

    def fit(self, parameters: Mapping[str, str]) -> OwnText | str:
        """The message's own text, or the reason why there can be no message."""
        if not fits(self.template, parameters):
            return PARAMETERS_WRONG
        body = gapped(self.template.text)
        values = body.values(parameters)
        on_air = gapped(self.text).fill(values)
        code = _text_fault(body.fill(values), on_air, self.sender)
        return OwnText(values, on_air, count_units(on_air, self.counting)) if code is None else code


@dataclass(frozen=True, slots=True)
class Admitted:
    """A submission that the contract allows, with the text as it will go on the air.

    Shape: where recipients have parameters of their own, `text` still has the variables, `own` holds by place
    the text of the message there, and `unfit` says why there can be none.
    Units: `units_each` billed segments a message where one text goes to all.
    """

    contract: Contract
    sender: Sender
    service: ServiceKind
    category: Category
    template: Template | None
    text: str
    units_each: int
    own: Mapping[int, OwnText] | None = None
    unfit: Mapping[int, str] = field(default_factory=dict)

    def own_texts(self, places: Iterable[int]) -> OwnTexts | None:
        """What the messages at these places come to, if each has a text of its own."""
        if self.own is None:
            return None
        return OwnTexts(self.contract.counting, sum(self.own[place].units for place in places))


@dataclass(frozen=True, slots=True)
class Allowed:
    """As what the contract of the day on which it is to be sent allows a submission, and from whom."""

    contract: Contract
    sender: Sender
    service: ServiceKind
    category: Category
    template: Template | None


def allow(submission: Submission, profile: Profile, now: datetime) -> Allowed:
    """All that depends on the day on which it is to be sent.

    Raises: NotAllowed with the clause that forbids it; InvalidInput for what the request does not say.
    """
    today, send_on = shanghai_day(now), shanghai_day(submission.send_at or now)
    contract = _contract_in_force(profile, today, send_on)
    if len(submission.recipients) > contract.limits.recipients_max:
        told = f"{REASONS[reasons.RECIPIENTS_TOO_MANY].en} It allows {contract.limits.recipients_max}."
        raise InvalidInput(reasons.RECIPIENTS_TOO_MANY, told)
    template = _template(submission, profile)
    service = _service(submission, contract)
    category = template.category if template else submission.category
    if category is None:
        raise InvalidInput("category_missing", "A submission with its own text names a category.")
    sender = sender_for(submission.port, submission.signature, category, contract, profile, send_on)
    name, version = (template.id, template.version) if template else (None, None)
    sending = Sending(service, category, name, sender.port, sender.signature, version)
    _check_rules(sending, profile, today, send_on)
    return Allowed(contract, sender, service, category, template)


def admit(submission: Submission, allowed: Allowed) -> Admitted:
    """The submission with its text as it will go on the air.

    Raises: InvalidInput for what cannot be sent as a text.
    """
    contract, sender, template = allowed.contract, allowed.sender, allowed.template
    if template and (submission.own or _from_file(submission, template)):
        return _admit_each(submission, template, allowed)
    body = render(template, submission.parameters) if template else submission.text or ""
    text = compose(template.text if template else body, sender.signature, allowed.category)
    if template:
        # As if the values were each recipient's own: whichever way they are given, the text is the same.
        text = gapped(text).fill(gapped(text).values(submission.parameters))
    if (code := _text_fault(body, text, sender)) is not None:
        raise rejected(InvalidInput, code)
    units_each = count_units(text, contract.counting)
    return Admitted(contract, sender, allowed.service, allowed.category, template, text, units_each)


def _admit_each(submission: Submission, template: Template, allowed: Allowed) -> Admitted:
    """The submission with what each recipient's own parameters make of the template.

    Raises: InvalidInput for common parameters that fit nobody.
    """
    contract, sender = allowed.contract, allowed.sender
    given = frozenset(chain.from_iterable(submission.own)) | _from_file(submission, template)
    # What every recipient has in common is looked at once, with something that fits for what they have not.
    if found := tuple(faults(template, submission.parameters, own=given)):
        raise rejected(InvalidInput, PARAMETERS_WRONG, found)
    text = compose(template.text, sender.signature, template.category)
    each = EachText(template, text, sender, contract.counting)
    fit: dict[int, OwnText] = {}
    unfit: dict[int, str] = {}
    for place, own in enumerate(submission.own):
        fitted = each.fit({**submission.parameters, **own})
        if isinstance(fitted, str):
            unfit[place] = fitted
        else:
            fit[place] = fitted
    longest = max((each.units for each in fit.values()), default=0)
    category = template.category
    return Admitted(contract, sender, allowed.service, category, template, text, longest, fit, unfit)


def _from_file(submission: Submission, template: Template) -> frozenset[str]:
    """The variables that have to stand in the columns of a file, as they are not the same for all."""
    if submission.file is None:
        return frozenset()
    return frozenset(gapped(template.text).names) - submission.parameters.keys()


def sort_recipients(
    recipients: Iterable[str], unfit: Mapping[int, str] = MappingProxyType({})
) -> tuple[dict[int, str], dict[str, list[int]]]:
    """The numbers by their place in the request, and the places that hold no new number, by reason.

    Shape: `unfit` places hold none, and do not stand in the way of a better one of the same number below.
    """
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
        if place in unfit:
            refused.setdefault(unfit[place], []).append(place)
            continue
        seen.add(number)
        numbers[place] = number
    return numbers, refused


def accepted_places(recipients: int, refused: Mapping[str, Sequence[int]]) -> list[int]:
    """The places of a request that were not refused, in order."""
    out = set(chain.from_iterable(refused.values()))
    return [place for place in range(recipients) if place not in out]


def accepted_numbers(recipients: Sequence[str], refused: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """The numbers of a request without the places that were refused, in order."""
    return tuple([parse_mobile(recipients[place]) for place in accepted_places(len(recipients), refused)])


def accepted_values(submission: Submission, batch: Batch) -> tuple[tuple[str, ...], ...]:
    """What fills the batch's text for each of those numbers; nothing if all of them get one text."""
    if batch.own is None:
        return ()
    values, own = gapped(batch.text).values, submission.own
    places = accepted_places(batch.recipients, batch.refused)
    return tuple([values({**submission.parameters, **own[place]}) for place in places])


def _check_rules(sending: Sending, profile: Profile, today: date, send_on: date) -> None:
    """It may be sent, as far as today knows, on the day it is to be sent, and the client is served today."""
    if send_on != today and (code := objection_today(sending, profile, today)) is not None:
        raise _said_today(code, today)
    code = objection(sending, profile, send_on)
    if code is not None:
        too_late = code == reasons.CONTRACT_ENDED and send_on != today
        raise rejected(NotAllowed, reasons.SEND_AFTER_TERM if too_late else code)


def _said_today(code: str, today: date) -> NotAllowed:
    error = rejected(NotAllowed, code)
    error.decided_on = today
    return error


def _contract_in_force(profile: Profile, today: date, on: date) -> Contract:
    if profile.client.suspended:
        raise _said_today(reasons.CLIENT_SUSPENDED, today)
    contract = profile.contract_on(on)
    if contract is None:
        raise rejected(NotAllowed, reasons.CONTRACT_MISSING)
    return contract


def _template(submission: Submission, profile: Profile) -> Template | None:
    if (submission.template is None) == (submission.text is None):
        raise InvalidInput("text_or_template", "A submission has either a template or a text of its own.")
    if submission.template is None:
        return None
    template = profile.template(submission.template)
    if template is None:
        raise rejected(NotAllowed, not_in_use(profile.templates.get(submission.template, ())))
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


def _text_fault(body: str, text: str, sender: Sender) -> str | None:
    """Why what the client wrote cannot go on the air as this text, or None."""
    if not body.strip():
        return reasons.TEXT_EMPTY
    if has_own_signature(body):
        return reasons.TEXT_HAS_SIGNATURE
    if not sender.suits(text):
        return reasons.SIGNATURE_ENGLISH_ONLY
    return reasons.TEXT_TOO_LONG if exceeds_utf16(text, TEXT_LENGTH_MAX) else None
