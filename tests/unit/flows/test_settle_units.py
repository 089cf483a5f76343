"""Units that are not used are given back once, and every night the counters agree with the parcels."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch, cut
from openmas.domain.calendar import day_start_at
from openmas.domain.carrier import Accepted, Ambiguous, Refused
from openmas.domain.contract import Contract
from openmas.domain.cutting import OfDay
from openmas.domain.holding import Account, FilePart, periods_of
from openmas.domain.ids import batch_id
from openmas.domain.limits import Level
from openmas.domain.parcel import Parcel, State
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.domain.tariff import ChargedOn
from openmas.errors import Conflict, LimitExceeded, Unavailable
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.hold_units import save_parcel
from openmas.flows.reconcile_billing import Night, reconcile
from openmas.flows.send_parcels import send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import limited, sample
from tests.fakes.days import Sending, hour, reported
from tests.fakes.messages import FakeMessages
from tests.fakes.world import FakeWorld

CAPPED = limited.contract(Level(900, 1_000), Level(9_000, 10_000), bundle=100_000)
NUMBERS = sample.numbers(250)
TODAY = sample.TODAY


def world_under(contract: Contract = CAPPED) -> FakeWorld:
    world = FakeWorld().with_sample()
    sample.put_in_force(world.registry, sample.CLIENT, replace(contract, version=2))
    return world


def submit(world: FakeWorld, count: int, key: str = "k1", **more: Any) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    wanted = Submission(
        recipients=NUMBERS[:count], template="flu-notice", parameters={"place": "塔城"}, **more
    )
    return submit_batch(world, profile, Mode.LIVE, wanted, key, f"body of {key}")


def used(world: FakeWorld) -> list[int]:
    """What the counters of today, this month and this year say."""
    account = world.units.account(sample.CLIENT)
    return [account.used[period.name] for period in periods_of(CAPPED, TODAY)]


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)


def send_all(world: FakeWorld) -> None:
    for parcel in list(world.messages.parcels.values()):
        send_parcel(world, parcel.client, parcel.id, parcel.attempt)


def night(world: FakeWorld, as_of: date) -> Night:
    world.clock.at = hour(as_of, 2.5)
    return reconcile(world, sample.CLIENT, day_start_at(as_of))


# --- what is given back


def test_what_the_carrier_takes_stays_held() -> None:
    world = world_under()
    submit(world, 250)

    send_all(world)

    assert used(world) == [250, 250, 250]
    assert world.units.writes == 2


def test_what_the_carrier_refuses_is_given_back() -> None:
    world = world_under()
    world.carrier.then(Refused("Closed"))
    world.carrier.then(Accepted("G2", {NUMBERS[100]: "IllegalMobile", NUMBERS[101]: "IllegalMobile"}))
    submit(world, 250)

    send_all(world)

    assert used(world) == [148, 148, 148]


def test_what_expires_unsent_is_given_back() -> None:
    world = world_under()
    submit(world, 120)
    world.clock.tick(days=2)

    sweep_parcels(world)

    assert used(world) == [0, 0, 0]


def test_what_is_cancelled_is_given_back() -> None:
    world = world_under()
    batch = submit(world, 120)

    for _ in range(2):
        cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    assert used(world) == [0, 0, 0]


def test_what_nobody_knows_about_stays_held() -> None:
    world = world_under()
    world.carrier.then(Ambiguous("time-out"))
    submit(world, 10)

    send_all(world)

    assert used(world) == [10, 10, 10]


def test_what_was_refused_and_turns_out_to_be_sent_is_held_again() -> None:
    world = world_under()
    submit(world, 3)
    (parcel,) = world.messages.parcels.values()
    expired = parcel.closed_unsent(world.clock.now())
    save_parcel(world, parcel, expired)
    assert used(world) == [0, 0, 0]

    save_parcel(world, expired, reported(expired, [(0, "DELIVRD")]))

    assert used(world) == [3 - world.messages.parcels[parcel.client, parcel.id].unsent_units] * 3


def test_only_who_wins_the_write_gives_back() -> None:
    world = world_under()
    submit(world, 3)
    (parcel,) = world.messages.parcels.values()
    save_parcel(world, parcel, parcel.closed_unsent(world.clock.now()))

    with pytest.raises(Conflict):
        save_parcel(world, parcel, parcel.closed_unsent(world.clock.now()))

    assert used(world) == [0, 0, 0]


def test_a_parcel_whose_units_are_not_counted_costs_no_write() -> None:
    world = FakeWorld().with_sample()
    submit(world, 120)
    world.clock.tick(days=2)

    sweep_parcels(world)

    assert {parcel.state for parcel in world.messages.parcels.values()} == {State.EXPIRED}
    assert world.units.writes == 0


# --- what the night puts right


def test_a_night_that_finds_the_counters_right_only_begins_those_that_come_next() -> None:
    world = world_under()
    submit(world, 120)
    send_all(world)
    written = [world.units.writes]

    for n in (1, 1, 2, 2, 3):
        assert night(world, TODAY + timedelta(days=n)).units_put_right == 0
        written.append(world.units.writes)

    assert [after - before for before, after in pairwise(written)] == [1, 0, 1, 0, 1]


class ReadDays(FakeMessages):
    """A table that remembers which days were read from it."""

    read: tuple[date, ...] = ()

    def day(self, client: str, on: date, *, may_lag: bool = False) -> Iterator[OfDay]:
        self.read = (*self.read, on)
        return super().day(client, on, may_lag=may_lag)


def test_after_a_night_no_submission_has_to_count_parcels() -> None:
    world, last_on = world_under(), TODAY + timedelta(days=6)
    messages = world.messages = ReadDays()
    night(world, last_on)
    messages.read = ()

    for n, hours in enumerate((23, 24, 25)):
        world.clock.at = hour(last_on, hours)
        submit(world, 1, key=f"k{n}")

    assert messages.read == ()
    assert world.units.account(sample.CLIENT).used["m202512"] == 2


def test_units_that_a_dead_request_held_are_given_back_once_nobody_can_repeat_it() -> None:
    world = world_under()
    keep = world.messages.keep_intent

    def dies(*_: object) -> None:
        raise Unavailable("aws_busy", "AWS is busy.")

    world.messages.keep_intent = dies  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable):
        submit(world, 100, key="dead")
    world.messages.keep_intent = keep  # type: ignore[method-assign]
    submit(world, 20)
    send_all(world)
    assert used(world) == [120, 120, 120]

    right = [night(world, TODAY + timedelta(days=n)).units_put_right for n in (1, 2, 3)]

    assert right == [0, 100, 0]
    assert used(world) == [20, 20, 20]


def test_units_whose_giving_back_was_lost_are_given_back_by_the_night() -> None:
    world = world_under()
    submit(world, 120)
    world.units.lost = 1
    world.clock.tick(days=2)
    sweep_parcels(world)
    assert used(world) == [100, 100, 100]

    night(world, TODAY + timedelta(days=2))

    assert used(world) == [0, 0, 0]


def test_a_giving_back_that_a_night_overtook_is_not_done_twice() -> None:
    """The parcel is stored, the night counts it, and only then come its units back."""
    world = world_under()
    submit(world, 120)
    send_all(world)
    submit(world, 10, key="k2")
    (waiting,) = (p for p in world.messages.parcels.values() if p.state is State.QUEUED)
    put_right: list[int] = []
    give_back = world.units.give_back

    def after_the_night(*args: object) -> bool:
        world.units.give_back = give_back  # type: ignore[method-assign]
        # The night has something else to put right, too.
        world.units.start(sample.CLIENT, {"d20200101": 1})
        put_right.append(night(world, TODAY + timedelta(days=2)).units_put_right)
        return give_back(*args)  # type: ignore[arg-type]

    world.units.give_back = after_the_night  # type: ignore[method-assign, assignment]
    save_parcel(world, waiting, waiting.closed_unsent(waiting.valid_until))

    assert put_right == [10]
    assert used(world) == [120, 120, 120]


def test_units_held_after_the_night_looked_are_left_alone() -> None:
    world = world_under()
    submit(world, 100)
    send_all(world)
    world.clock.tick(days=3)
    submit(world, 7, key="now")
    tomorrow = TODAY + timedelta(days=3)

    night(world, tomorrow)

    account = world.units.account(sample.CLIENT)
    assert account.used["d20251127"] == 7
    assert account.used["m202511"] == 107


def test_counters_of_a_contract_that_no_longer_limits_are_forgotten() -> None:
    world = world_under()
    submit(world, 5)
    open_again = replace(limited.contract(), version=3, effective_on=TODAY + timedelta(days=1))
    sample.put_in_force(world.registry, sample.CLIENT, open_again)

    night(world, TODAY + timedelta(days=1))
    assert len(world.units.account(sample.CLIENT).used) == 3
    night(world, TODAY + timedelta(days=6))

    assert world.units.account(sample.CLIENT).used == {}


def test_what_was_scheduled_before_there_was_a_cap_counts_against_it_after_the_night_too() -> None:
    world = world_under(limited.contract())
    submit(world, 100, send_at=hour(TODAY + timedelta(days=5), 10))
    tomorrow = TODAY + timedelta(days=1)
    capped = replace(limited.contract(None, Level(140, 150)), version=3, effective_on=tomorrow)
    sample.put_in_force(world.registry, sample.CLIENT, capped)
    world.clock.at = hour(tomorrow, 9)
    submit(world, 10, key="under the cap")

    night(world, tomorrow + timedelta(days=1))

    assert world.units.account(sample.CLIENT).used["m202511"] == 110
    with pytest.raises(LimitExceeded):
        submit(world, 41, key="one too many")


def test_a_day_of_whose_files_one_is_still_cut_is_believed() -> None:
    world = world_under()
    submit(world, 5)
    on, periods = TODAY, periods_of(CAPPED, TODAY)
    world.units.hold(sample.CLIENT, periods, 60, FilePart(batch_id(on, b"12345678"), 0))

    night(world, on + timedelta(days=3))
    believed = world.units.account(sample.CLIENT)
    night(world, on + timedelta(days=6))

    day, _, year = periods
    assert (believed.used[day.name], believed.used[year.name]) == (65, 65)
    settled = world.units.account(sample.CLIENT)
    assert (settled.used[day.name], settled.used[year.name], settled.parts) == (5, 5, {})


def test_what_waits_from_a_time_without_limits_leaves_the_counters_as_it_is_cancelled() -> None:
    world = world_under(limited.contract())
    batch = submit(world, 100, send_at=hour(TODAY + timedelta(days=5), 10))
    tomorrow = TODAY + timedelta(days=1)
    capped = replace(limited.contract(None, Level(140, 150)), version=3, effective_on=tomorrow)
    sample.put_in_force(world.registry, sample.CLIENT, capped)
    night(world, tomorrow)
    before = world.units.account(sample.CLIENT).used["m202511"]

    cancel_batch(world, sample.CLIENT, batch.id, "k1")
    night(world, tomorrow + timedelta(days=1))

    assert (before, world.units.account(sample.CLIENT).used["m202511"]) == (100, 0)


def test_units_come_back_to_what_still_counts_them_once_another_limit_is_dropped() -> None:
    both = limited.contract(None, Level(9_000, 10_000), bundle=1_000)
    world = world_under(both)
    batch = submit(world, 100, send_at=hour(TODAY + timedelta(days=20), 10))
    no_month = replace(limited.contract(bundle=1_000), version=3, effective_on=TODAY + timedelta(days=1))
    sample.put_in_force(world.registry, sample.CLIENT, no_month)
    for n in range(1, 7):
        night(world, TODAY + timedelta(days=n))

    cancel_batch(world, sample.CLIENT, batch.id, "k1")

    used = world.units.account(sample.CLIENT).used
    assert {name[0]: units for name, units in used.items() if units} == {}
    assert submit(world, 250, key="again").accepted == 250


STATES = st.sampled_from([State.SUBMITTED, State.REFUSED, State.EXPIRED, State.UNKNOWN, State.QUEUED])
SENDINGS = st.lists(
    st.tuples(st.integers(2, 14), STATES, st.integers(1, 5), st.integers(1, 3), st.booleans()), max_size=8
)


@given(SENDINGS, st.dictionaries(st.integers(0, 14), st.integers(-5, 50)), st.sampled_from(ChargedOn))
def test_whatever_the_counters_say_the_nights_make_them_the_sum_of_what_parcels_hold(
    sendings: list[tuple[int, State, int, int, bool]], wrong: dict[int, int], charged_on: ChargedOn
) -> None:
    contract = replace(CAPPED, tariff=replace(CAPPED.tariff, charged_on=charged_on))
    world = world_under(contract)
    made = [
        Sending(on=days_ago(ago), n=n, messages=count, units_each=units, state=state, test=test)
        for n, (ago, state, count, units, test) in enumerate(sendings)
    ]
    for each in made:
        world.messages.keep_parcels(each.parcels)
        world.messages.keep_batch(each.batch)
    # Every day was reconciled while it was open; then something went wrong with the counters.
    for n in range(13, 0, -1):
        night(world, days_ago(n))
    counters = {f"d{days_ago(ago):%Y%m%d}": units for ago, units in wrong.items()}
    month, year = (period.name for period in periods_of(contract, TODAY)[1:])
    world.units.accounts[sample.CLIENT] = Account({**counters, month: 77, year: 88})

    night(world, TODAY)

    held = {days_ago(ago): 0 for ago in range(15)}
    for each in made:
        held[each.on] += 0 if each.test else _naively_held(each, charged_on)
    for ago in (0, 1):
        # Somebody may still hold units of these days.
        held[days_ago(ago)] = wrong.get(ago, 0)
    account = world.units.account(sample.CLIENT)
    assert account.used[month] == sum(units for on, units in held.items() if on >= date(2025, 11, 1))
    assert account.used[year] == sum(units for on, units in held.items() if on >= date(2025, 11, 20))
    for name in counters:
        on = date(int(name[1:5]), int(name[5:7]), int(name[7:]))
        assert account.used[name] == held[on]


def _naively_held(sending: Sending, charged_on: ChargedOn) -> int:
    """What may be charged of it: the carrier took it, or there is still time to learn about it."""
    closed = sending.on < days_ago(10)
    charged = sending.state is State.SUBMITTED and charged_on is ChargedOn.ACCEPTED
    open_still = sending.state not in (State.REFUSED, State.EXPIRED) and not closed
    return sending.messages * sending.units_each * (charged or open_still)


def test_the_parcels_of_a_batch_carry_the_names_of_their_counters() -> None:
    batch = replace(sample.batch(3), holds=("d20251124", "m202511"))

    parcels: list[Parcel] = list(cut(batch, NUMBERS[:3]))

    assert [parcel.holds for parcel in parcels] == [("d20251124", "m202511")]
