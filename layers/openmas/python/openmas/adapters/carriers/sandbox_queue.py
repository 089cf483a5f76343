"""The queue in which the sandbox carrier's posts wait for their time."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from openmas.adapters.aws import our_errors, until_done
from openmas.domain.sandbox_calls import Post, record

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

ENTRIES_PER_CALL = 10


class SandboxQueue:
    """A post is a record that is seen after the post's own delay (900 s at most)."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def put(self, posts: Sequence[Post]) -> None:
        """Raises: Unavailable if not every post is in the queue."""
        for start in range(0, len(posts), ENTRIES_PER_CALL):
            some = posts[start : start + ENTRIES_PER_CALL]
            until_done(self._send, [_entry(n, post) for n, post in enumerate(some)])

    def _send(
        self, entries: "list[SendMessageBatchRequestEntryTypeDef]"
    ) -> "list[SendMessageBatchRequestEntryTypeDef]":
        """Returns what the queue did not take."""
        with our_errors():
            sent = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        failed = {each["Id"] for each in sent.get("Failed", ())}
        return [entry for entry in entries if entry["Id"] in failed]


def _entry(n: int, post: Post) -> "SendMessageBatchRequestEntryTypeDef":
    return {"Id": str(n), "MessageBody": json.dumps(record(post)), "DelaySeconds": post.after_s}
