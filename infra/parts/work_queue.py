"""A queue with what its worker needs: dead letters, enough visibility, a cap on how many work at a time."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.parts.acknowledge import acknowledge
from infra.parts.function import PlatformFunction
from infra.parts.stack import EnvironmentStack

DEAD_LETTERS_KEPT = Duration.days(14)
# AWS asks for six times the function's time-out: no record is handed out again while it is worked on.
VISIBILITY_TIMES_TIMEOUT = 6
TRIES = 5


class DeadLetters(sqs.Queue):
    """Holds what could not be done, for a person to look at, as long as SQS can."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(
            scope,
            name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=_speaks_tls(scope),
            retention_period=DEAD_LETTERS_KEPT,
            removal_policy=RemovalPolicy.DESTROY,
        )
        _excuse_plain(self)


class WorkQueue(Construct):
    """A standard queue: fair between clients by their MessageGroupId, which a FIFO queue is not."""

    def __init__(self, scope: Construct, name: str, worker_timeout_s: int) -> None:
        super().__init__(scope, f"{name.capitalize()}Queue")
        self.name = name
        self._worker_timeout_s = worker_timeout_s
        self.dead_letters = DeadLetters(self, "DeadLetters")
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=_speaks_tls(scope),
            visibility_timeout=Duration.seconds(VISIBILITY_TIMES_TIMEOUT * worker_timeout_s),
            retention_period=Duration.days(4),
            receive_message_wait_time=Duration.seconds(20),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=TRIES),
            removal_policy=RemovalPolicy.DESTROY,
        )
        _excuse_plain(self.queue)

    def feed(self, worker: PlatformFunction, *, batch: int, window_s: int = 0, cap: int) -> None:
        """The worker is given up to `batch` records at a time, `cap` times at once; failed ones return."""
        assert worker.timeout_s == self._worker_timeout_s, "the visibility stands on the worker's time-out"
        worker.takes_from(self.queue)
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=worker.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch,
            max_batching_window=Duration.seconds(window_s),
            max_concurrency=cap,
            report_batch_item_failures=True,
        )
        # The mapping is refused while the role may not read the queue yet.
        mapping.node.add_dependency(worker.role)


def _speaks_tls(scope: Construct) -> bool:
    """Everywhere but on the emulator: it speaks plain HTTP, and holds queues to their policies."""
    stack = Stack.of(scope)
    return not (isinstance(stack, EnvironmentStack) and stack.emulated)


def _excuse_plain(queue: sqs.Queue) -> None:
    if not _speaks_tls(queue):
        acknowledge(queue, "SQS4", "The emulator is reached on loopback only, in plain HTTP.")
