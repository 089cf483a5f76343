"""Templates: reviewed texts with variables, and what may be put in for them (clause 2.1.11)."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from openmas.domain.change import Change
from openmas.domain.contract import Category
from openmas.domain.disguise import crossing, plain
from openmas.domain.reasons import (
    PARAMETERS_WRONG,
    TEMPLATE_MALFORMED,
    TEMPLATE_NOT_PASSED,
    TEMPLATE_STOPPED,
    TEMPLATE_UNKNOWN,
    rejected,
)
from openmas.domain.variables import Variable
from openmas.domain.wording import VARIABLE, Gapped, gapped
from openmas.errors import Fault, InvalidInput

VARIABLES_MAX = 50


class TemplateStatus(StrEnum):
    """What was decided of a version.

    Shape: `withdrawn` speaks of the version alone; `stopped` of itself and of all versions before it.
    """

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"


_NEVER_IN_USE = frozenset({TemplateStatus.PENDING, TemplateStatus.REFUSED})


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template; a changed text is another version.

    Shape: `variables` are those of the text, each once, in the order of their appearance; `change` says who
    gave it its status.
    Raises: InvalidInput if they are not.
    """

    id: str
    version: int
    category: Category
    text: str
    variables: tuple[Variable, ...]
    status: TemplateStatus
    change: Change | None = None

    def __post_init__(self) -> None:
        if tuple(each.name for each in self.variables) != names_in(self.text):
            raise rejected(InvalidInput, TEMPLATE_MALFORMED)

    @property
    def sendable(self) -> bool:
        return self.status is TemplateStatus.APPROVED

    def says(self, other: "Template") -> bool:
        """Whether another version would put the same on the air."""
        return (self.category, self.text, self.variables) == (other.category, other.text, other.variables)


def in_use(versions: Sequence[Template]) -> Template | None:
    """The version by which something may be submitted: the newest one that was ever approved, if it still is.

    Shape: `versions` of one template in rising order. What waits for its review, or failed, changes nothing.
    """
    decided = [each for each in versions if each.status not in _NEVER_IN_USE]
    return decided[-1] if decided and decided[-1].sendable else None


def not_in_use(versions: Sequence[Template]) -> str:
    """Why none of the versions is in use."""
    if all(each.status in _NEVER_IN_USE for each in versions):
        return TEMPLATE_NOT_PASSED if versions else TEMPLATE_UNKNOWN
    return TEMPLATE_STOPPED


def stopped(versions: Sequence[Template], version: int | None) -> bool:
    """Whether what was accepted by a version must not be sent any more."""
    pinned = next((each for each in versions if each.version == version), None)
    if pinned is None or not pinned.sendable:
        return True
    return stopped_since(versions, pinned.version)


def stopped_since(versions: Sequence[Template], version: int) -> bool:
    """Whether all versions up to this one, and perhaps later ones, were stopped at once."""
    return any(each.status is TemplateStatus.STOPPED and each.version > version for each in versions)


def names_in(text: str) -> tuple[str, ...]:
    """The names of a text's variables, each once, in the order in which they appear.

    Raises: InvalidInput for a brace that belongs to no variable, or too many variables.
    """
    names = gapped(text).names
    rest = VARIABLE.sub("", text)
    if "{" in rest or "}" in rest or len(names) > VARIABLES_MAX:
        raise rejected(InvalidInput, TEMPLATE_MALFORMED)
    return names


def variables_of(text: str, declared: Collection[Variable] = ()) -> tuple[Variable, ...]:
    """The text's variables as they were declared; whatever was not is a short text.

    Raises: InvalidInput for a variable that is declared twice, or is none of the text's.
    """
    by_name = {each.name: each for each in declared}
    names = names_in(text)
    if len(by_name) != len(declared) or not by_name.keys() <= set(names):
        raise rejected(InvalidInput, TEMPLATE_MALFORMED)
    return tuple(by_name.get(name) or Variable(name) for name in names)


def render(template: Template, parameters: Mapping[str, str]) -> str:
    """The text with every variable's value in its place; a value is put in as it is and never read again.

    Raises: InvalidInput with a fault for every variable without a value and every value that may not be.
    """
    found = tuple(faults(template, parameters))
    if found:
        raise rejected(InvalidInput, PARAMETERS_WRONG, found)
    gaps = gapped(template.text)
    return gaps.fill(gaps.values(parameters))


def faults(template: Template, parameters: Mapping[str, str], own: Set[str] = frozenset()) -> Iterator[Fault]:
    """Every way in which the parameters do not fit the template.

    Shape: `own` are variables that recipients have values of their own for, which are not looked at here.
    """
    names = [each.name for each in template.variables]
    if parameters.keys() - set(names):
        known = ", ".join(names) or "none"
        yield Fault("/parameters", f"The template has no other variables than these: {known}.")
    good = own.isdisjoint(names)
    for variable in template.variables:
        if variable.name not in own and (detail := _value_fault(variable, parameters)) is not None:
            good = False
            yield Fault(f"/parameters/{variable.name}", detail)
    if good and (made := made_across(template.text, tuple([parameters[name] for name in names]))) is not None:
        yield Fault("/parameters", f"Values make no {made} with the text around them or one another.")


def fits(template: Template, parameters: Mapping[str, str]) -> bool:
    """Whether there is no such fault; quicker, as thousands of recipients are asked about."""
    values = []
    for variable in template.variables:
        value = parameters.get(variable.name)
        if value is None or variable.fault(value) is not None:
            return False
        values.append(value)
    return len(parameters) == len(values) and made_across(template.text, tuple(values)) is None


# Days, places and sums come again and again in one request.
@lru_cache(maxsize=2_048)
def made_across(text: str, values: tuple[str, ...]) -> str | None:
    """What the text's parts and the values make together and none of them has alone: a link, a number."""
    return crossing(_plain_gapped(text).parts([plain(value) for value in values]))


def _value_fault(variable: Variable, parameters: Mapping[str, str]) -> str | None:
    value = parameters.get(variable.name)
    return "A value is missing." if value is None else variable.fault(value)


@lru_cache(maxsize=128)
def _plain_gapped(text: str) -> Gapped:
    gaps = gapped(text)
    return replace(gaps, fixed=tuple(map(plain, gaps.fixed)))
