"""The life of a contract, by the day: a pure function of what is stored.

draft ──activated──► upcoming ──► [trial ──►] active ◄──► suspended ──► ended ──► reclaimed
                                                └──► superseded, by a later version of the same contract
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from openmas.domain.contract import Category, CodeSource, Contract, contract_in_force, version_in_force
from openmas.domain.term import TermPhase, last_day, term_state


class LifeStage(StrEnum):
    """Where a contract version stands."""

    DRAFT = "draft"
    UPCOMING = "upcoming"
    TRIAL = "trial"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    ENDED = "ended"
    RECLAIMED = "reclaimed"


@dataclass(frozen=True, slots=True)
class Life:
    """Where a version stands on a day.

    Shape: the days of the term in force, if one is; `suspended` are those of its categories that must not be
    sent; `overruled_by` is the client's other contract that rules the day, as both run. Once it has ended,
    its access code goes back on `reclaim_on`, and is anybody's from `free_on`; both are None where it is the
    client's own.
    """

    stage: LifeStage
    term_start_on: date | None = None
    term_end_on: date | None = None
    suspended: frozenset[Category] = frozenset()
    reclaim_on: date | None = None
    free_on: date | None = None
    overruled_by: str | None = None


def life(
    contract: Contract, in_force: Collection[Contract], on: date, suspended: Collection[Category] = ()
) -> Life:
    """Where a version stands on a day, `in_force` being all that were activated."""
    if contract not in in_force:
        return Life(LifeStage.DRAFT)
    same = [each for each in in_force if each.number == contract.number]
    if on < contract.effective_on:
        return Life(LifeStage.UPCOMING)
    ruling = version_in_force(same, on)
    if ruling != contract:
        signed_early = ruling is not None and _order(ruling) < _order(contract)
        return Life(LifeStage.UPCOMING if signed_early else LifeStage.SUPERSEDED)
    state = term_state(contract.term, on)
    match state.state:
        case TermPhase.NOT_STARTED:
            return Life(LifeStage.UPCOMING)
        case TermPhase.ENDED:
            return _after(contract, on)
    stopped = contract.categories.intersection(suspended)
    other = contract_in_force(in_force, on)
    overruled_by = other.number if other and other.number != contract.number else None
    stage = _running(contract, stopped, on)
    return Life(stage, state.start_on, state.end_on, stopped, overruled_by=overruled_by)


def code_free_on(in_force: Collection[Contract], code: str, on: date) -> date | None:
    """The day from which another client may get an access code (2.2.11); None while no such day is known."""
    return max((free_on for _, free_on in _returns(in_force, code, on)), default=None)


def code_back_on(in_force: Collection[Contract], code: str, on: date) -> date | None:
    """The day on which an access code goes back, and is its client's no more; None while none is known."""
    return max((back_on for back_on, _ in _returns(in_force, code, on)), default=None)


def _order(contract: Contract) -> tuple[date, int]:
    return contract.effective_on, contract.version


def _running(contract: Contract, stopped: Collection[Category], on: date) -> LifeStage:
    if stopped:
        return LifeStage.SUSPENDED
    return LifeStage.TRIAL if contract.in_trial(on) else LifeStage.ACTIVE


def _after(contract: Contract, on: date) -> Life:
    last_on = last_day(contract.term, on)
    assert last_on is not None, "a term that has ended has a last day"
    if contract.access_code.source is CodeSource.APPLIED:
        return Life(LifeStage.ENDED)
    reclaim_on, free_on = _given_back(contract, last_on)
    stage = LifeStage.RECLAIMED if reclaim_on <= on else LifeStage.ENDED
    return Life(stage, reclaim_on=reclaim_on, free_on=free_on)


def _given_back(contract: Contract, last_on: date) -> tuple[date, date]:
    """When the code of a contract that ended goes back, and when it is free."""
    code = contract.access_code
    reclaim_on = last_on + timedelta(days=1 + code.reclaim_after_days)
    return reclaim_on, reclaim_on + timedelta(days=code.quarantine_days)


def _returns(in_force: Collection[Contract], code: str, on: date) -> list[tuple[date, date]]:
    """When each version that has a code gives it back, and leaves it free; nothing while one keeps it."""
    found = [_return(each, in_force, on) for each in in_force if each.access_code.code == code]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else []


def _return(contract: Contract, in_force: Iterable[Contract], on: date) -> tuple[date, date] | None:
    """When the code of one version goes back, because a later version follows or because all is over."""
    if contract.access_code.source is CodeSource.APPLIED:
        return None
    later = [
        each.begins_on
        for each in in_force
        if each.number == contract.number and _order(each) > _order(contract)
    ]
    over_on = last_day(contract.term, on)
    ends = [each - timedelta(days=1) for each in later] + ([over_on] if over_on else [])
    return _given_back(contract, min(ends)) if ends else None
