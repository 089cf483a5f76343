"""The operator sees, freezes, thaws and strikes what a client's lists hold; each time it is on record."""

import pytest

from openmas.domain.change import Change
from openmas.domain.listing import BLACK, OPTOUT, WHITE, Act, ListEntry, ListKind, ListName
from openmas.errors import InvalidInput, NotAllowed, NotFound
from openmas.flows.check_lists import change_entries, change_list, show_entry, show_lists
from openmas.flows.keep_lists import Asking, keep_numbers, strike_numbers
from tests.fakes import sample
from tests.fakes.world import FakeWorld

CLIENT, WHO = sample.CLIENT, "p-operator"
ONE, TWO = sample.numbers(2)
CRM = Asking("key crm", "asked us")
AGREED = Asking("key crm", "asked us", sample.CONSENT)


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld().with_sample()


@pytest.mark.parametrize("name", [BLACK, OPTOUT, ListName(ListKind.OPTOUT, "category:marketing")])
def test_a_frozen_entry_is_the_operators_until_it_is_thawed(world: FakeWorld, name: ListName) -> None:
    keep_numbers(world, CLIENT, name, [ONE, TWO], CRM)

    frozen = change_entries(world, CLIENT, name, Act.FROZEN, [ONE, "x"], by=WHO, why="court order")

    assert (frozen.numbers, frozen.refused) == (1, {"number_malformed": [1]})
    assert show_entry(world, CLIENT, name, ONE).frozen
    assert strike_numbers(world, CLIENT, name, [ONE, TWO], CRM).refused == {"entry_frozen": [0]}
    change_entries(world, CLIENT, name, Act.THAWED, [ONE], by=WHO, why="lifted")
    assert strike_numbers(world, CLIENT, name, [ONE], CRM).numbers == 1


def test_an_operator_strikes_also_what_is_frozen(world: FakeWorld) -> None:
    keep_numbers(world, CLIENT, BLACK, [ONE], CRM)
    change_entries(world, CLIENT, BLACK, Act.FROZEN, [ONE], by=WHO, why="court order")
    change_list(world, CLIENT, BLACK, Act.FROZEN, by=WHO, why="audit")

    assert (
        change_entries(world, CLIENT, BLACK, Act.STRUCK, [ONE], by=WHO, why="listed by mistake").numbers == 1
    )

    assert world.lists.listed(CLIENT, [BLACK], [ONE]) == {BLACK: frozenset()}


def test_a_frozen_white_list_counts_for_nothing_until_it_is_thawed(world: FakeWorld) -> None:
    keep_numbers(world, CLIENT, WHITE, [ONE], AGREED)

    change_list(world, CLIENT, WHITE, Act.FROZEN, by=WHO, why="no forms")
    frozen = world.lists.listed(CLIENT, [WHITE], [ONE])
    change_list(world, CLIENT, WHITE, Act.THAWED, by=WHO, why="forms seen")

    assert frozen == {WHITE: frozenset()}
    assert world.lists.listed(CLIENT, [WHITE], [ONE]) == {WHITE: {ONE}}


def test_the_lists_are_shown_with_their_freezes(world: FakeWorld) -> None:
    keep_numbers(world, CLIENT, WHITE, [ONE], AGREED)
    change_list(world, CLIENT, BLACK, Act.FROZEN, by=WHO, why="audit")

    assert show_lists(world, CLIENT) == {BLACK: Change(WHO, sample.NOW, "audit"), WHITE: None}


def test_what_the_operator_did_is_on_record_beside_what_the_client_did(world: FakeWorld) -> None:
    keep_numbers(world, CLIENT, BLACK, [ONE], CRM)
    world.clock.tick(seconds=1)
    change_list(world, CLIENT, BLACK, Act.FROZEN, by=WHO, why="audit")
    world.clock.tick(seconds=1)
    change_entries(world, CLIENT, BLACK, Act.STRUCK, [ONE], by=WHO, why="listed by mistake")

    found, _ = world.lists.changes(CLIENT, ListKind.BLACK, "202511", None, 10)
    assert [(each.act, each.by, each.why, each.numbers) for each in found] == [
        (Act.STRUCK, WHO, "listed by mistake", (ONE,)),
        (Act.FROZEN, WHO, "audit", ()),
        (Act.ADDED, "key crm", "asked us", (ONE,)),
    ]


@pytest.mark.parametrize("act", [Act.ADDED, Act.STRUCK])
def test_a_whole_list_is_neither_filled_nor_struck(world: FakeWorld, act: Act) -> None:
    with pytest.raises(InvalidInput, match="act_unknown"):
        change_list(world, CLIENT, BLACK, act, by=WHO, why="why not")
    with pytest.raises(InvalidInput, match="act_unknown"):
        change_entries(world, CLIENT, BLACK, Act.ADDED, [ONE], by=WHO, why="why not")

    assert world.lists.clock(CLIENT) == 0


def test_nothing_is_done_to_a_client_that_is_none(world: FakeWorld) -> None:
    entry = ListEntry(ONE, "key crm", sample.NOW, "asked us")
    world.lists.change("nobody", BLACK, Act.ADDED, [entry])

    for attempt in (
        lambda: show_lists(world, "nobody"),
        lambda: show_entry(world, "nobody", BLACK, ONE),
        lambda: change_list(world, "nobody", BLACK, Act.FROZEN, by=WHO, why="audit"),
        lambda: change_entries(world, "nobody", BLACK, Act.STRUCK, [ONE], by=WHO, why="audit"),
    ):
        with pytest.raises(NotFound, match="client_unknown"):
            attempt()


def test_a_client_may_still_add_to_a_frozen_list(world: FakeWorld) -> None:
    change_list(world, CLIENT, BLACK, Act.FROZEN, by=WHO, why="audit")

    assert keep_numbers(world, CLIENT, BLACK, [ONE], CRM).numbers == 1
    with pytest.raises(NotAllowed, match="list_frozen"):
        strike_numbers(world, CLIENT, BLACK, [ONE], CRM)
