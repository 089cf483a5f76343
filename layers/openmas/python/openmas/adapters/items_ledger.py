"""The items of the ledger and of the cases, each made and read by two inverse functions.

pattern                                  table    key                                     operation
a span of statements, all revisions      ledger   client / statement#{day} .. #r{n}       Query
one new revision                         ledger   client / statement#{day}#r{n}           PutItem if new
the current revision of a day            ledger   client / statement#{day}                PutItem if n - 1
the entries of a span                    ledger   client / entry#{day}#r{n}               Query
one new entry                            ledger   client / entry#{day}#r{n}               PutItem if new
closed days that learnt something        ledger   client / late#{day}                     Query, PutItem
a note that was dealt with               ledger   client / late#{day}                     PutItem if same
the newest finished night                ledger   client / night                          GetItem, PutItem
one case                                 cases    client / case id                        GetItem, PutItem
closing a case                           cases    client / case id                        PutItem if open
several cases of a page                  cases    client / case id                        BatchGet
who was shown what a case is about       cases    client / look#{case id}#{time}#{who}    Query, PutItem
open cases by what is due first          cases    index open: state / due_at              Query
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from openmas.adapters.packing import from_time, given, read_whole, to_time, whole
from openmas.domain.case import Case, Closing, Look
from openmas.domain.content_kinds import ContentKind
from openmas.domain.journal import Entry, LateNote, Standing
from openmas.domain.statement import DayStatement, from_document, to_document

Item = dict[str, Any]

STATEMENT = "statement"
ENTRY = "entry"
LATE = "late"
SETTLED_AT = "settled_at"
OPEN = "open"


def ledger_key(client: str, sort: str) -> Item:
    return {"pk": {"S": client}, "sk": {"S": sort}}


def day_sort(kind: str, on: date, revision: int | None = None) -> str:
    """The sort key of what a day has of a kind: the day itself, or one revision of it."""
    day = f"{kind}#{on:%Y%m%d}"
    return day if revision is None else f"{day}#r{revision:04d}"


def span(client: str, kind: str, first_on: date, last_on: date) -> Item:
    """The values of a query for all that a span of days has of a kind."""
    first, last = day_sort(kind, first_on), f"{day_sort(kind, last_on)}~"
    return {":pk": {"S": client}, ":first": {"S": first}, ":last": {"S": last}}


def night_key(client: str) -> Item:
    return ledger_key(client, "night")


def night_item(client: str, as_of: date) -> Item:
    return {**night_key(client), "as_of": {"S": as_of.isoformat()}}


def night_of(item: Item) -> date:
    return date.fromisoformat(item["as_of"]["S"])


def head_item(statement: DayStatement) -> Item:
    """The item that says which revision of a day is the current one."""
    sort = day_sort(STATEMENT, statement.on)
    return {**ledger_key(statement.client, sort), "revision": {"N": str(statement.revision)}}


def before(statement: DayStatement) -> Item:
    """The value of the condition that the revision before is the current one."""
    return {":before": {"N": str(statement.revision - 1)}}


def revision_item(statement: DayStatement, made_at: datetime) -> Item:
    """One revision; its body is only ever read as a whole, so it is one JSON text with exact integers."""
    return {
        **ledger_key(statement.client, day_sort(STATEMENT, statement.on, statement.revision)),
        "body": {"S": json.dumps(to_document(statement), ensure_ascii=False, separators=(",", ":"))},
        "made_at": {"S": made_at.isoformat()},
    }


def revision_of(item: Item) -> DayStatement:
    return from_document(json.loads(item["body"]["S"]))


def standing_of(items: Iterable[Item]) -> Mapping[date, Standing]:
    """The days that heads and revisions, in rising order of their keys, tell of."""
    days: dict[date, list[Item]] = {}
    for item in items:
        days.setdefault(_day(item), []).append(item)
    return {on: _standing(of_day) for on, of_day in days.items()}


def entry_item(entry: Entry, booked_at: datetime) -> Item:
    return {
        **ledger_key(entry.client, day_sort(ENTRY, entry.on, entry.revision)),
        "revision": {"N": str(entry.revision)},
        "units": {"N": str(entry.units)},
        "overage_hao": {"N": str(entry.overage_hao)},
        "booked_at": {"S": booked_at.isoformat()},
        **_if_any("contract", "S", entry.contract),
        **_if_any("contract_version", "N", entry.contract_version),
    }


def entry_of(item: Item) -> Entry:
    version = item.get("contract_version")
    return Entry(
        client=item["pk"]["S"],
        on=_day(item),
        revision=int(item["revision"]["N"]),
        contract=item["contract"]["S"] if "contract" in item else None,
        contract_version=int(version["N"]) if version else None,
        units=int(item["units"]["N"]),
        overage_hao=int(item["overage_hao"]["N"]),
    )


def late_item(client: str, note: LateNote) -> Item:
    return {**ledger_key(client, day_sort(LATE, note.on)), "noted_at": {"S": note.noted_at.isoformat()}}


def settled_late_item(client: str, note: LateNote, at: datetime) -> Item:
    """The note as a record that the night has dealt with it."""
    return {**late_item(client, note), SETTLED_AT: {"S": at.isoformat()}}


def late_of(item: Item) -> LateNote:
    return LateNote(_day(item), datetime.fromisoformat(item["noted_at"]["S"]))


def case_item(case: Case) -> Item:
    """A case; the index holds it for as long as it has a state, which is until it is closed."""
    return {
        **ledger_key(case.client, case.id),
        "due_at": {"N": str(int(case.due_at.timestamp()))},
        "kind": {"S": case.kind},
        "on": {"S": case.on.isoformat()},
        "detail": {"S": case.detail},
        **({"state": {"S": OPEN}} if case.closing is None else closing_fields(case.closing)),
    }


def case_of(item: Item) -> Case:
    return Case(
        id=item["sk"]["S"],
        client=item["pk"]["S"],
        kind=item["kind"]["S"],
        on=date.fromisoformat(item["on"]["S"]),
        due_at=datetime.fromtimestamp(int(item["due_at"]["N"]), UTC),
        detail=item["detail"]["S"],
        closing=closing_of(item) if "closed_at" in item else None,
    )


def look_prefix(case: str) -> str:
    return f"look#{case}#"


def look_item(client: str, case: str, look: Look) -> Item:
    # All times are of one length, so that the keys are in their order.
    return {
        **ledger_key(client, f"{look_prefix(case)}{look.at.isoformat(timespec='microseconds')}#{look.by}"),
        "at": from_time(look.at),
        "by": {"S": look.by},
    }


def look_of(item: Item) -> Look:
    return Look(to_time(item["at"]), item["by"]["S"])


def closing_fields(closing: Closing) -> Item:
    return {
        "closed_at": from_time(closing.at),
        "closed_by": {"S": closing.by},
        "closed_why": {"S": closing.why},
        "outcome": {"S": closing.outcome},
        **given(closed_for=whole(closing.kind)),
    }


def closing_of(item: Item) -> Closing:
    return Closing(
        by=item["closed_by"]["S"],
        why=item["closed_why"]["S"],
        at=to_time(item["closed_at"]),
        outcome=item["outcome"]["S"],
        kind=ContentKind(kind) if (kind := read_whole(item, "closed_for")) else None,
    )


def _standing(of_day: Iterable[Item]) -> Standing:
    """The head comes first in key order, then the revisions; what was superseded is not even read."""
    current = 0
    found: Standing = Standing(None)
    for item in of_day:
        if "body" not in item:
            current = int(item["revision"]["N"])
        elif (revision := _revision(item)) == current:
            found = Standing(revision_of(item))
        elif revision > current:
            found = Standing(found.current, (*found.pending, revision_of(item)))
    return found


def _day(item: Item) -> date:
    return date.fromisoformat(item["sk"]["S"].split("#")[1])


def _revision(item: Item) -> int:
    return int(item["sk"]["S"].rpartition("#r")[2])


def _if_any(name: str, kind: str, value: object) -> Item:
    return {} if value is None else {name: {kind: str(value)}}
