"""Very many numbers in little room: eight bytes each, with the line on which each was written."""

from array import array
from collections.abc import Iterator, Mapping
from itertools import islice

# More lines than any file has.
_LINE_BITS = 21
_LINES = (1 << _LINE_BITS) - 1


class Numbers:
    """Numbers as they are read from a file, each of them once after `settle`."""

    def __init__(self, packed: "array[int] | None" = None) -> None:
        self._packed = array("Q") if packed is None else packed

    def __len__(self) -> int:
        return len(self._packed)

    def add(self, number: str, line: int) -> None:
        self._packed.append(int(number) << _LINE_BITS | line)

    def settle(self, told_max: int) -> tuple[int, list[int]]:
        """Every number is there once, as it was written first; how many doubles there were, and lines."""
        ordered = sorted(self._packed)
        doubles = array("L")
        kept = array("Q")
        before = -1
        for each in ordered:
            if (number := each >> _LINE_BITS) == before:
                doubles.append(each & _LINES)
            else:
                kept.append(each)
                before = number
        self._packed = kept
        return len(doubles), list(islice(sorted(doubles), told_max))

    def lines(self) -> Iterator[tuple[str, int]]:
        """Every number with its line."""
        return ((str(each >> _LINE_BITS), each & _LINES) for each in self._packed)

    def by_ending(self, digits: int) -> Mapping[int, "Numbers"]:
        """The settled numbers by what their last digits make, those of each in rising order."""
        parted: dict[int, array[int]] = {}
        ending = 10**digits
        for each in self._packed:
            parted.setdefault((each >> _LINE_BITS) % ending, array("Q")).append(each)
        return {label: Numbers(some) for label, some in parted.items()}
