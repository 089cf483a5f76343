"""Lets the night come early: calls the target of the night's schedule, as the scheduler would."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from infra.local.api import Api, Document
from infra.local.emulator import Emulator
from infra.local.fault import LocalFault

STATED_WITHIN_S = 30


@dataclass
class Night:
    """The night of one deployment."""

    emulator: Emulator

    def come(self, on: date) -> int:
        """The night that falls on this day has begun for so many clients."""
        lambdas = self.emulator.session.client("lambda", endpoint_url=self.emulator.url)
        said = lambdas.invoke(FunctionName=self._target, Payload=json.dumps({"night": on.isoformat()}))
        answer = json.loads(said["Payload"].read())
        if said.get("FunctionError"):
            raise LocalFault(f"The night could not begin: {answer}")
        return int(answer["clients"])

    def statement(self, client: Api, on: date, revision: int = 1) -> Document:
        """The statement of a day, as soon as it is there in this revision or a later one."""
        deadline = time.monotonic() + STATED_WITHIN_S
        while time.monotonic() < deadline:
            answer = client.get(f"/v1/statements/{on}")
            if answer.status == 200 and answer.document["revision"] >= revision:
                return answer.document
            if answer.status != 404:
                answer.expect(200)
            time.sleep(0.2)
        raise LocalFault(f"There is no statement of {on} after {STATED_WITHIN_S} s.")

    @cached_property
    def _target(self) -> str:
        schedules = self.emulator.session.client("scheduler", endpoint_url=self.emulator.url)
        for each in schedules.list_schedules()["Schedules"]:
            target = schedules.get_schedule(Name=each["Name"], GroupName=each["GroupName"])["Target"]
            if "night" in json.loads(target.get("Input") or "{}"):
                return str(target["Arn"])
        raise LocalFault("No schedule brings the night.")
