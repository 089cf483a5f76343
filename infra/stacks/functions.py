"""What the functions of a platform stand on: the API, queues and schedules between them, and their sizes."""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct

from infra.environment import Environment
from infra.parts.api import PlatformApi
from infra.parts.function import PlatformFunction, Setting
from infra.parts.layers import PlatformLayers
from infra.parts.nightly import Nightly
from infra.parts.releases import Releases
from infra.parts.stack import EnvironmentStack
from infra.parts.work_queue import WorkQueue
from infra.stacks.data import DataStack

CLIENT_KEY = (
    "The function checks the client's own key, its scope and its address list; keys are hashed at rest."
)
CARRIER_KEY = "The function checks the carrier's own key and address list; carriers cannot fetch tokens."
SANDBOX_KEY = "The function checks the sandbox's key, which is derived from the seal."

GET_OBJECT, PUT_OBJECT = "GetObject", "PutObject"
GET, BATCH_GET, QUERY = "GetItem", "BatchGetItem", "Query"
PUT, ADD, DELETE, BATCH_WRITE = "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a machine a function has, and for how long. Units: 1,769 MB are one processor."""

    memory_mb: int
    timeout_s: int


ANSWERING, SUBMITTING = Size(1024, 29), Size(1769, 29)
WORKING, RECKONING, PLAYING = Size(512, 60), Size(1769, 900), Size(256, 30)
# Ten records, each with a carrier that takes its full 15 s to fail: a call must never be cut off by our own
# time-out, for then nobody knows what became of it.
SENDING = Size(512, 240)
# Receipts of single messages come by the ten thousand, and each costs two calls' processor time.
SETTLING = Size(1769, 60)


class FunctionStack(EnvironmentStack):
    """A stack that functions are put into, each with its size and what it may touch."""

    def __init__(self, scope: Construct, name: str, environment: Environment, data: DataStack) -> None:
        super().__init__(scope, name, environment, "OpenMAS: what runs.")
        self._data = data
        self._caps = environment.caps
        self.api = PlatformApi(self, "Http", environment)
        self._operators = self.api.operators(data.issuer, data.audience)
        self._setting = Setting(environment, PlatformLayers(self, "Layers", environment), self.api.url)
        self.nightly = Nightly(self, "Schedules")
        self.urgent = WorkQueue(self, "urgent", SENDING.timeout_s)
        self.bulk = WorkQueue(self, "bulk", SENDING.timeout_s)
        self.receipts = WorkQueue(self, "receipts", SETTLING.timeout_s)
        self.release = WorkQueue(self, "release", WORKING.timeout_s)
        self.cut = WorkQueue(self, "cut", RECKONING.timeout_s)
        self.transfer = WorkQueue(self, "transfer", RECKONING.timeout_s)
        self.releases = Releases(self, "Releases", environment, self.release)
        self.night = WorkQueue(self, "night", RECKONING.timeout_s)
        self.sandbox = WorkQueue(self, "sandbox", PLAYING.timeout_s)
        self.queues = [
            self.urgent,
            self.bulk,
            self.receipts,
            self.release,
            self.cut,
            self.transfer,
            self.night,
            self.sandbox,
        ]

    def _function(self, name: str, size: Size, *, by_the_clock: bool = False) -> PlatformFunction:
        dead_letters = self.nightly.dead_letters if by_the_clock else None
        return PlatformFunction(
            self,
            name,
            self._setting,
            memory_mb=size.memory_mb,
            timeout_s=size.timeout_s,
            dead_letters=dead_letters,
        )

    def _uses(self, function: PlatformFunction, table: str, *actions: str) -> None:
        function.uses(table, self._data.tables[table], *actions)

    def _holds_units(self, function: PlatformFunction, *more: str) -> None:
        """Holds units, gives them back or puts them right; and does with the ledger what more it may do."""
        self._uses(function, "ledger", GET, ADD, *more)

    def _fills_work_queues(self, function: PlatformFunction) -> None:
        function.sends_to("urgent", self.urgent.queue)
        function.sends_to("bulk", self.bulk.queue)

    def _speaks_to_carriers(self, function: PlatformFunction) -> None:
        function.reads_secret("carriers", self._data.carriers_arn)
        function.reads_secret("seal", self._data.seal_arn)

    def _say(self, alarm_topic: str) -> None:
        outputs = {"ApiUrl": self.api.url, "AlarmTopicArn": alarm_topic}
        outputs |= {f"{queue.name.capitalize()}QueueUrl": queue.queue.queue_url for queue in self.queues}
        for name, value in outputs.items():
            self.say(name, value)
