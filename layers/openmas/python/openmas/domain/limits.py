"""What a contract limits: units, frequency to one number, marketing hours, and complaints."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class BeyondBundle(StrEnum):
    """What happens to units that the bundle does not cover (A1)."""

    CHARGED = "charged"
    REFUSED = "refused"


class OutsideHours(StrEnum):
    """What happens to marketing outside its hours (11.3.17)."""

    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Level:
    """Units at which somebody is warned, and those beyond which nothing goes.

    Units: billed segments.
    """

    warn: int
    stop: int


@dataclass(frozen=True, slots=True)
class UnitLimits:
    """How many units a client may use: beyond its bundle, in a day and in a month of Shanghai (A1)."""

    beyond_bundle: BeyondBundle = BeyondBundle.CHARGED
    per_day: Level | None = None
    per_month: Level | None = None


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most so many messages to one number within so long (11.3.17)."""

    messages: int
    within_s: int


@dataclass(frozen=True, slots=True)
class MarketingHours:
    """The hours in Shanghai in which marketing goes out, the opening minute included, the closing one not."""

    open: time
    close: time
    outside: OutsideHours


@dataclass(frozen=True, slots=True)
class ComplaintLadder:
    """The shares of messages complained about, over a rolling month, from which a step is taken (2.1.6).

    Shape: the steps rise; none is taken below `messages_min` messages.
    Units: complaints for each million of messages; `slowed_to_per_s` messages a second.
    """

    messages_min: int
    warn_ppm: int
    slow_ppm: int
    stop_marketing_ppm: int
    stop_all_ppm: int
    slowed_to_per_s: int
