"""Queues in memory, seen from both ends: the flows put, a test delivers to a handler as SQS would."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from openmas.domain.batch import Batch
from openmas.domain.cutting import Cutting
from openmas.domain.inbound import Mo
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Report, Reported
from openmas.domain.records import (
    cut_body,
    inbound_body,
    night_body,
    parcel_body,
    port_body,
    receipts_body,
    release_body,
)
from openmas.domain.sandbox_calls import Post, record
from openmas.needs import Clock

VISIBILITY = timedelta(minutes=6)
DELAY_S_MAX = 900

Handle = Callable[[dict[str, Any], object], Any]


@dataclass
class Waiting:
    """One record; `visible_at` moves on when it is delivered, so it comes back if nobody is done with it."""

    id: str
    group: str
    body: str
    visible_at: datetime
    tries: int = 0


@dataclass
class FakeQueue:
    """A standard queue: at least once, in no order that anybody may rely on."""

    clock: Clock
    name: str
    waiting: list[Waiting] = field(default_factory=list)
    _count: int = 0

    def send(self, group: str, bodies: Sequence[Mapping[str, Any]], delay_s: int = 0) -> None:
        assert 0 <= delay_s <= DELAY_S_MAX, "SQS delays by a quarter of an hour at most"
        for body in bodies:
            self._count += 1
            visible_at = self.clock.now() + timedelta(seconds=delay_s)
            self.waiting.append(Waiting(f"{self.name}-{self._count}", group, json.dumps(body), visible_at))

    @property
    def bodies(self) -> list[Any]:
        """What all the records say, the invisible ones too."""
        return [json.loads(each.body) for each in self.waiting]

    def event(self, count: int = 10) -> dict[str, Any] | None:
        """The event for a handler with the next visible records, which are then invisible for a while."""
        now = self.clock.now()
        taken = [each for each in self.waiting if each.visible_at <= now][:count]
        for each in taken:
            each.visible_at = now + VISIBILITY
            each.tries += 1
        return {"Records": [self._record(each) for each in taken]} if taken else None

    def done(self, event: Mapping[str, Any], answer: Mapping[str, Any] | None) -> None:
        """The event's records are gone, but for those that the answer names as failed: they come back."""
        failed = {each["itemIdentifier"] for each in (answer or {}).get("batchItemFailures", [])}
        gone = {each["messageId"] for each in event["Records"]} - failed
        self.waiting = [each for each in self.waiting if each.id not in gone]
        for each in self.waiting:
            if each.id in failed:
                each.visible_at = self.clock.now()

    def deliver(self, handle: Handle, count: int = 10) -> int:
        """The next records have been handed to the handler; how many there were.

        Raises: what the handler raises; the records then come back after the visibility time-out.
        """
        event = self.event(count)
        if event is None:
            return 0
        self.done(event, handle(event, None))
        return len(event["Records"])

    def _record(self, waiting: Waiting) -> dict[str, Any]:
        return {
            "messageId": waiting.id,
            "receiptHandle": f"{waiting.id}-{waiting.tries}",
            "body": waiting.body,
            "attributes": {
                "ApproximateReceiveCount": str(waiting.tries),
                "MessageGroupId": waiting.group,
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{self.name}",
            "awsRegion": "us-east-1",
        }


@dataclass
class FakeWorkQueue:
    urgent: FakeQueue
    bulk: FakeQueue

    def put(self, parcels: Sequence[Parcel], *, delay_s: int = 0) -> None:
        for parcel in parcels:
            queue = self.urgent if parcel.urgent else self.bulk
            queue.send(parcel.client, [parcel_body(parcel)], delay_s)


@dataclass
class FakeReceiptQueue:
    queue: FakeQueue

    def put(self, carrier: str, reports: Sequence[Report], *, tries: int = 0, delay_s: int = 0) -> None:
        if reports:
            self.queue.send(carrier, [receipts_body(Reported(carrier, tuple(reports), tries))], delay_s)

    def put_inbound(self, carrier: str, messages: Sequence[Mo]) -> None:
        if messages:
            self.queue.send(carrier, [inbound_body(carrier, messages)])


@dataclass
class FakeReleaseQueue:
    queue: FakeQueue

    def put(self, client: str, batch: str, after: str | None = None, *, cancel: bool = False) -> None:
        self.queue.send(client, [release_body(client, batch, after, cancel=cancel)])

    def put_port(self, client: str, port: str | None, parcels: Sequence[str] = ()) -> None:
        self.queue.send(client, [port_body(client, port, parcels)])


@dataclass
class FakeCutQueue:
    queue: FakeQueue

    def put(self, cutting: Cutting, *, delay_s: int = 0) -> None:
        self.queue.send(cutting.client, [cut_body(cutting)], delay_s)


@dataclass
class FakeSchedule:
    """One-time schedules that fill the release queue when a test lets them.

    Shape: `planned` by client and batch.
    """

    queue: FakeQueue
    planned: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        assert batch.send_at is not None, "only what waits for a time is put on the schedule"
        assert batch.send_at > self.queue.clock.now(), "AWS refuses a time that has passed"
        # AWS reads no part of a second.
        self.planned.setdefault((batch.client, batch.id), batch.send_at.replace(microsecond=0))

    def drop(self, client: str, batch: str) -> None:
        self.planned.pop((client, batch), None)

    def fire(self) -> int:
        """Whatever is due has its record, and is gone from the schedule; how many there were."""
        due = [key for key, at in self.planned.items() if at <= self.queue.clock.now()]
        for client, batch in due:
            del self.planned[client, batch]
            self.queue.send(client, [release_body(client, batch)])
        return len(due)


@dataclass
class FakeNightQueue:
    queue: FakeQueue

    def put(self, clients: Sequence[str], as_of: date) -> None:
        self.queue.send("night", [night_body(client, as_of) for client in clients])


@dataclass
class FakeSandboxQueue:
    queue: FakeQueue

    def put(self, posts: Sequence[Post]) -> None:
        for post in posts:
            self.queue.send("sandbox", [record(post)], post.after_s)
