"""What the day prints: steps as they pass, tables, and claims that were checked."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

_NEWS_EVERY_S = 5.0
_TITLE_WIDTH = 62


def width(text: str) -> int:
    """How many columns a terminal gives to the text."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """The text, filled up to so many columns."""
    gap = " " * max(columns - width(text), 0)
    return gap + text if right else text + gap


def number(value: object) -> str:
    """Whole numbers with thousands apart, everything else as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@dataclass
class Step:
    """One thing that is going on; `say` tells how far it has come."""

    screen: Screen
    title: str
    said: str = ""
    begun: float = field(default_factory=time.monotonic)
    _last_news: float = field(default_factory=time.monotonic)

    def say(self, said: str) -> None:
        self.said = said
        if self.screen.live:
            self.screen.overwrite(self._line("…", said))
        elif time.monotonic() - self._last_news > _NEWS_EVERY_S:
            self._last_news = time.monotonic()
            self.screen.line(self._line("…", said))

    def end(self, mark: str) -> None:
        took = f"{time.monotonic() - self.begun:.1f} s"
        self.screen.finish(f"{self._line(mark, self.said)}  ({took})")

    def _line(self, mark: str, said: str) -> str:
        return f" {mark} {padded(self.title, _TITLE_WIDTH)} {said}".rstrip()


@dataclass
class Screen:
    """A terminal that is overwritten, or a file that is only appended to."""

    out: TextIO = sys.stdout
    failed: list[str] = field(default_factory=list)
    claims: int = 0

    @property
    def live(self) -> bool:
        return self.out.isatty()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """A step with its title, its end and how long it took."""
        step = Step(self, title)
        if self.live:
            step.say("")
        try:
            yield step
        except BaseException:
            step.end("✗")
            raise
        step.end("✓")

    def claim(self, sentence: str, found: object, expected: object) -> None:
        """Notes whether something is as it must be; the day goes on either way."""
        self.claims += 1
        if found != expected:
            self.failed.append(f"{sentence}: expected {expected!r}, found {found!r}")

    def line(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)

    def overwrite(self, text: str) -> None:
        print(f"\r\x1b[K{text}", end="", file=self.out, flush=True)

    def finish(self, text: str) -> None:
        if self.live:
            self.overwrite(text)
            self.line()
        else:
            self.line(text)

    def table(self, title: str, rows: Sequence[tuple[str, object]]) -> None:
        """A table of names and values, the values to the right."""
        shown = [(name, number(value)) for name, value in rows]
        left = max(width(name) for name, _ in shown)
        right = max(width(value) for _, value in shown)
        rule = "─" * (left + right + 4)
        self.line(f"\n {title}\n {rule}")
        for name, value in shown:
            self.line(f"  {padded(name, left)}  {padded(value, right, right=True)}")
        self.line(f" {rule}")
