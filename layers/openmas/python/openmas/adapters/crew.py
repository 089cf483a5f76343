"""A flow's own hands: threads that are none of those in which the adapters' calls go side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from openmas.adapters.aws import SIDE_BY_SIDE, Outcome, Thing, each


class AwsCrew:
    """Shape: what a hand does may itself make several calls at a time, without waiting for a hand."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="crew")

    def each(self, act: Callable[[Thing], Outcome], things: Iterable[Thing]) -> list[Outcome]:
        return each(act, things, threads=self._threads)
