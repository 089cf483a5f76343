"""Keep a client's templates: handed in for review, passed or refused by a person, stopped at any time."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.case import Closing
from openmas.domain.change import Change
from openmas.domain.content import held_for, hits_in_template, refusal, refused_for
from openmas.domain.content_kinds import ContentKind
from openmas.domain.profile import Profile
from openmas.domain.reasons import TEMPLATE_UNKNOWN, rejected
from openmas.domain.template import Template, TemplateStatus, stopped_since
from openmas.domain.template_check import HandedIn, Verdict, check_text, extent_of, remarks_on
from openmas.errors import Conflict, InvalidInput, LimitExceeded, NotFound
from openmas.flows.keep_contracts import show_client
from openmas.flows.open_reviews import case_of_template, doubts_on, review_template
from openmas.needs import Cases, Clock, Registry, Words

# A client's registry is read whole, so it must not grow without end.
VERSIONS_MAX = 1_000

_ID = re.compile(r"[a-z0-9_-]{1,64}")


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def words(self) -> Words: ...


def hand_in(needs: Needs, client: str, wanted: Template, by: str) -> HandedIn:
    """The text waits for a person, as the next version; what is in use stays so until it is passed.

    Shape: a text that waits already, or is in use, is left as it is.
    Raises: InvalidInput for what nobody may pass; Conflict while another text of the template waits.
    """
    profile = show_client(needs, client)
    told = _checked(needs, profile, wanted)
    versions, now = profile.templates.get(wanted.id, ()), needs.clock.now()
    newest = versions[-1] if versions else None
    if newest is not None and newest.sendable and newest.says(wanted):
        return replace(told, template=newest)
    if newest is not None and newest.status is TemplateStatus.PENDING:
        if not newest.says(wanted):
            raise Conflict("template_pending", f"Version {newest.version} waits for its review.")
        template = newest
    else:
        change = Change(by, now, "handed in")
        template = replace(
            wanted, version=_next(profile, versions), status=TemplateStatus.PENDING, change=change
        )
        needs.registry.keep_template(client, template)
    # Only what is stored is shown: of two who hand in at once, one has stored nothing.
    review_template(needs, profile, template)
    return replace(told, template=template)


def judge_template(needs: Needs, client: str, name: str, verdict: Verdict) -> Template:
    """The version is in use, or it is refused with the reason, and its case is closed.

    Raises: NotFound; NotAllowed for what nobody may pass; Conflict if something else was decided before, or
    for a pass after the template was stopped, by which the version could never be used.
    """
    profile, now = show_client(needs, client), needs.clock.now()
    before = _version(profile, name, verdict.version)
    if verdict.passed:
        if before.status is TemplateStatus.PENDING:
            _check_usable(versions_of(profile, name), before)
        # The operator's words may have changed since it was handed in.
        _doubts(needs, before)
    # Whoever handed it in may be about to open its case: it must not be opened after this.
    review_template(needs, profile, before)
    change = Change(verdict.by, now, verdict.why)
    after = _decided(needs, client, before, TemplateStatus.PENDING, verdict.status, change)
    case = needs.cases.find(client, case_of_template(before))
    if case is not None:
        needs.cases.close(client, case.id, Closing(verdict.by, verdict.why, now, verdict.status))
    if verdict.passed:
        # All may have been stopped while this was written.
        _check_usable(versions_of(show_client(needs, client), name), after)
    return after


def stop_template(needs: Needs, client: str, name: str, version: int | None, by: str, why: str) -> Template:
    """Nothing more is sent by the version, or by any version that there is, within seconds.

    Shape: all versions are stopped by one more version that says so.
    Raises: NotFound; Conflict for a version that is not in use.
    """
    profile, change = show_client(needs, client), Change(by, needs.clock.now(), why)
    if version is not None:
        one = _version(profile, name, version)
        return _decided(needs, client, one, TemplateStatus.APPROVED, TemplateStatus.WITHDRAWN, change)
    newest = _newest(profile, name)
    if newest.status is TemplateStatus.STOPPED:
        return newest
    after = replace(newest, version=newest.version + 1, status=TemplateStatus.STOPPED, change=change)
    needs.registry.keep_template(client, after)
    return after


def keep_template(needs: Needs, client: str, wanted: Template, by: str) -> Template:
    """The newest version reads as the operator wants it, without a review: one that did, or a new one.

    Raises: InvalidInput for what nobody may pass; Conflict if somebody else kept the next version first.
    """
    profile = show_client(needs, client)
    _checked(needs, profile, wanted)
    versions = profile.templates.get(wanted.id, ())
    newest = versions[-1] if versions else None
    if newest is not None and newest.status is wanted.status and newest.says(wanted):
        return newest
    change = Change(by, needs.clock.now(), f"{wanted.status} by the operator")
    template = replace(wanted, version=_next(profile, versions), change=change)
    needs.registry.keep_template(client, template)
    return template


def versions_of(profile: Profile, name: str) -> Sequence[Template]:
    """All versions of a template, the first one first.

    Raises: NotFound if there are none.
    """
    _newest(profile, name)
    return profile.templates[name]


def _checked(needs: Needs, profile: Profile, wanted: Template) -> HandedIn:
    """What can be said of a text before any person has seen it.

    Raises: InvalidInput and NotAllowed for what nobody may pass.
    """
    if _ID.fullmatch(wanted.id) is None:
        raise InvalidInput("template_id_malformed", "A template's id is 1 to 64 of a-z, 0-9, - and _.")
    contract = profile.contract_on(shanghai_day(needs.clock.now()))
    check_text(wanted, contract)
    extent = extent_of(wanted, contract)
    return HandedIn(wanted, extent, (*remarks_on(wanted, extent), *doubts_on(_doubts(needs, wanted))))


def _doubts(needs: Needs, template: Template) -> Sequence[ContentKind]:
    """The kinds of content for which a person must look at the text.

    Raises: NotAllowed with the clause of the kind for which nobody may pass it.
    """
    found = hits_in_template(template.text, needs.words.current())
    if (kind := refused_for(found)) is not None:
        raise refusal(kind)
    return held_for(found)


def _decided(
    needs: Needs,
    client: str,
    one: Template,
    was: TemplateStatus,
    status: TemplateStatus,
    change: Change,
) -> Template:
    """The version with its new status; the same decision again changes nothing."""
    if one.status is status:
        return one
    if one.status is not was:
        raise Conflict("template_decided", f"Version {one.version} is {one.status} already.")
    after = replace(one, status=status, change=change)
    needs.registry.keep_template(client, after, one)
    return after


def _check_usable(versions: Sequence[Template], one: Template) -> None:
    """Raises: Conflict after the template was stopped as a whole."""
    if stopped_since(versions, one.version):
        raise Conflict("template_decided", "The template was stopped since; it is to be handed in anew.")


def _next(profile: Profile, versions: Sequence[Template]) -> int:
    if sum(map(len, profile.templates.values())) >= VERSIONS_MAX:
        raise LimitExceeded("templates_too_many", f"A client has at most {VERSIONS_MAX} versions in all.")
    return versions[-1].version + 1 if versions else 1


def _newest(profile: Profile, name: str) -> Template:
    versions = profile.templates.get(name, ())
    if not versions:
        raise rejected(NotFound, TEMPLATE_UNKNOWN)
    return versions[-1]


def _version(profile: Profile, name: str, version: int) -> Template:
    found = next((each for each in versions_of(profile, name) if each.version == version), None)
    if found is None:
        raise NotFound("template_version_unknown", f"The template has no version {version}.")
    return found
