"""A submission keeps within its contract's limits, or is refused; and a repeated request counts once."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters.recent import AwsRecent
from openmas.domain.batch import Batch
from openmas.domain.contract import Category, Contract, Trial
from openmas.domain.limits import Level
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.errors import Conflict, LimitExceeded, Unavailable
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.send_parcels import send_parcel
from openmas.flows.submit_batch import submit_batch
from tests.fakes import limited, sample
from tests.fakes.table import FakeTable
from tests.fakes.world import FakeWorld

NUMBERS = sample.numbers(50)
DAILY = {Category.NOTICE: [(2, 86_400)]}
TODAY = "d20251124"


def world_under(contract: Contract) -> FakeWorld:
    world = FakeWorld().with_sample()
    sample.put_in_force(world.registry, sample.CLIENT, replace(contract, version=2))
    world.registry.keep_template(sample.CLIENT, sample.verification())
    twice = replace(sample.template("twice"), text="请到{place}，就是{place}，接种疫苗。")
    world.registry.keep_template(sample.CLIENT, twice)
    return world


def send(
    world: FakeWorld,
    *numbers: str,
    key: str = "k1",
    place: str = "塔城",
    mode: Mode = Mode.LIVE,
    body: str | None = None,
    **more: Any,
) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    wanted: dict[str, Any] = {"template": "flu-notice", "parameters": {"place": place}, **more}
    return submit_batch(
        world, profile, mode, Submission(recipients=numbers, **wanted), key, body or f"body of {key}"
    )


def used(world: FakeWorld) -> dict[str, int]:
    return dict(world.units.account(sample.CLIENT).used)


def refusal(
    world: FakeWorld, *numbers: str, key: str = "k9", **more: Any
) -> tuple[str, str | None, int | None]:
    with pytest.raises(LimitExceeded) as raised:
        send(world, *numbers, key=key, **more)
    return raised.value.code, raised.value.clause, raised.value.left


# --- units


def test_a_contract_that_limits_nothing_costs_nothing() -> None:
    world = world_under(limited.contract())

    batch = send(world, *NUMBERS)

    assert (batch.holds, batch.warnings) == ((), ())
    assert (world.units.writes, world.recent.writes, world.cases.writes) == (0, 0, 0)


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (limited.contract(Level(1, 10)), ("units_beyond_day", "A1", 7)),
        (limited.contract(None, Level(1, 11)), ("units_beyond_month", "A1", 8)),
        (limited.contract(bundle=12), ("units_beyond_bundle", "A1", 9)),
        (
            limited.contract(bundle=0, trial=Trial(date(2025, 11, 20), 14, 5)),
            ("units_beyond_trial", "3.1.1", 2),
        ),
    ],
)
def test_a_batch_that_does_not_fit_is_refused_whole_with_its_clause_and_what_is_left(
    contract: Contract, expected: tuple[str, str, int]
) -> None:
    world = world_under(contract)
    send(world, *NUMBERS[:3])
    before = (used(world), len(world.messages.parcels))

    assert refusal(world, *NUMBERS[:20]) == expected

    assert (used(world), len(world.messages.parcels)) == before
    assert send(world, *NUMBERS[: expected[2]], key="fits").accepted == expected[2]
    assert refusal(world, NUMBERS[0]) == (*expected[:2], 0)


def test_only_what_is_accepted_is_held_and_long_messages_hold_all_their_units() -> None:
    world = world_under(limited.contract(Level(1, 10)))

    batch = send(world, *NUMBERS[:2], NUMBERS[0], "12345", place="长" * 32, template="twice")
    send(world, NUMBERS[3], key="k2")

    assert (batch.accepted, batch.units) == (2, 4)
    assert used(world) == {TODAY: 5}


def test_a_test_key_holds_nothing_and_is_not_stopped() -> None:
    world = world_under(limited.contract(Level(1, 1), bundle=1))

    batch = send(world, *NUMBERS, mode=Mode.TEST)

    assert (batch.accepted, batch.holds, world.units.writes) == (50, (), 0)


def test_the_same_request_again_holds_no_more() -> None:
    world = world_under(limited.contract(Level(1, 10)))

    assert send(world, *NUMBERS[:6]) == send(world, *NUMBERS[:6])

    assert used(world) == {TODAY: 6}


def test_what_another_request_under_the_same_key_was_quicker_to_hold_is_given_back() -> None:
    world = world_under(limited.contract(Level(1, 10)))
    first = world.messages.keep_intent

    def overtaken(key: str, intent: object) -> object:
        world.messages.keep_intent = first  # type: ignore[method-assign]
        send(world, *NUMBERS[:4])
        return first(key, intent)  # type: ignore[arg-type]

    world.messages.keep_intent = overtaken  # type: ignore[method-assign, assignment]
    batch = send(world, *NUMBERS[:4])

    assert batch.accepted == 4
    assert used(world) == {TODAY: 4}
    assert len(world.messages.batches) == 1


def test_a_repeated_request_that_finds_its_units_held_by_itself_gets_the_answer_of_the_first() -> None:
    world = world_under(limited.contract(Level(1, 10)))
    hold, firsts = world.units.hold, []

    def late(*wanted: Any) -> Any:
        world.units.hold = hold  # type: ignore[method-assign]
        firsts.append(send(world, *NUMBERS[:6]))
        return hold(*wanted)

    world.units.hold = late  # type: ignore[method-assign, assignment]

    assert [send(world, *NUMBERS[:6])] == firsts
    assert used(world) == {TODAY: 6}
    assert refusal(world, *NUMBERS[:6], key="k2") == ("units_beyond_day", "A1", 4)


def test_a_period_begins_with_what_its_parcels_hold_already() -> None:
    """The contract limits from today on, in the middle of its year, its month and its day."""
    world = FakeWorld().with_sample()
    send(world, *NUMBERS[:3], key="before")
    sample.put_in_force(
        world.registry,
        sample.CLIENT,
        replace(limited.contract(Level(1, 10), Level(1, 100), bundle=50), version=2),
    )

    send(world, *NUMBERS[:4])

    assert sorted(used(world).values()) == [7, 7, 7]
    assert refusal(world, *NUMBERS[:4]) == ("units_beyond_day", "A1", 3)


def test_units_of_a_scheduled_batch_are_held_on_its_day() -> None:
    world = world_under(limited.contract(Level(1, 10)))

    send(world, *NUMBERS[:8], send_at=world.clock.now() + timedelta(days=3))
    send(world, *NUMBERS[:9], key="k2")

    assert used(world) == {"d20251127": 8, TODAY: 9}


# --- warnings


def test_the_level_of_warning_opens_one_case_in_its_period_and_every_answer_says_it() -> None:
    world = world_under(limited.contract(Level(5, 20), Level(9, 100)))

    warnings = [send(world, *NUMBERS[:3], key=f"k{n}").warnings for n in range(4)]

    both = ("units_near_day_stop", "units_near_month_stop")
    assert warnings == [(), both[:1], both, both]
    opened = {name: case.kind for (_, name), case in world.cases.cases.items()}
    assert opened == {"limit#d20251124": "limit", "limit#m202511": "limit"}
    assert world.cases.writes == 2


def test_a_case_that_could_not_be_opened_is_opened_by_the_next_batch() -> None:
    world = world_under(limited.contract(Level(1, 20)))
    opening = world.cases.open

    def busy(_case: object) -> None:
        world.cases.open = opening  # type: ignore[method-assign]
        raise Unavailable("aws_busy", "AWS is busy.")

    world.cases.open = busy  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable):
        send(world, NUMBERS[0])

    send(world, NUMBERS[1], key="k2")

    assert set(world.cases.cases) == {(sample.CLIENT, "limit#d20251124")}


# --- frequency


def test_a_number_gets_no_more_than_its_category_allows_and_the_others_go() -> None:
    world = world_under(limited.contract(Level(1, 100), frequency=DAILY))
    for n in range(2):
        send(world, NUMBERS[0], key=f"k{n}")

    batch = send(world, *NUMBERS[:3], key="k2")

    assert batch.refused == {"number_too_often": (0,)}
    assert (batch.accepted, used(world)) == (2, {TODAY: 4})
    world.clock.tick(days=1)
    assert send(world, NUMBERS[0], key="k3").accepted == 1


def test_a_refused_recipient_does_not_count() -> None:
    world = world_under(limited.contract(frequency={Category.NOTICE: [(1, 60)]}))
    send(world, NUMBERS[0])
    for n in range(5):
        world.clock.tick(seconds=10)
        assert send(world, NUMBERS[0], key=f"soon {n}").accepted == 0

    world.clock.tick(seconds=10)

    assert send(world, NUMBERS[0], key="later").accepted == 1


def test_categories_and_kinds_of_keys_are_counted_apart() -> None:
    rules = {Category.NOTICE: [(1, 60)], Category.VERIFICATION: [(1, 60)]}
    world = world_under(limited.contract(frequency=rules))
    code: dict[str, Any] = {"template": "login", "parameters": {"code": "491823"}}

    for mode in Mode:
        for n, accepted in enumerate((1, 0)):
            notice = send(world, NUMBERS[0], key=f"n{n}", mode=mode)
            login = send(world, NUMBERS[0], key=f"v{n}", mode=mode, **code)
            assert (notice.accepted, login.accepted) == (accepted, accepted)


def test_the_same_text_waits_and_another_goes() -> None:
    world = world_under(limited.contract(same_text_within_s=600))
    send(world, NUMBERS[0])

    same = send(world, *NUMBERS[:2], key="k2")
    other = send(world, NUMBERS[0], key="k3", place="乌苏")

    assert same.refused == {"same_text_too_soon": (0,)}
    assert other.accepted == 1


def test_each_recipients_own_text_is_compared() -> None:
    world = world_under(limited.contract(same_text_within_s=600))
    own = ({"place": "塔城"}, {"place": "乌苏"})
    send(world, *NUMBERS[:2], parameters={}, own=own)

    again = send(world, *NUMBERS[:2], key="k2", parameters={}, own=(own[0], own[0]))

    assert again.refused == {"same_text_too_soon": (0,)}


def test_a_request_that_died_after_it_was_noted_counts_once() -> None:
    world = world_under(limited.contract(Level(1, 100), frequency={Category.NOTICE: [(1, 3_600)]}))
    keep = world.messages.keep_intent

    def dies(*_: object) -> None:
        world.messages.keep_intent = keep  # type: ignore[method-assign]
        raise Unavailable("aws_busy", "AWS is busy.")

    world.messages.keep_intent = dies  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable):
        send(world, *NUMBERS[:3])
    world.clock.tick(minutes=5)

    assert send(world, *NUMBERS[:3]).accepted == 3
    assert send(world, *NUMBERS[:3], key="another").accepted == 0
    assert [len(events) for events in world.recent.noted.values()] == [1, 1, 1]


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=10)])
def test_a_key_used_again_once_it_is_forgotten_is_no_way_around_a_limit(ahead: timedelta) -> None:
    world = world_under(limited.contract(frequency={Category.NOTICE: [(1, 30 * 86_400)]}))
    at = world.clock.now() + timedelta(days=10)
    send(world, *NUMBERS[:3], send_at=at)

    for _ in range(3):
        world.clock.tick(hours=25)
        again = send(world, *NUMBERS[:4], send_at=at + ahead)
        assert again.refused["number_too_often"][:3] == (0, 1, 2)

    assert sum(len(events) for events in world.recent.noted.values()) == 4


def test_keys_that_were_chosen_for_how_they_hash_are_no_way_around_a_limit() -> None:
    world = world_under(limited.contract(same_text_within_s=86_400))
    # Found in a second among 57,461 keys: their hashes begin with the same four bytes.
    one, other = "k43461", "k57460"

    first, second = (send(world, NUMBERS[0], key=key) for key in (one, other))

    assert (first.accepted, second.refused) == (1, {"same_text_too_soon": (0,)})


def test_another_body_under_the_same_key_takes_nothing_back() -> None:
    world = world_under(limited.contract(frequency={Category.NOTICE: [(1, 86_400)]}))
    keep = world.messages.keep_intent

    def meanwhile(key: str, intent: Any) -> Any:
        # The other one, for a day far off, has noted too; then this one is quicker to take the key.
        world.messages.keep_intent = lambda *other: (keep(key, intent), keep(*other))[1]  # type: ignore[method-assign]
        with pytest.raises(Conflict):
            send(world, NUMBERS[0], body="another", send_at=world.clock.now() + timedelta(days=20))
        world.messages.keep_intent = keep  # type: ignore[method-assign]
        return keep(key, intent)

    world.messages.keep_intent = meanwhile  # type: ignore[method-assign, assignment]
    first = send(world, NUMBERS[0])

    assert (first.accepted, send(world, NUMBERS[0], key="k2").accepted) == (1, 0)


def test_of_two_requests_for_one_number_the_slower_one_looks_again_and_gives_its_units_back() -> None:
    world = world_under(limited.contract(Level(1, 100), frequency={Category.NOTICE: [(1, 60)]}))

    def quicker() -> None:
        send(world, NUMBERS[0], key="quicker")

    world.recent.meanwhile = quicker
    batch = send(world, *NUMBERS[:2])

    assert batch.refused == {"number_too_often": (0,)}
    assert used(world) == {TODAY: 2}


def test_a_batch_without_enough_units_counts_for_none_of_its_numbers() -> None:
    world = world_under(limited.contract(Level(1, 3), frequency={Category.NOTICE: [(1, 60)]}))
    assert refusal(world, *NUMBERS[:4]) == ("units_beyond_day", "A1", 3)

    assert send(world, *NUMBERS[:3], key="k2").accepted == 3


def test_what_waits_for_its_time_counts_at_its_time() -> None:
    world = world_under(limited.contract(frequency=DAILY))
    tomorrow = world.clock.now() + timedelta(hours=36)
    for n in range(2):
        send(world, NUMBERS[0], key=f"k{n}", send_at=tomorrow + timedelta(minutes=n))

    assert send(world, NUMBERS[0], key="now").accepted == 1
    assert send(world, NUMBERS[0], key="then", send_at=tomorrow - timedelta(hours=3)).accepted == 0


@pytest.mark.parametrize("recipients", [3, 50])
@pytest.mark.parametrize("aws", [False, True])
def test_what_was_cancelled_does_not_count(recipients: int, aws: bool) -> None:
    limits = limited.contract(frequency={Category.NOTICE: [(1, 86_400)]}, same_text_within_s=86_400)
    world = world_under(limits)
    if aws:
        world.recent = AwsRecent(FakeTable(), world.clock)  # type: ignore[arg-type, assignment]
    at = world.clock.now() + timedelta(hours=3)
    batch = send(world, *NUMBERS[:recipients], send_at=at)
    assert send(world, *NUMBERS[:recipients], key="k2", send_at=at).accepted == 0

    cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    assert send(world, *NUMBERS[:recipients], key="k3", send_at=at).accepted == recipients
    cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    assert send(world, NUMBERS[0], key="k4", send_at=at).accepted == 0


def test_of_a_cancelled_batch_what_was_sent_goes_on_counting() -> None:
    limits = limited.contract(frequency={Category.NOTICE: [(1, 86_400)]})
    world, numbers = world_under(limits), sample.numbers(150)
    batch = send(world, *numbers)
    send_parcel(world, sample.CLIENT, f"{batch.id}-0000", 0)

    cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    again = send(world, *numbers, key="k2")
    assert again.refused == {"number_too_often": tuple(range(100))}


DAY, MONTH, BUNDLE = 12, 25, 30
RULES = [(1, 600), (3, 86_400)]
SAME_TEXT_WITHIN_S = 50_000
TEXTS = {"塔城": 1, "乌苏": 1, "长" * 32: 2}
SENDS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True),
        st.sampled_from(sorted(TEXTS)),
        st.integers(0, 40_000),
        st.sampled_from(Mode),
    ),
    max_size=15,
)


@dataclass
class Clerk:
    """Writes every message down, and before the next ones counts all that stands there."""

    sent: list[tuple[Mode, datetime, int, str]] = field(default_factory=list)
    units: list[tuple[str, int]] = field(default_factory=list)

    def allowed(self, mode: Mode, at: datetime, place: int, text: str) -> bool:
        mine = [(at - when, said) for kind, when, who, said in self.sent if (kind, who) == (mode, place)]
        often = any(
            sum(ago < timedelta(seconds=within_s) for ago, _ in mine) >= most for most, within_s in RULES
        )
        return not often and not any(
            said == text and ago < timedelta(seconds=SAME_TEXT_WITHIN_S) for ago, said in mine
        )

    def left(self, on: str) -> int:
        of_day = sum(count for when, count in self.units if when == on)
        of_month = sum(count for when, count in self.units if when[:7] == on[:7])
        return min(DAY - of_day, MONTH - of_month, BUNDLE - sum(count for _, count in self.units))


@given(SENDS)
def test_random_traffic_gets_the_answers_of_a_clerk_who_writes_everything_down(
    sends: list[tuple[list[int], str, int, Mode]],
) -> None:
    limits = limited.contract(
        Level(1, DAY),
        Level(1, MONTH),
        bundle=BUNDLE,
        frequency={Category.NOTICE: RULES},
        same_text_within_s=SAME_TEXT_WITHIN_S,
    )
    world, clerk = world_under(limits), Clerk()

    for n, (places, text, wait_s, mode) in enumerate(sends):
        at = world.clock.tick(wait_s)
        on = (at + timedelta(hours=8)).date().isoformat()
        going = [place for place in places if clerk.allowed(mode, at, place, text)]
        units = len(going) * TEXTS[text]
        numbers = [NUMBERS[place] for place in places]
        if mode is Mode.LIVE and units > clerk.left(on):
            code, clause, left = refusal(world, *numbers, key=f"k{n}", place=text, template="twice")
            assert (code[:12], clause) == ("units_beyond", "A1")
            assert left is not None
            assert clerk.left(on) <= left < units
            continue
        batch = send(world, *numbers, key=f"k{n}", place=text, mode=mode, template="twice")
        assert (batch.accepted, batch.units) == (len(going), units)
        clerk.sent += [(mode, at, place, text) for place in going]
        if mode is Mode.LIVE:
            clerk.units.append((on, units))
