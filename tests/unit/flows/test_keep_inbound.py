"""What recipients write is kept with whoever owns the port, and opting out counts at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters.lists import AwsLists
from openmas.domain.carrier import SANDBOX
from openmas.domain.contract import OptOutWord
from openmas.domain.grounds import grounds_columns
from openmas.domain.inbound import Brought, Mo
from openmas.domain.listing import OPTOUT, Act, Grounds, ListEntry, ListKind
from openmas.domain.sheet import Row, Table
from openmas.flows.keep_inbound import InboundCounts, keep_inbound
from tests.fakes import sample
from tests.fakes.deadly import dying
from tests.fakes.registry import FakeRegistry
from tests.fakes.table import FakeTable
from tests.fakes.world import FakeWorld

PORT = sample.contract().access_code.code


def mo(text: str = "R", port: str = PORT, name: str = "m1", number: str = "13800130001") -> Mo:
    return Mo(name, number, port, text, sample.NOW)


def keep(world: FakeWorld, *messages: Mo, carrier: str = sample.CARRIER) -> InboundCounts:
    return keep_inbound(world, [Brought(carrier, messages)], 40)


def opted_out(world: FakeWorld, client: str = sample.CLIENT) -> set[str]:
    return set(world.lists.entries[client, OPTOUT])


def kept_for(world: FakeWorld, client: str = sample.CLIENT) -> list[str]:
    return [each.inbound.id for each in world.messages.inbound.values() if each.inbound.client == client]


@pytest.mark.parametrize("text", ["R", "r", "Ｒ", " td ", "T", "退订", "取消"])
def test_whoever_opts_out_is_on_the_list_at_once(text: str) -> None:
    world = FakeWorld().with_sample()
    clock_before = world.lists.clock(sample.CLIENT)

    assert keep(world, mo(text)) == InboundCounts(inbound=1, opted_out=1)

    entry = world.lists.entry(sample.CLIENT, OPTOUT, "13800130001")
    assert entry
    assert (entry.by, entry.why) == ("recipient", f"inbound m1: {text.strip()}")
    assert world.lists.clock(sample.CLIENT) > clock_before


@pytest.mark.parametrize("stops", [185, 250])
def test_an_entry_quotes_no_more_than_a_file_may_say_of_it_and_the_message_is_kept_whole(stops: int) -> None:
    world, text = FakeWorld().with_sample(), "R" + "。" * stops

    keep(world, mo(text))

    entry = world.lists.entry(sample.CLIENT, OPTOUT, "13800130001")
    assert entry
    assert entry.why == f"inbound m1: {text}" or (len(entry.why), entry.why[-2:]) == (200, "。…")
    columns = grounds_columns(Table(("number", "why"), 0, iter(())), ListKind.OPTOUT)
    assert columns.read(Row(2, ("13800130001", entry.why)), Grounds("")) == Grounds(entry.why)
    assert [each.inbound.text for each in world.messages.inbound.values()] == [text]


def test_other_words_are_kept_for_the_client_and_list_nobody() -> None:
    world = FakeWorld().with_sample()

    assert keep(world, mo("请问几点开门")) == InboundCounts(inbound=1)

    assert [each.inbound.text for each in world.messages.inbound.values()] == ["请问几点开门"]
    assert opted_out(world) == set()


@pytest.mark.parametrize(
    ("text", "listed"),
    [("n", True), (" Ｎ ", True), ("不要", True), ("R", True), ("NO", False), ("不要了", False)],
)
def test_a_contract_has_opt_out_words_of_its_own_beside_those_that_always_hold(
    text: str, listed: bool
) -> None:
    world = FakeWorld().with_sample()
    contract = replace(sample.contract(), version=2, opt_out_words=("N", "不要"))
    sample.put_in_force(world.registry, sample.CLIENT, contract)

    assert keep(world, mo(text)) == InboundCounts(inbound=1, opted_out=int(listed))

    assert opted_out(world) == ({"13800130001"} if listed else set())


@pytest.mark.parametrize(("text", "listed"), [("取消", False), ("退订", True), ("R", True), ("T", False)])
def test_a_contract_does_without_usual_opt_out_words_that_mean_something_else_to_its_recipients(
    text: str, listed: bool
) -> None:
    world = FakeWorld().with_sample()
    but = frozenset({OptOutWord.CANCEL, OptOutWord.T})
    sample.put_in_force(
        world.registry, sample.CLIENT, replace(sample.contract(), version=2, not_opt_out_words=but)
    )

    assert keep(world, mo(text)) == InboundCounts(inbound=1, opted_out=int(listed))


def strike(world: FakeWorld, number: str = "13800130001") -> None:
    agreed = ListEntry(number, "key crm", world.clock.now(), "signed form 7 today")
    world.lists.change(sample.CLIENT, OPTOUT, Act.STRUCK, [agreed])


def test_a_message_that_is_brought_again_changes_neither_the_entry_nor_its_evidence() -> None:
    world = FakeWorld().with_sample()
    keep(world, mo())
    entry = world.lists.entry(sample.CLIENT, OPTOUT, "13800130001")
    told, _ = world.lists.changes(sample.CLIENT, OPTOUT.kind, "202511", None, 9)
    world.clock.tick(hours=5)

    assert keep(world, mo()) == InboundCounts(inbound=1)

    assert world.lists.entry(sample.CLIENT, OPTOUT, "13800130001") == entry
    assert world.lists.changes(sample.CLIENT, OPTOUT.kind, "202511", None, 9)[0] == told
    assert kept_for(world) == ["m1"]


def test_a_message_that_is_brought_again_does_not_list_who_has_agreed_since() -> None:
    world = FakeWorld().with_sample()
    keep(world, mo())
    world.clock.tick(hours=1)
    strike(world)
    world.clock.tick(hours=1)

    keep(world, mo())
    assert opted_out(world) == set()
    keep(world, mo(name="m2"))
    assert opted_out(world) == {"13800130001"}


def test_one_name_for_messages_of_two_numbers_lists_both() -> None:
    world = FakeWorld().with_sample()

    keep(world, mo(), mo(number="13800130002"))

    assert opted_out(world) == {"13800130001", "13800130002"}


STEPS = st.one_of(
    st.tuples(st.sampled_from(["m1", "m2"]), st.integers(1, 4), st.booleans()),
    st.tuples(st.just("struck"), st.just(0), st.booleans()),
)


@pytest.mark.parametrize("packed", [False, True])
@given(st.lists(STEPS, max_size=7))
def test_whoever_dies_where_a_message_counts_once_and_from_when_it_was_brought_first(
    packed: bool, steps: list[tuple[str, int, bool]]
) -> None:
    """Shape: a step brings a message and may die at one of its writes, or strikes, perhaps a month later."""
    world = FakeWorld().with_sample()
    if packed:
        world.lists = AwsLists(FakeTable(), world.clock, world.clock.tick)  # type: ignore[arg-type,assignment]
    told: list[str] = []
    for name, death, flag in steps:
        world.clock.tick(days=31 * (flag and name == "struck"), seconds=1)
        if name == "struck":
            strike(world)
        else:
            with dying(world, death, after=flag):
                keep(world, mo(name=name))
        if name == "struck" or (name in kept_for(world) and name not in told):
            told.append(name)

    # The queue brings what was begun until it ends.
    for name in kept_for(world):
        world.clock.tick(seconds=1)
        keep(world, mo(name=name))

    listed = bool(told) and told[-1] != "struck"
    entry = world.lists.entry(sample.CLIENT, OPTOUT, "13800130001")
    assert (entry is not None) is listed
    if entry is not None and len({*told}) == 1:
        (kept,) = world.messages.inbound.values()
        assert (entry.at, entry.why) == (kept.kept_at, f"inbound {told[-1]}: R")


def test_opting_out_twice_is_one_entry() -> None:
    world = FakeWorld().with_sample()

    keep(world, mo(name="m1"), mo(name="m2"), mo(name="m3", number="13800130002"))

    assert opted_out(world) == {"13800130001", "13800130002"}
    assert kept_for(world) == ["m1", "m2", "m3"]


@pytest.mark.parametrize("port", ["10650000000", PORT[:-1], "1", ""])
def test_a_message_to_a_port_of_nobody_is_kept_as_an_orphan(port: str) -> None:
    world = FakeWorld().with_sample()

    assert keep(world, mo(port=port)) == InboundCounts(inbound_orphans=1)
    assert world.messages.orphan_inbound == {(sample.CARRIER, sample.TODAY): {mo(port=port)}}


@pytest.mark.parametrize("extension", ["0", "01", "1234567"])
def test_an_extension_after_the_access_code_leads_to_its_client(extension: str) -> None:
    world = FakeWorld().with_sample()

    assert keep(world, mo(port=PORT + extension)) == InboundCounts(inbound=1, opted_out=1)
    (found,) = world.messages.inbound.values()
    assert found.inbound.port == PORT + extension


def test_of_two_access_codes_the_longer_one_is_meant() -> None:
    world = FakeWorld().with_sample()
    other = replace(sample.client(), id="wusu-cdc")
    world.registry.keep_client(other)
    sample.put_in_force(world.registry, other.id, sample.contract(code=f"{PORT}88"))

    keep(world, mo(port=f"{PORT}881", name="theirs"), mo(port=f"{PORT}8", name="ours"))

    assert (kept_for(world, other.id), kept_for(world)) == (["theirs"], ["ours"])


class CountingRegistry(FakeRegistry):
    """Knows how often it was asked for each port."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def client_of_port(self, access_code: str) -> str | None:
        self.asked.append(access_code)
        return super().client_of_port(access_code)


def test_looking_for_an_access_code_is_bounded_and_done_once() -> None:
    world = FakeWorld()
    world.registry = counting = CountingRegistry()

    keep(world, *(mo(port="1" * 20, name=f"m{n}") for n in range(50)))

    assert sorted(counting.asked) == ["1" * digits for digits in range(5, 21)]


def test_a_carrier_that_is_not_the_clients_brings_only_orphans() -> None:
    world = FakeWorld().with_sample()

    assert keep(world, mo(), carrier="another") == InboundCounts(inbound_orphans=1)
    assert opted_out(world) == set()
    assert kept_for(world) == []


def test_the_sandbox_is_heard_but_lists_nobody_where_another_carries() -> None:
    world = FakeWorld().with_sample()

    assert keep(world, mo(), carrier=SANDBOX) == InboundCounts(inbound=1)
    assert opted_out(world) == set()
    assert kept_for(world) == ["m1"]


def test_the_sandbox_lists_where_it_is_the_contracts_own_carrier() -> None:
    world = FakeWorld()
    world.registry.keep_client(sample.client())
    sample.put_in_force(world.registry, sample.CLIENT, sample.contract(SANDBOX))

    assert keep(world, mo(), carrier=SANDBOX) == InboundCounts(inbound=1, opted_out=1)


def test_the_carrier_before_is_still_heard_and_the_one_to_come_not_yet() -> None:
    world = FakeWorld().with_sample()
    tomorrow = sample.TODAY + timedelta(days=1)
    moved = replace(sample.contract("another"), version=2, effective_on=tomorrow)
    sample.put_in_force(world.registry, sample.CLIENT, moved)

    assert keep(world, mo(name="m1"), carrier="another").inbound_orphans == 1
    world.clock.tick(days=1)
    assert keep(world, mo(name="m2")).opted_out == 1
    assert keep(world, mo(name="m3"), carrier="another").opted_out == 1


def test_what_the_time_does_not_do_for_is_left() -> None:
    world = FakeWorld().with_sample()

    kept = keep_inbound(world, [Brought(sample.CARRIER, (mo(),))] * 2, 0)

    assert kept == InboundCounts(left=frozenset({0, 1}))
    assert kept_for(world) == []


def test_what_is_written_to_a_registered_port_is_its_clients_also_while_the_number_rests() -> None:
    world = FakeWorld().with_sample()
    port = sample.port()
    world.registry.keep_port(sample.CLIENT, port)

    assert keep(world, mo(port=port.number), mo(port=f"{port.number}9", name="m2")).inbound == 2
    world.registry.keep_port(sample.CLIENT, port.reclaimed(sample.TODAY, 90, sample.CHANGE))

    assert keep(world, mo(port=port.number, name="m3", number="13800130002")).opted_out == 1
    assert kept_for(world) == ["m1", "m2", "m3"]
