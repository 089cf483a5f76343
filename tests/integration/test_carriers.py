"""Carriers over real sockets: what each way of failing proves, and that no call is ever made twice."""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from gzip import compress
from time import monotonic
from typing import BinaryIO

import pytest
from urllib3.util import parse_url

from openmas.adapters.carriers.openmas import IDLE_MAX, OpenMasCarrier, Patience
from openmas.adapters.carriers.webhook import SandboxWebhook
from openmas.domain import sandbox_calls
from openmas.domain.carrier import Accepted, Ambiguous, Answer, Call, Capabilities, NotTaken, Refused
from openmas.domain.sandbox import keys_from
from openmas.domain.sandbox_calls import Post
from openmas.errors import Unavailable
from tests.fakes.world import FakeClock
from tests.integration.conftest import Platform

Turn = Callable[[socket.socket, threading.Event, bytes], bool]
IMPATIENT = Patience(connect_s=0.3, read_s=0.3, answer_s=0.5)


class Loopback:
    """A carrier that does what it is told, turn by turn; a turn says whether its connection goes on.

    Shape: `taken` are the bodies it has read to their end, in order.
    """

    def __init__(self, *turns: Turn, reads: bool = True) -> None:
        self._turns = list(turns)
        self._reads = reads
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._open: list[socket.socket] = []
        self.taken: list[bytes] = []
        self.heads: list[bytes] = []
        self.connections = 0

    @property
    def threads(self) -> tuple[threading.Thread, ...]:
        return tuple(self._threads)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "Loopback":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            while (body := self._read(stream)) is not None and self._turn()(connection, self._over, body):
                pass

    def _read(self, stream: BinaryIO) -> bytes | None:
        if not self._reads:
            return b""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return None
            head += line
        length = re.search(rb"(?i)\r\ncontent-length: ([0-9]+)\r\n", head)
        assert length is not None
        body = stream.read(int(length[1]))
        with self._lock:
            self.heads.append(head)
            self.taken.append(body)
        return body

    def _turn(self) -> Turn:
        with self._lock:
            return self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]


def says(status: int, document: object, *, ends: bool = False, headers: str = "") -> Turn:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    connection = "close" if ends else "keep-alive"
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: {connection}\r\n{headers}\r\n"

    def turn(connection: socket.socket, _over: threading.Event, _body: bytes) -> bool:
        connection.sendall(head.encode() + body)
        return not ends

    return turn


def sends(raw: bytes) -> Turn:
    """Sends exactly this and hangs up."""

    def turn(connection: socket.socket, _over: threading.Event, _body: bytes) -> bool:
        connection.sendall(raw)
        return False

    return turn


def trickles(raw: bytes, pause_s: float) -> Turn:
    def turn(connection: socket.socket, over: threading.Event, _body: bytes) -> bool:
        for n in range(len(raw)):
            connection.sendall(raw[n : n + 1])
            if over.wait(pause_s):
                break
        return False

    return turn


def keeps_silent(_connection: socket.socket, over: threading.Event, _body: bytes) -> bool:
    over.wait(5)
    return False


def resets(connection: socket.socket, _over: threading.Event, _body: bytes) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False


def hangs_up(_connection: socket.socket, _over: threading.Event, _body: bytes) -> bool:
    return False


TAKES = says(200, {"group": "G1", "refused": {}})


def carrier(address: str, patience: Patience = IMPATIENT, clock: FakeClock | None = None) -> OpenMasCarrier:
    url = parse_url(address if "://" in address else f"http://{address}/messages?v=1")
    return OpenMasCarrier(url, "outbound-key", Capabilities(), clock or FakeClock(), patience)


def call(attempt: int = 1) -> Call:
    return Call(
        "tacheng-cdc/p", attempt, "1065097332714", "【塔城市疾控中心宣】开会", ("13800130001", "13800130002")
    )


def test_a_call_says_everything_and_an_acceptance_is_read() -> None:
    with Loopback(says(200, {"group": "G1", "refused": {"13800130002": "IllegalMobile", "x": "y"}})) as north:
        answer = carrier(north.address).send(call(attempt=2))

    assert answer == Accepted("G1", {"13800130002": "IllegalMobile"})
    assert json.loads(north.taken[0]) == {
        "reference": "tacheng-cdc/p",
        "attempt": 2,
        "port": "1065097332714",
        "text": "【塔城市疾控中心宣】开会",
        "numbers": ["13800130001", "13800130002"],
    }
    assert north.heads[0].startswith(b"POST /messages?v=1 HTTP/1.1\r\n")
    assert b"Authorization: Bearer outbound-key" in north.heads[0]
    assert b"chunked" not in north.heads[0].lower()


def test_a_call_with_a_text_for_each_number_says_them_in_pairs() -> None:
    own = replace(call(), text=("【塔城市疾控中心宣】一", "【塔城市疾控中心宣】二"))

    with Loopback(TAKES) as north:
        answer = carrier(north.address).send(own)

    assert answer == Accepted("G1")
    assert json.loads(north.taken[0]) == {
        "reference": "tacheng-cdc/p",
        "attempt": 1,
        "port": "1065097332714",
        "messages": [
            {"number": "13800130001", "text": "【塔城市疾控中心宣】一"},
            {"number": "13800130002", "text": "【塔城市疾控中心宣】二"},
        ],
    }


CHUNKED = (
    b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"group"\r\n6\r\n: "G1"\r\n1\r\n}\r\n0\r\n\r\n'
)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (says(400, {"code": "InvalidMessage"}), Refused("InvalidMessage")),
        (says(409, {"code": "RepeatedContent"}), Refused("RepeatedContent", repeated=True)),
        (says(429, {"code": "NotTaken"}), NotTaken("429 NotTaken")),
        (says(503, {"code": "NotTaken"}), NotTaken("503 NotTaken")),
        (says(401, {}), NotTaken("401")),
        (says(502, b"<html>"), Ambiguous("status 502")),
        (sends(CHUNKED), Accepted("G1")),
        (sends(b'HTTP/1.1 200 X\r\n\r\n{"group": "G1"}'), Accepted("G1")),
        (sends(b'HTTP/1.0 200 X\r\n\r\n{"group": "G1"}'), Accepted("G1")),
    ],
)
def test_an_answer_is_believed_word_for_word(turn: Turn, expected: Answer) -> None:
    with Loopback(turn) as north:
        assert carrier(north.address).send(call()) == expected

    assert len(north.taken) == 1


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(keeps_silent, id="silence"),
        pytest.param(resets, id="reset after reading"),
        pytest.param(hangs_up, id="hang-up after reading"),
        pytest.param(says(200, b"<html>ok</html>"), id="rubbish"),
        pytest.param(says(200, b""), id="nothing"),
        pytest.param(sends(b"HTP/1.1 200 OK\r\n\r\n{}"), id="no http"),
        pytest.param(sends(b"HTTP/1.1 200 OK\r\nContent-Le"), id="half a head"),
        pytest.param(
            sends(b'HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{"group": "G1"}'), id="half an answer"
        ),
        pytest.param(sends(CHUNKED[:-12]), id="half an answer in chunks"),
        pytest.param(sends(CHUNKED.replace(b"\r\n6\r\n", b"\r\nzz\r\n")), id="broken chunks"),
        pytest.param(
            says(200, compress(b'{"group": "G1"}'), headers="Content-Encoding: gzip\r\n"), id="packed unasked"
        ),
        pytest.param(says(200, b'{"group": "G1", "x": "' + b"x" * 70_000 + b'"}'), id="endless"),
        pytest.param(trickles(b"HTTP/1.1 200 X\r\n\r\n" + b" " * 500, 0.02), id="a trickle"),
        pytest.param(trickles(b"HTTP/1.1 200 X\r\nA: " + b"x" * 500, 0.02), id="a trickling head"),
        pytest.param(trickles(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, 0.02), id="a trickle of other heads"),
    ],
)
def test_whatever_happens_after_the_body_was_sent_is_ambiguous_and_not_repeated(turn: Turn) -> None:
    began = monotonic()
    with Loopback(turn) as north:
        answer = carrier(north.address).send(call())
        took_s = monotonic() - began

    assert isinstance(answer, Ambiguous)
    assert len(north.taken) == 1
    assert north.connections == 1
    assert took_s < IMPATIENT.answer_s + 0.4


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_waits_on_after_a_call_was_cut_off(scheme: str) -> None:
    before = set(threading.enumerate())
    with Loopback(trickles(b"HTTP/1.1 200 X\r\nA: " + b"x" * 500, 0.02), reads=scheme == "http") as north:
        carrier(f"{scheme}://{north.address}/").send(call())
        mine = set(threading.enumerate()) - before - set(north.threads)

        for thread in mine:
            thread.join(timeout=1)

    assert not any(thread.is_alive() for thread in mine)


def test_a_slow_answer_is_waited_for() -> None:
    raw = b'HTTP/1.1 200 X\r\nContent-Length: 15\r\n\r\n{"group": "G1"}'
    with Loopback(trickles(raw, 0.001)) as north:
        assert carrier(north.address, Patience()).send(call()) == Accepted("G1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with Loopback(TAKES) as elsewhere:
        moved = says(status, {}, headers=f"Location: http://{elsewhere.address}/\r\n")
        with Loopback(moved) as north:
            answer = carrier(north.address).send(call())

    assert isinstance(answer, Ambiguous)
    assert (len(north.taken), elsewhere.connections) == (1, 0)


def test_a_reset_before_anything_was_read_is_never_taken_for_an_answer() -> None:
    with Loopback(resets, reads=False) as north:
        answers = [carrier(north.address).send(call()) for _ in range(20)]

    assert {type(each) for each in answers} <= {NotTaken, Ambiguous}
    assert north.connections == 20


@contextmanager
def deaf() -> Iterator[str]:
    """An address whose queue of connections is full, so that nobody gets through."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        for each in waiting:
            each.close()


def test_without_a_connection_nothing_was_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"

    assert carrier(nobody).send(call()) == NotTaken("NewConnectionError")
    assert isinstance(carrier(f"http://{'x' * 64}.invalid/").send(call()), NotTaken)
    with deaf() as address:
        assert carrier(address).send(call()) == NotTaken("ConnectTimeoutError")


@pytest.mark.parametrize("turn", [TAKES, hangs_up, resets, keeps_silent])
def test_without_tls_nothing_was_taken(turn: Turn) -> None:
    with Loopback(turn, reads=False) as plain:
        assert isinstance(carrier(f"https://{plain.address}/").send(call()), NotTaken)

    assert plain.taken == []


def test_calls_share_a_connection() -> None:
    with Loopback(TAKES) as north:
        carrying = carrier(north.address)
        answers = [carrying.send(call()) for _ in range(5)]

    assert answers == [Accepted("G1")] * 5
    assert (north.connections, len(north.taken)) == (1, 5)


def test_a_stale_connection_makes_a_doubt_and_not_a_second_call() -> None:
    with Loopback(TAKES, resets, TAKES) as north:
        carrying = carrier(north.address)
        answers = [carrying.send(call()) for _ in range(3)]

    assert [type(each) for each in answers] == [Accepted, Ambiguous, Accepted]
    assert (north.connections, len(north.taken)) == (2, 3)


def test_a_connection_that_the_carrier_closed_is_not_used() -> None:
    with Loopback(says(200, {"group": "G1"}, ends=True)) as north:
        carrying = carrier(north.address)
        answers = [carrying.send(call()) for _ in range(3)]

    assert answers == [Accepted("G1")] * 3
    assert north.connections == 3


def test_a_connection_that_has_rested_too_long_is_not_used() -> None:
    clock = FakeClock()
    with Loopback(TAKES) as north:
        carrying = carrier(north.address, clock=clock)
        carrying.send(call())
        clock.tick(IDLE_MAX.total_seconds())
        carrying.send(call())
        clock.tick(IDLE_MAX.total_seconds() + 1)
        carrying.send(call())

    assert (north.connections, len(north.taken)) == (2, 3)


@pytest.mark.parametrize(
    "turn", [says(500, b"x" * 700_000), trickles(b"HTTP/1.1 200 X\r\n\r\n" + b" " * 500, 0.02)]
)
def test_what_is_left_of_one_answer_never_answers_the_next_call(turn: Turn) -> None:
    with Loopback(turn, TAKES) as north:
        carrying = carrier(north.address)
        answers = [carrying.send(call()), carrying.send(call())]

    assert isinstance(answers[0], Ambiguous)
    assert answers[1] == Accepted("G1")
    assert north.connections == 2


def test_threads_do_not_read_each_others_answers() -> None:
    def echoes(connection: socket.socket, over: threading.Event, body: bytes) -> bool:
        return says(200, {"group": json.loads(body)["reference"]})(connection, over, body)

    with Loopback(echoes) as north, ThreadPoolExecutor(8) as threads:
        carrying = carrier(north.address, Patience())
        calls = [Call(f"r/{n}", 1, "1065097332714", "好", ("13800130001",)) for n in range(200)]
        answers = list(threads.map(carrying.send, calls))

    assert answers == [Accepted(each.reference) for each in calls]
    assert north.connections <= 8


def test_the_sandbox_posts_with_its_key_and_keeps_its_connection() -> None:
    with Loopback(says(200, {"taken": 1})) as platform_:
        webhook = SandboxWebhook(f"http://{platform_.address}/base", "a-key")
        webhook.post("receipts", {"receipts": [1]})
        webhook.post("inbound", {"inbound": [2]})

    assert [json.loads(each) for each in platform_.taken] == [{"receipts": [1]}, {"inbound": [2]}]
    assert platform_.heads[0].startswith(b"POST /base/carriers/sandbox/receipts HTTP/1.1")
    assert b"Authorization: Bearer a-key" in platform_.heads[1]
    assert platform_.connections == 1


@pytest.mark.parametrize("turn", [says(401, {}), says(302, {}), says(503, {}), hangs_up, resets])
def test_a_webhook_that_does_not_take_a_post_is_called_again_later(turn: Turn) -> None:
    with Loopback(turn) as platform_, pytest.raises(Unavailable):
        SandboxWebhook(f"http://{platform_.address}", "a-key").post("receipts", {"receipts": []})


def test_posts_wait_in_the_queue_each_for_its_own_time(platform: Platform) -> None:
    world, url = platform.world(), platform.environ["SANDBOX_QUEUE_URL"]
    sqs = platform.session.client("sqs", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    now, later = Post(0, ({"number": "13800130001"},)), Post(900, (), ({"text": "退订"},))

    world.sandbox_queue.put([now, later])

    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2)["Messages"]
    assert [json.loads(each["Body"]) for each in got] == [sandbox_calls.record(now)]
    waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessagesDelayed"] == "1"


def test_the_platform_and_its_sandbox_agree_on_their_keys(platform: Platform) -> None:
    world = platform.world()
    keys = keys_from(world.seal.key("sandbox"))

    world.carriers.receiver("sandbox").door.admit(keys.receipts, "192.0.2.1")

    assert world.carriers.named("sandbox").capabilities.echoes_reference
    assert keys == keys_from(platform.world().seal.key("sandbox"))
