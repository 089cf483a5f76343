"""Very many numbers: each once, with the line on which it was written first."""

from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.numbers import Numbers

PHONES = st.integers(0, 30).map(lambda n: f"1{n * 333_333_333:010d}")


@given(st.lists(PHONES, max_size=60), st.integers(0, 5), st.integers(0, 3))
def test_every_number_is_there_once_and_every_double_is_told(
    written: list[str], told_max: int, digits: int
) -> None:
    numbers = Numbers()
    for line, number in enumerate(written, 1):
        numbers.add(number, line)

    doubles, lines = numbers.settle(told_max)

    first = {number: line for line, number in reversed(list(enumerate(written, 1)))}
    again = [line for line, number in enumerate(written, 1) if first[number] != line]
    assert dict(numbers.lines()) == first
    assert len(numbers) == len(first)
    assert (doubles, lines) == (len(again), again[:told_max])
    parted = {ending: list(some.lines()) for ending, some in numbers.by_ending(digits).items()}
    assert sorted(each for some in parted.values() for each in some) == sorted(first.items())
    assert all(int(number) % 10**digits == ending for ending, some in parted.items() for number, _ in some)
    assert all(some == sorted(some) for some in parted.values())
