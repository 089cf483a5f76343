"""Brings a carrier's receipts to the platform, a hundred at a time, until they are taken."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import urllib3

from infra.local.truth import Truth

Report = dict[str, str]
POST_ATTEMPTS_MAX = 30
RETRY_AFTER_S = 0.5


@dataclass
class Postman:
    """Posts what is due from several threads; a post that is not answered 200 is made again.

    Units: `gather_s` is how long a first due receipt waits for company.
    """

    receipts_url: str
    key: str
    truth: Truth
    per_post: int = 100
    gather_s: float = 0.02
    threads: int = 4
    _due: list[tuple[float, int, Report]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)
    _change: threading.Condition = field(default_factory=threading.Condition)
    _open: bool = True
    _http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=8, retries=False, timeout=30)
    )

    def start(self) -> None:
        for _ in range(self.threads):
            threading.Thread(target=self._work, daemon=True).start()

    def stop(self) -> None:
        with self._change:
            self._open = False
            self._change.notify_all()

    def bring(self, reports: Sequence[Report], after_s: float) -> None:
        """These receipts are posted so many seconds from now."""
        at = time.monotonic() + after_s
        with self._change:
            for each in reports:
                heapq.heappush(self._due, (at, next(self._count), each))
            self._change.notify()

    def waiting(self) -> int:
        """How many receipts are still to be posted."""
        with self._change:
            return len(self._due)

    def post_now(self, reports: Sequence[Report]) -> None:
        """These receipts are with the platform when this returns, if it takes them at all."""
        body = json.dumps({"receipts": list(reports)}).encode()
        for _ in range(POST_ATTEMPTS_MAX):
            if self._post(body):
                self.truth.posted(reports)
                return
            self.truth.note("posts_failed")
            time.sleep(RETRY_AFTER_S)
        self.truth.note("receipts_given_up", len(reports))

    def _post(self, body: bytes) -> bool:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        try:
            return self._http.request("POST", self.receipts_url, body=body, headers=headers).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def _work(self) -> None:
        while batch := self._next():
            self.post_now(batch)

    def _next(self) -> list[Report]:
        """The next due receipts; none when the carrier closes."""
        with self._change:
            while self._open:
                now = time.monotonic()
                if self._due and self._due[0][0] + self._patience_s() <= now:
                    return self._pop_due(now)
                left_s = self._due[0][0] + self._patience_s() - now if self._due else None
                self._change.wait(left_s)
        return []

    def _patience_s(self) -> float:
        return 0.0 if len(self._due) >= self.per_post else self.gather_s

    def _pop_due(self, now: float) -> list[Report]:
        batch: list[Report] = []
        while self._due and self._due[0][0] <= now and len(batch) < self.per_post:
            batch.append(heapq.heappop(self._due)[2])
        return batch
