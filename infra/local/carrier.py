"""A carrier on loopback that speaks the platform's own carrier protocol, with knobs for every fault.

    POST /messages    a call, as the platform makes it
    GET  /truth       what was really taken and posted; GET /summary: the counts alone
    POST /knobs       turns knobs while it runs

Run as `python -m infra.local.carrier SETTINGS`, as JSON: port, key, receipts_url, receipts_key, knobs, seed.
"""

from __future__ import annotations

import hmac
import json
import random
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.postman import Postman, Report
from infra.local.truth import TakenCall, Truth

_SHANGHAI = ZoneInfo("Asia/Shanghai")
Answer = tuple[int, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Knobs:
    """How this carrier behaves; all shares are between 0 and 1, and drawn from one seeded chance.

    Shape: per call: `refuse`, `not_taken`, `silent` (takes, answers after `silent_s`), `rubbish` (takes,
    answers 502); per message: `refuse_number`, `fail`, `lose`, `double`, `late` (after `late_s`), `early`
    (before the answer).
    Units: `latency_s` passes before each answer, `receipt_after_s` between call and receipt.
    """

    latency_s: float = 0.0
    receipt_after_s: float = 0.05
    echo: bool = False
    deduplicate: bool = False
    shuffle: bool = False
    refuse: float = 0.0
    refuse_code: str = "InvalidMessage"
    not_taken: float = 0.0
    silent: float = 0.0
    silent_s: float = 15.0
    rubbish: float = 0.0
    refuse_number: float = 0.0
    fail: float = 0.0
    fail_code: str = "UNDELIV"
    lose: float = 0.0
    double: float = 0.0
    late: float = 0.0
    late_s: float = 5.0
    early: float = 0.0

    def turned(self, to: Mapping[str, Any]) -> Knobs:
        """These knobs with some of them turned. Raises: ValueError for a knob that is not there."""
        unknown = to.keys() - {each.name for each in fields(self)}
        if unknown:
            raise ValueError(f"no such knob: {', '.join(sorted(unknown))}")
        return replace(self, **to)


@dataclass
class Carrier:
    """Takes calls and plans their receipts; knows nothing of HTTP."""

    postman: Postman
    truth: Truth
    knobs: Knobs = Knobs()
    seed: int = 1
    _chance: random.Random = field(init=False)
    _known: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 (chance, not secrecy)

    def answer(self, call: Mapping[str, Any]) -> Answer:
        """What the caller hears, after everything that a call sets off is set off."""
        with self._lock:
            refusal = self._refusal(call)
            if refusal:
                return refusal
            taken = self._take(call)
            fate = self._draw(rubbish=self.knobs.rubbish, silent=self.knobs.silent)
        self._plan_receipts(taken)
        time.sleep(self.knobs.silent_s if fate == "silent" else self.knobs.latency_s)
        if fate == "rubbish":
            return 502, {"message": "Bad gateway"}
        return 200, {"group": taken.group, "refused": dict(taken.refused)}

    def _refusal(self, call: Mapping[str, Any]) -> Answer | None:
        if self.knobs.deduplicate and call["reference"] in self._known:
            self.truth.note("calls_repeated")
            return 409, {"code": "RepeatedContent"}
        match self._draw(refuse=self.knobs.refuse, not_taken=self.knobs.not_taken):
            case "refuse":
                self.truth.note("calls_refused")
                return 422, {"code": self.knobs.refuse_code}
            case "not_taken":
                self.truth.note("calls_not_taken")
                return 503, {"code": "NotTaken"}
        return None

    def _take(self, call: Mapping[str, Any]) -> TakenCall:
        group = f"G{len(self.truth.taken) + 1:08d}"
        said = {each["number"]: each["text"] for each in call.get("messages", ())}
        numbers = tuple(said or call["numbers"])
        refused = {number: "IllegalMobile" for number in numbers if self._happens(self.knobs.refuse_number)}
        taken = TakenCall(
            group=group,
            reference=call["reference"],
            attempt=call["attempt"],
            port=call["port"],
            text=said or call["text"],
            numbers=numbers,
            refused=refused,
            at_s=time.time(),
        )
        self._known[taken.reference] = group
        self.truth.take(taken)
        return taken

    def _plan_receipts(self, taken: TakenCall) -> None:
        knobs = self.knobs
        at = datetime.now(_SHANGHAI).strftime("%Y%m%d%H%M%S")
        due: dict[float, list[Report]] = {}
        with self._lock:
            for number in taken.sent:
                fate = self._draw(lose=knobs.lose, double=knobs.double, late=knobs.late, early=knobs.early)
                report = self._report(taken, number, at)
                for after_s in _due_after(fate, knobs):
                    due.setdefault(after_s, []).append(report)
            if knobs.shuffle:
                for reports in due.values():
                    self._chance.shuffle(reports)
        for after_s, reports in due.items():
            if after_s < 0:
                self.postman.post_now(reports)
            else:
                self.postman.bring(reports, after_s)

    def _report(self, taken: TakenCall, number: str, at: str) -> Report:
        code = self.knobs.fail_code if self._happens(self.knobs.fail) else "DELIVRD"
        report = {"group": taken.group, "number": number, "code": code, "at": at}
        return {**report, "reference": taken.reference} if self.knobs.echo else report

    def _draw(self, **shares: float) -> str | None:
        """One of the named fates by its share, or none of them."""
        drawn = self._chance.random()
        for name, share in shares.items():
            if drawn < share:
                return name
            drawn -= share
        return None

    def _happens(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share


def _due_after(fate: str | None, knobs: Knobs) -> tuple[float, ...]:
    """When the receipts of a message are due; -1 means before the call is answered."""
    after_s = knobs.receipt_after_s
    due = {"lose": (), "double": (after_s, after_s + 0.2), "late": (knobs.late_s,), "early": (-1.0,)}
    return due.get(fate or "", (after_s,))


class _Door(BaseHTTPRequestHandler):
    """One connection to the carrier."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: CarrierServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not hmac.compare_digest(self.headers.get("Authorization", ""), f"Bearer {self.server.key}"):
            self._say(401, {"code": "KeyUnknown"})
        elif self.path == "/messages":
            self._say(*self.server.carrier.answer(json.loads(body)))
        elif self.path == "/knobs":
            self.server.carrier.knobs = self.server.carrier.knobs.turned(json.loads(body))
            self._say(200, {})
        else:
            self._say(404, {"code": "NotFound"})

    def do_GET(self) -> None:
        truth = self.server.carrier.truth
        waiting = {"receipts_waiting": self.server.carrier.postman.waiting()}
        if self.path == "/summary":
            self._say(200, {**truth.summary(), **waiting})
        elif self.path == "/truth":
            self._say(200, truth.document())
        else:
            self._say(404, {"code": "NotFound"})

    def _say(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing is logged: the truth is kept elsewhere."""


class CarrierServer(ThreadingHTTPServer):
    """The carrier behind a port on loopback; also for use inside a test's own process."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, key: str, carrier: Carrier) -> None:
        super().__init__(("127.0.0.1", port), _Door)
        self.key = key
        self.carrier = carrier

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller who hung up is counted, no more: time-outs are one of the knobs."""
        self.carrier.truth.note("callers_gone")


def build(settings: Mapping[str, Any]) -> CarrierServer:
    """A carrier as the settings say, its postman at work, not yet serving."""
    truth = Truth()
    postman = Postman(
        settings["receipts_url"], settings["receipts_key"], truth, per_post=settings.get("per_post", 100)
    )
    carrier = Carrier(postman, truth, Knobs().turned(settings.get("knobs", {})), settings.get("seed", 1))
    postman.start()
    return CarrierServer(settings["port"], settings["key"], carrier)


def main() -> None:
    """Serves until it is ended."""
    build(json.loads(sys.argv[1])).serve_forever()


if __name__ == "__main__":
    main()
