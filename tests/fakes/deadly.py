"""A world in which whoever writes may die: before any of his writes, or right after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.fakes.world import FakeWorld

WRITES = {
    "messages": {
        *("keep_intent", "keep_parcels", "keep_batch", "keep_verdict", "save", "save_cutting"),
        *("keep_inbound", "end_inbound"),
    },
    "lists": {"change"},
    "cases": {"open", "close", "note_look"},
    "queue": {"put"},
    "release_queue": {"put", "put_port"},
    "recent": {"take_back"},
    "schedule": {"add", "drop"},
}


class Died(BaseException):
    """The function was killed."""


class Deadly:
    """Shape: `writes` counts, across all parts of the world; the one numbered `at` is the last."""

    def __init__(self, at: int, *, after: bool, act: Callable[[], object] | None = None) -> None:
        self.at, self.after, self.writes, self.act = at, after, 0, act or _die

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
            now = self.writes == self.at
            if now and not self.after:
                self.act()
            result = act(*arguments, **named)
            if now and self.after:
                self.act()
            return result

        return call


def _die() -> None:
    raise Died


@contextmanager
def dying(world: FakeWorld, at: int, *, after: bool) -> Iterator[Deadly]:
    """Inside, whoever comes to the write of this number dies there; nobody if there are not so many."""
    with _watched(world, Deadly(at, after=after)) as deadly, suppress(Died):
        yield deadly


@contextmanager
def interrupted(world: FakeWorld, at: int, act: Callable[[], object]) -> Iterator[Deadly]:
    """Inside, somebody else acts just before the write of this number."""
    with _watched(world, Deadly(at, after=False, act=act)) as watched:
        yield watched


@contextmanager
def _watched(world: FakeWorld, deadly: Deadly) -> Iterator[Deadly]:
    real = {name: getattr(world, name) for name in WRITES}
    for name, names in WRITES.items():
        setattr(world, name, deadly.part(real[name], names))
    try:
        yield deadly
    finally:
        for name, part in real.items():
            setattr(world, name, part)
