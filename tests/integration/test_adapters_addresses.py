"""The black list of addresses: one set of promises, real and in memory."""

import random
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Protocol

import pytest

from openmas.adapters import items_addresses as items
from openmas.adapters.addresses import AwsAddresses
from openmas.adapters.table import Item, Table
from openmas.domain.addresses import BLOCKS_MAX, AddressBlock, AddressChange, AddressList
from openmas.domain.change import Change
from openmas.errors import Conflict, LimitExceeded
from openmas.needs import Addresses
from tests.fakes import sample
from tests.fakes.world import FakeClock, FakeWorld
from tests.integration.conftest import Platform

BLOCK = AddressBlock(
    ip_network("203.0.113.0/24"), sample.CHANGE, sample.NOW + timedelta(days=1, microseconds=3)
)
HOST = AddressBlock(ip_network("2001:db8::7/128"), sample.CHANGE)


class World(Protocol):
    @property
    def addresses(self) -> Addresses: ...


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    platform: Platform = request.getfixturevalue("platform")
    return platform.world_without(items.PARTITION)


def kept(addresses: Addresses, *blocks: AddressBlock) -> AddressList:
    after = addresses.newest().with_blocks(blocks, sample.NOW)
    ranges = tuple(block.range for block in blocks)
    addresses.keep(after, AddressChange(after.version, sample.CHANGE, ranges, BLOCK.until))
    return after


def test_nothing_is_blocked_at_first(world: World) -> None:
    assert world.addresses.newest() == world.addresses.current() == AddressList()
    assert world.addresses.changes(None, 10) == ([], None)


def test_a_list_is_kept_with_every_change_that_led_to_it(world: World) -> None:
    kept(world.addresses, BLOCK)
    both = kept(world.addresses, HOST)
    lifted = AddressChange(3, Change("p-2", sample.NOW, "误封"), (BLOCK.range, HOST.range), lifted=True)
    world.addresses.keep(both.without([BLOCK.range, HOST.range], sample.NOW), lifted)

    first, end = world.addresses.changes(None, 2)
    rest, over = world.addresses.changes(end, 2)

    assert world.addresses.newest() == world.addresses.current() == AddressList(3)
    assert first[0] == lifted
    assert [change.version for change in (*first, *rest)] == [3, 2, 1]
    assert rest == [AddressChange(1, sample.CHANGE, (BLOCK.range,), BLOCK.until)]
    assert over is None


def test_a_list_is_kept_on_top_of_the_newest_only_and_no_change_is_recorded_without(world: World) -> None:
    first = kept(world.addresses, BLOCK)
    second = kept(world.addresses, HOST)

    for overtaken in (first, second):
        with pytest.raises(Conflict, match="addresses_moved_on"):
            world.addresses.keep(overtaken, AddressChange(overtaken.version, sample.CHANGE, (HOST.range,)))

    assert world.addresses.newest() == second
    assert world.addresses.newest().blocks == {BLOCK.range: BLOCK, HOST.range: HOST}
    assert len(world.addresses.changes(None, 10)[0]) == 2


class Counted(Table):
    """Counts its reads."""

    reads = 0

    def first(self, count: int, condition: str, values: Item, **more: object) -> list[Item]:
        self.reads += 1
        return super().first(count, condition, values, **more)


def test_a_warm_function_reads_once_in_five_seconds_and_knows_a_block_within_them(platform: Platform) -> None:
    here, clock = platform.world_without(items.PARTITION), FakeClock()
    table = Counted(here._dynamodb, platform.environ["REGISTRY_TABLE"])
    elsewhere = AwsAddresses(table, clock)

    seen = {len(elsewhere.current().blocks) for _ in range(50)}
    kept(here.addresses, BLOCK)
    clock.tick(4.9)
    before = elsewhere.current()
    clock.tick(0.1)
    after = [elsewhere.current() for _ in range(50)]

    assert (seen, len(before.blocks), table.reads) == ({0}, 0, 2)
    assert all(each.blocks_from("203.0.113.7", sample.NOW) for each in after)


def test_a_full_list_fits_into_its_item_and_reasons_that_do_not_are_refused(platform: Platform) -> None:
    addresses = platform.world_without(items.PARTITION).addresses
    drawn = random.Random(1)

    def full(why_length: int) -> list[AddressBlock]:
        whys = (
            "".join(chr(drawn.randrange(0x4E00, 0x9FA5)) for _ in range(why_length))
            for _ in range(BLOCKS_MAX)
        )
        return [
            AddressBlock(ip_network(f"2001:db8:0:{n:x}::/64"), replace(sample.CHANGE, why=why))
            for n, why in enumerate(whys)
        ]

    listed = kept(addresses, *full(100))

    assert addresses.newest() == listed
    with pytest.raises(LimitExceeded, match="addresses_too_many"):
        kept(addresses, *full(200))
