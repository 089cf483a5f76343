"""Numbers are found in packed ones just where they stand, against a look at each of them."""

from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters.packing import NUMBER_BYTES
from openmas.adapters.recent_seen import hits

# Few different bytes, so that a number also lies across two others.
PACKED = st.lists(st.sampled_from([0, 1]), min_size=NUMBER_BYTES, max_size=NUMBER_BYTES).map(bytes)


@given(st.lists(PACKED, max_size=230), st.frozensets(PACKED, min_size=1, max_size=12))
def test_the_wanted_numbers_among_packed_ones_are_found(
    numbers: list[bytes], wanted: frozenset[bytes]
) -> None:
    assert hits(b"".join(numbers), wanted) == wanted & set(numbers)


@given(st.lists(PACKED, max_size=30), PACKED)
def test_one_number_is_found_where_it_stands_and_not_across_two_others(
    numbers: list[bytes], wanted: bytes
) -> None:
    assert hits(b"".join(numbers), frozenset({wanted})) == {wanted} & set(numbers)
