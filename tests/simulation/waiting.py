"""The same platform for batches that wait for their time, and for clients who change their minds."""

import json
from datetime import timedelta
from typing import Any

from openmas.domain.carrier import Capabilities
from openmas.domain.cutting import CUT_GRACE
from tests.integration.conftest import SCHEDULE_GROUP
from tests.integration.conftest import Platform as Stores
from tests.simulation.platform import START, Platform, request

SEND_AT = START + timedelta(minutes=20)
# The emulator's own scheduler lives in another year; the simulation fires what is due in its own.
_NEVER = "at(2099-01-01T00:00:00)"


class WaitingPlatform(Platform):
    """Shape: schedules are really made and deleted; their firing is the simulation's."""

    def __init__(self, stores: Stores, capabilities: Capabilities, client: str) -> None:
        super().__init__(stores, capabilities, client)
        url = stores.environ["AWS_ENDPOINT_URL"]
        self._scheduler = stores.session.client("scheduler", endpoint_url=url)
        events = self.world._scheduler.meta.events
        events.register("provide-client-params.scheduler.CreateSchedule", _never_by_itself)

    @property
    def scheduled(self) -> list[str]:
        """The names of this client's schedules."""
        listed = self._scheduler.list_schedules(NamePrefix=f"{self.client}.")["Schedules"]
        return [each["Name"] for each in listed]

    def time_comes(self, *, fires: bool = True) -> None:
        """It is the time that the batch waited for; perhaps the schedule is lost."""
        self.clock.at = SEND_AT
        for name in self.scheduled:
            schedule = self._scheduler.get_schedule(Name=name, GroupName=SCHEDULE_GROUP)
            self._scheduler.delete_schedule(Name=name, GroupName=SCHEDULE_GROUP)
            if fires:
                self.sqs.send_message(
                    QueueUrl=self.queues["release"], MessageBody=schedule["Target"]["Input"]
                )
        self.drain("release", "release_batches")

    def submit_file(self, recipients: list[str], **more: object) -> str:
        """The batch for a file of these recipients, which the client has uploaded."""
        content = "\n".join(["号码", *recipients]).encode()
        self.world._store.put(f"uploads/{self.client}/the-file", content)
        body = {"template": "flu", "parameters": {"place": "城南门诊"}, "file": "the-file", **more}
        headers = {"authorization": f"Bearer {self.key}", "idempotency-key": "the-only-one"}
        answer = self.tried_until_answered("submit_batches", request("POST", "/v1/batches", body, headers))
        assert answer["statusCode"] == 202, answer
        return str(json.loads(answer["body"])["batch"])

    def cut(self) -> None:
        """The file is cut to its end, also if a chain of steps breaks."""
        self.drain("cut", "cut_files")
        if self.world.messages.due(self.clock.at + CUT_GRACE, 1_000):
            self.clock.at += CUT_GRACE
            self.sweep()
            self.drain("cut", "cut_files")

    def judge(self, batch: str, outcome: str) -> int:
        """An operator passes or refuses a held batch, and says so again until he is answered; the status."""
        path = f"/v1/operator/cases/{self.client}/review:batch:{batch}/verdict"
        event = request("POST", path, {"outcome": outcome, "why": "read it"}, {})
        claims = {"sub": "p-1", "cognito:groups": "[operator]"}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
        return int(self.tried_until_answered("review_content", event)["statusCode"])

    def cancel(self, batch: str) -> dict[str, Any]:
        """The client cancels, and asks again until it is answered."""
        headers = {"authorization": f"Bearer {self.key}"}
        event = request("DELETE", f"/v1/batches/{batch}", None, headers)
        answer = self.tried_until_answered("cancel_batches", event)
        assert answer["statusCode"] == 200, answer
        told: dict[str, Any] = json.loads(answer["body"])
        return told


def _never_by_itself(params: dict[str, Any], **_: object) -> None:
    params["ScheduleExpression"] = _NEVER
