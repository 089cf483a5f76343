"""A world in which whoever writes may die: before any of his writes, or right after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.fakes.world import FakeWorld

WRITES = {
    "messages": {
        *("keep_intent", "keep_parcels", "keep_batch", "keep_verdict", "save", "keep_inbound", "end_inbound"),
    },
    "lists": {"change"},
    "cases": {"open", "close", "note_look"},
    "queue": {"put"},
    "release_queue": {"put"},
    "schedule": {"add", "drop"},
}


class Died(BaseException):
    """The function was killed."""


class Deadly:
    """Shape: `writes` counts, across all parts of the world; the one numbered `at` is the last."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at, self.after, self.writes = at, after, 0

    def part(self, real: Any, names: set[str]) -> Any:
        deadly = self

        class Part:
            def __getattr__(self, name: str) -> Any:
                act = getattr(real, name)
                return deadly._counted(act) if name in names else act

        return Part()

    def _counted(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.writes += 1
            if self.writes == self.at and not self.after:
                raise Died
            result = act(*arguments, **named)
            if self.writes == self.at:
                raise Died
            return result

        return call


@contextmanager
def dying(world: FakeWorld, at: int, *, after: bool) -> Iterator[Deadly]:
    """Inside, whoever comes to the write of this number dies there; nobody if there are not so many."""
    deadly = Deadly(at, after=after)
    real = {name: getattr(world, name) for name in WRITES}
    for name, names in WRITES.items():
        setattr(world, name, deadly.part(real[name], names))
    try:
        with suppress(Died):
            yield deadly
    finally:
        for name, part in real.items():
            setattr(world, name, part)
