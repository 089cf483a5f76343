"""Queue records in, partial failures out.

Two fates only: a record is done, or it is tried again. One that can never succeed is noted and done, or it
would come back until it is a dead letter that says nothing new.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openmas.edge.telemetry import line
from openmas.errors import Rejected

Failures = dict[str, list[dict[str, str]]]
Handler = Callable[[dict[str, Any], object], Failures]


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a queue; `tries` counts its deliveries, this one included."""

    id: str
    body: Mapping[str, Any]
    tries: int


def each_record(event: Mapping[str, Any], act: Callable[[Record], Mapping[str, object]]) -> Failures:
    """Every record is acted on by itself; the answer names those to be tried again.

    Shape: `act` returns what the log line of the record says.
    """
    failed = []
    for record in _records(event):
        with line("record", record=record.id, tries=record.tries) as noted:
            try:
                noted.update(act(record), outcome="done")
            except Rejected as error:
                noted.update(outcome="dropped", code=error.code, detail=error.detail)
            except Exception as error:  # noqa: BLE001 (whatever it is, the record is not done)
                noted.failed(error)
                failed.append(record.id)
    return _failures(failed)


def all_records(
    event: Mapping[str, Any], act: Callable[[Sequence[Record]], Mapping[str, object]]
) -> Failures:
    """The records are acted on together; if that fails, one by one, so that a bad one stops only itself."""
    records = _records(event)
    with line("records", records=len(records)) as noted:
        try:
            noted.update(act(records), outcome="done")
        except Exception as error:  # noqa: BLE001 (whatever it is, the records are not done)
            noted.failed(error)
        else:
            return _failures([])
    return each_record(event, lambda record: act([record]))


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
