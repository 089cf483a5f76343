"""A bound on the whole of a call: whatever a carrier does with it, nobody waits longer than he said he would.

Time-outs of a socket count from piece to piece, so that a carrier which trickles its answer, head or body,
could go on for ever; and a name server has no time-out at all.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from socket import SHUT_RDWR
from threading import Lock, Thread
from typing import Any, TypeVar

from urllib3.connection import HTTPConnection, HTTPSConnection

Result = TypeVar("Result")


class Body:
    """A body that knows whether any of it was sent: the connection asks for it only once it stands."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.begun = False
        self._given_up = False
        self._connection: HTTPConnection | None = None
        self._lock = Lock()

    def __iter__(self) -> Iterator[bytes]:
        with self._lock:
            if self._given_up:
                raise TimeoutError("given up before it was sent")
            self.begun = True
        yield self.payload

    def goes_over(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def give_up(self) -> None:
        """If it has not begun, it never will; and whoever still waits on its connection learns of the end."""
        with self._lock:
            self._given_up = True
        socket = self._connection.sock if self._connection else None
        if socket is not None:
            with suppress(OSError):
                socket.shutdown(SHUT_RDWR)


class PlainConnection(HTTPConnection):
    """A connection that its body can cut off."""

    def request(self, method: str, url: str, body: Any = None, *args: Any, **more: Any) -> None:  # noqa: ANN401
        if isinstance(body, Body):
            body.goes_over(self)
        super().request(method, url, body, *args, **more)


class TlsConnection(PlainConnection, HTTPSConnection):
    """The same over TLS."""


def within(timeout_s: float, body: Body, exchange: Callable[[], Result]) -> Result | None:
    """What the exchange of the body came to, or None if that took too long and the body was given up."""
    coming: Future[Result] = Future()

    def run() -> None:
        try:
            coming.set_result(exchange())
        except BaseException as error:  # noqa: BLE001 (it is raised where it is waited for)
            coming.set_exception(error)

    Thread(target=run, daemon=True).start()
    wait([coming], timeout_s)
    if coming.done():
        return coming.result()
    body.give_up()
    return None
