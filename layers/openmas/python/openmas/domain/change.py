"""Who changed something in the registry, when and why: each change makes a version, and all are kept."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What a version says of itself: who made it, when and why."""

    by: str
    at: datetime
    why: str
