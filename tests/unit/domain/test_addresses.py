"""Which addresses nobody may call from, however they and their ranges are written."""

from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.addresses import BLOCKS_MAX, AddressBlock, AddressList, Range, read_address, read_ranges
from openmas.errors import InvalidInput, LimitExceeded, NotFound
from tests.fakes import sample

HOUR = timedelta(hours=1)


def listed(*written: str, until: timedelta | None = None) -> AddressList:
    end = None if until is None else sample.NOW + until
    blocks = [AddressBlock(each, sample.CHANGE, end) for each in read_ranges(written)]
    return AddressList().with_blocks(blocks, sample.NOW)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("2001:DB8:0:0::/64", "2001:db8::/64"),
        ("240e:0000::/19", "240e::/19"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("::FFFF:cb00:7100/120", "203.0.113.0/24"),
    ],
)
def test_a_range_has_one_form_however_it_is_written(written: str, canonical: str) -> None:
    (read,) = read_ranges([written, canonical])

    assert str(read) == canonical


@pytest.mark.parametrize(
    "written",
    [
        *("", " 203.0.113.7", "203.0.113.7\n", "203.0.113.7 ", "203.0.113", "203.0.113.256", "203.0.113.07"),
        *("٢٠٣.0.113.7", "203.0.113.7/33", "203.0.113.7/-1", "203.0.113.0/024", "203.0.113.0/+24"),
        *("203.0.113.0/255.255.255.0", "203.0.113.0/0.0.0.255", "203.0.113.7/24", "2001:db8::1/64"),
        *("2001:db8::/129", "fe80::1%eth0", "fe80::1%eth0/128", "2001:db8:::", "1" * 64, "3405803783"),
        *("0.0.0.0/0", "0.0.0.0/7", "::/0", "2000::/3", "2000::/18", "::ffff:0:0/96", "::ffff:0:0/103"),
    ],
)
def test_what_is_no_range_or_too_wide_a_one_is_refused_in_its_place(written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_ranges(["203.0.113.7", written])

    assert [fault.pointer for fault in caught.value.faults] == ["/ranges/1"]


def ranges() -> st.SearchStrategy[Range]:
    """Neighbours, so that they meet."""
    four = st.tuples(st.integers(0, 3), st.integers(16, 32)).map(
        lambda drawn: ip_network((0xCB00_7100 + (drawn[0] << 6), drawn[1]), strict=False)
    )
    six = st.tuples(st.integers(0, 3), st.integers(40, 128)).map(
        lambda drawn: ip_network(((0x2001_0DB8 << 96) + (drawn[0] << 70), drawn[1]), strict=False)
    )
    return st.one_of(four, six)


FORMS = {
    4: (str, "::ffff:{}".format, lambda a: f"::FFFF:{int(a) >> 16:X}:{int(a) & 0xFFFF:04x}"),
    6: (str, lambda a: a.exploded, lambda a: str(a).upper()),
}


@given(st.lists(ranges(), min_size=1, max_size=6), ranges(), st.integers(-1, 1), st.data())
def test_an_address_is_blocked_where_it_lies_between_two_ends_of_a_range(
    blocked: list[Range], near: Range, beside: int, data: st.DataObject
) -> None:
    number = int(near[data.draw(st.sampled_from([0, -1]))]) + beside
    address = (IPv4Address if near.version == 4 else IPv6Address)(number)
    written = data.draw(st.sampled_from(FORMS[near.version]))(address)

    found = listed(*map(str, blocked)).blocks_from(written, sample.NOW)

    same = [each for each in blocked if each.version == near.version]
    assert found == any(int(each[0]) <= number <= int(each[-1]) for each in same)


@pytest.mark.parametrize(
    "written", ["", "unknown", "203.0.113.7, 10.0.0.1", "203.0.113.7:443", "x" * 100_000]
)
def test_what_cannot_be_read_as_an_address_is_on_no_list(written: str) -> None:
    assert read_address(written) is None
    assert not listed("203.0.113.0/24").blocks_from(written, sample.NOW)


def test_a_block_ends_at_its_time_and_then_leaves_the_list_with_the_next_change() -> None:
    ending = listed("203.0.113.0/24", until=HOUR)

    assert ending.blocks_from("203.0.113.7", sample.NOW + HOUR - timedelta(microseconds=1))
    assert not ending.blocks_from("203.0.113.7", sample.NOW + HOUR)
    assert ending.with_blocks([], sample.NOW + HOUR) == AddressList(2)


def test_of_overlapping_ranges_each_is_lifted_by_itself() -> None:
    both = listed("203.0.113.0/24", "203.0.113.7")

    left = both.without(read_ranges(["203.0.113.0/24"]), sample.NOW)

    assert left.blocks_from("203.0.113.7", sample.NOW)
    assert not left.blocks_from("203.0.113.8", sample.NOW)
    with pytest.raises(NotFound, match="address_not_blocked"):
        left.without(read_ranges(["203.0.113.0/24"]), sample.NOW)


def test_the_list_is_bounded_and_a_range_that_is_on_it_takes_no_second_place() -> None:
    full = listed(*(f"10.0.{n // 250}.{n % 250}" for n in range(BLOCKS_MAX)))

    again = full.with_blocks([AddressBlock(each, sample.CHANGE) for each in full.blocks], sample.NOW)

    assert len(again.blocks) == BLOCKS_MAX
    with pytest.raises(LimitExceeded, match="addresses_too_many"):
        full.with_blocks([AddressBlock(ip_network("10.1.0.0/32"), sample.CHANGE)], sample.NOW)
