"""The sample contract with limits, for tests to start from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time

from openmas.domain.contract import Category, Contract, Limits, Trial
from openmas.domain.limits import BeyondBundle, Frequency, Level, MarketingHours, OutsideHours, UnitLimits
from tests.fakes import sample


def contract(
    per_day: Level | None = None,
    per_month: Level | None = None,
    *,
    bundle: int | None = None,
    trial: Trial | None = None,
    frequency: Mapping[Category, Sequence[tuple[int, int]]] | None = None,
    same_text_within_s: int | None = None,
    hours: OutsideHours | None = None,
) -> Contract:
    """The sample contract for every category, with these limits and no others.

    Shape: with a `bundle`, nothing goes beyond it; `hours` are from eight to nine in the evening.
    """
    beyond = BeyondBundle.CHARGED if bundle is None else BeyondBundle.REFUSED
    limits = Limits(
        units=UnitLimits(beyond, per_day, per_month),
        frequency={
            kind: tuple(Frequency(*each) for each in rules) for kind, rules in (frequency or {}).items()
        },
        same_text_within_s=same_text_within_s,
        marketing_hours=MarketingHours(time(8), time(21), hours) if hours else None,
    )
    kept = sample.contract()
    tariff = kept.tariff if bundle is None else replace(kept.tariff, included_units=bundle)
    return replace(kept, limits=limits, tariff=tariff, trial=trial, categories=frozenset(Category))
