"""The day's statement: what a client sent on one day, and what it owes for it under its contract.

A statement is a pure function of the day's batches and parcels, the contract version in force on that day,
and the units of the contract year before it. No clock has a part in it, so anyone can make it again and must
get the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from openmas.domain.contract import Category, Contract
from openmas.domain.parcel import MessageState
from openmas.domain.tally import OVERDUE, BreakKind, CategoryCount, DayTally
from openmas.domain.tariff import Tariff, rate_day
from openmas.domain.term import term_state


class LineKind(StrEnum):
    """What a line of money is for."""

    TRIAL = "trial"
    TRIAL_OVERAGE = "trial_overage"
    BUNDLE = "bundle"
    OVERAGE = "overage"
    ADJUSTMENT = "adjustment"


# The tariff is annex 1; beyond the bundle it is paid as 3.2.1 says, beyond the trial as 3.1.1 says.
CLAUSES: Mapping[LineKind, tuple[str, ...]] = {
    LineKind.TRIAL: ("3.1.1",),
    LineKind.TRIAL_OVERAGE: ("3.1.1", "A1"),
    LineKind.BUNDLE: ("A1",),
    LineKind.OVERAGE: ("A1", "3.2.1"),
    LineKind.ADJUSTMENT: ("A1", "3.2.1"),
}


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One line of a statement that costs units or money, with the clauses that it rests on."""

    kind: LineKind
    on: date
    units: int
    amount_hao: int
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContractYear:
    """The term in force on a day, with the contract version of that day; its bundle is its own.

    Shape: a trial is one too: its days, and its units for a bundle that costs nothing (3.1.1).
    """

    contract: Contract
    start_on: date
    end_on: date
    trial: bool = False

    @property
    def tariff(self) -> Tariff:
        """The contract's tariff, with the units that this year covers."""
        trial = self.contract.trial if self.trial else None
        tariff = self.contract.tariff
        return replace(tariff, included_units=trial.units) if trial else tariff

    def covers(self, on: date) -> bool:
        """Whether the units of a day are this year's."""
        return self.start_on <= on <= self.end_on and self.contract.in_trial(on) == self.trial

    def holds(self, rated: "DayStatement | Adjustment") -> bool:
        """Whether what was rated has used up this year's bundle."""
        if (rated.contract, rated.trial) != (self.contract.number, self.trial):
            return False
        return self.start_on <= rated.on <= self.end_on


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a closed day turned out to owe more or less, rated where it came in."""

    on: date
    contract: str | None
    contract_version: int | None
    units: int
    overage_units: int
    overage_hao: int
    trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStatement:
    """One client's day: counts of live messages, units, money, and what did not add up.

    Shape: `revision` numbers the copies of one day's statement; copies that say the same are equal; `trial`
    says that the day is one of the trial, whose units then stand in `from_trial`, and the year is the trial.
    `adjustments` concern earlier, closed days and stand in the newest statement of their night. Units: billed
    segments and hao.
    """

    client: str
    on: date
    contract: str | None = None
    contract_version: int | None = None
    year_start_on: date | None = None
    year_end_on: date | None = None
    batches: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[MessageState, int] = field(default_factory=dict)
    categories: Mapping[Category, CategoryCount] = field(default_factory=dict)
    templates: Mapping[str, int] = field(default_factory=dict)
    test_messages: int = 0
    units: int = 0
    trial: bool = False
    from_trial: int = 0
    from_bundle: int = 0
    overage_units: int = 0
    overage_hao: int = 0
    adjustments: tuple[Adjustment, ...] = ()
    breaks: Mapping[BreakKind, int] = field(default_factory=dict)
    revision: int = field(default=0, compare=False)

    @property
    def messages(self) -> int:
        return sum(self.states.values())

    @property
    def billed_messages(self) -> int:
        return sum(count.billed_messages for count in self.categories.values())

    @property
    def booked_units(self) -> int:
        """The day's own units and those of its adjustments."""
        return self.units + sum(each.units for each in self.adjustments)

    @property
    def booked_hao(self) -> int:
        """The day's own overage and that of its adjustments."""
        return self.overage_hao + sum(each.overage_hao for each in self.adjustments)

    def lines(self) -> Iterator[MoneyLine]:
        """Every line of money, with its clauses."""
        if self.trial:
            yield _line(LineKind.TRIAL, self.on, self.from_trial, 0)
            yield _line(LineKind.TRIAL_OVERAGE, self.on, self.overage_units, self.overage_hao)
        else:
            yield _line(LineKind.BUNDLE, self.on, self.from_bundle, 0)
            yield _line(LineKind.OVERAGE, self.on, self.overage_units, self.overage_hao)
        for each in self.adjustments:
            yield _line(LineKind.ADJUSTMENT, each.on, each.units, each.overage_hao)


def contract_year(contract: Contract | None, on: date) -> ContractYear | None:
    """The contract year, or the trial in it, that a day falls into; None if no term is in force."""
    year = term_year(contract, on)
    trial = trial_of(year) if year is not None else None
    return trial if trial and trial.covers(on) else year


def term_year(contract: Contract | None, on: date) -> ContractYear | None:
    """The contract year around a day, be it a day of the trial or not."""
    if contract is None:
        return None
    term = term_state(contract.term, on)
    if term.start_on is None or term.end_on is None:
        return None
    return ContractYear(contract, term.start_on, term.end_on)


def trial_of(year: ContractYear) -> ContractYear | None:
    """The trial that lies in a contract year, if there is one."""
    trial = year.contract.trial
    if trial is None or not year.start_on <= trial.start_on <= year.end_on:
        return None
    return ContractYear(year.contract, trial.start_on, trial.end_on, trial=True)


def used_before(
    year: ContractYear | None, earlier: Iterable[DayStatement], adjustments: Iterable[Adjustment] = ()
) -> int:
    """The units that earlier statements, and these adjustments, take from one contract year."""
    if year is None:
        return 0
    used = _adjusted(year, adjustments)
    for statement in earlier:
        used += statement.units if year.holds(statement) else 0
        used += _adjusted(year, statement.adjustments)
    return used


def day_statement(
    client: str,
    on: date,
    tally: DayTally,
    year: ContractYear | None,
    used: int,
    adjustments: Sequence[Adjustment] = (),
) -> DayStatement:
    """The day, rated after so many used units of its contract year, those of its adjustments included."""
    facts: dict[str, Any] = {}
    if year is not None:
        rated = rate_day(year.tariff, used, tally.units)
        facts = {
            "contract": year.contract.number,
            "contract_version": year.contract.version,
            "year_start_on": year.start_on,
            "year_end_on": year.end_on,
            "trial": year.trial,
            "from_trial" if year.trial else "from_bundle": rated.from_bundle,
            "overage_units": rated.overage_units,
            "overage_hao": rated.overage_hao,
        }
    return DayStatement(
        client=client,
        on=on,
        batches=tally.batches,
        refused=tally.refused,
        states=tally.states,
        categories=tally.categories,
        templates=tally.templates,
        test_messages=tally.test_messages,
        units=tally.units,
        adjustments=tuple(adjustments),
        breaks={each.kind: each.count for each in tally.breaks if each.kind not in OVERDUE},
        **facts,
    )


def adjustment(on: date, units: int, year: ContractYear | None, used: int) -> Adjustment:
    """A closed day's late units, rated after so many of its contract year; fewer units give money back."""
    if year is None:
        return Adjustment(on, None, None, units, 0, 0)
    sign = 1 if units >= 0 else -1
    rated = rate_day(year.tariff, max(used + min(units, 0), 0), abs(units))
    number, version = year.contract.number, year.contract.version
    overage = (sign * rated.overage_units, sign * rated.overage_hao)
    return Adjustment(on, number, version, units, *overage, trial=year.trial)


def rated_adjustments(
    late: Mapping[date, int],
    year_of: Callable[[date], ContractYear | None],
    earlier: Sequence[DayStatement],
) -> tuple[Adjustment, ...]:
    """The late units of closed days, each rated after what its contract year had used up till then."""
    rated: list[Adjustment] = []
    for on in sorted(on for on, units in late.items() if units):
        year = year_of(on)
        rated.append(adjustment(on, late[on], year, used_before(year, earlier, rated)))
    return tuple(rated)


def to_document(statement: DayStatement) -> dict[str, Any]:
    """The statement as plain JSON values."""
    document = asdict(statement)
    for name in ("on", "year_start_on", "year_end_on"):
        document[name] = _day_text(document[name])
    for name in ("states", "categories", "breaks"):
        document[name] = {str(key): value for key, value in document[name].items()}
    document["adjustments"] = [adjustment_document(each) for each in statement.adjustments]
    return document


def from_document(document: Mapping[str, Any]) -> DayStatement:
    """The statement that `to_document` wrote."""
    facts = dict(document)
    for name in ("on", "year_start_on", "year_end_on"):
        facts[name] = _day(facts[name])
    facts["states"] = {MessageState(key): value for key, value in facts["states"].items()}
    facts["categories"] = {
        Category(key): CategoryCount(**value) for key, value in facts["categories"].items()
    }
    facts["breaks"] = {BreakKind(key): value for key, value in facts["breaks"].items()}
    facts["adjustments"] = tuple(adjustment_from_document(each) for each in facts["adjustments"])
    return DayStatement(**facts)


def adjustment_document(each: Adjustment) -> dict[str, Any]:
    """The adjustment as plain JSON values."""
    return {**asdict(each), "on": each.on.isoformat()}


def adjustment_from_document(document: Mapping[str, Any]) -> Adjustment:
    """The adjustment that `adjustment_document` wrote."""
    return Adjustment(**{**document, "on": date.fromisoformat(document["on"])})


def _adjusted(year: ContractYear, adjustments: Iterable[Adjustment]) -> int:
    return sum(each.units for each in adjustments if year.holds(each))


def _line(kind: LineKind, on: date, units: int, amount_hao: int) -> MoneyLine:
    return MoneyLine(kind, on, units, amount_hao, CLAUSES[kind])


def _day_text(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
