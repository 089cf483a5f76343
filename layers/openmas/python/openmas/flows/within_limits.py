"""Whether a submission keeps within its contract's limits: how often to one number, and how many units.

The order makes it exact: what the numbers were sent is read, the units of all that may go are held, and then
the messages are noted, on the condition that nobody noted one of those numbers' in between. Otherwise the
units are given back and everything is asked again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from openmas.domain.frequency import (
    Book,
    Event,
    Request,
    Seen,
    Spacing,
    mark_of,
    refused_by_frequency,
    spacing_of,
)
from openmas.domain.holding import FilePart
from openmas.domain.profile import Profile
from openmas.domain.submission import Admitted
from openmas.errors import OpenMasError, Unavailable
from openmas.flows import hold_units
from openmas.flows.hold_units import HeldUnits, give_back
from openmas.needs import Recent

TRIES = 8


class Needs(hold_units.Needs, Protocol):
    @property
    def recent(self) -> Recent: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that wants to send: who, what, and the name by which it is known if it is repeated.

    Shape: it came at `now`; its messages go `at` a time, and their units belong to the day `on`; it may be
    made for a `part` of a file.
    """

    profile: Profile
    admitted: Admitted
    test: bool
    request: str
    now: datetime
    at: datetime
    on: date
    part: FilePart | None = None

    @property
    def book(self) -> Book:
        return Book(self.profile.client.id, self.admitted.category, self.test)

    @property
    def spacing(self) -> Spacing | None:
        return spacing_of(self.admitted.contract.limits, self.admitted.category)

    @property
    def mark(self) -> bytes | None:
        """Under what its messages are noted, if any limit asks for that."""
        return mark_of(self.request) if self.spacing is not None else None

    @property
    def noted_as(self) -> Request:
        return Request(mark_of(self.request), self.now, self.at)


@dataclass(frozen=True, slots=True)
class Within:
    """What keeps within the limits: the places that do not, by reason, and the units held for the others."""

    refused: Mapping[int, str]
    held: HeldUnits


def keep_within(needs: Needs, asked: Asked, numbers: Mapping[int, str]) -> Within:
    """The numbers that may be written to are noted, and their units held.

    Shape: numbers by their place in the request.
    Raises: LimitExceeded if the units do not fit; then nothing is held or noted.
    """
    for _ in range(TRIES):
        within, noted = _try(needs, asked, numbers)
        if noted:
            return within
        _give_back(needs, asked, within.held)
    raise Unavailable("numbers_contended", "Too many others are sending to these numbers.")


def would_keep_within(needs: Needs, asked: Asked, numbers: Mapping[int, str]) -> Within:
    """What `keep_within` would say now; nothing is held or noted.

    Raises: LimitExceeded as it does.
    """
    refused = would_be_too_soon(needs, asked, numbers)
    units = _units(asked, numbers.keys() - refused.keys())
    held = hold_units.would_hold(needs, asked.profile, asked.admitted.contract, asked.on, units)
    return Within(refused, held)


def would_be_too_soon(needs: Needs, asked: Asked, numbers: Mapping[int, str]) -> Mapping[int, str]:
    """The places whose numbers were, or are to be, written to too recently, each with its reason."""
    spacing = asked.spacing
    if spacing is None or not numbers:
        return {}
    why = _refusals(needs, asked, spacing, _events(asked, numbers, spacing))[1]
    return {place: why[number] for place, number in numbers.items() if number in why}


def _refusals(
    needs: Needs, asked: Asked, spacing: Spacing, wanted: Mapping[str, Event]
) -> tuple[Seen, Mapping[str, str]]:
    """What the numbers were sent lately, and why some of them may get no more."""
    seen = needs.recent.seen(asked.book, wanted.keys(), asked.noted_as, spacing.reach)
    return seen, refused_by_frequency(spacing, wanted, seen.events)


def _try(needs: Needs, asked: Asked, numbers: Mapping[int, str]) -> tuple[Within, bool]:
    """What keeps within, and whether it is noted."""
    spacing = asked.spacing
    if spacing is None or not numbers:
        return Within({}, _hold(needs, asked, numbers)), True
    wanted = _events(asked, numbers, spacing)
    seen, why = _refusals(needs, asked, spacing, wanted)
    refused = {place: why[number] for place, number in numbers.items() if number in why}
    within = Within(refused, _hold(needs, asked, numbers.keys() - refused.keys()))
    going = {n: event for n, event in wanted.items() if n not in why and n not in seen.noted}
    try:
        return within, needs.recent.note(asked.book, seen, going, spacing.reach)
    except OpenMasError:
        _give_back(needs, asked, within.held)
        raise


def _events(asked: Asked, numbers: Mapping[int, str], spacing: Spacing) -> dict[str, Event]:
    """What each number is to be sent; texts are told apart only where a rule asks for it."""
    request, own = asked.noted_as, asked.admitted.own
    if own is None or spacing.same_text_within_s is None:
        return dict.fromkeys(numbers.values(), request.event(asked.admitted.text))
    return {number: request.event(own[place].on_air) for place, number in numbers.items()}


def _give_back(needs: Needs, asked: Asked, held: HeldUnits) -> None:
    """But for a part of a file: whoever else is at it has the same hold, and whoever tries again finds it."""
    if asked.part is None:
        give_back(needs, asked.profile.client.id, held.names, held.units)


def _hold(needs: Needs, asked: Asked, places: Collection[int]) -> HeldUnits:
    units = _units(asked, places)
    return hold_units.hold_units(needs, asked.profile, asked.admitted.contract, asked.on, units, asked.part)


def _units(asked: Asked, places: Collection[int]) -> int:
    """What the messages of these places hold; those of test keys hold nothing, as they are never billed."""
    if asked.test:
        return 0
    if asked.admitted.own is None:
        return len(places) * asked.admitted.units_each
    return sum(asked.admitted.own[place].units for place in places)
