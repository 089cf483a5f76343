"""The ledger in DynamoDB: statements in revisions, entries between them, late notes, and the last night."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from openmas.adapters import items_ledger as items
from openmas.adapters.table import ABSENT, Table
from openmas.domain.journal import Entry, LateNote, Standing
from openmas.domain.statement import DayStatement
from openmas.errors import Conflict
from openmas.needs import Clock

SPAN = "pk = :pk AND sk BETWEEN :first AND :last"
DAY_ONE = date(2000, 1, 1)


class AwsLedger:
    """Fulfils `needs.Ledger` and `needs.LateFacts`."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def standing(self, client: str, first_on: date, last_on: date) -> Mapping[date, Standing]:
        return items.standing_of(self._span(client, items.STATEMENT, first_on, last_on))

    def keep_revision(self, statement: DayStatement) -> None:
        there = self._table.put_if(ABSENT, items.revision_item(statement, self._clock.now()))
        if there is not None and items.revision_of(there) != statement:
            raise Conflict("revision_taken", "This revision is stored with other content.")

    def keep_entry(self, entry: Entry) -> None:
        self._table.put_if(ABSENT, items.entry_item(entry, self._clock.now()))

    def flip(self, statement: DayStatement) -> None:
        item = items.head_item(statement)
        if statement.revision == 1:
            there = self._table.put_if(ABSENT, item)
        else:
            there = self._table.put_if("revision = :before", item, items.before(statement))
        # A write whose answer was lost is made again by the library and then meets itself.
        if there is not None and there.get("revision") != item["revision"]:
            raise Conflict("revision_overtaken", "The revision before this one is not the current one.")

    def entries(self, client: str, first_on: date, last_on: date) -> Sequence[Entry]:
        return [items.entry_of(item) for item in self._span(client, items.ENTRY, first_on, last_on)]

    def note_late(self, client: str, on: date) -> None:
        self._table.put(items.late_item(client, LateNote(on, self._clock.now())))

    def late_notes(self, client: str) -> Sequence[LateNote]:
        noted = self._span(client, items.LATE, DAY_ONE, date.max)
        return [items.late_of(item) for item in noted if items.SETTLED_AT not in item]

    def clear_late(self, client: str, note: LateNote) -> None:
        item = items.settled_late_item(client, note, self._clock.now())
        self._table.put_if("noted_at = :noted_at", item, {":noted_at": item["noted_at"]})

    def last_night(self, client: str) -> date | None:
        item = self._table.get(items.night_key(client))
        return items.night_of(item) if item else None

    def keep_night(self, client: str, as_of: date) -> None:
        self._table.put(items.night_item(client, as_of))

    def _span(self, client: str, kind: str, first_on: date, last_on: date) -> Iterator[items.Item]:
        return self._table.query(SPAN, items.span(client, kind, first_on, last_on))
