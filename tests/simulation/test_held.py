"""A held batch, killed at every call: nothing goes without a verdict, and once after `passed` only."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.parcel import MessageState
from openmas.domain.review import case_of_batch
from openmas.flows.keep_words import keep_words
from tests.integration.conftest import Platform as Stores
from tests.simulation.test_crashes import CARRIERS, RECIPIENTS, check, honest
from tests.simulation.waiting import WaitingPlatform

KNOWN = CARRIERS["recognises repetitions"]
ODD = Word("内部消息", ContentKind.RUMOURS, Action.HOLD)
_clients = count()
Life = Callable[[WaitingPlatform], str]


def lived(stores: Stores, life: Life, at: int | None, after: bool) -> tuple[WaitingPlatform, str]:
    platform = WaitingPlatform(stores, KNOWN, f"held-{next(_clients)}")
    if ODD.plain not in platform.world.words.book().entries:
        keep_words(platform.world, [ODD], "p-1", "what rumours begin with")
    platform.killer.at, platform.killer.after = at, after
    batch = life(platform)
    platform.killer.at = None
    return platform, batch


def held(platform: WaitingPlatform) -> str:
    """The batch, which waits for a person."""
    told = platform.submit(RECIPIENTS, parameters={"place": ODD.text})
    assert [kind["clause"] for kind in told["held"]] == [ODD.kind.clause]
    for queue in ("urgent", "bulk"):
        platform.drain(queue, "send_parcels")
    platform.sweep()
    assert not platform.carrier.sent, "nothing is sent before somebody passed it"
    return str(told["batch"])


def passed(platform: WaitingPlatform) -> str:
    batch = held(platform)
    assert platform.judge(batch, "passed") == 200
    platform.drain("release", "release_batches")
    platform.run_on()
    return batch


def refused(platform: WaitingPlatform) -> str:
    batch = held(platform)
    assert platform.judge(batch, "refused") == 200
    platform.drain("release", "release_batches")
    platform.run_on()
    return batch


def cancelled(platform: WaitingPlatform) -> str:
    batch = held(platform)
    told = platform.cancel(batch)
    assert (told["cancelled"], told["already_sent"]) == (len(RECIPIENTS), 0)
    platform.run_on()
    assert platform.judge(batch, "passed") == 409
    platform.run_on()
    return batch


def cancelled_when_it_was_passed(platform: WaitingPlatform) -> str:
    batch = held(platform)
    assert platform.judge(batch, "passed") == 200
    assert platform.cancel(batch)["cancelled"] == len(RECIPIENTS)
    platform.drain("release", "release_batches")
    platform.run_on()
    return batch


def expired(platform: WaitingPlatform) -> str:
    batch = held(platform)
    platform.clock.at += timedelta(days=1)
    platform.run_on()
    return batch


def nothing_was_sent(state: MessageState) -> Callable[[WaitingPlatform], None]:
    def holds(platform: WaitingPlatform) -> None:
        assert set(honest(platform).values()) == {state}
        assert not platform.carrier.sent

    return holds


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("life", "outcome", "holds"),
    [
        (passed, "passed", check),
        (refused, "refused", nothing_was_sent(MessageState.REFUSED)),
        (cancelled, "cancelled", nothing_was_sent(MessageState.REFUSED)),
        (cancelled_when_it_was_passed, "passed", nothing_was_sent(MessageState.REFUSED)),
        (expired, "expired", nothing_was_sent(MessageState.EXPIRED)),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_a_kill_at_any_call_leaves_what_was_said_of_a_held_batch_to_be_done(
    stores: Stores, life: Life, outcome: str, holds: Callable[[WaitingPlatform], None], after: bool
) -> None:
    undisturbed, _ = lived(stores, life, None, after)
    holds(undisturbed)
    log = undisturbed.killer.log
    # Once it goes, it goes like everything else, which test_crashes kills.
    last = log.index("carrier") if "carrier" in log else len(log)
    assert last > 20

    for at in range(1, last + 1):
        platform, batch = lived(stores, life, at, after)
        holds(platform)
        verdict = platform.world.messages.verdict(platform.client, batch)
        case = platform.world.cases.find(platform.client, case_of_batch(batch))
        assert verdict
        assert case
        assert case.closing, "nobody is asked any more"
        assert {verdict.outcome, case.closing.outcome} == {outcome}
