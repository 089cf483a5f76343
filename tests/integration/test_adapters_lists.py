"""Black, white and opt-out lists: the fake and the real store keep the same promises."""

from datetime import timedelta
from itertools import count

import pytest

from openmas.adapters.packing import to_numbers, to_time
from openmas.adapters.table import Table
from openmas.domain.listing import ListEntry, ListKind
from openmas.needs import Lists
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import Platform

_names = count()
ALL = tuple(ListKind)


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


def all_pages(lists: Lists, client: str, kind: ListKind, limit: int) -> list[list[str]]:
    found, after = [], None
    while True:
        page, after = lists.page(client, kind, after, limit)
        found.append([entry.number for entry in page])
        if after is None:
            return found


def test_a_client_without_lists_has_a_clock_that_never_moved(lists: Lists, client: str) -> None:
    assert lists.clock(client) == lists.clock(client) == 0
    assert lists.listed(client, ALL, sample.numbers(3)) == dict.fromkeys(ALL, frozenset())
    assert lists.entry(client, ListKind.BLACK, sample.numbers(1)[0]) is None
    assert lists.page(client, ListKind.BLACK, None, 10) == ([], None)


def test_a_kept_number_is_listed_where_it_was_put_and_nowhere_else(lists: Lists, client: str) -> None:
    one, two, three = sample.numbers(3)
    lists.keep(client, ListKind.BLACK, entries(one))
    lists.keep(client, ListKind.OPTOUT, entries(one, two))

    listed = lists.listed(client, ALL, [one, two, three])

    assert listed == {
        ListKind.BLACK: {one},
        ListKind.WHITE: frozenset(),
        ListKind.OPTOUT: {one, two},
    }
    assert lists.listed(f"{client}-other", ALL, [one]) == dict.fromkeys(ALL, frozenset())
    assert lists.listed(client, [ListKind.WHITE], [one]) == {ListKind.WHITE: frozenset()}


@pytest.mark.parametrize("asked", [99, 100, 101, 1_234])
def test_many_numbers_are_asked_at_once(lists: Lists, client: str, asked: int) -> None:
    black = set(sample.numbers(asked)[::7])
    lists.keep(client, ListKind.BLACK, entries(*black))

    listed = lists.listed(client, [ListKind.BLACK, ListKind.OPTOUT], sample.numbers(asked))

    assert listed == {ListKind.BLACK: black, ListKind.OPTOUT: frozenset()}


@pytest.mark.parametrize("kind", ALL)
def test_many_numbers_are_found_on_whichever_list_they_stand(
    lists: Lists, client: str, kind: ListKind
) -> None:
    (number,) = sample.numbers(1, first=77)
    lists.keep(client, kind, entries(number))

    listed = lists.listed(client, ALL, sample.numbers(200))

    assert listed == {**dict.fromkeys(ALL, frozenset()), kind: {number}}


def test_a_number_may_be_asked_for_twice(lists: Lists, client: str) -> None:
    (number,) = sample.numbers(1)
    lists.keep(client, ListKind.BLACK, entries(number))

    assert lists.listed(client, [ListKind.BLACK], [number, number]) == {ListKind.BLACK: {number}}
    assert lists.listed(client, [ListKind.BLACK], []) == {ListKind.BLACK: frozenset()}


def test_every_change_moves_the_clock_and_no_reading_does(lists: Lists, client: str) -> None:
    (number,) = sample.numbers(1)
    seen = [lists.clock(client)]

    lists.keep(client, ListKind.BLACK, entries(number))
    seen.append(lists.clock(client))
    lists.keep(client, ListKind.WHITE, entries(number))
    seen.append(lists.clock(client))
    lists.strike(client, ListKind.BLACK, entries(number))
    seen.append(lists.clock(client))
    lists.listed(client, ALL, [number])
    lists.page(client, ListKind.BLACK, None, 10)

    assert seen == sorted(set(seen))
    assert lists.clock(client) == seen[-1]
    assert lists.clock(f"{client}-other") == 0


def test_a_struck_number_is_off_the_list(lists: Lists, client: str) -> None:
    one, two = sample.numbers(2)
    lists.keep(client, ListKind.BLACK, entries(one, two))

    lists.strike(client, ListKind.BLACK, entries(one, one))
    lists.strike(client, ListKind.BLACK, entries(one))

    assert lists.listed(client, [ListKind.BLACK], [one, two]) == {ListKind.BLACK: {two}}
    assert lists.entry(client, ListKind.BLACK, one) is None


def test_an_entry_tells_who_when_and_why_and_the_last_word_counts(lists: Lists, client: str) -> None:
    (number,) = sample.numbers(1)
    later = ListEntry(number, "tacheng-cdc", sample.NOW + timedelta(seconds=1, milliseconds=5), "退订")

    lists.keep(client, ListKind.OPTOUT, [*entries(number), later])

    assert lists.entry(client, ListKind.OPTOUT, number) == later


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_a_list_is_read_page_by_page_without_gap_or_double(lists: Lists, client: str, limit: int) -> None:
    numbers = {*sample.numbers(4), "13800130102", "13800130202", "13800130302"}
    lists.keep(client, ListKind.WHITE, entries(*numbers))

    pages = all_pages(lists, client, ListKind.WHITE, limit)

    assert sorted(number for page in pages for number in page) == sorted(numbers)
    assert all(len(page) == limit for page in pages[:-1])
    assert 0 < len(pages[-1]) <= limit


def test_a_page_goes_on_behind_a_number_that_is_gone(lists: Lists, client: str) -> None:
    numbers = sample.numbers(4)
    lists.keep(client, ListKind.WHITE, entries(*numbers))
    _, after = lists.page(client, ListKind.WHITE, None, 2)
    assert after is not None
    lists.strike(client, ListKind.WHITE, entries(after))

    rest, end = lists.page(client, ListKind.WHITE, after, 10)

    assert ([entry.number for entry in rest], end) == (list(numbers[2:]), None)


def test_a_thousand_numbers_are_kept_at_once(lists: Lists, client: str) -> None:
    numbers = sample.numbers(1_000)

    lists.keep(client, ListKind.BLACK, entries(*numbers))

    assert lists.listed(client, [ListKind.BLACK], numbers) == {ListKind.BLACK: set(numbers)}


def test_no_change_moves_no_clock(lists: Lists, client: str) -> None:
    lists.keep(client, ListKind.BLACK, [])
    lists.strike(client, ListKind.BLACK, [])

    assert lists.clock(client) == 0


def test_every_change_is_on_record_with_who_when_and_why(platform: Platform, client: str) -> None:
    lists, numbers = platform.world().lists, sample.numbers(250)
    lists.keep(client, ListKind.WHITE, entries(*numbers, why="staff"))
    lists.strike(client, ListKind.WHITE, entries(numbers[7], why="left"))
    lists.strike(client, ListKind.WHITE, entries(numbers[7], why="left"))

    dynamodb = platform.session.client("dynamodb", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    table = Table(dynamodb, platform.environ["LISTS_TABLE"])
    found = list(table.query("pk = :pk", {":pk": {"S": f"{client}#journal#202511"}}))
    assert all(item["sk"]["S"].startswith("white#") for item in found)

    added = [item for item in found if item["what"]["S"] == "added"]
    assert sorted(number for item in added for number in to_numbers(item["numbers"])) == list(numbers)
    assert [len(to_numbers(item["numbers"])) for item in added].count(100) == 2
    (struck,) = (item for item in found if item["what"]["S"] == "struck")
    assert to_numbers(struck["numbers"]) == (numbers[7],)
    assert (struck["kind"]["S"], struck["by"]["S"], struck["why"]["S"]) == ("white", "operator", "left")
    assert to_time(struck["at"]) == sample.NOW
