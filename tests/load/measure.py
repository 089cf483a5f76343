"""One run: many recipients in large requests, single messages meanwhile, until all receipts are settled."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

from infra.local.fault import LocalFault
from infra.local.show import Step
from tests.load.platform import Platform, mobile
from tests.load.singles import Single, Singles

PER_REQUEST = 5_000
SETTLED_WITHIN_S = 900
_BODY = {"template": "notice", "parameters": {"place": "第一社区", "day": "十一月二十八日"}}
_LOOK_EVERY_S = 0.2


@dataclass
class Run:
    """What was measured. Units: seconds since 1970 (`…_at_s`), processor seconds (`cpu_s`)."""

    recipients: int
    begun_at_s: float = 0.0
    accepted_at_s: float = 0.0
    settled_at_s: float = 0.0
    cpu_s: float = 0.0
    batches: list[str] = field(default_factory=list)
    singles: list[Single] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return self.recipients + len(self.singles)


def run(platform: Platform, recipients: int, single_every_s: float, step: Step) -> Run:
    """The recipients' messages are delivered, each with its receipt. Raises: LocalFault if one is not."""
    carried_before = platform.carrier.summary().get("messages_sent", 0)
    measured = Run(recipients)
    singles = Singles(platform.client, single_every_s, measured.singles)
    cpu_before_s, measured.begun_at_s = platform.cpu_s(), time.time()
    singles.start()
    for first in range(0, recipients, PER_REQUEST):
        measured.batches.append(_submit(platform, min(PER_REQUEST, recipients - first)))
        step.say(f"{min(first + PER_REQUEST, recipients):,} accepted")
    measured.accepted_at_s = time.time()
    _wait_for_carrier(platform, carried_before + recipients, step)
    for batch in measured.batches:
        _wait_for_batch(platform, batch, step)
    measured.settled_at_s = time.time()
    singles.stop()
    for single in measured.singles[-10:]:
        _wait_for_batch(platform, single.batch, step)
    measured.cpu_s = platform.cpu_s() - cpu_before_s
    step.say(f"{measured.messages:,} messages, each with its receipt")
    return measured


def _submit(platform: Platform, recipients: int) -> str:
    body = {**_BODY, "recipients": [mobile(place) for place in range(recipients)]}
    told = platform.client.post("/v1/batches", body, secrets.token_hex(8)).expect(202)
    if told["accepted"] != recipients:
        raise LocalFault(f"Only {told['accepted']} of {recipients} recipients were accepted.")
    return str(told["batch"])


def _wait_for_carrier(platform: Platform, receipts: int, step: Step) -> None:
    """Asks the carrier, which is cheap, until it has brought nearly every receipt."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < deadline:
        told = platform.carrier.summary()
        brought = told.get("receipts_posted", 0)
        step.say(f"{told.get('messages_sent', 0):,} carried, {brought:,} receipts brought")
        if brought >= receipts:
            return
        time.sleep(_LOOK_EVERY_S)
    raise LocalFault(f"The carrier has brought {brought:,} of {receipts:,} receipts in {SETTLED_WITHIN_S} s.")


def _wait_for_batch(platform: Platform, batch: str, step: Step) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN_S
    states: Counter[str] = Counter()
    while time.monotonic() < deadline:
        told = platform.client.get(f"/v1/batches/{batch}").expect(200)
        states = Counter({state: count for state, count in told["states"].items() if count})
        if states == Counter(delivered=told["accepted"]):
            return
        step.say(f"{batch}: {dict(states)}")
        time.sleep(_LOOK_EVERY_S)
    raise LocalFault(f"Not every message of {batch} was delivered: {dict(states)}.")
