"""A file's numbers put on a list, taken off it, or put in the place of all that stood there."""

from dataclasses import dataclass, field
from enum import StrEnum

from openmas.domain.grounds import GroundsByLine
from openmas.domain.listing import ListEntry
from openmas.domain.numbers import Numbers


class LoadMode(StrEnum):
    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Loading:
    """What is to be done with the settled numbers of a file.

    Shape: of `entry` counts all but its number; a line's own grounds go over those of the entry.
    """

    id: str
    mode: LoadMode
    entry: ListEntry
    numbers: Numbers
    grounds: GroundsByLine = field(default_factory=GroundsByLine)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many numbers were added and struck, and how many stayed only because they are frozen."""

    added: int
    struck: int
    spared: int
