"""The queue in which the sandbox carrier's posts wait for their time."""

from collections.abc import Sequence

from openmas.adapters.queues import AwsQueue
from openmas.domain.carrier import SANDBOX
from openmas.domain.sandbox_calls import Post, record


class AwsSandboxQueue:
    """A post is a record that is seen after the post's own delay (900 s at most)."""

    def __init__(self, queue: AwsQueue) -> None:
        self._queue = queue

    def put(self, posts: Sequence[Post]) -> None:
        """Raises: Unavailable if not every post is in the queue."""
        for post in posts:
            self._queue.send(SANDBOX, [record(post)], post.after_s)
