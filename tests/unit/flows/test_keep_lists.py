"""Lists hold what was put on them, as numbers, with who, when and why; every change moves the clock."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.listing import ListEntry, ListKind
from openmas.errors import InvalidInput, NotFound
from openmas.flows.keep_lists import find_entry, keep_numbers, kind_named, strike_number, strike_numbers
from tests.fakes import sample
from tests.fakes.world import FakeWorld

CLIENT = sample.CLIENT
WRITTEN = st.sampled_from(
    ["13800130001", "+8613800130001", "138 0013 0002", "13800130003", "x", "", "02112345678"]
)


@given(st.lists(WRITTEN, max_size=12))
def test_each_written_number_is_either_kept_or_refused_with_its_place(written: list[str]) -> None:
    world = FakeWorld()

    changed = keep_numbers(world, CLIENT, "black", written, "key crm", "asked us")

    refused = [place for places in changed.refused.values() for place in places]
    assert changed.numbers + len(refused) == len(written)
    assert len(set(refused)) == len(refused)
    assert len(world.lists.entries[CLIENT, ListKind.BLACK]) == changed.numbers
    assert world.lists.clock(CLIENT) == (1 if changed.numbers else 0)


@given(st.lists(WRITTEN, max_size=12))
def test_what_was_kept_can_be_struck_in_the_same_words(written: list[str]) -> None:
    world = FakeWorld()
    kept = keep_numbers(world, CLIENT, "optout", written, "key crm", "asked us")

    struck = strike_numbers(world, CLIENT, "optout", written, "key crm", "wants them again")

    assert struck == kept
    assert not world.lists.entries[CLIENT, ListKind.OPTOUT]


def test_the_last_who_puts_a_number_there_says_why() -> None:
    world = FakeWorld()
    keep_numbers(world, CLIENT, "white", ["13800130001"], "key crm", "staff")
    later = world.clock.tick(hours=1)

    keep_numbers(world, CLIENT, "white", ["+86 13800130001"], "key hr", "still staff")

    entry = find_entry(world, CLIENT, "white", "138-0013-0001")
    assert entry == ListEntry("13800130001", "key hr", later, "still staff")


def test_only_a_recipients_own_opt_out_needs_a_reason_to_go() -> None:
    world = FakeWorld()
    for kind in ("black", "optout"):
        keep_numbers(world, CLIENT, kind, ["13800130001"], "key crm", "asked us")

    strike_number(world, CLIENT, "black", "13800130001", "key crm", None)

    with pytest.raises(InvalidInput, match="why_missing"):
        strike_number(world, CLIENT, "optout", "13800130001", "key crm", None)
    assert find_entry(world, CLIENT, "optout", "13800130001")
    with pytest.raises(NotFound, match="number_not_listed"):
        find_entry(world, CLIENT, "black", "13800130001")


def test_every_change_is_on_record_with_who_when_and_why() -> None:
    world = FakeWorld()
    kept_at, struck_at, last_at = (world.clock.now() + timedelta(hours=n) for n in range(3))

    keep_numbers(world, CLIENT, "optout", ["13800130001", "13800130002", "x"], "key crm", "by telephone")
    world.clock.tick(hours=1)
    strike_numbers(world, CLIENT, "optout", ["13800130001"], "key hr", "wants them again")
    world.clock.tick(hours=1)
    strike_number(world, CLIENT, "optout", "13800130002", "key hr", "he, too")

    assert world.lists.changes[CLIENT, ListKind.OPTOUT] == [
        (
            "added",
            (
                ListEntry("13800130001", "key crm", kept_at, "by telephone"),
                ListEntry("13800130002", "key crm", kept_at, "by telephone"),
            ),
        ),
        ("struck", (ListEntry("13800130001", "key hr", struck_at, "wants them again"),)),
        ("struck", (ListEntry("13800130002", "key hr", last_at, "he, too"),)),
    ]


@pytest.mark.parametrize("name", ["", "Black", "grey", "black ", "black#"])
def test_there_are_three_kinds_of_lists_and_no_others(name: str) -> None:
    assert [kind_named(kind) for kind in ListKind] == list(ListKind)

    with pytest.raises(NotFound, match="kind_unknown"):
        kind_named(name)
