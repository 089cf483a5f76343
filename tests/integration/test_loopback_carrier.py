"""The loopback carrier does to calls and receipts what its knobs say, and its truth log tells it."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3

from infra.local.carrier import CarrierServer, build

NUMBERS = [f"1380013{place:04d}" for place in range(100)]
WITHIN_S = 10


class Webhook(ThreadingHTTPServer):
    """The platform's side: remembers what was posted; the first post of each run may be turned away."""

    daemon_threads = True

    def __init__(self, turn_away: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.posts: list[list[dict[str, str]]] = []
        self.turn_away = turn_away


class _Hook(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 503 if self.server.turn_away else 200
        self.server.turn_away = max(self.server.turn_away - 1, 0)
        if status == 200:
            self.server.posts.append(body["receipts"])
        self.send_response_only(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def serving(webhook: Webhook, **knobs: object) -> CarrierServer:
    carrier = build(
        {
            "port": 0,
            "key": "k",
            "receipts_url": f"http://127.0.0.1:{webhook.server_port}/",
            "receipts_key": "r",
            "knobs": {"receipt_after_s": 0.0, **knobs},
        }
    )
    threading.Thread(target=carrier.serve_forever, daemon=True).start()
    return carrier


def call(carrier: CarrierServer, reference: str = "c/p", timeout_s: float = 5) -> tuple[int, dict[str, Any]]:
    body = {"reference": reference, "attempt": 1, "port": "1065097332714", "text": "您好", "numbers": NUMBERS}
    answer = urllib3.request(
        "POST",
        f"http://127.0.0.1:{carrier.server_port}/messages",
        body=json.dumps(body).encode(),
        headers={"Authorization": "Bearer k"},
        timeout=timeout_s,
        retries=False,
    )
    return answer.status, answer.json()


def settled(carrier: CarrierServer, receipts: int) -> dict[str, int]:
    """The carrier's summary, once so many receipts are with the platform."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        summary = carrier.carrier.truth.summary()
        if summary.get("receipts_posted", 0) >= receipts:
            return summary
        threading.Event().wait(0.02)
    raise AssertionError(f"only {summary} within {WITHIN_S} s")


def test_every_message_of_a_taken_call_gets_its_receipt(webhook: Webhook) -> None:
    carrier = serving(webhook)

    status, answer = call(carrier)

    summary = settled(carrier, 100)
    assert (status, answer["refused"]) == (200, {})
    assert summary["messages_sent"] == 100
    assert Counter(each["number"] for post in webhook.posts for each in post) == Counter(NUMBERS)
    assert all(len(post) <= 100 for post in webhook.posts)


def test_receipts_are_posted_until_they_are_taken(webhook: Webhook) -> None:
    webhook.turn_away = 1
    carrier = serving(webhook)

    call(carrier)

    summary = settled(carrier, 100)
    assert summary["posts_failed"] == 1
    assert summary["receipts_posted"] == 100


@pytest.mark.parametrize(
    ("knobs", "receipts"),
    [({"double": 1.0}, 200), ({"lose": 1.0}, 0), ({"refuse_number": 1.0}, 0), ({"early": 1.0}, 100)],
)
def test_knobs_decide_about_receipts(webhook: Webhook, knobs: dict[str, float], receipts: int) -> None:
    carrier = serving(webhook, **knobs)

    call(carrier)

    assert settled(carrier, receipts).get("receipts_posted", 0) == receipts


@pytest.mark.parametrize(
    ("knobs", "status", "sent"),
    [
        ({"refuse": 1.0}, 422, 0),
        ({"not_taken": 1.0}, 503, 0),
        ({"rubbish": 1.0}, 502, 100),
    ],
)
def test_an_answer_says_less_than_the_truth(
    webhook: Webhook, knobs: dict[str, float], status: int, sent: int
) -> None:
    carrier = serving(webhook, **knobs)

    answered, _ = call(carrier)

    assert answered == status
    assert carrier.carrier.truth.summary().get("messages_sent", 0) == sent


def test_a_silent_carrier_has_taken_the_call_all_the_same(webhook: Webhook) -> None:
    carrier = serving(webhook, silent=1.0, silent_s=1.0)

    with pytest.raises(urllib3.exceptions.TimeoutError):
        call(carrier, timeout_s=0.2)

    assert settled(carrier, 100)["messages_sent"] == 100


def test_a_deduplicating_carrier_says_that_it_has_the_call_already(webhook: Webhook) -> None:
    carrier = serving(webhook, deduplicate=True)

    first, _ = call(carrier)
    again, answer = call(carrier)

    assert (first, again, answer["code"]) == (200, 409, "RepeatedContent")
    assert carrier.carrier.truth.summary()["messages_sent_again"] == 0


def test_a_knob_that_is_not_there_is_refused(webhook: Webhook) -> None:
    with pytest.raises(ValueError, match="no such knob: loose"):
        serving(webhook, loose=1.0)
