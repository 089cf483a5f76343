"""Every night, makes each client's statements of the open days again, and books what has changed."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.calendar import day_start_at, shanghai_day
from openmas.domain.records import night_record
from openmas.edge.records import Failures, Record, each_record
from openmas.edge.telemetry import count, line
from openmas.errors import InvalidInput
from openmas.flows import look_at_orphans, reconcile_billing


class Needs(reconcile_billing.Needs, reconcile_billing.StartNeeds, look_at_orphans.Needs, Protocol):
    """Reads the registry and days; writes the ledger, cases, orphans' parcels; fills the night's queue."""


def build(world: Needs) -> Callable[[dict[str, Any], object], Failures | dict[str, int]]:
    def reconcile(record: Record) -> dict[str, object]:
        client, as_of = night_record(record.body)
        night = reconcile_billing.reconcile(world, client, day_start_at(as_of))
        count("StatementsWritten", night.days_written)
        if night.breaks:
            count("BreaksFound", night.breaks)
        return {"client": client, **asdict(night), **take()}

    def handle(event: dict[str, Any], _context: object) -> Failures | dict[str, int]:
        if "Records" in event:
            return each_record(event, reconcile)
        with line("night") as noted:
            as_of = _night(event.get("night"), world.clock.now())
            clients = reconcile_billing.start_night(world, as_of)
            looked = look_at_orphans.look_at_orphans(world, as_of)
            noted.update(outcome="done", as_of=as_of.isoformat(), clients=clients, **asdict(looked), **take())
        return {"clients": clients}

    return handle


def _night(asked: object, now: datetime) -> date:
    """The day on which the night falls: the one that was asked for, or today."""
    if asked is True:
        return shanghai_day(now)
    try:
        return date.fromisoformat(str(asked))
    except ValueError:
        raise InvalidInput("night_unreadable", "A night is true or a day as yyyy-mm-dd.") from None


handle = build(AwsWorld())
