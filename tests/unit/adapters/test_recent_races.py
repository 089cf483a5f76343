"""One message to a number where only one may go: of requests of few and of many numbers one gets through."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmas.adapters import recent
from openmas.adapters.recent import AwsRecent
from openmas.domain.contract import Category
from openmas.domain.frequency import Book, Event, Request, digest, mark_of
from openmas.errors import Unavailable
from tests.fakes import sample
from tests.fakes.baton import Baton
from tests.fakes.table import FakeTable
from tests.fakes.world import FakeClock

REACH = timedelta(hours=1)
# One item holds what few numbers were sent that end alike.
RACED, OTHER = "13800130001", "13800131001"
FEW, MANY = (RACED,), (RACED, OTHER)
TRIES = 8


class Died(Exception):
    """The function was killed."""


@pytest.fixture(autouse=True)
def two_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "FEW", 1)


def send(table: FakeTable, numbers: Sequence[str], request: str) -> frozenset[str]:
    """What goes of a request that asks until it is told, as submissions do; each with memory of its own."""
    at, log = sample.NOW, AwsRecent(table, FakeClock())  # type: ignore[arg-type]
    book = Book(sample.CLIENT, Category.NOTICE, test=False)
    for _ in range(TRIES):
        seen = log.seen(book, numbers, Request(mark_of(request), at, at), REACH)
        may = frozenset(set(numbers) - seen.events.keys())
        event = Event(at, digest("a text"), mark_of(request), at)
        if log.note(book, seen, dict.fromkeys(sorted(may - seen.noted), event), REACH):
            return may
    raise Unavailable("numbers_contended", "still not told")


def raced(
    requests: Sequence[tuple[str, ...]], choose: Callable[[Sequence[int]], int], before: Sequence[str] = ()
) -> list[object]:
    baton = Baton(choose)
    table = FakeTable()
    for n, number in enumerate(before):
        send(table, [number], f"before {n}")
    table.step = baton.step

    def sender(n: int) -> Callable[[], object]:
        return lambda: send(table, requests[n], f"request {n}")

    return baton.run([sender(n) for n in range(len(requests))])


class Order:
    """One order of acts: the turn changes where the path says so, and at most so many times."""

    def __init__(self, path: Sequence[int], switches_max: int) -> None:
        self._path = path
        self._left = switches_max
        self._last = -1
        # Which turn was taken, of how many.
        self.trace: list[tuple[int, int]] = []

    def __call__(self, running: Sequence[int]) -> int:
        stay = self._last if self._last in running else running[0]
        free = [stay, *(n for n in running if n != stay)] if self._left else [stay]
        step = len(self.trace)
        taken = self._path[step] if step < len(self._path) else 0
        self.trace.append((taken, len(free)))
        self._left -= free[taken] != stay
        self._last = free[taken]
        return self._last


def every_order(switches_max: int) -> Iterator[Order]:
    """Every order of acts but for those in which the turn changes more often."""
    path: list[int] = []
    while True:
        order = Order(path, switches_max)
        yield order
        trace = order.trace
        while trace and trace[-1][0] + 1 == trace[-1][1]:
            trace.pop()
        if not trace:
            return
        path = [*(taken for taken, _ in trace[:-1]), trace[-1][0] + 1]


def winners(outcomes: Sequence[object]) -> list[int]:
    """Who got through to the number that was raced for; whoever was told nothing is a failure."""
    assert all(isinstance(each, frozenset) for each in outcomes), outcomes
    return [n for n, went in enumerate(outcomes) if isinstance(went, frozenset) and RACED in went]


@pytest.mark.parametrize(("before", "switches_max"), [([], 5), (["13800132001"], 4)])
def test_of_few_and_many_in_the_same_instant_exactly_one_goes_in_every_order(
    before: list[str], switches_max: int
) -> None:
    orders = 0
    for order in every_order(switches_max):
        few, many = raced([FEW, MANY], order, before)
        orders += 1

        assert len(winners([few, many])) == 1
        assert isinstance(many, frozenset)
        assert OTHER in many
    assert orders > 500


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([FEW, MANY]), min_size=2, max_size=4),
    st.lists(st.integers(0, 3), max_size=120),
)
def test_of_several_in_the_same_instant_exactly_one_goes(
    requests: list[tuple[str, ...]], turns: list[int]
) -> None:
    left = iter(turns)

    outcomes = raced(requests, lambda running: running[next(left, 0) % len(running)])

    # Whoever meets too many others is told to come again, and has noted nothing by then that counts.
    told = [each for each in outcomes if isinstance(each, frozenset)]
    assert len(told) + sum(isinstance(each, Unavailable) for each in outcomes) == len(outcomes)
    assert len(winners(told)) <= 1
    if len(told) == len(outcomes):
        assert len(winners(told)) == 1


@settings(max_examples=200)
@given(
    st.permutations([FEW, MANY]),
    st.integers(1, 25),
    st.lists(st.integers(0, 1), max_size=60),
)
def test_whoever_dies_and_comes_again_is_no_second_message(
    requests: Sequence[tuple[str, ...]], death: int, turns: list[int]
) -> None:
    left = iter(turns)
    baton = Baton(lambda running: running[next(left, 0) % len(running)])
    table = FakeTable(baton.step)

    def dies() -> frozenset[str]:
        steps = itertools.count(1)

        def step() -> None:
            if next(steps) == death:
                raise Died
            baton.step()

        mortal = FakeTable(step)
        mortal.items = table.items
        try:
            return send(mortal, requests[0], "request 0")
        except Died:
            return send(table, requests[0], "request 0")

    outcomes = baton.run([dies, lambda: send(table, requests[1], "request 1")])

    assert len(winners(outcomes)) <= 1
