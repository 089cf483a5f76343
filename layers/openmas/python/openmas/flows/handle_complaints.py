"""Take a complaint, find the message that is meant, and let the contract's ladder take its step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.case import COMPLAINT, Case, Closing
from openmas.domain.change import Change
from openmas.domain.complaints import (
    ROLLING_MONTH,
    Complaint,
    ComplaintRate,
    Finding,
    Told,
    begun,
    counted,
    counts_anew_at,
    lifts,
    rung_of,
    told_from,
)
from openmas.domain.ids import batch_of, message_id, split_message
from openmas.domain.measures import Cause, Measure, Rung, height_of
from openmas.domain.parcel import Parcel
from openmas.domain.profile import Profile
from openmas.domain.statement import DayStatement
from openmas.domain.tally import ON_AIR, DayTally, on_air, tally_day
from openmas.domain.template import Template
from openmas.errors import Conflict, InvalidInput, NotFound
from openmas.needs import Cases, Clock, Complaints, Crew, Ledger, Messages, Registry

# Who complains does so within days; beyond these an operator names the message himself.
LOOK_BACK_DAYS = 7
# By so much may somebody else's clock be off.
CLOCKS_DIFFER = timedelta(minutes=5)
# Who takes the steps that follow from the contract's numbers alone.
LADDER = "the contract's ladder"
# Where no contract says otherwise.
ANSWERED_WITHIN_H = 24


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def crew(self) -> Crew: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def complaints(self) -> Complaints: ...


def file_complaint(needs: Needs, profile: Profile, told: Told, by: str) -> tuple[Complaint, ComplaintRate]:
    """The complaint is kept with the message that it most likely means, has a case, and the ladder has moved.

    Shape: told again in the same words it is the same complaint; a message that is named then takes the place
    of the one that was tied to it before.
    Raises: NotFound for a message that is named and had not gone by then; InvalidInput for one that is
    another's, and for a complaint that is still to come; Conflict for another message of one that is settled.
    """
    client, now = profile.client.id, needs.clock.now()
    if told.at > now + CLOCKS_DIFFER:
        raise InvalidInput("complaint_ahead", "Say when the recipient complained: this is still to come.")
    parcel, place = _named(needs, client, told) if told.message else _found(needs, client, told)
    batch = needs.messages.batch(client, batch_of(parcel.id)) if parcel else None
    complaint = Complaint(
        id=_id(told),
        client=client,
        number=told.number,
        at=min(told.at, now),
        source=told.source,
        text=told.text,
        filed_by=by,
        filed_at=now,
        message=message_id(parcel.id, place) if parcel else None,
        template=batch.template if batch else None,
        template_version=batch.template_version if batch else None,
        category=parcel.category if parcel else None,
        starts_at=parcel.starts_at if parcel else None,
    )
    kept = _kept(needs, complaint, named=told.message is not None)
    needs.cases.open(_case(kept, profile))
    month = _Month(needs, profile)
    if kept.template is not None:
        _climb_with_template(needs, profile, kept.template, month)
    return kept, _climb(needs, profile, month)


def _kept(needs: Needs, complaint: Complaint, *, named: bool) -> Complaint:
    """The complaint as it was told first, with the message that was named, or else the one found first."""
    before = needs.complaints.find(complaint.client, complaint.id)
    if before is None:
        needs.complaints.keep(complaint)
        return complaint
    looked_for = before.message is None and before.finding is None
    if complaint.message in (None, before.message) or not (named or looked_for):
        return before
    if before.finding is not None:
        raise Conflict("case_closed", f"The complaint is settled already, as {before.finding}.")
    after = replace(complaint, at=before.at, filed_by=before.filed_by, filed_at=before.filed_at)
    needs.complaints.keep(after, before)
    return after


def find_complaint(needs: Needs, client: str, complaint: str) -> Complaint:
    """Raises: NotFound if the client has no such complaint."""
    found = needs.complaints.find(client, complaint)
    if found is None:
        raise NotFound("complaint_unknown", "There is no complaint of this name.")
    return found


def settle_complaint(
    needs: Needs, profile: Profile, complaint: str, finding: Finding, by: str, why: str
) -> Complaint:
    """Somebody has looked into the complaint; an unfounded one counts no more, and its case is closed.

    Raises: NotFound; Conflict after another finding.
    """
    before = find_complaint(needs, profile.client.id, complaint)
    after = replace(before, finding=finding)
    # Whoever filed it may have died before its case was open.
    needs.cases.open(_case(before, profile))
    # Of two findings the case takes the one that came first, and the complaint then says the same.
    closing = Closing(by, why, needs.clock.now(), finding)
    needs.cases.close(profile.client.id, _case_id(after), closing)
    needs.complaints.keep(after, before)
    return after


def rate_of(needs: Needs, profile: Profile, template: str | None = None) -> ComplaintRate:
    """Where the client, or one of its templates, stands now; nothing is changed."""
    return _Month(needs, profile).rate(template)


class _Month:
    """What a client's rolling month holds, read once for whatever is asked of it."""

    def __init__(self, needs: Needs, profile: Profile) -> None:
        self._needs = needs
        self._profile = profile
        self._now = needs.clock.now()
        self._month_ago = self._now - ROLLING_MONTH
        self._complaints = _told(needs, profile.client.id, self._month_ago)
        contract = profile.contract_on(shanghai_day(self._now))
        self.ladder = contract.complaints if contract else None

    def rate(self, template: str | None = None) -> ComplaintRate:
        """The rate of the client, or of the version of one of its templates that is in use."""
        used = self._profile.template(template) if template is not None else None
        passed_at = used.change.at if used is not None and used.change is not None else None
        anew_at = counts_anew_at(self._profile.measures, template)
        since = max(filter(None, (self._month_ago, anew_at, passed_at)))
        complaints = counted(self._complaints, since, self._now, anew_at)
        if template is not None:
            complaints = [each for each in complaints if used is not None and each.concerns(used)]
        count = len(complaints)
        if self.ladder is None or not count:
            # Without a complaint there is nothing to compare with, and the month need not be read.
            return ComplaintRate(since, count, 0, None)
        messages = self._messages(since, used)
        return ComplaintRate(since, count, messages, rung_of(self.ladder, count, messages))

    def _messages(self, since: datetime, used: Template | None) -> int:
        """The messages that went: since a month ago by whole days, since all else from the very moment."""
        first_on, begun_then = shanghai_day(since), 0
        if since > self._month_ago:
            day = self._needs.messages.day(self._profile.client.id, first_on, may_lag=True)
            first_on, begun_then = first_on + timedelta(days=1), begun(day, since, used)
        told = [each for on, each in self._days.items() if on >= first_on]
        return begun_then + sum(
            each.templates.get(used.id, 0) if used else on_air(each.states) for each in told
        )

    @cached_property
    def _days(self) -> Mapping[date, DayTally | DayStatement]:
        """What recipients may have seen, day by day: as stated, or counted where no night has been yet."""
        client = self._profile.client.id
        anew_at = counts_anew_at(self._profile.measures)
        first_on = shanghai_day(max(filter(None, (self._month_ago, anew_at))))
        last_on = shanghai_day(self._now)
        standing = self._needs.ledger.standing(client, first_on, last_on)
        stated = {on: each.current for on, each in standing.items() if each.current is not None}
        days = [first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1)]
        unstated = [on for on in days if on > max(stated, default=date.min)]
        tallies = self._needs.crew.each(
            lambda on: tally_day(self._needs.messages.day(client, on, may_lag=True), None), unstated
        )
        return {**stated, **dict(zip(unstated, tallies, strict=True))}


def _climb(needs: Needs, profile: Profile, month: _Month) -> ComplaintRate:
    """The client stands on the rung to which its complaints lead, or higher."""
    rate = month.rate()
    if rate.rung is not None:
        _step(needs, profile, month, rate, rate.rung)
    return rate


def _step(
    needs: Needs,
    profile: Profile,
    month: _Month,
    rate: ComplaintRate,
    rung: Rung,
    template: str | None = None,
) -> None:
    """The client, or the template, stands on the rung; nothing changes where it stands there already."""
    if month.ladder is None or rung.height <= height_of(profile.measures, template):
        return
    measure = Measure(
        id=_measure_id(profile.measures, rung, template),
        cause=Cause.COMPLAINTS,
        taken=Change(LADDER, needs.clock.now(), rate.said),
        stops=rung.stops,
        rate_per_s=month.ladder.slowed_to_per_s if rung.height >= Rung.SLOW.height else None,
        rung=rung,
        template=template,
    )
    try:
        needs.registry.keep_measure(profile.client.id, measure)
    except Conflict:
        # Another complaint took the same step at the same time.
        return


def _told(needs: Needs, client: str, since: datetime) -> Sequence[Complaint]:
    """The complaints since then, and whatever was said of the same messages before."""
    told = needs.complaints.since(client, since)
    before = told_from(told)
    return needs.complaints.since(client, before) if before is not None and before < since else told


def _climb_with_template(needs: Needs, profile: Profile, template: str, month: _Month) -> None:
    """A person looks at a template about which many complain, once for each step of each text of it.

    Shape: it is slowed where a client would be, and nothing goes by it any more, whatever it is used for,
    where a client could send no marketing.
    """
    used, rate = profile.template(template), month.rate(template)
    if used is None or rate.rung is None:
        return
    rung = Rung.STOP_ALL if rate.rung is Rung.STOP_MARKETING else rate.rung
    needs.cases.open(_template_case(needs, profile, used, rate, rung))
    if rung is not Rung.WARN:
        _step(needs, profile, month, rate, rung, template)


def month_before(needs: Needs) -> datetime:
    """The beginning of the rolling month that ends now."""
    return needs.clock.now() - ROLLING_MONTH


def _measure_id(measures: Sequence[Measure], rung: Rung, template: str | None) -> str:
    """The same name for one step of one climb, however many complaints come at once."""
    climbed = [each for each in measures if each.rung is rung and each.template == template]
    lifted = sum(not each.in_force for each in climbed)
    return "-".join(["complaints", rung, *([template] if template else []), str(lifted + 1)])


def _named(needs: Needs, client: str, told: Told) -> tuple[Parcel, int]:
    parcel_id, place = split_message(told.message or "")
    parcel = needs.messages.parcel(client, parcel_id)
    if parcel is None or parcel.test or place >= len(parcel.numbers):
        raise NotFound("message_unknown", "There is no message of this name.")
    if parcel.numbers[place] != told.number:
        raise InvalidInput("message_of_another", "The message that is named went to another number.")
    if parcel.states()[place] not in ON_AIR:
        raise NotFound("message_unknown", "The message of this name did not go to anybody.")
    if _went_at(parcel) > told.at + CLOCKS_DIFFER:
        raise NotFound("message_unknown", "The message of this name went only after the complaint.")
    return parcel, place


def _found(needs: Needs, client: str, told: Told) -> tuple[Parcel | None, int]:
    """The newest message to the number that went on the air before the complaint, and its place."""
    for ago in range(LOOK_BACK_DAYS + 1):
        on = shanghai_day(told.at) - timedelta(days=ago)
        seen = list(_seen(needs, client, on, told))
        if seen:
            return max(seen, key=lambda each: (_went_at(each[0]), each[0].id))
    return None, 0


def _seen(needs: Needs, client: str, on: date, told: Told) -> Iterator[tuple[Parcel, int]]:
    for each in needs.messages.day(client, on, may_lag=True):
        if not isinstance(each, Parcel) or each.test or told.number not in each.numbers:
            continue
        if _went_at(each) > told.at:
            continue
        place = each.numbers.index(told.number)
        if each.states()[place] in ON_AIR:
            yield each, place


def _went_at(parcel: Parcel) -> datetime:
    """When a recipient may have had it first: a call whose answer was lost may have been the one."""
    return parcel.ambiguous_since or parcel.called_at or parcel.starts_at


def _case(complaint: Complaint, profile: Profile) -> Case:
    """The case, due when the contract wants the client to have answered (2.1.13)."""
    return Case(
        id=_case_id(complaint),
        client=complaint.client,
        kind=COMPLAINT,
        on=shanghai_day(complaint.at),
        due_at=_due_at(profile, complaint.filed_at),
        detail=f"{complaint.source}: {complaint.text}",
    )


def _template_case(needs: Needs, profile: Profile, used: Template, rate: ComplaintRate, rung: Rung) -> Case:
    now, lifted = needs.clock.now(), lifts(profile.measures, used.id)
    return Case(
        # A case that is closed stays so: the next step has its own, and so has each count that begins anew.
        id="#".join(["template", used.id, str(used.version), rung, *([str(lifted + 1)] if lifted else [])]),
        client=profile.client.id,
        kind="template",
        on=shanghai_day(now),
        due_at=_due_at(profile, now),
        detail=f"{used.id}: {rate.said}",
    )


def _due_at(profile: Profile, filed_at: datetime) -> datetime:
    contract = profile.contract_on(shanghai_day(filed_at))
    hours = contract.service_levels.client_complaint_hours if contract else ANSWERED_WITHIN_H
    return filed_at + timedelta(hours=hours)


def _case_id(complaint: Complaint) -> str:
    return f"{COMPLAINT}#{complaint.id}"


def _id(told: Told) -> str:
    words = sha256(repr((told.number, told.source, told.text)).encode()).hexdigest()[:12]
    return f"{told.at:%Y%m%d%H%M%S}-{words}"
