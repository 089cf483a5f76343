"""Templates: reviewed texts with variables, and what may be put in for them (clause 2.1.11)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from openmas.domain.characters import CLOSING, OPENING, is_unseen
from openmas.domain.contract import Category
from openmas.domain.reasons import PARAMETERS_WRONG, TEMPLATE_MALFORMED, rejected
from openmas.domain.units import length_utf16
from openmas.domain.wording import VARIABLE, gapped
from openmas.errors import Fault, InvalidInput

VALUE_LENGTH_MAX = 32
VARIABLES_MAX = 50

# Variables side by side, whose values a reader sees as one word.
_RUN = re.compile(rf"(?:{VARIABLE.pattern}){{2,}}")
_BRACKETS = OPENING | CLOSING
# A scheme, a name with a domain (。 serves as a dot), or an address of four numbers: what a telephone makes a
# link of.
_LINK = re.compile(
    r"://|www\.|[a-z0-9-][.。](?:[a-z]{2,}|中国|公司|网络|网址)|\.(?:中国|公司|网络|网址)"
    r"|(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])"
)


class TemplateStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template; a changed text is another version.

    Shape: `variables` are those of the text, each once.
    Raises: InvalidInput if they are not.
    """

    id: str
    version: int
    category: Category
    text: str
    variables: tuple[str, ...]
    status: TemplateStatus

    def __post_init__(self) -> None:
        if sorted(self.variables) != sorted(variables_of(self.text)):
            raise rejected(InvalidInput, TEMPLATE_MALFORMED)

    @property
    def sendable(self) -> bool:
        return self.status is TemplateStatus.APPROVED


def variables_of(text: str) -> tuple[str, ...]:
    """The variables of a text, each once, in the order in which they appear.

    Raises: InvalidInput for a brace that belongs to no variable, or too many variables.
    """
    names = gapped(text).names
    rest = VARIABLE.sub("", text)
    if "{" in rest or "}" in rest or len(names) > VARIABLES_MAX:
        raise rejected(InvalidInput, TEMPLATE_MALFORMED)
    return names


def render(
    template: Template, parameters: Mapping[str, str], value_length_max: int = VALUE_LENGTH_MAX
) -> str:
    """The text with every variable's value in its place; a value is put in as it is and never read again.

    Raises: InvalidInput with a fault for every variable without a value and every value that may not be.
    """
    found = tuple(faults(template, parameters, value_length_max))
    if found:
        raise rejected(InvalidInput, PARAMETERS_WRONG, found)
    gaps = gapped(template.text)
    return gaps.fill(gaps.values(parameters))


def faults(
    template: Template,
    parameters: Mapping[str, str],
    value_length_max: int = VALUE_LENGTH_MAX,
    own: Set[str] = frozenset(),
) -> Iterator[Fault]:
    """Every way in which the parameters do not fit the template.

    Shape: `own` are variables that recipients have values of their own for, which are not looked at here.
    """
    if parameters.keys() - set(template.variables):
        known = ", ".join(template.variables) or "none"
        yield Fault("/parameters", f"The template has no other variables than these: {known}.")
    for name in template.variables:
        detail = None if name in own else _value_fault(parameters.get(name), value_length_max)
        if detail is not None:
            yield Fault(f"/parameters/{name}", detail)
    for run in _RUN.finditer(template.text):
        names = VARIABLE.findall(run[0])
        if own & set(names):
            continue
        if _has_link("".join(parameters.get(name, "") for name in names)):
            yield Fault("/parameters", "Values side by side make no link together.")


def _value_fault(value: str | None, length_max: int) -> str | None:
    """Why this may not be put in, or None."""
    if value is None:
        return "A value is missing."
    if length_utf16(value) > length_max:
        return f"A value has at most {length_max} characters."
    if any(is_unseen(character) for character in value):
        return "A value has no control or invisible characters."
    if not _BRACKETS.isdisjoint(value + unicodedata.normalize("NFKC", value)):
        return "A value has no brackets such as 【】 or []."
    return "A value has no links." if _has_link(value) else None


def _has_link(value: str) -> bool:
    # A full-width letter is what it looks like.
    return _LINK.search(unicodedata.normalize("NFKC", value).lower()) is not None
