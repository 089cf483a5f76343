"""Open the case of what waits for a person: a version of a template, a signature, or an appeal.

It is stored first, once and for all, and its case says what is stored: so nobody passes what he was not
shown. Whoever dies between the two has left the case to the next try, or to the night.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.case import REVIEW, Case
from openmas.domain.content import held_for, hits_in_template
from openmas.domain.content_kinds import ContentKind
from openmas.domain.measures import Measure
from openmas.domain.profile import Profile
from openmas.domain.signing import Claim, Ruling, Signature
from openmas.domain.template import Template, TemplateStatus
from openmas.domain.template_check import extent_of, remarks_on
from openmas.needs import Cases, Clock, Registry, Words

# Complaints that are no faults of the network are answered within 48 hours (2.2.8).
REVIEW_WITHIN = timedelta(hours=48)


class OpenNeeds(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def cases(self) -> Cases: ...


class SignatureNeeds(OpenNeeds, Protocol):
    @property
    def registry(self) -> Registry: ...


class Needs(SignatureNeeds, Protocol):
    @property
    def words(self) -> Words: ...


def review_all(needs: Needs, profile: Profile) -> None:
    """A person knows of everything of the client that waits for one."""
    for template in chain.from_iterable(profile.templates.values()):
        review_template(needs, profile, template)
    for signature in profile.signatures.values():
        review_signature(needs, profile.client.id, signature)
    for measure in profile.measures:
        if measure.in_force:
            review_appeal(needs, profile.client.id, measure)


def review_template(needs: Needs, profile: Profile, template: Template) -> None:
    """A person knows of the version, and of what it says, if it waits for one."""
    client, case = profile.client.id, case_of_template(template)
    if template.status is not TemplateStatus.PENDING or needs.cases.find(client, case) is not None:
        return
    extent = extent_of(template, profile.contract_on(shanghai_day(needs.clock.now())))
    kinds = held_for(hits_in_template(template.text, needs.words.current()))
    values = (f"{{{each.name}}}: {each.kind}, at most {each.length_max} long" for each in template.variables)
    told = (*values, *remarks_on(template, extent), *doubts_on(kinds))
    _open(needs, client, case, "\n".join((f"{template.category}: {template.text}", *told)))


def review_signature(needs: SignatureNeeds, client: str, signature: Signature) -> None:
    """A person knows of the signature, and of its claim, if it waits for one."""
    claim = signature.awaited
    if claim is None or signature.case is None or needs.cases.find(client, signature.case) is not None:
        return
    (*before, _) = needs.registry.signature_versions(client, signature.text)
    earlier = f" {_word(before[-1])} before: {before[-1].change.why}" if before else ""
    proof = claim.evidence or "none"
    grounds = ", ".join((claim.basis, *_named_in(claim)))
    detail = f"Signature 【{claim.text}】 ({grounds}): {signature.found}. Proof: {proof}.{earlier}"
    _open(needs, client, signature.case, detail)


def review_appeal(needs: OpenNeeds, client: str, measure: Measure) -> None:
    """A person knows of the appeal against the measure, and of its grounds, if there is one."""
    case = case_of_measure(measure)
    if measure.appeal is not None and needs.cases.find(client, case) is None:
        _open(needs, client, case, f"Appeal against the measure {measure.id}: {measure.appeal.why}")


def doubts_on(kinds: Sequence[ContentKind]) -> Sequence[str]:
    """What is said of the kinds of content that words of a text point to."""
    return [f"A word in it points to clause {kind.clause}: {kind.en}." for kind in kinds]


def case_of_template(template: Template) -> str:
    """The name of the case in which a person looks at the version."""
    return f"{REVIEW}#template#{template.id}#v{template.version:04d}"


def case_of_measure(measure: Measure) -> str:
    """The name of the case in which a person hears the appeal against the measure."""
    return f"{REVIEW}#measure#{measure.id}"


def _named_in(claim: Claim) -> Iterator[str]:
    """What else the claim names, which a person has to compare with its text."""
    named = (
        ("the trade mark", claim.trade_mark),
        ("the kind of product", claim.product_kind),
        ("the same as", claim.chinese),
    )
    return (f"{what} 【{name}】" for what, name in named if name is not None)


def _word(signature: Signature) -> str:
    return "Refused" if signature.says(Ruling.REFUSE) else signature.status.capitalize()


def _open(needs: OpenNeeds, client: str, case: str, detail: str) -> None:
    now = needs.clock.now()
    needs.cases.open(Case(case, client, REVIEW, shanghai_day(now), now + REVIEW_WITHIN, detail))
