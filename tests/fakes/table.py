"""One table in memory, with the operations and conditions that are raced for, and a say in their order."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy

from openmas.adapters.table import ABSENT, Item, Key

Step = Callable[[], None]


class FakeTable:
    """Shape: `step` is called before every single read and write, so that others may go first."""

    def __init__(self, step: Step = lambda: None) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.step = step

    def get(self, key: Key) -> Item | None:
        self.step()
        return deepcopy(self.items.get(_place(key)))

    def put_if(self, condition: str, item: Item, values: Item | None = None) -> Item | None:
        self.step()
        stands = self.items.get(_place(item))
        if condition == ABSENT:
            holds = stands is None
        else:
            name, _, compared = condition.partition(" = ")
            assert (name in {"version", "events"}, compared) == (True, ":before")
            assert values is not None
            holds = stands is not None and stands[name] == values[":before"]
        if holds:
            self.items[_place(item)] = deepcopy(item)
            return None
        return deepcopy(stands or {})

    def put_each_if(self, puts: Sequence[tuple[str, Item, Item | None]]) -> list[Item | None]:
        return [self.put_if(*put) for put in puts]

    def fetch(self, keys: Sequence[Key], attributes: str = "", reserved: Sequence[str] = ()) -> list[Item]:
        places = [_place(key) for key in keys]
        assert len(set(places)) == len(places)
        found = []
        for place in places:
            self.step()
            if place in self.items:
                found.append(deepcopy(self.items[place]))
        wanted = [name.strip().lstrip("#") for name in attributes.split(",")] if attributes else None
        return [
            {name: value for name, value in item.items() if wanted is None or name in wanted}
            for item in found
        ]

    def first(self, count: int, condition: str, values: Item, **more: object) -> list[Item]:
        assert (condition, more) == (
            "pk = :pk AND sk BETWEEN :first AND :last",
            {"ScanIndexForward": False},
        )
        self.step()
        pk, low, high = (values[name]["S"] for name in (":pk", ":first", ":last"))
        places = [place for place in self.items if place[0] == pk and low <= place[1] <= high]
        return [deepcopy(self.items[place]) for place in sorted(places, reverse=True)[:count]]

    def query(self, condition: str, values: Item) -> Iterator[Item]:
        assert condition == "pk = :pk AND sk > :after"
        self.step()
        pk, after = values[":pk"]["S"], values[":after"]["S"]
        yield from [deepcopy(self.items[at]) for at in sorted(self.items) if at[0] == pk and at[1] > after]

    def add(self, key: Key, amounts: Item) -> None:
        self.step()
        item = self.items.setdefault(_place(key), dict(key))
        for name, amount in amounts.items():
            there = item[name]["SS"] if name in item else []
            item[name] = {"SS": sorted({*there, *amount["SS"]})}

    def update_if(
        self, condition: str, key: Key, update: str, names: Mapping[str, str], values: Item
    ) -> tuple[bool, Item]:
        """Shape: one number may grow, as the packed logs ask for; nothing is old enough to be removed."""
        assert (condition, update) == ("attribute_not_exists(#on) OR #on < :n", "SET #on = :n")
        self.step()
        item, name = self.items.setdefault(_place(key), dict(key)), names["#on"]
        grows = name not in item or int(item[name]["N"]) < int(values[":n"]["N"])
        if grows:
            item[name] = values[":n"]
        return grows, deepcopy(item)

    def put_all(self, items: Iterable[Item]) -> None:
        for item in items:
            self.step()
            self.items[_place(item)] = deepcopy(item)

    def delete_all(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.step()
            self.items.pop(_place(key), None)


def _place(key: Key) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]
