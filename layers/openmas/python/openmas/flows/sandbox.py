"""The sandbox carrier: take a call as a carrier would, and post later what comes of it."""

from collections.abc import Mapping, Sequence
from hmac import compare_digest
from itertools import chain
from typing import Any, Protocol

from openmas.domain.carrier import SANDBOX, TAKE_LATER
from openmas.domain.documents import Document
from openmas.domain.sandbox import keys_from
from openmas.domain.sandbox_calls import Post, Reply, answer, parse_call, posts, reply
from openmas.errors import Rejected, Unavailable
from openmas.needs import Clock

ITEMS_PER_POST = 100


class Seal(Protocol):
    def key(self, purpose: str) -> bytes:
        """The platform's own key for one purpose."""
        ...


class SandboxQueue(Protocol):
    """What the sandbox carrier will post, each at its time."""

    def put(self, posts: Sequence[Post]) -> None:
        """Every post is in the queue, to be seen when its time has come.

        Raises: Unavailable.
        """
        ...


class Webhook(Protocol):
    """The platform's webhook, as the sandbox carrier sees it."""

    def post(self, kind: str, document: Mapping[str, object]) -> None:
        """The platform has taken the document; `kind` is `receipts` or `inbound`.

        Raises: Unavailable if it has not.
        """
        ...


class Pause(Protocol):
    def __call__(self, duration_s: float, /) -> None: ...


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def seal(self) -> Seal: ...
    @property
    def sandbox_queue(self) -> SandboxQueue: ...
    @property
    def webhook(self) -> Webhook: ...
    @property
    def pause(self) -> Pause: ...


def take_call(needs: Needs, key: str | None, body: bytes) -> Reply:
    """The call is answered; what comes of it is queued, or posted already if a number asks for that."""
    if not compare_digest((key or "").encode(), keys_from(needs.seal.key(SANDBOX)).calls.encode()):
        return reply(401, {"code": "InvalidUsrOrPwd"})
    try:
        call = parse_call(body)
    except Rejected as error:
        faults = [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults]
        return reply(400, {"code": "InvalidMessage", "detail": error.detail, "errors": faults})
    to_come = posts(call, needs.clock.now())
    try:
        needs.sandbox_queue.put([post for post in to_come if post.after_s])
        _post_early(needs, [post for post in to_come if not post.after_s])
    except Unavailable:
        return reply(503, {"code": TAKE_LATER})
    said = answer(call)
    if said.wait_s:
        needs.pause(said.wait_s)
    return said


def post_due(needs: Needs, due: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Everything that the records hold is posted, up to 100 together; how much there was.

    Raises: Unavailable; what was posted will then be posted again, which harms nobody.
    """
    told = {}
    for kind in ("receipts", "inbound"):
        items: list[Document] = list(chain.from_iterable(each.get(kind, ()) for each in due))
        for start in range(0, len(items), ITEMS_PER_POST):
            needs.webhook.post(kind, {kind: items[start : start + ITEMS_PER_POST]})
        told[kind] = len(items)
    return told


def _post_early(needs: Needs, early: Sequence[Post]) -> None:
    for post in early:
        try:
            needs.webhook.post("receipts", {"receipts": list(post.receipts)})
        except Unavailable:
            # The answer must not depend on the webhook: then the receipts are merely not early.
            needs.sandbox_queue.put([post])
