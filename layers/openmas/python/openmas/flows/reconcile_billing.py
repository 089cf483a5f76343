"""The night: make the statements of the open days again, and book what changed.

For every open day, in rising order, the statement is made again from the parcels. If it says something new,
the new revision is stored beside the old, then the entry with the difference, then the head is moved on. All
three have names that follow from the day and the revision: a night that dies is finished by the next one, and
a night that finds nothing new writes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from openmas.domain.calendar import shanghai_day
from openmas.domain.case import Case
from openmas.domain.journal import (
    RECOUNTED_DAYS_MAX,
    Amount,
    Entry,
    Standing,
    booked,
    entry_between,
    late_units,
    open_days,
)
from openmas.domain.profile import Profile
from openmas.domain.statement import (
    ContractYear,
    DayStatement,
    contract_year,
    day_statement,
    rated_adjustments,
    used_before,
)
from openmas.domain.tally import Break, BreakKind, DayTally, tally_day
from openmas.errors import Conflict, InvalidInput, NotFound, Unavailable
from openmas.flows.open_reviews import review_all
from openmas.flows.settle_units import settle_units
from openmas.flows.warn_of_ends import warn_of_ends
from openmas.needs import Cases, Clock, Ledger, Messages, NightQueue, Registry, Units, Words

CASE_WITHIN = timedelta(hours=48)
# A note is made just before its parcel is saved: only after so long has the night surely seen the parcel too.
NOTE_RESTS = timedelta(hours=1)
LATE_DAYS_MAX = 50


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def units(self) -> Units: ...
    @property
    def words(self) -> Words: ...


class StartNeeds(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def night_queue(self) -> NightQueue: ...


@dataclass(frozen=True, slots=True)
class Night:
    """What a night did for one client.

    Units: booked segments and hao, negative when they were given back; `units_put_right` by how many segments
    the counters of held units were wrong.
    """

    as_of: date
    days_written: int
    breaks: int
    units: int
    overage_hao: int
    units_put_right: int = 0


def start_night(needs: StartNeeds, as_of: date) -> int:
    """Every client has its record in the night's queue; how many there are."""
    _check_begun(needs.clock, as_of)
    clients = needs.registry.clients()
    needs.night_queue.put(clients, as_of)
    return len(clients)


def reconcile(needs: Needs, client: str, now: datetime) -> Night:
    """The client's open days have statements that agree with its parcels; what closed days learnt is charged.

    Shape: `now` says which night it is, at most the next one; a night before the last finished one is that
    last one again.
    Raises: Unavailable when another night of this client is at work.
    """
    profile = needs.registry.profile(client)
    if profile is None:
        raise NotFound("client_unknown", "There is no client of this name.")
    last_night = needs.ledger.last_night(client)
    as_of = max(shanghai_day(now), last_night or date.min)
    _check_begun(needs.clock, as_of)
    try:
        night = _reconcile(needs, profile, open_days(as_of, last_night))
    except Conflict as error:
        raise Unavailable("night_contended", "Another night of this client is at work.") from error
    if as_of != last_night:
        needs.ledger.keep_night(client, as_of)
    return night


def _check_begun(clock: Clock, as_of: date) -> None:
    if as_of > shanghai_day(clock.now()) + timedelta(days=1):
        raise InvalidInput("night_not_yet", "A night can be reconciled once its last day has begun.")


def _reconcile(needs: Needs, profile: Profile, days: Sequence[date]) -> Night:
    client, newest, looked_at = profile.client.id, days[-1], needs.clock.now()
    as_of = newest + timedelta(days=1)
    # Before the parcels: what is given back from here on is noticed.
    account = needs.units.account(client)
    notes = needs.ledger.late_notes(client)[:LATE_DAYS_MAX]
    oldest = newest - timedelta(days=RECOUNTED_DAYS_MAX)
    books = _Books(needs, profile, days, sorted(note.on for note in notes if oldest <= note.on < days[0]))
    broken, held = 0, {}
    for on in days:
        tally = books.tally(on, looked_at)
        held[on] = tally.held_units
        books.write(on, tally, books.learnt() if on == newest else {})
        breaks = [*tally.breaks, *books.differences(on)]
        broken += sum(each.count for each in breaks)
        _open_cases(needs, client, on, breaks, looked_at)
    for note in notes:
        if note.noted_at + NOTE_RESTS <= looked_at:
            needs.ledger.clear_late(client, note)
    added = books.added
    put_right = settle_units(needs, profile, account, held, as_of)
    warn_of_ends(needs, profile, as_of)
    review_all(needs, profile)
    return Night(as_of, books.days_written, broken, added.units, added.overage_hao, put_right)


class _Books:
    """The current statements of one client, from the first contract year that tonight's days belong to."""

    def __init__(
        self, needs: Needs, profile: Profile, open_on: Sequence[date], closed_on: Sequence[date]
    ) -> None:
        self._needs = needs
        self._profile = profile
        self._client = profile.client.id
        self._closed_on = closed_on
        first_on = min(self._first_on(on) for on in (*closed_on, *open_on))
        # To the end of time, as a night that died may have written further than this one will.
        self._current = self._read(first_on, date.max)
        # What an earlier night adjusted is rated again too, and may lie in a contract year before.
        adjusted = (
            each.on for on in open_on if on in self._current for each in self._current[on].adjustments
        )
        before_on = min((self._first_on(on) for on in adjusted), default=first_on)
        if before_on < first_on:
            self._current |= self._read(before_on, first_on - timedelta(days=1))
        self._booked: dict[date, Amount] = {}
        for entry in needs.ledger.entries(self._client, open_on[0], open_on[-1]):
            self._note(entry)
        self.days_written = 0
        self.added = Amount()

    def tally(self, on: date, looked_at: datetime | None = None) -> DayTally:
        """The day counted from its parcels."""
        year = self._year(on)
        return tally_day(
            self._needs.messages.day(self._client, on),
            year.contract.tariff.charged_on if year else None,
            looked_at,
        )

    def learnt(self) -> Mapping[date, int]:
        """The units of closed days that nothing has charged yet."""
        statements = tuple(self._current.values())
        return {on: late_units(on, self.tally(on).units, statements) for on in self._closed_on}

    def write(self, on: date, tally: DayTally, learnt: Mapping[date, int]) -> None:
        """The day's current statement says what the tally and the closed days say."""
        before = self._current.get(on)
        earlier = [statement for day, statement in self._current.items() if day < on]
        late = Counter(learnt)
        late.update({each.on: each.units for each in before.adjustments} if before else {})
        adjustments = rated_adjustments(late, self._year, earlier)
        year = self._year(on)
        used = used_before(year, earlier, adjustments)
        after = day_statement(self._client, on, tally, year, used, adjustments)
        if after == (before or DayStatement(client=self._client, on=on)):
            return
        after = replace(after, revision=before.revision + 1 if before else 1)
        self._needs.ledger.keep_revision(after)
        entry = self._book(before, after)
        self._note(entry)
        self._current[on] = after
        self.days_written += 1
        self.added += entry.amount

    def differences(self, on: date) -> Sequence[Break]:
        """A break if the day's entries come to something else than its statement."""
        same = self._booked.get(on, Amount()) == booked(self._current.get(on))
        return () if same else (Break(BreakKind.ENTRIES_DIFFER, 1, ()),)

    def _read(self, first_on: date, last_on: date) -> dict[date, DayStatement]:
        standing = self._needs.ledger.standing(self._client, first_on, last_on)
        return {on: self._finished(each) for on, each in standing.items()}

    def _finished(self, standing: Standing) -> DayStatement:
        """What a night that died had begun is brought to its end before anything else is compared with it."""
        current = standing.current
        for revision in standing.pending:
            self._book(current, revision)
            current = revision
        assert current is not None, "a day that stands has a statement"
        return current

    def _book(self, before: DayStatement | None, after: DayStatement) -> Entry:
        entry = entry_between(before, after)
        if entry.amount != Amount():
            self._needs.ledger.keep_entry(entry)
        self._needs.ledger.flip(after)
        return entry

    def _note(self, entry: Entry) -> None:
        self._booked[entry.on] = self._booked.get(entry.on, Amount()) + entry.amount

    def _year(self, on: date) -> ContractYear | None:
        return contract_year(self._profile.contract_on(on), on)

    def _first_on(self, on: date) -> date:
        year = self._year(on)
        return year.start_on if year else on


def _open_cases(needs: Needs, client: str, on: date, breaks: Sequence[Break], now: datetime) -> None:
    for each in breaks:
        case_id = f"break#{on:%Y%m%d}#{each.kind}"
        if needs.cases.find(client, case_id) is not None:
            continue
        named = ", ".join(each.subjects)
        detail = f"{each.count} found on {on}: {named}" if named else f"{each.count} found on {on}"
        needs.cases.open(Case(case_id, client, "break", on, now + CASE_WITHIN, detail))
