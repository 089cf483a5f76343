"""What waits or is cancelled, killed at every call: each message is sent once or cancelled, never both."""

from collections.abc import Callable
from itertools import count

import pytest

from openmas.domain.carrier import Capabilities
from openmas.domain.parcel import MessageState
from tests.integration.conftest import Platform as Stores
from tests.simulation.test_crashes import CARRIERS, RECIPIENTS, check, honest
from tests.simulation.waiting import SEND_AT, WaitingPlatform

_clients = count()
KNOWN = CARRIERS["recognises repetitions"]
Life = Callable[[WaitingPlatform], None]


def lived(
    stores: Stores, life: Life, capabilities: Capabilities, at: int | None, after: bool
) -> WaitingPlatform:
    platform = WaitingPlatform(stores, capabilities, f"waiting-{next(_clients)}")
    platform.killer.at, platform.killer.after = at, after
    life(platform)
    platform.killer.at = None
    return platform


def sent_later(platform: WaitingPlatform) -> None:
    platform.submit(RECIPIENTS, send_at=SEND_AT.isoformat())
    platform.drain("bulk", "send_parcels")
    platform.sweep()
    assert not platform.carrier.sent, "nothing is sent before its time"
    platform.time_comes()
    platform.run_on()


def sent_later_without_a_schedule(platform: WaitingPlatform) -> None:
    platform.submit(RECIPIENTS, send_at=SEND_AT.isoformat())
    platform.time_comes(fires=False)
    platform.run_on()


def cancelled_while_it_waits(platform: WaitingPlatform) -> None:
    batch = platform.submit(RECIPIENTS, send_at=SEND_AT.isoformat())["batch"]
    told = platform.cancel(batch)
    assert (told["cancelled"], told["already_sent"]) == (len(RECIPIENTS), 0)
    platform.time_comes()
    platform.run_on()


def cancelled_half_sent(platform: WaitingPlatform) -> None:
    batch = platform.submit(RECIPIENTS)["batch"]
    platform.drain("bulk", "send_parcels", records=1, turns=1)
    told = platform.cancel(batch)
    assert told["cancelled"] + told["already_sent"] == len(RECIPIENTS)
    platform.run_on()
    assert platform.cancel(batch) == told


def sent_from_a_file(platform: WaitingPlatform) -> None:
    platform.submit_file(RECIPIENTS)
    platform.cut()
    platform.run_on()


def cancelled_while_a_file_is_cut(platform: WaitingPlatform) -> None:
    batch = platform.submit_file(RECIPIENTS)
    for _ in range(2):
        platform.drain("cut", "cut_files", turns=1)
    told = platform.cancel(batch)
    assert told["already_sent"] == 0
    platform.cut()
    platform.run_on()
    assert not platform.carrier.sent


def each_kill(stores: Stores, life: Life, capabilities: Capabilities, after: bool, holds: Life) -> None:
    undisturbed = lived(stores, life, capabilities, None, after)
    holds(undisturbed)
    log = undisturbed.killer.log
    # Once what waited goes, it goes like everything else, which test_crashes kills.
    last = len(log) if "cancelled" in life.__name__ else log.index("carrier")
    for at in range(1, last + 1):
        holds(lived(stores, life, capabilities, at, after))


def nothing_was_sent(platform: WaitingPlatform) -> None:
    assert set(honest(platform).values()) == {MessageState.REFUSED}
    assert not platform.carrier.sent
    assert platform.scheduled == []


def nothing_of_the_file_was_sent(platform: WaitingPlatform) -> None:
    states = {state for parcel in platform.parcels() for state in parcel.states()}
    assert states <= {MessageState.REFUSED}
    assert not platform.carrier.sent


def every_message_is_sent_or_cancelled(platform: WaitingPlatform) -> None:
    states = honest(platform)
    cancelled = {number for number, state in states.items() if state is MessageState.REFUSED}
    assert {state for number, state in states.items() if number not in cancelled} <= {
        MessageState.DELIVERED,
        MessageState.UNKNOWN,
    }
    assert cancelled.isdisjoint(platform.carrier.sent)
    # One worker came by once and took one parcel, unless it was killed.
    assert len(cancelled) in (1, 100, 101)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("life", [sent_later, sent_later_without_a_schedule])
def test_a_kill_at_any_call_sends_what_waits_at_its_time_and_once(
    stores: Stores, life: Life, after: bool
) -> None:
    each_kill(stores, life, KNOWN, after, check)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_call_makes_the_same_batch_of_a_file(stores: Stores, after: bool) -> None:
    each_kill(stores, sent_from_a_file, KNOWN, after, check)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_call_sends_nothing_of_a_file_that_was_cancelled_while_it_was_cut(
    stores: Stores, after: bool
) -> None:
    each_kill(stores, cancelled_while_a_file_is_cut, KNOWN, after, nothing_of_the_file_was_sent)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_call_leaves_nothing_of_a_cancelled_batch_to_be_sent(
    stores: Stores, after: bool
) -> None:
    each_kill(stores, cancelled_while_it_waits, KNOWN, after, nothing_was_sent)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("carrier", ["recognises repetitions", "knows neither"])
def test_a_kill_at_any_call_of_a_late_cancellation_leaves_each_message_sent_or_cancelled(
    stores: Stores, carrier: str, after: bool
) -> None:
    each_kill(stores, cancelled_half_sent, CARRIERS[carrier], after, every_message_is_sent_or_cancelled)
