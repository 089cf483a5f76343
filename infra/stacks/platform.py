"""What runs, and can all be replaced: every function with its trigger and exactly what it may touch.

Here is the path of a message; the functions by which people keep what it is judged by stand in `keeping`.
"""

from __future__ import annotations

from constructs import Construct

from infra.environment import Environment
from infra.parts.function import PlatformFunction
from infra.parts.watch import Watch, Watched
from infra.stacks.data import DataStack
from infra.stacks.functions import (
    ADD,
    ANSWERING,
    BATCH_GET,
    BATCH_WRITE,
    CARRIER_KEY,
    CLIENT_KEY,
    GET,
    GET_OBJECT,
    PLAYING,
    PUT,
    PUT_OBJECT,
    QUERY,
    RECKONING,
    SANDBOX_KEY,
    SENDING,
    SETTLING,
    SUBMITTING,
    WORKING,
)
from infra.stacks.keeping import KeepingStack

RECEIPTS = "POST /carriers/{carrier}/receipts"


class PlatformStack(KeepingStack):
    """The functions of one environment, between its API, queues and schedules, and what is kept."""

    def __init__(self, scope: Construct, name: str, environment: Environment, data: DataStack) -> None:
        super().__init__(scope, name, environment, data)
        self.functions = [
            self._submit_batches(),
            self._cancel_batches(),
            self._release_batches(),
            self._cut_files(),
            self._read_messages(),
            self._read_decisions(),
            self._send_parcels(),
            self._take_receipts(),
            self._settle_receipts(),
            self._sweep_parcels(),
            self._reconcile_billing(),
            self._sandbox_carrier(),
            *self._keeping(),
        ]
        throttle = environment.receipts_throttle
        self.api.throttle_route(RECEIPTS, throttle.requests_per_s, throttle.burst)
        dead = [*(queue.dead_letters for queue in self.queues), self.nightly.dead_letters]
        self.watch = Watch(
            self, "Watch", environment.name, Watched(self.functions, self.queues, dead, self.api.api)
        )
        self._say(self.watch.topic.topic_arn)

    def _submit_batches(self) -> PlatformFunction:
        function = self._function("submit_batches", SUBMITTING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "lists", GET, BATCH_GET)
        self._uses(function, "messages", GET, BATCH_GET, QUERY, PUT, ADD)
        self._uses(function, "cases", PUT)
        self._holds_units(function, QUERY)
        self._fills_work_queues(function)
        self.releases.planned_by(function)
        function.sends_to("cut", self.cut.queue)
        function.uses_files(uploads=(GET_OBJECT,))
        self.api.route(function, "POST /v1/batches", open_because=CLIENT_KEY)
        return function

    def _cancel_batches(self) -> PlatformFunction:
        function = self._function("cancel_batches", ANSWERING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "messages", GET, BATCH_GET, QUERY, PUT, ADD)
        self._uses(function, "cases", GET, PUT)
        self._holds_units(function)
        self.releases.dropped_by(function)
        function.sends_to("release", self.release.queue)
        self.api.route(function, "DELETE /v1/batches/{batch}", open_because=CLIENT_KEY)
        return function

    def _release_batches(self) -> PlatformFunction:
        function = self._function("release_batches", WORKING)
        self._uses(function, "messages", GET, BATCH_GET, QUERY, PUT, ADD)
        function.queries_index(self._data.tables["messages"], "due")
        self._holds_units(function)
        self._fills_work_queues(function)
        function.sends_to("release", self.release.queue)
        function.sends_to("cut", self.cut.queue)
        self.release.feed(function, batch=1, cap=self._caps.release)
        return function

    def _cut_files(self) -> PlatformFunction:
        function = self._function("cut_files", RECKONING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "lists", GET, BATCH_GET)
        self._uses(function, "messages", GET, BATCH_GET, QUERY, PUT, ADD)
        self._uses(function, "cases", GET, PUT)
        self._holds_units(function, QUERY)
        held = (GET_OBJECT, PUT_OBJECT)
        function.uses_files(uploads=(GET_OBJECT,), parts=held, faults=held)
        self._fills_work_queues(function)
        function.sends_to("cut", self.cut.queue)
        self.cut.feed(function, batch=1, cap=self._caps.cut)
        return function

    def _read_messages(self) -> PlatformFunction:
        function = self._function("read_messages", ANSWERING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "messages", GET, QUERY)
        self._uses(function, "ledger", QUERY)
        function.reads_secret("seal", self._data.seal_arn)
        batches = (
            "GET /v1/batches/{batch}",
            "GET /v1/batches/{batch}/messages",
            "GET /v1/messages/{message}",
        )
        days = ("GET /v1/inbound", "GET /v1/usage", "GET /v1/statements/{day}")
        self.api.route(function, *batches, *days, open_because=CLIENT_KEY)
        return function

    def _read_decisions(self) -> PlatformFunction:
        function = self._function("read_decisions", ANSWERING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "messages", GET, QUERY)
        function.reads_secret("seal", self._data.seal_arn)
        function.uses_files(parts=(GET_OBJECT,), faults=(GET_OBJECT,))
        one = "GET /v1/batches/{batch}"
        several = (f"{one}/decisions", f"{one}/faults", f"{one}/faults/file")
        self.api.route(function, *several, "GET /v1/refusals", open_because=CLIENT_KEY)
        self.api.route(function, "GET /v1/operator/clients/{client}/refusals", authorizer=self._operators)
        return function

    def _send_parcels(self) -> PlatformFunction:
        function = self._function("send_parcels", SENDING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "lists", GET, BATCH_GET)
        self._uses(function, "messages", GET, BATCH_GET, QUERY, PUT, ADD)
        self._holds_units(function)
        self._fills_work_queues(function)
        self._speaks_to_carriers(function)
        # A verification message must not wait behind others of its own batch of records.
        self.urgent.feed(function, batch=5, cap=self._caps.urgent)
        self.bulk.feed(function, batch=10, cap=self._caps.bulk)
        return function

    def _take_receipts(self) -> PlatformFunction:
        function = self._function("take_receipts", ANSWERING)
        function.sends_to("receipts", self.receipts.queue)
        self._speaks_to_carriers(function)
        self.api.route(function, RECEIPTS, "POST /carriers/{carrier}/inbound", open_because=CARRIER_KEY)
        return function

    def _settle_receipts(self) -> PlatformFunction:
        function = self._function("settle_receipts", SETTLING)
        self._uses(function, "registry", GET, QUERY)
        self._uses(function, "messages", GET, PUT)
        self._uses(function, "lists", GET, BATCH_GET, QUERY, PUT, BATCH_WRITE)
        self._holds_units(function, PUT)
        function.sends_to("receipts", self.receipts.queue)
        self.receipts.feed(function, batch=100, window_s=1, cap=self._caps.receipts)
        return function

    def _sweep_parcels(self) -> PlatformFunction:
        function = self._function("sweep_parcels", WORKING, by_the_clock=True)
        self._uses(function, "messages", GET, BATCH_GET, QUERY, PUT, ADD)
        function.queries_index(self._data.tables["messages"], "due")
        self._uses(function, "cases", GET, PUT)
        self._holds_units(function)
        self._fills_work_queues(function)
        function.sends_to("cut", self.cut.queue)
        self._speaks_to_carriers(function)
        self.nightly.every_minute(function)
        return function

    def _reconcile_billing(self) -> PlatformFunction:
        function = self._function("reconcile_billing", RECKONING, by_the_clock=True)
        self._uses(function, "registry", QUERY)
        self._uses(function, "messages", GET, PUT, QUERY)
        self._holds_units(function, PUT, QUERY)
        self._uses(function, "cases", GET, PUT)
        function.sends_to("night", self.night.queue)
        self.night.feed(function, batch=1, cap=self._caps.night)
        self.nightly.every_night(function)
        return function

    def _sandbox_carrier(self) -> PlatformFunction:
        function = self._function("sandbox_carrier", PLAYING)
        function.reads_secret("seal", self._data.seal_arn)
        function.sends_to("sandbox", self.sandbox.queue)
        self.sandbox.feed(function, batch=10, cap=self._caps.sandbox)
        self.api.route(function, "POST /sandbox/messages", open_because=SANDBOX_KEY)
        return function
