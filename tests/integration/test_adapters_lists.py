"""Black, white and opt-out lists: the fake and the real store keep the same promises."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from openmas.domain.change import Change
from openmas.domain.listing import (
    BLACK,
    OPTOUT,
    WHITE,
    Act,
    Consent,
    ConsentBasis,
    Grounds,
    ListChange,
    ListEntry,
    ListKind,
    ListName,
)
from openmas.domain.loading import Loaded, Loading, LoadMode
from openmas.domain.numbers import Numbers
from openmas.errors import NotAllowed
from openmas.needs import Lists
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import Platform

_names = count()
ALL = (BLACK, WHITE, OPTOUT)


@pytest.fixture(params=["fake", "aws"])
def lists(request: pytest.FixtureRequest) -> Lists:
    if request.param == "fake":
        return FakeWorld().lists
    platform: Platform = request.getfixturevalue("platform")
    return platform.world().lists


@pytest.fixture
def client() -> str:
    return f"lists-{next(_names)}"


def entries(*numbers: str, why: str = "asked for it") -> list[ListEntry]:
    return [ListEntry(number, "operator", sample.NOW, why) for number in numbers]


def all_pages(lists: Lists, client: str, kind: ListName, limit: int) -> list[list[str]]:
    found, after = [], None
    while True:
        page, after = lists.page(client, kind, after, limit)
        found.append([entry.number for entry in page])
        if after is None:
            return found


def test_a_client_without_lists_has_a_clock_that_never_moved(lists: Lists, client: str) -> None:
    assert lists.clock(client) == lists.clock(client) == 0
    assert lists.listed(client, ALL, sample.numbers(3)) == dict.fromkeys(ALL, frozenset())
    assert lists.entry(client, BLACK, sample.numbers(1)[0]) is None
    assert lists.page(client, BLACK, None, 10) == ([], None)


def test_a_kept_number_is_listed_where_it_was_put_and_nowhere_else(lists: Lists, client: str) -> None:
    one, two, three = sample.numbers(3)
    lists.change(client, BLACK, Act.ADDED, entries(one))
    lists.change(client, OPTOUT, Act.ADDED, entries(one, two))

    listed = lists.listed(client, ALL, [one, two, three])

    assert listed == {
        BLACK: {one},
        WHITE: frozenset(),
        OPTOUT: {one, two},
    }
    assert lists.listed(f"{client}-other", ALL, [one]) == dict.fromkeys(ALL, frozenset())
    assert lists.listed(client, [WHITE], [one]) == {WHITE: frozenset()}


@pytest.mark.parametrize("asked", [99, 100, 101, 1_234])
def test_many_numbers_are_asked_at_once(lists: Lists, client: str, asked: int) -> None:
    black = set(sample.numbers(asked)[::7])
    lists.change(client, BLACK, Act.ADDED, entries(*black))

    listed = lists.listed(client, [BLACK, OPTOUT], sample.numbers(asked))

    assert listed == {BLACK: black, OPTOUT: frozenset()}


@pytest.mark.parametrize("kind", ALL)
def test_many_numbers_are_found_on_whichever_list_they_stand(
    lists: Lists, client: str, kind: ListName
) -> None:
    (number,) = sample.numbers(1, first=77)
    lists.change(client, kind, Act.ADDED, entries(number))

    listed = lists.listed(client, ALL, sample.numbers(200))

    assert listed == {**dict.fromkeys(ALL, frozenset()), kind: {number}}


def test_a_number_may_be_asked_for_twice(lists: Lists, client: str) -> None:
    (number,) = sample.numbers(1)
    lists.change(client, BLACK, Act.ADDED, entries(number))

    assert lists.listed(client, [BLACK], [number, number]) == {BLACK: {number}}
    assert lists.listed(client, [BLACK], []) == {BLACK: frozenset()}


def test_every_change_moves_the_clock_and_no_reading_does(lists: Lists, client: str) -> None:
    (number,) = sample.numbers(1)
    seen = [lists.clock(client)]

    lists.change(client, BLACK, Act.ADDED, entries(number))
    seen.append(lists.clock(client))
    lists.change(client, WHITE, Act.ADDED, entries(number))
    seen.append(lists.clock(client))
    lists.change(client, BLACK, Act.STRUCK, entries(number))
    seen.append(lists.clock(client))
    lists.listed(client, ALL, [number])
    lists.page(client, BLACK, None, 10)

    assert seen == sorted(set(seen))
    assert lists.clock(client) == seen[-1]
    assert lists.clock(f"{client}-other") == 0


def test_a_struck_number_is_off_the_list(lists: Lists, client: str) -> None:
    one, two = sample.numbers(2)
    lists.change(client, BLACK, Act.ADDED, entries(one, two))

    lists.change(client, BLACK, Act.STRUCK, entries(one, one))
    lists.change(client, BLACK, Act.STRUCK, entries(one))

    assert lists.listed(client, [BLACK], [one, two]) == {BLACK: {two}}
    assert lists.entry(client, BLACK, one) is None


def test_an_entry_tells_who_when_and_why_and_the_last_word_counts(lists: Lists, client: str) -> None:
    (number,) = sample.numbers(1)
    later = ListEntry(number, "tacheng-cdc", sample.NOW + timedelta(seconds=1, milliseconds=5), "退订")

    lists.change(client, OPTOUT, Act.ADDED, [*entries(number), later])

    assert lists.entry(client, OPTOUT, number) == later


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_a_list_is_read_page_by_page_without_gap_or_double(lists: Lists, client: str, limit: int) -> None:
    numbers = {*sample.numbers(4), "13800130102", "13800130202", "13800130302"}
    lists.change(client, WHITE, Act.ADDED, entries(*numbers))

    pages = all_pages(lists, client, WHITE, limit)

    assert sorted(number for page in pages for number in page) == sorted(numbers)
    assert all(len(page) == limit for page in pages[:-1])
    assert 0 < len(pages[-1]) <= limit


def test_a_page_goes_on_behind_a_number_that_is_gone(lists: Lists, client: str) -> None:
    numbers = sample.numbers(4)
    lists.change(client, WHITE, Act.ADDED, entries(*numbers))
    _, after = lists.page(client, WHITE, None, 2)
    assert after is not None
    lists.change(client, WHITE, Act.STRUCK, entries(after))

    rest, end = lists.page(client, WHITE, after, 10)

    assert ([entry.number for entry in rest], end) == (list(numbers[2:]), None)


def test_a_thousand_numbers_are_kept_at_once(lists: Lists, client: str) -> None:
    numbers = sample.numbers(1_000)

    lists.change(client, BLACK, Act.ADDED, entries(*numbers))

    assert lists.listed(client, [BLACK], numbers) == {BLACK: set(numbers)}


def test_no_change_moves_no_clock(lists: Lists, client: str) -> None:
    lists.change(client, BLACK, Act.ADDED, [])
    lists.change(client, BLACK, Act.STRUCK, [])

    assert lists.clock(client) == 0


def test_every_change_is_on_record_with_who_when_and_why(lists: Lists, client: str) -> None:
    numbers, consent = sample.numbers(1_500), Consent(ConsentBasis.EMPLOYEE, "staff list of May")
    lists.change(
        client, WHITE, Act.ADDED, [replace(each, consent=consent) for each in entries(*numbers, why="staff")]
    )
    left = replace(entries(numbers[7], why="left")[0], at=sample.NOW + timedelta(seconds=1))
    lists.change(client, WHITE, Act.STRUCK, [left])

    found: list[ListChange] = []
    after = None
    while True:
        page, after = lists.changes(client, ListKind.WHITE, "202511", after, 700)
        found += page
        if after is None:
            break

    assert (found[0].act, found[0].numbers, found[0].by, found[0].why) == (
        Act.STRUCK,
        (numbers[7],),
        "operator",
        "left",
    )
    added = found[1:]
    assert {(each.act, each.at, each.why, each.consent) for each in added} == {
        (Act.ADDED, sample.NOW, "staff", consent)
    }
    assert sorted(number for each in added for number in each.numbers) == list(numbers)
    assert lists.changes(client, ListKind.BLACK, "202511", None, 5) == ([], None)
    assert lists.changes(client, ListKind.WHITE, "202510", None, 5) == ([], None)


def test_a_list_that_is_limited_is_another_list(lists: Lists, client: str) -> None:
    (number,) = sample.numbers(1)
    limited = [
        ListName(ListKind.BLACK, scope) for scope in ("category:marketing", "signature:塔城市疾控中心宣")
    ]
    for name in limited:
        lists.change(client, name, Act.ADDED, entries(number))

    listed = lists.listed(client, [BLACK, *limited], [number])
    assert listed == {BLACK: set(), **{name: {number} for name in limited}}
    assert set(lists.frozen(client)) == set(limited)


@pytest.mark.parametrize("name", ALL)
def test_what_is_frozen_stays_and_on_a_white_list_does_not_count(
    lists: Lists, client: str, name: ListName
) -> None:
    one, two = sample.numbers(2)
    lists.change(client, name, Act.ADDED, entries(one, two))
    lists.change(client, name, Act.FROZEN, entries(one, why="court order"))
    counting = lists.listed(client, [name], [one, two])

    left = lists.change(client, name, Act.STRUCK, entries(one, two))

    white = name is WHITE
    assert counting == {name: {two} if white else {one, two}}
    assert left == (set() if white else {one})
    assert lists.listed(client, [name], [one, two]) == {name: set() if white else {one}}
    lists.change(client, name, Act.THAWED, entries(one, why="lifted"))
    assert lists.change(client, name, Act.STRUCK, entries(one)) == set()
    assert lists.entry(client, name, one) is None


@pytest.mark.parametrize("name", ALL)
def test_a_whole_list_can_be_frozen(lists: Lists, client: str, name: ListName) -> None:
    (number,), freeze = sample.numbers(1), Change("olga", sample.NOW, "audit")
    lists.change(client, name, Act.ADDED, entries(number))
    before = lists.clock(client)

    lists.freeze(client, name, freeze)

    assert lists.clock(client) > before
    assert lists.frozen(client) == {name: freeze}
    assert lists.listed(client, [name], [number]) == {name: set() if name is WHITE else {number}}
    if name is not WHITE:
        with pytest.raises(NotAllowed, match="list_frozen"):
            lists.change(client, name, Act.STRUCK, entries(number))
    lists.change(client, name, Act.STRUCK, entries(number), by_operator=True)
    lists.thaw(client, name, replace(freeze, why="found in order"))
    assert lists.frozen(client) == {name: None}
    told, _ = lists.changes(client, name.kind, "202511", None, 10)
    of_all = {(each.act, each.by, each.why) for each in told if not each.numbers}
    assert of_all == {(Act.FROZEN, "olga", "audit"), (Act.THAWED, "olga", "found in order")}
    assert lists.listed(client, [name], [number]) == {name: set()}


def loading(mode: LoadMode, *numbers: str) -> Loading:
    packed = Numbers()
    for line, number in enumerate(numbers, 1):
        packed.add(number, line)
    packed.settle(0)
    (entry,) = entries("", why="file")
    return Loading("f1", mode, entry, packed)


@pytest.mark.parametrize(
    ("mode", "left", "told"),
    [
        (LoadMode.REPLACE, [0, 2, 3], Loaded(added=1, struck=1, spared=1)),
        (LoadMode.ADD, [0, 1, 2, 3], Loaded(added=1, struck=0, spared=0)),
        (LoadMode.REMOVE, [0, 1], Loaded(added=0, struck=1, spared=0)),
    ],
)
def test_a_file_counts_all_at_once(
    lists: Lists, client: str, mode: LoadMode, left: list[int], told: Loaded
) -> None:
    numbers = sample.numbers(4)
    lists.change(client, OPTOUT, Act.ADDED, entries(*numbers[:3]))
    lists.change(client, OPTOUT, Act.FROZEN, entries(numbers[0]))
    before = lists.clock(client)

    loaded = lists.load(client, OPTOUT, loading(mode, numbers[2], numbers[3]))

    assert loaded == told
    assert lists.clock(client) > before
    assert lists.listed(client, [OPTOUT], numbers) == {OPTOUT: {numbers[n] for n in left}}
    why = lists.entry(client, OPTOUT, numbers[2])
    assert (why and why.why) == (None if mode is LoadMode.REMOVE else "file")
    assert lists.entry(client, OPTOUT, numbers[0]) == replace(entries(numbers[0])[0], frozen=True)


def test_each_line_of_a_file_may_have_grounds_of_its_own(lists: Lists, client: str) -> None:
    one, two, three = sample.numbers(3)
    lists.change(client, WHITE, Act.ADDED, entries(one, three))
    file, own = (
        loading(LoadMode.REPLACE, one, two),
        Grounds("clinic", Consent(ConsentBasis.WRITTEN, "form 7")),
    )
    file.grounds.add(2, own)

    loaded = lists.load(client, WHITE, file)

    assert loaded == Loaded(added=1, struck=1, spared=0)
    first, second = lists.entry(client, WHITE, one), lists.entry(client, WHITE, two)
    assert first == ListEntry(one, "operator", sample.NOW, "file")
    assert second == ListEntry(two, "operator", sample.NOW, "clinic", own.consent)
    assert list(lists.page(client, WHITE, None, 9)[0]) == [first, second]
    told = [
        each for each in lists.changes(client, ListKind.WHITE, "202511", None, 9)[0] if each.why == "file"
    ]
    assert {(each.act, each.numbers, each.grounds) for each in told} == {
        (Act.ADDED, (one, two), (Grounds("file"), own)),
        (Act.STRUCK, (three,), ()),
    }
    assert len({each.id for each in told if each.act is Act.ADDED}) == 1


def test_a_file_that_was_put_in_is_not_put_in_again(lists: Lists, client: str) -> None:
    one, two = sample.numbers(2)
    first = lists.load(client, BLACK, loading(LoadMode.REPLACE, one))
    lists.change(client, BLACK, Act.STRUCK, entries(one))
    lists.change(client, BLACK, Act.ADDED, entries(two))

    again = lists.load(client, BLACK, loading(LoadMode.REPLACE, one))

    assert again == first
    assert lists.listed(client, [BLACK], [one, two]) == {BLACK: {two}}


def test_a_list_grows_through_all_its_sizes(lists: Lists, client: str) -> None:
    numbers = [f"139{n:08d}" for n in range(30_000)]
    for start in (0, 400, 1_000, 10_000, 20_000):
        lists.change(client, BLACK, Act.ADDED, entries(*numbers[start : start + 10_000]))

    assert lists.listed(client, [BLACK], numbers) == {BLACK: set(numbers)}
    page, after = lists.page(client, BLACK, None, 1_000)
    assert len({entry.number for entry in page}) == 1_000
    assert after is not None
