"""Releases of batches: one-time schedules in EventBridge Scheduler, and the queue that they fill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from openmas.adapters.aws import our_errors
from openmas.adapters.queues import AwsQueue, written
from openmas.domain.batch import Batch
from openmas.domain.records import port_body, release_body
from openmas.settings import Settings

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient

# What the schedule has not managed by then, the sweep has.
TRIED_FOR_S = 600


class AwsSchedule:
    """One schedule a batch, gone once it has fired."""

    def __init__(self, client: EventBridgeSchedulerClient, settings: Settings) -> None:
        self._client = client
        self._group = settings.schedule_group
        self._settings = settings

    def add(self, batch: Batch) -> None:
        assert batch.send_at is not None, "only what waits for a time is put on the schedule"
        with our_errors():
            try:
                self._client.create_schedule(
                    Name=_name(batch.client, batch.id),
                    GroupName=self._group,
                    ScheduleExpression=f"at({batch.send_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": self._settings.release_queue_arn,
                        "RoleArn": self._settings.schedule_role_arn,
                        "Input": written(release_body(batch.client, batch.id)),
                        "RetryPolicy": {"MaximumEventAgeInSeconds": TRIED_FOR_S},
                    },
                )
            except self._client.exceptions.ConflictException:
                # It was added before; a batch never changes, so this is the same.
                return

    def drop(self, client: str, batch: str) -> None:
        with our_errors():
            try:
                self._client.delete_schedule(Name=_name(client, batch), GroupName=self._group)
            except self._client.exceptions.ResourceNotFoundException:
                return


class AwsReleaseQueue:
    def __init__(self, queue: AwsQueue) -> None:
        self._queue = queue

    def put(self, client: str, batch: str, after: str | None = None, *, cancel: bool = False) -> None:
        self._queue.send(client, [release_body(client, batch, after, cancel=cancel)])

    def put_port(self, client: str, port: str | None, parcels: Sequence[str] = ()) -> None:
        self._queue.send(client, [port_body(client, port, parcels)])


def _name(client: str, batch: str) -> str:
    """At most 54 of the 64 characters that a schedule's name may have."""
    return f"{client}.{batch}"
