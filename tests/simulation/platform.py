"""The platform in one process: real handlers and adapters, the emulator, a jumping clock, a truthful carrier.

Whatever calls out, AWS or the carrier, can be killed just before or just after it: the handler dies there, as
a process would. The surroundings then do what they do in life: a client and a carrier try again, a queue
delivers again, the sweep comes by.
"""

import importlib.util
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from openmas.adapters.carriers.openmas import OpenMasReceiver
from openmas.adapters.world import AwsWorld
from openmas.domain.calendar import day_start_at, shanghai_day
from openmas.domain.carrier import Accepted, Answer, Call, Capabilities, NotTaken
from openmas.domain.contract import Category, Contract
from openmas.domain.contract_document import from_document
from openmas.domain.listing import OPTOUT, Act, ListEntry
from openmas.domain.parcel import Parcel
from openmas.domain.profile import ApiKey, Client, Mode, Scope
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.domain.webhook import Door
from openmas.flows.reconcile_billing import reconcile
from openmas.settings import Settings
from tests.fakes import sample
from tests.integration.conftest import Platform as Stores

ROOT = Path(__file__).parents[2]
START = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
QUEUES = ("urgent", "bulk", "receipts", "release", "cut")
CARRIER_KEY = "a-carrier"

Handle = Callable[[dict[str, Any], object], Any]


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Killer:
    """Counts the calls that go out, and kills before or after one of them."""

    at: int | None = None
    after: bool = False
    armed: bool = False
    calls: int = 0
    log: list[str] = field(default_factory=list)

    def before(self, name: str) -> None:
        if self.armed:
            self.calls += 1
            self.log.append(name)
            if self.calls == self.at and not self.after:
                raise Killed(f"before {name}")

    def done(self, name: str) -> None:
        if self.armed and self.calls == self.at and self.after:
            self.at = None
            raise Killed(f"after {name}")

    def watch(self, client: Any) -> Any:
        events = client.meta.events
        events.register("before-send", lambda **_: self.before(client.meta.service_model.service_name))
        events.register("after-call", lambda **_: self.done(client.meta.service_model.service_name))
        return client


class JumpingClock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


@dataclass
class TruthfulCarrier:
    """Takes every call but the first `busy` ones, and remembers what it really sent.

    Its receipts are posted by whoever runs the day.
    """

    capabilities: Capabilities
    killer: Killer
    busy: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    groups: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    unreported: list[str] = field(default_factory=list)

    def send(self, call: Call) -> Answer:
        self.killer.before("carrier")
        if self.busy:
            self.busy -= 1
            return NotTaken("429")
        group = self._take(call)
        self.killer.done("carrier")
        return Accepted(group)

    def _take(self, call: Call) -> str:
        known = [group for group, (reference, _) in self.groups.items() if reference == call.reference]
        if known and self.capabilities.deduplicates_s:
            return known[0]
        group = f"G{len(self.groups)}-{sha256(call.reference.encode()).hexdigest()[:12]}"
        self.groups[group] = (call.reference, call.numbers)
        self.sent.update(call.numbers)
        self.unreported.append(group)
        return group

    def reports(self) -> Iterator[dict[str, Any]]:
        """One webhook body for each call that was really sent."""
        while self.unreported:
            group = self.unreported.pop()
            reference, numbers = self.groups[group]
            named = {"reference": reference} if self.capabilities.echoes_reference else {}
            yield {
                "receipts": [
                    {"group": group, "number": n, "code": "DELIVRD", "at": "20250303100005", **named}
                    for n in numbers
                ]
            }


class OneCarrier:
    """The directory of a platform with a single carrier."""

    def __init__(self, carrier: TruthfulCarrier) -> None:
        self._carrier = carrier

    def named(self, _name: str) -> TruthfulCarrier:
        return self._carrier

    def receiver(self, _name: str) -> OpenMasReceiver:
        return OpenMasReceiver(Door([sha256(CARRIER_KEY.encode()).hexdigest()], ()))


class SimulatedWorld(AwsWorld):
    """The world on AWS but for the clock, the carrier, and calls that can be killed."""

    def __init__(self, stores: Stores, carrier: TruthfulCarrier, clock: JumpingClock) -> None:
        super().__init__(Settings(stores.environ), stores.session)
        self.__dict__.update(clock=clock, carriers=OneCarrier(carrier))


@cache
def handler(name: str) -> Any:
    """The module of a function, as Lambda would load it."""
    spec = importlib.util.spec_from_file_location(f"function_{name}", ROOT / f"functions/{name}/handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Platform:
    """One client's day on tables and queues of its own."""

    def __init__(self, stores: Stores, capabilities: Capabilities, client: str) -> None:
        self.client = client
        self.killer = Killer()
        self.carrier = TruthfulCarrier(capabilities, self.killer)
        self.clock = JumpingClock()
        self.world = SimulatedWorld(stores, self.carrier, self.clock)
        self.sqs = stores.session.client("sqs", endpoint_url=stores.environ["AWS_ENDPOINT_URL"])
        self.queues = {name: stores.environ[f"{name.upper()}_QUEUE_URL"] for name in QUEUES}
        self._handles: dict[str, Handle] = {}
        self._register()
        self._watch()

    def handle(self, name: str, event: dict[str, Any]) -> Any:
        """A function runs; it may be killed."""
        if name not in self._handles:
            self._handles[name] = handler(name).build(self.world)
        self.killer.armed = True
        try:
            return self._handles[name](event, None)
        finally:
            self.killer.armed = False

    def tried_until_answered(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        """What a client or a carrier does that gets no answer, or one that asks for another try."""
        for _ in range(5):
            try:
                answer: dict[str, Any] = self.handle(name, event)
            except Killed:
                continue
            if answer["statusCode"] < 500:
                return answer
        raise AssertionError("no answer in five tries")

    def submit(self, recipients: list[str], **more: object) -> dict[str, Any]:
        body = {"template": "flu", "parameters": {"place": "城南门诊"}, "recipients": recipients, **more}
        headers = {"authorization": f"Bearer {self.key}", "idempotency-key": "the-only-one"}
        answer = self.tried_until_answered("submit_batches", request("POST", "/v1/batches", body, headers))
        assert answer["statusCode"] == 202, answer
        accepted: dict[str, Any] = json.loads(answer["body"])
        return accepted

    def report(self) -> None:
        """The carrier posts a receipt for everything that it sent."""
        for body in self.carrier.reports():
            headers = {"authorization": f"Bearer {CARRIER_KEY}"}
            event = request("POST", "/carriers/truth/receipts", body, headers)
            assert self.tried_until_answered("take_receipts", event)["statusCode"] == 200

    def drain(self, queue: str, name: str, records: int = 10, turns: int = 40) -> None:
        """The queue is worked on until it is empty, as a mapping does it: what fails or dies comes again.

        Shape: with `turns` 1, one worker comes by once.
        """
        for _ in range(turns):
            got = self.sqs.receive_message(
                QueueUrl=self.queues[queue], MaxNumberOfMessages=records, VisibilityTimeout=60
            ).get("Messages", [])
            if not got:
                return
            self._deliver(queue, name, got)
        assert turns == 1, f"{queue} does not empty"

    def run_on(self, between: Callable[["Platform"], None] | None = None, receipts_after: int = 0) -> None:
        """Everything that life would do until nothing more can happen to any message.

        Shape: `between` happens once, after the first calls; receipts come after so many sweeps.
        """
        for sweeps in range(20):
            for queue in ("urgent", "bulk"):
                self.drain(queue, "send_parcels")
            if between is not None:
                between(self)
                between = None
            if sweeps >= receipts_after:
                self.report()
            self.drain("receipts", "settle_receipts")
            settled = all(parcel.due_at is None for parcel in self.parcels())
            if settled and not self.carrier.unreported:
                return
            self.clock.at += (
                timedelta(minutes=6) if self.clock.at < START + timedelta(hours=1) else timedelta(days=3)
            )
            self.sweep()
        raise AssertionError("parcels stay open")

    def opt_out(self, number: str) -> None:
        """A recipient has had enough."""
        entry = ListEntry(number, "recipient", self.clock.now(), "R")
        self.world.lists.change(self.client, OPTOUT, Act.ADDED, [entry])

    def suspend(self) -> None:
        """The operator stops the client."""
        suspended = Client(self.client, "塔城市疾病预防控制中心", suspended=True, version=2)
        self.world.registry.keep_client(suspended)

    def sweep(self) -> None:
        try:
            self.handle("sweep_parcels", {})
        except Killed:
            self.handle("sweep_parcels", {})

    def night(self, days_after: int = 1) -> int:
        """The night so many days after the day of the start, for this client; how many days it wrote."""
        self.clock.at = max(self.clock.at, START + timedelta(days=days_after))
        on = shanghai_day(START + timedelta(days=days_after))
        return reconcile(self.world, self.client, day_start_at(on)).days_written

    def parcels(self) -> list[Parcel]:
        day = self.world.messages.day(self.client, START.date())
        return [each for each in day if isinstance(each, Parcel)]

    def _deliver(self, queue: str, name: str, got: list[Any]) -> None:
        event = {
            "Records": [
                {
                    "messageId": each["MessageId"],
                    "body": each["Body"],
                    "attributes": {"ApproximateReceiveCount": "1"},
                }
                for each in got
            ]
        }
        try:
            failed = {each["itemIdentifier"] for each in self.handle(name, event)["batchItemFailures"]}
        except Killed:
            failed = {each["MessageId"] for each in got}
        for each in got:
            where = {"QueueUrl": self.queues[queue], "ReceiptHandle": each["ReceiptHandle"]}
            if each["MessageId"] in failed:
                self.sqs.change_message_visibility(VisibilityTimeout=0, **where)
            else:
                self.sqs.delete_message(**where)

    def _register(self) -> None:
        registry = self.world.registry
        self.key = f"{self.client}.live.{'k' * 43}"
        digest = sha256(self.key.encode()).hexdigest()
        text = "请于本周到{place}接种流感疫苗。"
        registry.keep_client(Client(self.client, "塔城市疾病预防控制中心"))
        registry.keep_key(self.client, ApiKey(digest, Mode.LIVE, frozenset(Scope)))
        sample.put_in_force(registry, self.client, sample_contract(self.client))
        flu = Template("flu", 1, Category.NOTICE, text, variables_of(text), TemplateStatus.APPROVED)
        registry.keep_template(self.client, flu)

    def _watch(self) -> None:
        """The clients are made by now; from here on they can be killed, and nothing in the queues waits."""
        world = self.world
        for client in (
            world._dynamodb,
            world._dynamodb_once,
            world._sqs,
            world._scheduler,
            world._store._client,
        ):
            self.killer.watch(client)
        world._sqs.meta.events.register("provide-client-params.sqs.SendMessageBatch", _without_delay)


def _without_delay(params: dict[str, Any], **_: object) -> None:
    for entry in params["Entries"]:
        entry.pop("DelaySeconds", None)


def sample_contract(client: str) -> Contract:
    document = json.loads((ROOT / "infra/local/sample/contract.json").read_text(encoding="utf-8"))
    # A port belongs to one client, so each client of the simulation has its own.
    port = f"106509733{int(sha256(client.encode()).hexdigest(), 16) % 10**6:06d}"
    return from_document(
        {**document, "carrier": "truth", "access_code": {"code": port, "source": "assigned"}}
    )


def request(method: str, path: str, body: object, headers: Mapping[str, str]) -> dict[str, Any]:
    """An event of the HTTP API."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", **headers},
        "requestContext": {
            "requestId": "r1",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
        },
        "pathParameters": {"carrier": "truth"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
