"""Addresses are blocked and lifted with who did it, when and why, and every change stays on record."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from openmas.domain.addresses import AddressBlock, AddressChange
from openmas.domain.change import Change
from openmas.errors import InvalidInput, NotFound
from openmas.flows.keep_addresses import block_addresses, lift_addresses
from tests.fakes import sample
from tests.fakes.world import FakeWorld

NET, HOST = ip_network("203.0.113.0/24"), ip_network("2001:db8::7/128")
LATER = sample.NOW + timedelta(days=1)


def test_ranges_are_blocked_with_who_when_and_why() -> None:
    world = FakeWorld()

    kept = block_addresses(world, ["203.0.113.0/24", "2001:db8::7"], LATER, "p-1", "a stolen key")

    change = Change("p-1", sample.NOW, "a stolen key")
    assert kept.blocks == {each: AddressBlock(each, change, LATER) for each in (NET, HOST)}
    assert world.addresses.current() == kept


def test_what_was_blocked_and_lifted_stays_on_record() -> None:
    world = FakeWorld()
    block_addresses(world, [str(NET), str(HOST)], None, "p-1", "an attack")
    world.clock.tick(60)

    kept = lift_addresses(world, [str(NET)], "p-2", "it was the client")

    assert set(kept.blocks) == {HOST}
    assert world.addresses.changes(None, 10)[0] == [
        AddressChange(2, Change("p-2", world.clock.now(), "it was the client"), (NET,), lifted=True),
        AddressChange(1, Change("p-1", sample.NOW, "an attack"), (NET, HOST)),
    ]


def test_a_range_that_is_blocked_again_is_as_it_was_said_last() -> None:
    world = FakeWorld()
    block_addresses(world, [str(NET)], LATER, "p-1", "an attack")

    block_addresses(world, [str(NET)], None, "p-2", "it goes on")

    assert world.addresses.newest().blocks == {
        NET: AddressBlock(NET, Change("p-2", sample.NOW, "it goes on"))
    }


def test_nothing_is_changed_by_a_time_that_is_over_or_a_range_that_is_not_blocked() -> None:
    world = FakeWorld()

    with pytest.raises(InvalidInput) as caught:
        block_addresses(world, [str(NET)], sample.NOW, "p-1", "a slip")
    with pytest.raises(NotFound, match="address_not_blocked"):
        lift_addresses(world, [str(NET)], "p-1", "a slip")

    assert [fault.pointer for fault in caught.value.faults] == ["/until"]
    assert world.addresses.newest().version == 0
    assert world.addresses.made == []
