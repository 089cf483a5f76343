"""Units held and messages noted: fake and real store keep the same promises; races on the real one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Protocol

import pytest

from openmas.adapters import calls
from openmas.adapters.world import AwsWorld
from openmas.domain.contract import Category
from openmas.domain.frequency import Book, Event, Request, Seen, digest, mark_of
from openmas.domain.holding import Account, Correction, FilePart, PartHold, Period, PeriodKind
from openmas.needs import Recent, Units
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import Platform

TODAY = sample.TODAY
DAY = Period(PeriodKind.DAY, "d20251124", TODAY, TODAY, None, 10)
MONTH = Period(PeriodKind.MONTH, "m202511", date(2025, 11, 1), date(2025, 11, 30), 15, 20)
BOTH = (DAY, MONTH)
REACH = timedelta(days=1)
NOW = datetime.now(sample.NOW.tzinfo).replace(microsecond=0)
_names = count()


class World(Protocol):
    @property
    def units(self) -> Units: ...
    @property
    def recent(self) -> Recent: ...


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld(at=NOW)
    platform: Platform = request.getfixturevalue("platform")
    return platform.world()


@pytest.fixture
def client() -> str:
    return f"limits-{next(_names)}"


def started(units: Units, client: str, day: int = 0, month: int = 0) -> None:
    units.start(client, {DAY.name: day, MONTH.name: month})


def test_a_client_that_never_held_anything_has_an_empty_account(world: World, client: str) -> None:
    assert world.units.account(client) == Account()
    assert world.units.hold(client, BOTH, 1) == (False, Account())


def test_units_are_held_in_every_period_up_to_the_last_one(world: World, client: str) -> None:
    started(world.units, client, day=3, month=7)

    taken, account = world.units.hold(client, BOTH, 7)

    assert (taken, account.used) == (True, {DAY.name: 10, MONTH.name: 14})
    assert world.units.account(client) == account
    assert world.units.hold(client, BOTH, 1) == (False, account)


@pytest.mark.parametrize(("day", "month"), [(10, 0), (0, 20)])
def test_units_that_do_not_fit_into_one_period_are_held_in_none(
    world: World, client: str, day: int, month: int
) -> None:
    started(world.units, client, day, month)

    taken, account = world.units.hold(client, BOTH, 1)

    assert not taken
    assert account.used == world.units.account(client).used == {DAY.name: day, MONTH.name: month}


def test_a_counter_that_is_there_is_not_started_again(world: World, client: str) -> None:
    world.units.start(client, {DAY.name: 4})
    started(world.units, client, day=9, month=2)

    assert world.units.account(client).used == {DAY.name: 4, MONTH.name: 2}


def test_units_are_given_back_where_they_were_held_and_no_night_came_between(
    world: World, client: str
) -> None:
    started(world.units, client, day=5, month=5)

    assert world.units.give_back(client, [DAY.name, MONTH.name], 2, epoch=0)
    assert not world.units.give_back(client, [DAY.name, MONTH.name], 2, epoch=1)
    assert not world.units.give_back(client, [DAY.name, "m202510"], 2, epoch=0)
    assert world.units.give_back(client, [DAY.name], -1, epoch=0)

    assert world.units.account(client).used == {DAY.name: 4, MONTH.name: 3}


def test_of_a_part_that_is_tried_again_only_what_is_not_held_yet_is_held(world: World, client: str) -> None:
    started(world.units, client)
    hold, first, second = world.units.hold, FilePart("b1", 0), FilePart("b1", 1)

    # One at a time in the day alone, as before an amendment, then in both.
    taken = [hold(client, (DAY,), 4, first)[0], hold(client, BOTH, 6, first)[0]]
    assert world.units.account(client).used == {DAY.name: 6, MONTH.name: 6}
    # What others do meanwhile makes no difference, nor does it that less is wanted now.
    taken += [hold(client, BOTH, 1)[0], world.units.give_back(client, [DAY.name, MONTH.name], 1, epoch=0)]
    taken += [hold(client, BOTH, units, first)[0] for units in (6, 5, 6)]
    assert world.units.account(client).used == {DAY.name: 6, MONTH.name: 6}
    # The next part, and then whoever is behind; another file; and one unit too many.
    taken += [hold(client, BOTH, 2, second)[0], hold(client, BOTH, 6, first)[0]]
    taken += [hold(client, BOTH, 1, FilePart("b2", 0))[0]]
    beyond = hold(client, BOTH, 4, second)[0]

    assert all(taken)
    assert not beyond
    account = world.units.account(client)
    assert account.used == {DAY.name: 9, MONTH.name: 9}
    names = frozenset(account.used)
    assert account.parts == {"b1": PartHold(1, 2, names), "b2": PartHold(0, 1, names)}
    for _ in range(2):
        world.units.forget_part(client, "b1")
    assert world.units.account(client) == replace(account, parts={"b2": account.parts["b2"]})


def test_the_night_puts_counters_right_once_and_forgets_what_is_past(world: World, client: str) -> None:
    world.units.start(client, {DAY.name: 5, MONTH.name: 5, "d20250101": 9})
    for name in (DAY.name, "d20250101"):
        world.units.tell(client, name)
    seen = world.units.account(client)
    correction = Correction({MONTH.name: -2}, frozenset({DAY.name}), frozenset({"d20250101"}))

    assert world.units.settle(client, seen, correction)
    assert not world.units.settle(client, seen, correction)

    after = world.units.account(client)
    assert after == Account({DAY.name: 5, MONTH.name: 3}, frozenset({DAY.name}), epoch=1)
    assert not world.units.give_back(client, [DAY.name], 1, epoch=0)
    assert world.units.give_back(client, [DAY.name], 1, epoch=1)


def test_a_night_that_was_overtaken_puts_nothing_right(world: World, client: str) -> None:
    started(world.units, client, day=5, month=5)
    seen = world.units.account(client)
    world.units.give_back(client, [DAY.name, MONTH.name], 1, epoch=0)

    done = world.units.settle(client, seen, Correction({MONTH.name: -2}, frozenset({DAY.name}), frozenset()))

    assert not done
    assert world.units.account(client).used == {DAY.name: 4, MONTH.name: 4}


def test_what_is_held_meanwhile_in_longer_periods_does_not_overtake_a_night(
    world: World, client: str
) -> None:
    world.units.start(client, {DAY.name: 0, MONTH.name: 5, "d20251101": 5})
    seen = world.units.account(client)
    world.units.hold(client, BOTH, 3)
    correction = Correction({MONTH.name: -1, "d20251101": -1}, frozenset({"d20251101"}), frozenset())

    assert world.units.settle(client, seen, correction)

    assert world.units.account(client).used == {DAY.name: 3, MONTH.name: 7, "d20251101": 4}


def test_a_warning_counts_as_given(world: World, client: str) -> None:
    started(world.units, client)

    world.units.tell(client, DAY.name)

    assert world.units.account(client).told == {DAY.name}


# --- what numbers were sent


def book(client: str, category: Category = Category.NOTICE, *, test: bool = False) -> Book:
    return Book(client, category, test)


def event(at: datetime = NOW, text: str = "a text", request: str = "r1", came_at: datetime = NOW) -> Event:
    return Event(at, digest(text), mark_of(request), came_at)


def look(
    world: World, of: Book, *numbers: str, request: str = "r9", at: datetime = NOW, came_at: datetime = NOW
) -> Seen:
    return world.recent.seen(of, numbers, Request(mark_of(request), came_at, at), REACH)


def note(world: World, of: Book, noted: Event, *numbers: str, request: str = "r1") -> bool:
    seen = look(world, of, *numbers, request=request, at=noted.at)
    return world.recent.note(of, seen, dict.fromkeys(numbers, noted), REACH)


@pytest.fixture(params=[1, 20, 21, 250, 5_000])
def many(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return sample.numbers(request.param)


CATEGORIES = (Category.NOTICE, Category.VERIFICATION)


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_was_noted_of_some_is_seen_of_each_of_them_and_of_nobody_else(
    world: World, client: str, many: tuple[str, ...], category: Category
) -> None:
    of = book(client, category)
    note(world, of, event(), *many)
    stranger = "13800139999"

    for asked in ((many[0],), (stranger,), (many[-1], stranger), (*many, stranger)):
        seen = look(world, of, *asked)
        assert {n: list(events) for n, events in seen.events.items()} == {
            number: [event()] for number in asked if number != stranger
        }
        assert seen.noted == frozenset()


def test_few_and_many_see_each_other_in_either_order(world: World, client: str) -> None:
    of, numbers = book(client), sample.numbers(300)
    note(world, of, event(request="few"), *numbers[:2], request="few")
    note(world, of, event(request="many"), *numbers, request="many")
    note(world, of, event(request="again"), numbers[0], request="again")

    seen = look(world, of, *numbers)

    requests = {n: sorted(e.request for e in events) for n, events in seen.events.items()}
    assert requests[numbers[0]] == sorted(map(mark_of, ("few", "many", "again")))
    assert requests[numbers[1]] == sorted(map(mark_of, ("few", "many")))
    assert requests[numbers[2]] == [mark_of("many")]
    assert len(requests) == 300


def test_books_are_apart_by_client_category_and_kind_of_key(world: World, client: str) -> None:
    (number,) = sample.numbers(1)
    note(world, book(client), event(), number)

    for other in (
        book(f"{client}-other"),
        book(client, Category.MARKETING),
        book(client, test=True),
    ):
        assert look(world, other, number).events == {}


@pytest.mark.parametrize("numbers", [sample.numbers(2), sample.numbers(30)])
def test_what_lies_further_than_asked_is_not_seen(
    world: World, client: str, numbers: tuple[str, ...]
) -> None:
    of = book(client)
    for hours, request in ((-24, "a"), (-23, "b"), (23, "c"), (24, "d")):
        note(world, of, event(NOW + timedelta(hours=hours), request=request), *numbers, request=request)

    seen = look(world, of, *numbers)

    assert sorted(each.at for each in seen.events[numbers[0]]) == [
        NOW - timedelta(hours=23),
        NOW + timedelta(hours=23),
    ]


@pytest.mark.parametrize("numbers", [sample.numbers(2), sample.numbers(30)])
def test_a_request_that_comes_again_is_no_other_message(
    world: World, client: str, numbers: tuple[str, ...]
) -> None:
    of = book(client)
    note(world, of, event(request="mine"), *numbers, request="mine")

    soon = NOW + timedelta(hours=24) - timedelta(milliseconds=1)
    again = look(world, of, *numbers, request="mine", at=NOW, came_at=soon)

    assert (again.events, again.noted) == ({}, frozenset(numbers))


@pytest.mark.parametrize("numbers", [sample.numbers(2), sample.numbers(30)])
@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(days=3)])
def test_a_request_that_comes_again_later_counts_then_and_then_alone(
    world: World, client: str, numbers: tuple[str, ...], ahead: timedelta
) -> None:
    of, later, soon = book(client), NOW + ahead, NOW + timedelta(minutes=1)
    note(world, of, event(request="mine"), *numbers, request="mine")
    note(world, of, event(request="theirs"), numbers[0], request="theirs")
    mine, week = event(later, request="mine", came_at=soon), timedelta(days=7)

    again = world.recent.seen(of, numbers, Request(mark_of("mine"), soon, later), week)
    assert world.recent.note(of, again, dict.fromkeys(numbers, mine), week)

    assert again.noted == frozenset()
    seen = world.recent.seen(of, numbers, Request(mark_of("r9"), soon, later), week).events
    assert list(seen[numbers[1]]) == [mine]
    assert {each.request for each in seen[numbers[0]]} == {mark_of("mine"), mark_of("theirs")}


def test_two_bodies_under_one_key_are_noted_apart(world: World, client: str) -> None:
    of, dummies, wanted = book(client), sample.numbers(30), sample.numbers(60)[30:]
    early = look(world, of, *wanted, request="key")
    note(world, of, event(request="key"), *dummies, request="key")

    noted = world.recent.note(of, early, dict.fromkeys(wanted, event(request="key")), REACH)

    assert noted is (wanted[0] in look(world, of, wanted[0]).events)


@pytest.mark.parametrize("numbers", [sample.numbers(2), sample.numbers(30)])
@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=10)])
def test_a_key_that_is_forgotten_stands_for_another_message_whenever_that_is_to_go(
    world: World, client: str, numbers: tuple[str, ...], ahead: timedelta
) -> None:
    of, at = book(client), NOW + ahead
    mine = event(at, request="mine")
    note(world, of, mine, *numbers, request="mine")

    anew = look(world, of, *numbers, request="mine", at=at, came_at=NOW + timedelta(hours=24))

    assert anew.noted == frozenset()
    assert {number: list(events) for number, events in anew.events.items()} == {n: [mine] for n in numbers}


@pytest.mark.parametrize("numbers", [sample.numbers(1), sample.numbers(30)])
def test_whoever_read_before_somebody_else_noted_must_look_again(
    world: World, client: str, numbers: tuple[str, ...]
) -> None:
    of = book(client)
    early = look(world, of, *numbers)
    note(world, of, event(request="quicker"), *numbers, request="quicker")

    late = world.recent.note(of, early, dict.fromkeys(numbers, event(request="r9")), REACH)

    assert not late
    assert {each.request for each in look(world, of, *numbers).events[numbers[0]]} == {mark_of("quicker")}


@pytest.mark.parametrize(("mine", "theirs"), [(1, 30), (30, 1)])
def test_of_few_and_many_whoever_read_before_the_other_noted_must_look_again(
    world: World, client: str, mine: int, theirs: int
) -> None:
    of, numbers = book(client), sample.numbers(30)
    note(world, of, event(NOW - timedelta(hours=2), request="before"), numbers[0], request="before")
    early = look(world, of, *numbers[:mine])
    assert note(world, of, event(request="quicker"), *numbers[:theirs], request="quicker")

    late = world.recent.note(of, early, dict.fromkeys(numbers[:mine], event(request="r9")), REACH)

    assert not late
    requests = {each.request for each in look(world, of, *numbers, request="r8").events[numbers[0]]}
    assert requests == {mark_of("before"), mark_of("quicker")}
    assert look(world, of, numbers[0]).noted == frozenset()


def test_each_number_of_many_may_have_a_text_of_its_own(world: World, client: str) -> None:
    of, numbers = book(client), sample.numbers(40)
    texts = {number: event(text=f"code {number}") for number in numbers}
    world.recent.note(of, look(world, of, *numbers), texts, REACH)

    seen = look(world, of, *numbers[5:7])

    assert {n: list(events) for n, events in seen.events.items()} == {n: [texts[n]] for n in numbers[5:7]}


def test_nothing_to_note_is_noted(world: World, client: str) -> None:
    of = book(client)

    assert world.recent.note(of, look(world, of, *sample.numbers(1)), {}, REACH)


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("share", [1, 25])
def test_what_is_taken_back_counts_no_more_and_what_others_noted_stays(
    world: World, client: str, many: tuple[str, ...], category: Category, share: int
) -> None:
    of, at = book(client, category), NOW + timedelta(days=3)
    mine, gone = Request(mark_of("mine"), NOW, at), many[:share]
    note(world, of, event(at, request="theirs"), *many[:30], request="theirs")
    note(world, of, event(at, request="mine"), *many, request="mine")

    for _ in range(2):
        world.recent.take_back(of, gone, mine)
        world.recent.take_back(of, many[share : 2 * share], mine)

    seen = look(world, of, *many, at=at)
    for place, number in enumerate(many):
        left = {each.request for each in seen.events.get(number, ())}
        stay = {"theirs": place < 30, "mine": place >= 2 * share}
        assert left == {mark_of(request) for request, stays in stay.items() if stays}
    again = look(world, of, *many, request="mine", at=at)
    assert again.noted == frozenset(many[2 * share :])


# --- only on the real store


@pytest.fixture
def counting(platform: Platform) -> AwsWorld:
    return platform.world(OPENMAS_COUNT_CALLS="1")


def counted(act: Callable[[], object]) -> dict[str, float]:
    calls.take()
    act()
    return calls.take()


def test_another_function_sees_what_one_function_has_noted(platform: Platform, client: str) -> None:
    of, numbers = book(client), sample.numbers(50)
    one, other = platform.world(), platform.world()
    for n in range(4):
        writer, reader = (one, other) if n % 2 else (other, one)
        request = f"r{n}"
        assert note(writer, of, event(request=request), *numbers, request=request)
        assert len(look(reader, of, *numbers).events[numbers[0]]) == n + 1


def test_a_later_try_that_meets_another_in_one_number_has_noted_all_others(
    platform: Platform, client: str
) -> None:
    of, numbers, later = book(client), sample.numbers(25), NOW + timedelta(minutes=1)
    recent = platform.world().recent
    note(platform.world(), of, event(request="mine"), *numbers, request="mine")
    mine = Request(mark_of("mine"), NOW, later)
    before = recent.seen(of, numbers, mine, REACH)
    note(platform.world(), of, event(request="theirs"), numbers[0], request="theirs")

    assert not recent.note(of, before, dict.fromkeys(numbers, event(later, request="mine")), REACH)

    assert recent.seen(of, numbers, mine, REACH).noted == frozenset(numbers[1:])
    seen = look(platform.world(), of, *numbers).events
    assert {n: [each.at for each in seen[n]] for n in numbers[1:]} == {n: [later] for n in numbers[1:]}


def test_what_a_dead_function_noted_of_many_is_seen_by_the_next(platform: Platform, client: str) -> None:
    """It died after its item and before the state knew of it."""
    of, numbers = book(client), sample.numbers(50)
    dying, next_one = platform.world(), platform.world()
    dying.recent._move_state = lambda *_: None  # type: ignore[method-assign]
    assert note(dying, of, event(request="dead"), *numbers, request="dead")

    for asked in (numbers, numbers[:1]):
        assert look(next_one, of, *asked).events[numbers[0]] == [event(request="dead")]
    assert note(next_one, of, event(request="r9"), *numbers, request="r9")
    requests = {each.request for each in look(dying, of, *numbers, request="r8").events[numbers[0]]}
    assert requests == {mark_of("dead"), mark_of("r9")}


def test_fifty_that_race_for_the_last_units_never_pass_the_stop(platform: Platform, client: str) -> None:
    worlds = [platform.world() for _ in range(4)]
    started(worlds[0].units, client, day=3, month=0)

    def hold(n: int) -> bool:
        return worlds[n % 4].units.hold(client, BOTH, 1 + n % 2)[0]

    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(hold, range(50)))

    held = sum(1 + n % 2 for n, each in enumerate(taken) if each)
    used = worlds[0].units.account(client).used
    assert used == {DAY.name: 3 + held, MONTH.name: held}
    assert held == 7


def test_a_part_is_held_once_however_many_are_at_it(platform: Platform, client: str) -> None:
    worlds = [platform.world() for _ in range(4)]
    started(worlds[0].units, client)

    def hold(n: int) -> bool:
        part = FilePart("b1", n % 3) if n % 2 else FilePart("b2", 0)
        return worlds[n % 4].units.hold(client, BOTH, 2, part)[0]

    with ThreadPoolExecutor(12) as pool:
        taken = list(pool.map(hold, range(24)))

    # Who is behind, as another part of the file is held, adds nothing; so it is at least the last part's.
    used = worlds[0].units.account(client).used
    assert used[DAY.name] == used[MONTH.name]
    assert 4 <= used[DAY.name] <= 8
    assert all(taken)


@pytest.mark.parametrize("sizes", [(1,), (30,), (1, 30)])
def test_of_twenty_that_race_for_one_number_one_notes_it(
    platform: Platform, client: str, sizes: tuple[int, ...]
) -> None:
    worlds = [platform.world() for _ in range(4)]

    def try_to(n: int) -> bool:
        world, request = worlds[n % 4], f"racer {n}"
        numbers = sample.numbers(sizes[n % len(sizes)])
        for _ in range(20):
            seen = look(world, book(client), *numbers, request=request)
            if seen.events:
                return False
            if world.recent.note(book(client), seen, dict.fromkeys(numbers, event(request=request)), REACH):
                return True
        raise AssertionError("not settled in twenty tries")

    with ThreadPoolExecutor(16) as pool:
        noted = list(pool.map(try_to, range(20)))

    assert sum(noted) == 1


def test_units_cost_one_write_and_a_single_message_one_more(counting: AwsWorld, client: str) -> None:
    started(counting.units, client)
    (number,) = sample.numbers(1)
    # The first message of a day marks it, once; so the one before goes on the same day, also after midnight.
    note(counting, book(client), event(request="r0"), number, request="r0")

    held = counted(lambda: counting.units.hold(client, BOTH, 1))
    noted = counted(lambda: note(counting, book(client), event(), number))

    assert held == {"aws_calls": 1, "write_units": 1}
    # One look before, one after: somebody may be noting many in the same instant.
    assert (noted["aws_calls"], noted["write_units"]) == (3, 1)


def test_five_thousand_cost_a_write_for_each_two_hundred(counting: AwsWorld, client: str) -> None:
    numbers = sample.numbers(5_000)

    noted = counted(lambda: note(counting, book(client), event(), *numbers))

    assert noted["write_units"] <= 28
    assert noted["aws_calls"] <= 6
