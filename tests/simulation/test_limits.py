"""A client with limits, and a kill at any call: never too few units held, and the nights make it exact."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from openmas.domain.carrier import Capabilities
from openmas.domain.contract import Category, Limits
from openmas.domain.holding import periods_of
from openmas.domain.limits import BeyondBundle, Frequency, Level, UnitLimits
from tests.fakes import sample
from tests.integration.conftest import Platform as Stores
from tests.simulation.platform import START, Platform, sample_contract

RECIPIENTS = [f"1380013{n:04d}" for n in range(25)]
# Room for a request that died and comes again, for until the night both are held.
BUNDLE = 60
LIMITS = Limits(
    units=UnitLimits(BeyondBundle.REFUSED, Level(1, BUNDLE)),
    frequency={Category.NOTICE: (Frequency(1, 60),)},
)
FATES: dict[str, tuple[Callable[[Platform], None], int]] = {
    "sent": (lambda _platform: None, len(RECIPIENTS)),
    "stopped before it is sent": (lambda platform: platform.suspend(), 0),
}
_clients = count()


def lived_through(stores: Stores, fate: str, at: int | None = None, after: bool = False) -> Platform:
    platform = Platform(stores, Capabilities(echoes_reference=True), f"limited-{next(_clients)}")
    contract = sample_contract(platform.client)
    tariff = replace(contract.tariff, included_units=BUNDLE)
    limited = replace(contract, version=2, limits=LIMITS, tariff=tariff)
    sample.put_in_force(platform.world.registry, platform.client, limited)
    # As the night before would have begun them.
    begun = {period.name: 0 for period in periods_of(limited, START.date())}
    platform.world.units.start(platform.client, begun)
    platform.killer.at, platform.killer.after = at, after
    told = platform.submit(RECIPIENTS)
    assert (told["accepted"], told["refused"]) == (len(RECIPIENTS), []), "no request stands in its own way"
    FATES[fate][0](platform)
    platform.run_on()
    platform.killer.at = None
    return platform


def held(platform: Platform) -> list[int]:
    """What the counters of the start's day and year say."""
    contract = platform.world.registry.profile(platform.client, fresh=True)
    assert contract is not None
    law = contract.contract_on(START.date())
    assert law is not None
    used = platform.world.units.account(platform.client).used
    return [used[period.name] for period in periods_of(law, START.date())]


def check(platform: Platform, fate: str) -> None:
    """What must hold whatever died."""
    truth = sum(
        parcel.held_units(sample_contract("any-client").tariff.charged_on) for parcel in platform.parcels()
    )
    assert truth <= FATES[fate][1]
    assert min(held(platform)) >= truth, "the limits are never wider than they should be"

    platform.night(days_after=2)

    assert held(platform) == [truth] * 2


@pytest.mark.parametrize("fate", FATES)
def test_undisturbed_the_counters_are_right_before_any_night(stores: Stores, fate: str) -> None:
    platform = lived_through(stores, fate)

    assert held(platform) == [FATES[fate][1]] * 2
    check(platform, fate)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fate", FATES)
def test_a_kill_at_any_call_leaves_what_the_night_puts_right(stores: Stores, fate: str, after: bool) -> None:
    undisturbed = lived_through(stores, fate).killer

    for at in range(1, undisturbed.calls + 1):
        check(lived_through(stores, fate, at, after), fate)
