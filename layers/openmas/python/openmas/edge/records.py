"""Queue records in, partial failures out.

Two fates only: a record is done, or it is tried again. One that can never succeed is noted and done, or it
would come back until it is a dead letter that says nothing new.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openmas.edge.telemetry import Line, line
from openmas.errors import Rejected

Failures = dict[str, list[dict[str, str]]]
Handler = Callable[[dict[str, Any], object], Failures]
# What the end of a piece of work may still take: the slowest call of AWS with its repetitions.
SPARE_S = 20.0


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a queue; `tries` counts its deliveries, this one included."""

    id: str
    body: Mapping[str, Any]
    tries: int


@dataclass(frozen=True, slots=True)
class Partly:
    """What the log line says of records for which the time did not do, and those that must come again."""

    says: Mapping[str, object]
    left: Collection[Record]


def time_to_work_s(context: object) -> float:
    """For how long new work may still be begun; a context that does not count gives the function's minute."""
    remaining_ms = getattr(context, "get_remaining_time_in_millis", lambda: 60_000)
    return float(remaining_ms()) / 1_000 - SPARE_S


def each_record(event: Mapping[str, Any], act: Callable[[Record], Mapping[str, object] | Partly]) -> Failures:
    """Every record is acted on by itself; the answer names those to be tried again.

    Shape: `act` returns what the log line of the record says.
    """
    failed = []
    for record in _records(event):
        with line("record", record=record.id, tries=record.tries) as noted:
            try:
                failed += _told(noted, act(record))
            except Rejected as error:
                noted.update(outcome="dropped", code=error.code, detail=error.detail)
            except Exception as error:  # noqa: BLE001 (whatever it is, the record is not done)
                noted.failed(error)
                failed.append(record.id)
    return _failures(failed)


def all_records(
    event: Mapping[str, Any], act: Callable[[Sequence[Record]], Mapping[str, object] | Partly]
) -> Failures:
    """The records are acted on together; if that fails, one by one, so that a bad one stops only itself."""
    records = _records(event)
    with line("records", records=len(records)) as noted:
        try:
            return _failures(_told(noted, act(records)))
        except Exception as error:  # noqa: BLE001 (whatever it is, the records are not done)
            noted.failed(error)
    return each_record(event, lambda record: act([record]))


def _told(noted: Line, said: Mapping[str, object] | Partly) -> list[str]:
    """The line says what was done; the ids of the records that must come again."""
    if not isinstance(said, Partly):
        noted.update(said, outcome="done")
        return []
    noted.update(said.says, outcome="done", left=len(said.left))
    if said.left:
        noted.update(outcome="failed", code="time_over")
    return [record.id for record in said.left]


def _records(event: Mapping[str, Any]) -> list[Record]:
    """The readable records; an unreadable one is noted and counts as done."""
    records = []
    for raw in event["Records"]:
        try:
            body = json.loads(raw["body"])
        except ValueError:
            body = None
        if not isinstance(body, dict):
            with line("record", record=raw["messageId"], outcome="dropped", code="record_unreadable"):
                continue
        tries = int(raw.get("attributes", {}).get("ApproximateReceiveCount", "1"))
        records.append(Record(raw["messageId"], body, tries))
    return records


def _failures(ids: Sequence[str]) -> Failures:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in ids]}
