"""The queue of the night in SQS: one record for every client."""

from collections.abc import Sequence
from datetime import date

from openmas.adapters.queues import AwsQueue
from openmas.domain.records import night_body


class AwsNightQueue:
    def __init__(self, queue: AwsQueue) -> None:
        self._queue = queue

    def put(self, clients: Sequence[str], as_of: date) -> None:
        # Every client has one record, so there is nobody to be fair to.
        self._queue.send("night", [night_body(client, as_of) for client in clients])
