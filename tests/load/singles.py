"""Single verification messages, one after another while the bulk goes through."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from infra.local.api import Api
from tests.load.platform import mobile

_FIRST_NUMBER = 5_000
_BODY = {"template": "code", "parameters": {"code": "482913"}}


@dataclass(frozen=True, slots=True)
class Single:
    """One message. Units: seconds since 1970; `answered_at_s` is when 202 was here."""

    batch: str
    begun_at_s: float
    answered_at_s: float


@dataclass
class Singles:
    """Sends from a thread of its own from `start` to `stop`, at a steady pace."""

    client: Api
    every_s: float
    sent: list[Single] = field(default_factory=list)
    fault: BaseException | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No further message is begun. Raises: what ended the thread before its time."""
        self._stop.set()
        if self._thread:
            self._thread.join()
        if self.fault:
            raise self.fault

    def _work(self) -> None:
        try:
            while not self._stop.wait(self.every_s):
                self.sent.append(self._send())
        except BaseException as fault:  # noqa: BLE001 (told by `stop`)
            self.fault = fault

    def _send(self) -> Single:
        body = {**_BODY, "recipients": [mobile(_FIRST_NUMBER + len(self.sent) % 1_000)]}
        begun = time.time()
        told = self.client.post("/v1/batches", body, secrets.token_hex(8)).expect(202)
        return Single(told["batch"], begun, time.time())


def answered_ms(sent: Sequence[Single]) -> list[float]:
    """From the first byte sent to the answer 202."""
    return sorted((each.answered_at_s - each.begun_at_s) * 1_000 for each in sent)


def carried_ms(sent: Sequence[Single], taken_at_s: Mapping[str, float]) -> list[float]:
    """From the first byte sent until the carrier has taken the message."""
    return sorted(
        (taken_at_s[each.batch] - each.begun_at_s) * 1_000 for each in sent if each.batch in taken_at_s
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so large a share does not exceed."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")
