"""Pace: how fast a port, or a whole client, may send, and how many messages a call carries for that (2.2.5).

Whoever wants to call takes the next free slot first. A slot is as long as its messages take at 90 % of the
rate, and a parcel on a port with a rate holds a tenth of what goes in a second: so whatever second one looks
at, no more than the rate has gone. Those for whom the next slots are too far away stand in line instead: the
line, too, is a row of slots, somewhat shorter ones, so that those who come back keep the slots filled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from openmas.domain.ids import PARCEL_RECIPIENTS_MAX
from openmas.domain.measures import slowed_to
from openmas.domain.profile import Profile

# Of the rate; the rest is for the time that passes between the slot and the call.
USED = 0.9
CALLS_A_SECOND = 10
LINE_FASTER = 1.1
PAUSE_MAX_S = 1.0
CLOCKS_APART_S = 1.0
# The longest that a queue can hold a record back.
LINE_MAX_S = 900


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate that holds for everything that goes under its name; a client's own names are numbers, or words.

    Shape: the slots of a name go on when its rate changes, so that a lower one holds at once; another `since`
    has a line of its own, so that nobody waits behind those who stand there for another rate.
    Units: `rate_per_s` messages a second.
    """

    name: str
    rate_per_s: int
    since: int = 0

    @property
    def line(self) -> str:
        """The name of the line before it."""
        return f"{self.name}#line{self.since}"

    @property
    def longest_s(self) -> float:
        """A slot that is further away was reserved at a lower rate than this."""
        return CLOCKS_APART_S + PAUSE_MAX_S + self.slot_s(PARCEL_RECIPIENTS_MAX)

    def slot_s(self, messages: int) -> float:
        """How long a slot so many messages take."""
        return messages / (self.rate_per_s * USED)

    def place_s(self, messages: int) -> float:
        """How long a place in the line they take."""
        return self.slot_s(messages) / LINE_FASTER


def limits_on(profile: Profile, port: str, template: str | None = None) -> Iterator[Limit]:
    """The rates that hold now for what goes from a port: by measures against template and client, its own."""
    registered = profile.port(port)
    by_template = slowed_to(profile.measures, template) if template else None
    if by_template is not None:
        yield Limit(f"template#{template}", by_template, by_template)
    slowed = slowed_to(profile.measures)
    if slowed is not None:
        yield Limit("client", slowed, slowed)
    if registered is not None and registered.rate_per_s is not None:
        yield Limit(registered.number, registered.rate_per_s, registered.version)


def parcel_size(profile: Profile, port: str, template: str | None = None) -> int:
    """How many messages a parcel that goes from a port holds by the rates of now; it is never cut again."""
    rates = (limit.rate_per_s for limit in limits_on(profile, port, template))
    return min([PARCEL_RECIPIENTS_MAX, *(max(1, rate // CALLS_A_SECOND) for rate in rates)])


def come_back_s(parcel: str) -> int:
    """When a parcel for which the line is too long comes again: before the line is empty, not all at once."""
    return LINE_MAX_S // 2 + sha256(parcel.encode()).digest()[0] % (LINE_MAX_S // 2)
