"""Slots in DynamoDB: one number under each name, the time at which the next free slot begins."""

from datetime import timedelta

from openmas.adapters import items
from openmas.adapters.packing import Item
from openmas.adapters.table import Table
from openmas.needs import Clock

TRIES = 5
# Slots lie ahead for minutes at most; a name that is not used any more is forgotten.
KEPT = timedelta(days=2)
_MICROSECONDS = 1_000_000
_NEXT = {"#next": "next_at"}
_BUSY = "SET #next = #next + :cost, expires_at = :expires_at"
_WHILE_BUSY = "#next BETWEEN :now AND :end"
_IDLE = "SET #next = :after, expires_at = :expires_at"
_WHILE_IDLE = "attribute_not_exists(#next) OR #next < :now"
_WHILE_TOO_FAR = "#next > :longest"


class AwsPace:
    """Shape: while slots are taken one write does; it adds, so that nobody has to read and write again."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def reserve(
        self, client: str, name: str, cost_s: float, horizon_s: float, longest_s: float | None = None
    ) -> float | None:
        now = self._clock.now()
        begin = round(now.timestamp() * _MICROSECONDS)
        end, cost = begin + round(horizon_s * _MICROSECONDS), max(1, round(cost_s * _MICROSECONDS))
        key, expires_at = items.pace_key(client, name), items.expiry(now, KEPT)
        busy = {
            ":now": _number(begin),
            ":end": _number(end),
            ":cost": _number(cost),
            ":expires_at": expires_at,
        }
        idle = {":now": _number(begin), ":after": _number(begin + cost), ":expires_at": expires_at}
        for _ in range(TRIES):
            done, item = self._table.update_if(_WHILE_BUSY, key, _BUSY, _NEXT, busy)
            if done:
                return (_next_at(item) - cost - begin) / _MICROSECONDS
            if item and _next_at(item) > end:
                if longest_s is None or _next_at(item) <= begin + round(longest_s * _MICROSECONDS):
                    return None
                if self._begun_anew(key, begin + round(longest_s * _MICROSECONDS), end + cost, expires_at):
                    return (end - begin) / _MICROSECONDS
                continue
            if self._table.update_if(_WHILE_IDLE, key, _IDLE, _NEXT, idle)[0]:
                return 0.0
        return None

    def _begun_anew(self, key: Item, longest: int, after: int, expires_at: Item) -> bool:
        """Whether the slots go on from here, as the next one was too far away."""
        values = {":longest": _number(longest), ":after": _number(after), ":expires_at": expires_at}
        return self._table.update_if(_WHILE_TOO_FAR, key, _IDLE, _NEXT, values)[0]


def _number(value: int) -> Item:
    return {"N": str(value)}


def _next_at(item: Item) -> int:
    return int(item["next_at"]["N"])
