"""A template's text, checked once when it is handed in: what nobody may pass, and what the reviewer is told.

Its values are checked at each submission, against the forms that were reviewed with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from openmas.domain.characters import is_unseen
from openmas.domain.contract import Category, Contract
from openmas.domain.disguise import has_link, has_number, plain
from openmas.domain.own_signature import has_own_signature
from openmas.domain.reasons import TEMPLATE_MALFORMED, TEXT_EMPTY, TEXT_HAS_SIGNATURE, TEXT_TOO_LONG, rejected
from openmas.domain.template import Template, TemplateStatus, made_across
from openmas.domain.texts import OPT_OUT_WORDS, TEXT_LENGTH_MAX, compose
from openmas.domain.units import count_units, length_utf16
from openmas.domain.variables import VariableKind
from openmas.domain.wording import gapped
from openmas.errors import Fault, InvalidInput

# Of a value one can say how long it is at least, but not which characters it has: Han is the dearest.
_SHORTEST, _DEAREST = "0", "汉"


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a template's messages can be, with signature and opt-out words.

    Units: `length_*` UTF-16 units, `units_*` billed segments.
    """

    length_min: int
    length_max: int
    units_min: int
    units_max: int


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A version as it stands, how long its messages can be, and what its reviewer is told."""

    template: Template
    extent: Extent | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says of a version, and why."""

    version: int
    passed: bool
    by: str
    why: str

    @property
    def status(self) -> TemplateStatus:
        return TemplateStatus.APPROVED if self.passed else TemplateStatus.REFUSED


def check_text(template: Template, contract: Contract | None) -> None:
    """Nothing stands against a review of the text.

    Raises: InvalidInput for what nobody may pass.
    """
    if not template.text.strip():
        raise rejected(InvalidInput, TEXT_EMPTY)
    if has_own_signature(template.text):
        raise rejected(InvalidInput, TEXT_HAS_SIGNATURE)
    if any(is_unseen(character) and character != "\n" for character in template.text):
        raise _malformed("The text has no control or invisible characters.")
    for text_value in ("", "a"):
        values = [text_value if each.kind is VariableKind.TEXT else _SHORTEST for each in template.variables]
        if (made := made_across(template.text, tuple(values))) is not None:
            raise _malformed(f"A {made} stands wholly in the text, apart from its variables.")
    extent = extent_of(template, contract)
    if extent is not None and extent.length_min > TEXT_LENGTH_MAX:
        raise rejected(InvalidInput, TEXT_TOO_LONG)


def extent_of(template: Template, contract: Contract | None) -> Extent | None:
    """How long its messages can be under this contract."""
    if contract is None:
        return None
    said = gapped(compose(template.text, contract.signature, template.category))
    least = ["" if each.kind is VariableKind.TEXT else _SHORTEST for each in template.variables]
    shortest = said.fill(least)
    longest = said.fill([_DEAREST * each.length_max for each in template.variables])
    return Extent(
        length_utf16(shortest),
        length_utf16(longest),
        count_units(shortest, contract.counting),
        count_units(longest, contract.counting),
    )


def remarks_on(template: Template, extent: Extent | None) -> Iterator[str]:
    """What the reviewer should know before passing the text."""
    seen = plain("".join(gapped(template.text).fixed))
    if has_link(seen):
        yield "The text has a link."
    if has_number(seen):
        yield "The text has a telephone number."
    if OPT_OUT_WORDS in template.text:
        yield f"The text has opt-out words of its own; the platform adds {OPT_OUT_WORDS} to marketing itself."
    if template.category is Category.VERIFICATION and not template.variables:
        yield "A verification message without a variable says the same to everybody."
    if extent is not None and extent.length_max > TEXT_LENGTH_MAX:
        yield f"With its longest values it has {extent.length_max} characters, too many to be sent."


def _malformed(detail: str) -> InvalidInput:
    return rejected(InvalidInput, TEMPLATE_MALFORMED, (Fault("/text", detail),))
