"""Every call that goes out is killed, before it and after it: nothing is lost, sent twice or billed twice."""

from collections.abc import Callable
from itertools import count

import pytest

from openmas.domain.carrier import Capabilities
from openmas.domain.parcel import MessageState
from openmas.domain.tally import tally_day
from openmas.domain.tariff import ChargedOn
from openmas.flows.usage import usage
from tests.integration.conftest import Platform as Stores
from tests.simulation.platform import START, Platform

RECIPIENTS = [f"1380013{n:04d}" for n in range(101)]
CARRIERS = {
    "recognises repetitions": Capabilities(echoes_reference=True, deduplicates_s=86_400),
    "echoes our reference": Capabilities(echoes_reference=True),
    "knows neither": Capabilities(),
}
TURNS: dict[str, Callable[[Platform], None]] = {
    "recipient opts out": lambda platform: platform.opt_out(RECIPIENTS[0]),
    "client is suspended": lambda platform: platform.suspend(),
}
_clients = count()


def lived_through(
    stores: Stores,
    capabilities: Capabilities,
    at: int | None = None,
    after: bool = False,
    turn: str = "",
) -> Platform:
    platform = Platform(stores, capabilities, f"client-{next(_clients)}")
    platform.killer.at, platform.killer.after = at, after
    platform.carrier.busy = 2 if turn == "carrier is busy" else 0
    platform.submit(RECIPIENTS)
    platform.run_on(TURNS.get(turn), receipts_after=4 if turn else 0)
    platform.killer.at = None
    return platform


def check(platform: Platform) -> None:
    """What must hold whatever died."""
    states = honest(platform)
    for state in states.values():
        known = state in (MessageState.DELIVERED, MessageState.UNKNOWN)
        assert known, "what is not delivered is known to be unknown"
    if platform.carrier.capabilities.deduplicates_s:
        assert set(states.values()) == {MessageState.DELIVERED}, "a carrier that recognises us gets it all"
    if platform.carrier.capabilities.echoes_reference:
        proved = all(states[n] is MessageState.DELIVERED for n in platform.carrier.sent)
        assert proved, "a receipt with our reference proves"


def honest(platform: Platform) -> dict[str, MessageState]:
    """The states of all messages, which never claim what is not so."""
    states = {
        number: state
        for parcel in platform.parcels()
        for number, state in zip(parcel.numbers, parcel.states(), strict=True)
    }
    sent = platform.carrier.sent

    assert sorted(states) == RECIPIENTS, "every accepted message is stored, once"
    assert not [n for n, times in sent.items() if times > 1], "nothing is sent twice"
    for number, state in states.items():
        if state is MessageState.DELIVERED:
            assert sent[number] == 1, "nothing is called delivered that was not sent"
        if state in (MessageState.REFUSED, MessageState.EXPIRED):
            assert sent[number] == 0, "nothing that was sent is called refused"
    tally = tally_day(
        platform.world.messages.day(platform.client, START.date()),
        ChargedOn.ACCEPTED,
    )
    assert tally.units == sum(state is MessageState.DELIVERED for state in states.values()), (
        "proof is billed, once"
    )
    assert not tally.breaks, "the day adds up"
    return states


@pytest.mark.parametrize("carrier", CARRIERS)
def test_an_undisturbed_day_delivers_everything(stores: Stores, carrier: str) -> None:
    platform = lived_through(stores, CARRIERS[carrier])

    check(platform)
    assert sum(platform.carrier.sent.values()) == len(RECIPIENTS)
    assert platform.night() == 10
    assert platform.night() == 0
    assert usage(platform.world, platform.client, platform.clock.now()).stated_units == len(RECIPIENTS)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_kill_at_any_call_loses_doubles_and_overbills_nothing(
    stores: Stores, carrier: str, after: bool
) -> None:
    undisturbed = lived_through(stores, CARRIERS[carrier]).killer
    assert {"dynamodb", "sqs", "carrier"} <= set(undisturbed.log)

    for at in range(1, undisturbed.calls + 1):
        platform = lived_through(stores, CARRIERS[carrier], at, after)
        check(platform)


@pytest.mark.parametrize(
    ("carrier", "turn"),
    [
        ("recognises repetitions", "carrier is busy"),
        ("knows neither", "carrier is busy"),
        *(("recognises repetitions", turn) for turn in TURNS),
    ],
)
def test_a_kill_at_any_call_stays_honest_when_things_change_between_two_attempts(
    stores: Stores, carrier: str, turn: str
) -> None:
    log = lived_through(stores, CARRIERS[carrier], turn=turn).killer.log
    # The doubt arises around the carrier's call; all the other calls are killed above.
    around = {at + near for at, name in enumerate(log, 1) if name == "carrier" for near in range(-2, 4)}

    for at in sorted(around):
        for after in (False, True):
            honest(lived_through(stores, CARRIERS[carrier], at, after, turn))
