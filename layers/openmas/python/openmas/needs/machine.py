"""Time, chance, and hands: what a flow needs of the machine that it runs on."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware and in UTC."""
        ...


class Entropy(Protocol):
    def draw(self, count: int) -> bytes:
        """So many unpredictable bytes."""
        ...


class Crew(Protocol):
    """Hands for things that do not wait for one another."""

    def each(self, act: Callable[[Thing], Outcome], things: Iterable[Thing]) -> Sequence[Outcome]:
        """Every thing has been acted on, several at a time; the outcomes in the order of the things.

        Raises: the first error, once nothing is under way any more.
        """
        ...
