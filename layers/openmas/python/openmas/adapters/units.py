"""The units that clients hold, in DynamoDB: one item a client, one counter a period."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence

from openmas.adapters import items_limits as items
from openmas.adapters.packing import Item
from openmas.adapters.table import Table
from openmas.domain.holding import Account, Correction, FilePart, PartHold, Period
from openmas.errors import Unavailable

TRIES = 5


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
        self, client: str, periods: Sequence[Period], units: int, part: FilePart | None = None
    ) -> tuple[bool, Account]:
        """One conditional write; if its answer is lost and it is made again, it knows itself by its mark."""
        if part is not None:
            return self._hold_part(client, periods, units, part)
        counters = _Names()
        mark = os.urandom(6)
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

    def _hold_part(
        self, client: str, periods: Sequence[Period], units: int, part: FilePart
    ) -> tuple[bool, Account]:
        """The same by what stands for the part; who finds something else there than he read asks again."""
        held = PartHold(part.n, units, frozenset(period.name for period in periods))
        account = self.account(client)
        for _ in range(TRIES):
            known, wanted = account.parts.get(part.batch), account.wanted(periods, units, part)
            if not wanted:
                return True, account
            done, account = self._hold_wanted(client, periods, wanted, part.batch, (known, held))
            if done or account.parts.get(part.batch) == known:
                return done, account
        raise Unavailable("units_contended", "Too many others are holding units of this client.")

    def _hold_wanted(
        self,
        client: str,
        periods: Sequence[Period],
        wanted: Mapping[str, int],
        batch: str,
        changed: tuple[PartHold | None, PartHold],
    ) -> tuple[bool, Account]:
        """Shape: `changed` is what stands for the part before and after."""
        known, held = changed
        counters = _Names()
        here = counters.name(items.part_mark(batch))
        values: Item = {":held": items.part_hold(held)}
        conditions, added = [f"attribute_not_exists({here})"], []
        if known is not None:
            values[":known"] = items.part_hold(known)
            conditions = [f"{here} = :known"]
        for period in periods:
            name, more = counters.name(period.name), wanted.get(period.name, 0)
            conditions.append(f"attribute_exists({name})")
            if more:
                values[f":more{name[1:]}"] = _whole(more)
                added.append(f"{name} :more{name[1:]}")
            if more and period.stop is not None:
                values[f":most{name[1:]}"] = _whole(period.stop - more)
                conditions.append(f"{name} <= :most{name[1:]}")
        update = f"SET {here} = :held ADD {', '.join(added)}"
        condition = " AND ".join(conditions)
        done, item = self._table.update_if(condition, items.units_key(client), update, counters.names, values)
        return done, items.account_from(item)

    def forget_part(self, client: str, batch: str) -> None:
        mark = {"#part": items.part_mark(batch)}
        there = "attribute_exists(#part)"
        self._table.update_if(there, items.units_key(client), "REMOVE #part", mark, {})

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
        update = f"ADD {', '.join(f'{name} :back' for name in back)}"
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
        gone = [*sorted(correction.forgotten), *map(items.part_mark, sorted(correction.parts))]
        if gone:
            parts.append(f"REMOVE {', '.join(map(counters.name, gone))}")
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
