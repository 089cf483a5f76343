"""Look for the operator's words in a submission: some is refused, at some a person must look (11.2, 11.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from openmas.domain.content import Checked, Hit, held_for, hits, refusal, refused_for
from openmas.domain.content_kinds import ContentKind
from openmas.domain.reasons import content_refused
from openmas.domain.submission import Admitted, Submission
from openmas.domain.texts import compose
from openmas.needs import Words


class Needs(Protocol):
    @property
    def words(self) -> Words: ...


@dataclass(frozen=True, slots=True)
class Screened:
    """What was found in an admitted submission: the kinds for which it is held, the places to be refused."""

    held: tuple[ContentKind, ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)


def screen(needs: Needs, admitted: Admitted, submission: Submission, places: Iterable[int]) -> Screened:
    """The submission's own words have been looked through: all of a text, of a template its values only.

    Shape: `places` are those of the recipients who would get it, where each has a text of its own.
    Raises: NotAllowed with the clause of the kind for which nobody may get it.
    """
    if admitted.template is None:
        return Screened(_passed(hits(admitted.text, needs.words.current())))
    if not admitted.template.variables:
        return Screened()
    # A template's own text was looked through at its review, as the operator's words then were.
    checked = Checked.template(compose(admitted.template.text, admitted.sender.signature, admitted.category))
    if admitted.own is not None:
        return _each(needs, checked, {place: admitted.own[place].values for place in places})
    values = checked.gaps.values(submission.parameters)
    return Screened(_passed(checked.hits(values, needs.words.current())))


def _passed(found: Iterable[Hit]) -> tuple[ContentKind, ...]:
    """The kinds for which it is held.

    Raises: NotAllowed if it is refused.
    """
    found = tuple(found)
    if (kind := refused_for(found)) is not None:
        raise refusal(kind)
    return held_for(found)


def _each(needs: Needs, checked: Checked, values: Mapping[int, tuple[str, ...]]) -> Screened:
    found = checked.hits_of_each(values, needs.words.current())
    refused = {place: content_refused(kind) for place, each in found.items() if (kind := refused_for(each))}
    held = held_for(each for place, some in found.items() if place not in refused for each in some)
    return Screened(held, refused)
