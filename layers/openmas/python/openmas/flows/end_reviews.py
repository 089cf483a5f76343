"""End the review of a held batch: once, with the outcome that was there first, and with its case closed.

A person passes or refuses it, its client cancels it, or its validity ends. The first of them is written
beside the batch on a condition; whoever comes later finds it, and closes the case if that was left undone.
"""

from typing import Protocol

from openmas.domain.case import Closing
from openmas.domain.review import EXPIRED, case_of_batch
from openmas.errors import Conflict, NotFound
from openmas.needs import Cases, Clock, Messages

OVER = "Its validity ended before anybody had passed it."


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def messages(self) -> Messages: ...


def keep_outcome(needs: Needs, client: str, batch: str, closing: Closing) -> Closing:
    """What stands on the batch: this outcome, or the one that was there first."""
    try:
        return needs.messages.keep_verdict(client, batch, closing)
    except Conflict:
        stands = needs.messages.verdict(client, batch)
        assert stands is not None, "what stood in the way stays"
        return stands


def close_review(needs: Needs, client: str, batch: str, stands: Closing) -> None:
    """No case asks a person to look at the batch any more."""
    try:
        needs.cases.close(client, case_of_batch(batch), stands)
    except NotFound:
        return


def let_expire(needs: Needs, client: str, batch: str) -> None:
    """No case asks a person to look at a batch of which nothing can go any more, held or not."""
    case = needs.cases.find(client, case_of_batch(batch))
    if case is None or case.closing is not None:
        return
    over = Closing("the platform", OVER, needs.clock.now(), EXPIRED)
    close_review(needs, client, batch, keep_outcome(needs, client, batch, over))
