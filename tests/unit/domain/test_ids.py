"""Names tell what they belong to, and sort as their numbers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.ids import (
    PARCELS_MAX,
    batch_id,
    batch_of,
    day_of,
    is_batch,
    message_id,
    parcel_id,
    parcel_number,
    split_message,
)
from openmas.errors import NotFound
from tests.fakes import sample

BATCH = batch_id(sample.TODAY, b"12345678")
NUMBERS = st.integers(0, PARCELS_MAX - 1)


@given(NUMBERS, st.integers(0, 99))
def test_a_parcel_and_its_messages_tell_their_batch_number_and_day(n: int, place: int) -> None:
    parcel = parcel_id(BATCH, n)

    assert (batch_of(parcel), parcel_number(parcel), day_of(parcel)) == (BATCH, n, sample.TODAY)
    assert split_message(message_id(parcel, place)) == (parcel, place)
    assert is_batch(BATCH)
    assert not is_batch(parcel)


@given(NUMBERS, NUMBERS)
def test_parcels_sort_as_their_numbers_do(n: int, other: int) -> None:
    assert (parcel_id(BATCH, n) < parcel_id(BATCH, other)) == (n < other)


@pytest.mark.parametrize(
    ("n", "written"),
    [(0, "0000"), (9_999, "9999"), (10_000, "a000"), (10_035, "a00z"), (PARCELS_MAX - 1, "zzzz")],
)
def test_the_first_ten_thousand_parcels_have_plain_numbers(n: int, written: str) -> None:
    assert parcel_id(BATCH, n) == f"{BATCH}-{written}"


@pytest.mark.parametrize("tail", ["", "-1", "-00000", "-A000", "-0a00", "-a00", "-٠٠٠٠", "-0000\n", "-a0_0"])
def test_what_is_no_parcels_name_is_refused(tail: str) -> None:
    with pytest.raises(NotFound):
        batch_of(f"{BATCH}{tail}")
