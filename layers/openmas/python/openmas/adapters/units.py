"""The units that clients hold, in DynamoDB: one item a client, one counter a period."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping

from openmas.adapters import items_limits as items
from openmas.adapters.packing import Item
from openmas.adapters.table import Table
from openmas.domain.holding import Account, Correction, Period
from openmas.errors import Unavailable


class AwsUnits:
    """Fulfils `needs.Units`.

    Shape: `once` leads to the same table by a client that makes no call twice: units given back twice would
    let the limits be passed.
    """

    def __init__(self, table: Table, once: Callable[[], Table]) -> None:
        self._table = table
        self._once = once

    def account(self, client: str) -> Account:
        return items.account_from(self._table.get(items.units_key(client)) or {})

    def hold(
        self, client: str, periods: Iterable[Period], units: int, mark: bytes | None = None
    ) -> tuple[bool, Account]:
        """One conditional write; if its answer is lost and it is made again, it knows itself by its mark."""
        counters = _Names()
        mark = mark or os.urandom(6)
        values: Item = {":units": _whole(units), ":mark": {"B": mark}}
        conditions = ["(attribute_not_exists(mark) OR mark <> :mark)"]
        added = []
        for period in periods:
            name = counters.name(period.name)
            added.append(f"{name} :units")
            conditions.append(f"attribute_exists({name})")
            if period.stop is not None:
                values[f":most{name[1:]}"] = _whole(period.stop - units)
                conditions.append(f"{name} <= :most{name[1:]}")
        done, item = self._table.update_if(
            " AND ".join(conditions),
            items.units_key(client),
            f"SET mark = :mark ADD {', '.join(added)}",
            counters.names,
            values,
        )
        return done or item.get("mark") == {"B": mark}, items.account_from(item)

    def start(self, client: str, used: Mapping[str, int]) -> None:
        counters = _Names()
        values = {f":{n}": _whole(units) for n, units in enumerate(used.values())}
        names = [counters.name(name) for name in used]
        begun = [f"{name} = if_not_exists({name}, :{n})" for n, name in enumerate(names)]
        update = f"SET {', '.join(begun)}"
        self._table.update_if(None, items.units_key(client), update, counters.names, values)

    def give_back(self, client: str, names: Collection[str], units: int, epoch: int) -> bool:
        counters = _Names()
        back = [counters.name(name) for name in names]
        there = [f"attribute_exists({name})" for name in back]
        same = "epoch = :epoch" if epoch else "attribute_not_exists(epoch)"
        values = {":back": _whole(-units), **({":epoch": _whole(epoch)} if epoch else {})}
        update = f"ADD {', '.join(f'{name} :back' for name in back)} REMOVE mark"
        try:
            return self._once().update_if(
                " AND ".join([same, *there]), items.units_key(client), update, counters.names, values
            )[0]
        except Unavailable:
            return False

    def tell(self, client: str, name: str) -> None:
        self._table.add(items.units_key(client), {"told": {"SS": [name]}})

    def settle(self, client: str, seen: Account, correction: Correction) -> bool:
        counters = _Names()
        values: Item = {":next": _whole(seen.epoch + 1)}
        same = ["attribute_not_exists(epoch)"]
        if seen.epoch:
            values[":epoch"] = _whole(seen.epoch)
            same = ["epoch = :epoch"]
        for n, name in enumerate(sorted(correction.while_same)):
            values[f":same{n}"] = _whole(seen.used[name])
            same.append(f"{counters.name(name)} = :same{n}")
        added = []
        for n, (name, units) in enumerate(sorted(correction.added.items())):
            values[f":added{n}"] = _whole(units)
            added.append(f"{counters.name(name)} :added{n}")
        parts = ["SET epoch = :next", f"ADD {', '.join(added)}" if added else ""]
        parts.append(f"REMOVE {', '.join(['mark', *map(counters.name, sorted(correction.forgotten))])}")
        told = sorted(correction.forgotten & seen.told)
        if told:
            values[":told"] = {"SS": told}
            parts.append("DELETE told :told")
        done, _ = self._table.update_if(
            " AND ".join(same), items.units_key(client), " ".join(parts), counters.names, values
        )
        return done


class _Names:
    """Counters' names as an expression may hold them, each once."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def name(self, counter: str) -> str:
        known = {counter: short for short, counter in self.names.items()}
        short = known.get(counter, f"#{len(self.names)}")
        self.names[short] = counter
        return short


def _whole(units: int) -> Item:
    return {"N": str(units)}
