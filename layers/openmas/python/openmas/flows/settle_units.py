"""Put the counters of held units right, every night, by the parcels.

The counters are read before the parcels. A day's counter is believed while somebody may still hold its units:
the day of the night, those ahead and the one before, whose requests may yet be repeated, and a day of whose
files one is still cut. Every other day's counter is set to what its parcels hold, and the longer periods with
it, also with what waits on days that have no counter. If any of those days' counters has moved meanwhile, the
next night does it. Counters of what comes next begin here, too, so that no submission has to count parcels
before it can hold its units.
"""

from collections.abc import Mapping
from datetime import date

from openmas.domain.holding import (
    CUT_WITHIN_DAYS,
    Account,
    Period,
    PeriodKind,
    correction,
    day_name,
    may_be_cut,
    periods_of,
)
from openmas.domain.ids import day_of
from openmas.domain.profile import Profile
from openmas.flows.hold_units import AHEAD, DAY, Needs, number_on, stated_units, units_by_day, used_in


def settle_units(needs: Needs, profile: Profile, seen: Account, held: Mapping[date, int], as_of: date) -> int:
    """By how many units the counters were put right; none where the contract counts none.

    Shape: `seen` is what the counters said before the parcels were counted, `held` what those of the night's
    days hold.
    """
    periods = _periods(profile, as_of)
    if not seen.used and not periods:
        return 0
    first_on = min((each.first_on for each in periods), default=as_of)
    settled = stated_units(needs, profile.client.id, first_on, min(held) - DAY)
    ahead = units_by_day(needs, profile, as_of, as_of + AHEAD)
    cut_on = {day_of(batch) for batch in seen.parts if may_be_cut(batch, as_of)}
    settled |= {
        on: units
        for on, units in {**held, **ahead}.items()
        if day_name(on) not in seen.used or (on < as_of - DAY and on not in cut_on)
    }
    found = correction(seen, periods, settled, lambda on: number_on(profile, on), as_of)
    done = found is not None and needs.units.settle(profile.client.id, seen, found)
    coming = [each for each in periods if each.name not in seen.used and _is_coming(each, as_of)]
    if coming:
        needs.units.start(profile.client.id, {each.name: used_in(needs, profile, each) for each in coming})
    return sum(abs(units) for name, units in found.added.items() if name[0] == "d") if found and done else 0


def _is_coming(period: Period, as_of: date) -> bool:
    """Whether somebody may soon hold units in it: until the next night, and longer periods ahead of that."""
    soon = as_of + DAY if period.kind is PeriodKind.DAY else as_of + AHEAD
    return as_of <= period.last_on and period.first_on <= soon


def _periods(profile: Profile, as_of: date) -> tuple[Period, ...]:
    """Every period that units may be held in, or given back to."""
    found: dict[str, Period] = {}
    for n in range(-CUT_WITHIN_DAYS, AHEAD // DAY + 1):
        on = as_of + n * DAY
        contract = profile.contract_on(on)
        for period in periods_of(contract, on) if contract else ():
            found[period.name] = period
    return tuple(found.values())
