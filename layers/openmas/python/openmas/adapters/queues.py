"""The queues in SQS: parcels to send, reports to settle."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from openmas.adapters.aws import each, our_errors, until_done
from openmas.adapters.table import chunks
from openmas.domain.cutting import Cutting
from openmas.domain.inbound import Mo
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Report, Reported
from openmas.domain.records import cut_body, inbound_body, mo_body, parcel_body, receipts_body, report_body

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

RECORDS_A_CALL = 10
RECORD_BYTES_MAX = 200_000
# Some regions still take no more than this in one call.
CALL_BYTES_MAX = 250_000

Part = TypeVar("Part")


class AwsQueue:
    """One standard queue, fair between groups."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, group: str, bodies: Iterable[Mapping[str, Any]], delay_s: int = 0) -> None:
        """Every body is a record of the queue, to be seen after the delay.

        Raises: Unavailable if some are not; the others are.
        """
        entries = [
            {"Id": str(n), "MessageBody": written(body), "MessageGroupId": group, "DelaySeconds": delay_s}
            for n, body in enumerate(bodies)
        ]
        calls = [
            call
            for ten in chunks(entries, RECORDS_A_CALL)
            for call in shares(ten, lambda entry: len(entry["MessageBody"].encode()), CALL_BYTES_MAX)
        ]
        each(lambda call: until_done(self._send, call), calls)

    def _send(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        with our_errors():
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]
        failed = {each["Id"] for each in answer.get("Failed", [])}
        return [entry for entry in entries if entry["Id"] in failed]


class AwsWorkQueue:
    def __init__(self, urgent: AwsQueue, bulk: AwsQueue) -> None:
        self._urgent = urgent
        self._bulk = bulk

    def put(self, parcels: Sequence[Parcel], *, delay_s: int = 0) -> None:
        if parcels:
            queue = self._urgent if parcels[0].urgent else self._bulk
            queue.send(parcels[0].client, [parcel_body(parcel) for parcel in parcels], delay_s)


class AwsCutQueue:
    def __init__(self, queue: AwsQueue) -> None:
        self._queue = queue

    def put(self, cutting: Cutting, *, delay_s: int = 0) -> None:
        self._queue.send(cutting.client, [cut_body(cutting)], delay_s)


class AwsReceiptQueue:
    def __init__(self, queue: AwsQueue) -> None:
        self._queue = queue

    def put(self, carrier: str, reports: Sequence[Report], *, tries: int = 0, delay_s: int = 0) -> None:
        parts = shares(
            reports, lambda report: len(written(report_body(report)).encode()) + 1, RECORD_BYTES_MAX
        )
        bodies = [receipts_body(Reported(carrier, tuple(part), tries)) for part in parts]
        self._queue.send(carrier, bodies, delay_s)

    def put_inbound(self, carrier: str, messages: Sequence[Mo]) -> None:
        parts = shares(messages, lambda mo: len(written(mo_body(mo)).encode()) + 1, RECORD_BYTES_MAX)
        self._queue.send(carrier, [inbound_body(carrier, part) for part in parts])


def written(body: Mapping[str, Any]) -> str:
    """Plain ASCII: SQS refuses a whole call for one character that XML does not know, U+FFFE for example."""
    return json.dumps(body, separators=(",", ":"))


def shares(parts: Sequence[Part], size: Callable[[Part], int], bytes_max: int) -> Iterator[list[Part]]:
    """The parts in order, as many together as stay within the limit, but always at least one."""
    share: list[Part] = []
    filled = 0
    for part in parts:
        more = size(part)
        if share and filled + more > bytes_max:
            yield share
            share, filled = [], 0
        share.append(part)
        filled += more
    if share:
        yield share
