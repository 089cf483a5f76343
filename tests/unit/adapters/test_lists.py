"""Lists under many hands: in whatever order they read and write, each number ends as its changes say."""

import itertools
import threading
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmas.adapters import buckets, known_buckets, list_change, list_heads, list_journal
from openmas.adapters.buckets import MARK_BYTES, Bucket, Generation, bucket_from, bucket_item, by_label
from openmas.adapters.list_heads import SEALED_FOR, ListHeads
from openmas.adapters.lists import AwsLists
from openmas.adapters.packing import item_bytes
from openmas.domain.change import Change
from openmas.domain.grounds import GroundsByLine
from openmas.domain.listing import (
    BLACK,
    OPTOUT,
    WHITE,
    Act,
    Consent,
    ConsentBasis,
    Grounds,
    ListEntry,
    ListName,
)
from openmas.domain.loading import Loaded, Loading, LoadMode
from openmas.domain.numbers import Numbers
from openmas.errors import LimitExceeded
from openmas.needs import Lists
from tests.fakes import sample
from tests.fakes.baton import Baton
from tests.fakes.lists import FakeLists
from tests.fakes.table import FakeTable
from tests.fakes.world import FakeClock

CLIENT = sample.CLIENT
PHONES = st.integers(0, 10**10 - 1).map(lambda n: f"1{n:010d}")
GENERATIONS = st.builds(Generation, st.just("g"), st.integers(0, 3))
MARKS = st.binary(min_size=MARK_BYTES, max_size=MARK_BYTES)
ALL = (BLACK, WHITE, OPTOUT)
FEW = [f"138001300{n:02d}" for n in (1, 2, 11, 12, 21)]


def lists_on(table: FakeTable, clock: FakeClock, pause: Callable[[float], object]) -> AwsLists:
    return AwsLists(table, clock, pause)  # type: ignore[arg-type]


def entry(number: str, at: datetime = sample.NOW, why: str = "asked us") -> ListEntry:
    return ListEntry(number, "key crm", at, why)


def loading(
    mode: LoadMode, numbers: Sequence[str], at: datetime = sample.NOW, *, own: bool = False
) -> Loading:
    """Shape: with `own`, every second line has grounds of its own."""
    packed, grounds = Numbers(), GroundsByLine()
    for line, number in enumerate(numbers, 1):
        packed.add(number, line)
        if own and line % 2:
            grounds.add(line, Grounds(f"line {line}", Consent(ConsentBasis.WRITTEN, f"form of {number}")))
    packed.settle(0)
    return Loading(at.isoformat(), mode, entry("", at, "file"), packed, grounds)


@given(GENERATIONS, st.dictionaries(PHONES, MARKS, max_size=40), st.dictionaries(PHONES, MARKS, max_size=3))
def test_a_bucket_is_read_as_it_was_stored(
    generation: Generation, entries: dict[str, bytes], frozen: dict[str, bytes]
) -> None:
    for label in by_label(generation, [*entries, *frozen]):
        mine = [{n: m for n, m in of.items() if generation.label(n) == label} for of in (entries, frozen)]
        bucket = Bucket(mine[0], mine[1], 7)

        item = bucket_item("c", "black", generation, label, bucket)

        assert bucket_from(item, generation, label) == bucket


@given(GENERATIONS, st.sets(PHONES, max_size=80), st.sets(PHONES, max_size=80), st.randoms())
def test_the_numbers_among_packed_ones_are_those_of_both_sets(
    generation: Generation, stored: set[str], others: set[str], chance: Random
) -> None:
    asked = others | set(chance.sample(sorted(stored), len(stored) // 2))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "SCANNED_BYTES", chance.choice([5, buckets.SCANNED_BYTES]))
        for label, numbers in by_label(generation, asked).items():
            mine = {number: bytes(MARK_BYTES) for number in stored if generation.label(number) == label}
            packed = bucket_item("c", "black", generation, label, Bucket(mine, {}, 1))["numbers"]["B"]

            assert generation.among(packed, numbers) == set(numbers) & stored


def test_a_number_is_not_found_across_the_seam_of_two_others() -> None:
    generation = Generation("g", 3)
    packed = b"".join(generation.packed(number) for number in ("10000258000", "10131072000"))

    seam = str(int.from_bytes(packed[1:4], "big")).rjust(7, "0")
    assert generation.among(packed, [f"1{seam}000"]) == set()


def test_every_generation_reads_a_list_in_the_same_order() -> None:
    numbers = [f"1{Random(n).randrange(10**10):010d}" for n in range(200)]

    def order(digits: int) -> list[str]:
        generation = Generation("g", digits)
        parted = by_label(generation, numbers)
        return [
            number
            for label in generation.labels()
            for number in sorted(parted.get(label, []), key=lambda each: (each[:-4:-1], each))
        ]

    assert order(0) == order(1) == order(2) == order(3)


# --- one hand


OPS = st.one_of(
    st.tuples(st.sampled_from(Act), st.sets(st.sampled_from(FEW), min_size=1), st.booleans()),
    st.tuples(st.sampled_from(LoadMode), st.sets(st.sampled_from(FEW)), st.booleans()),
)


def act_on(
    lists: Lists, name: ListName, what: Act | LoadMode, numbers: set[str], at: datetime, flag: bool
) -> Loaded | frozenset[str]:
    """Shape: the flag is a file's grounds of its own, or that an operator asks."""
    if isinstance(what, LoadMode):
        return lists.load(CLIENT, name, loading(what, sorted(numbers), at, own=flag))
    entries = [entry(number, at) for number in sorted(numbers)]
    return lists.change(CLIENT, name, what, entries, by_operator=flag)


@given(
    st.sampled_from([BLACK, WHITE, OPTOUT]), st.lists(OPS, max_size=8), st.integers(1, 3), st.integers(1, 3)
)
def test_one_change_after_the_other_leaves_what_a_dictionary_would(
    name: ListName, ops: list[tuple[Any, set[str], bool]], bucket_max: int, a_record: int
) -> None:
    clock, naive = FakeClock(), FakeLists()
    lists = lists_on(FakeTable(), clock, clock.tick)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_change, "BUCKET_MAX", bucket_max)
        patch.setattr(list_journal, "A_RECORD", a_record)
        for what, numbers, flag in ops:
            at = clock.tick(seconds=1)
            before = lists.clock(CLIENT)
            assert act_on(lists, name, what, numbers, at, flag) == act_on(
                naive, name, what, numbers, at, flag
            )
            assert lists.clock(CLIENT) > before
            assert lists.listed(CLIENT, [name], FEW) == naive.listed(CLIENT, [name], FEW)

    assert lists.listed(CLIENT, [name], FEW) == naive.listed(CLIENT, [name], FEW)
    assert lists.page(CLIENT, name, None, 9) == naive.page(CLIENT, name, None, 9)
    assert lists.page(CLIENT, name, FEW[1], 1) == naive.page(CLIENT, name, FEW[1], 1)
    assert [lists.entry(CLIENT, name, n) for n in FEW] == [naive.entry(CLIENT, name, n) for n in FEW]


def test_a_list_is_read_again_only_once_it_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    table, clock = FakeTable(), FakeClock()
    writer, reader = (lists_on(table, clock, clock.tick) for _ in range(2))
    writer.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[0])])
    steps: list[int] = []
    table.step = lambda: steps.append(1)

    def asked(client: str = CLIENT) -> tuple[set[str], int]:
        steps.clear()
        return set(reader.listed(client, [BLACK], FEW)[BLACK]), len(steps)

    assert [asked(), asked(), asked()] == [({FEW[0]}, 2), ({FEW[0]}, 1), ({FEW[0]}, 1)]
    writer.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[1])])
    assert [asked(), asked()] == [({*FEW[:2]}, 2), ({*FEW[:2]}, 1)]
    # The one that was asked for longest ago is forgotten first.
    writer.change("c-2", BLACK, Act.ADDED, [entry(FEW[2])])
    monkeypatch.setattr(known_buckets, "KNOWN_BYTES_MAX", 60)
    assert [asked("c-2"), asked("c-2")] == [({FEW[2]}, 2), ({FEW[2]}, 1)]
    assert [asked(), asked("c-2")] == [({*FEW[:2]}, 2), ({FEW[2]}, 2)]


def test_only_buckets_that_changed_are_read_again_while_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_heads, "NAMED_MAX", 3)
    table, clock = FakeTable(), FakeClock()
    writer, reader = (lists_on(table, clock, clock.tick) for _ in range(2))
    numbers = [f"138{n:08d}" for n in range(251)]
    for name in (BLACK, OPTOUT):
        writer.load(CLIENT, name, loading(LoadMode.ADD, numbers))
    asked, reads = [f"139{n:08d}" for n in range(10)], list[int]()
    known = sum(
        len(pk) + len(item["numbers"]["B"]) for (pk, sk), item in table.items.items() if sk == "bucket"
    )
    monkeypatch.setattr(known_buckets, "KNOWN_BYTES_MAX", known + known // 3)
    table.step = lambda: reads.append(1)

    def add(name: ListName, *numbers: str) -> object:
        return writer.change(CLIENT, name, Act.ADDED, [entry(number) for number in numbers])

    def load(name: ListName) -> object:
        return writer.load(CLIENT, name, loading(LoadMode.ADD, asked, clock.tick(seconds=1)))

    def forget_names() -> object:
        # As a writer leaves it that knows of no names.
        item = table.items[CLIENT, "clock"]
        item["version"]["N"] = str(int(item["version"]["N"]) + 1)
        for part in (item, *(head["M"] for head in item["lists"]["M"].values())):
            for each in ("named_since", "changed"):
                part.pop(each, None)
        return None

    def buckets_read(after: object) -> int:
        reads.clear()
        reader.listed(CLIENT, [BLACK, OPTOUT], asked)
        return len(reads) - 1

    def freeze(name: ListName) -> object:
        writer.freeze(CLIENT, name, Change("olga", sample.NOW, "audit"))
        return None

    assert buckets_read(after=None) == 20
    assert buckets_read(after=None) == 0
    assert buckets_read(add(BLACK, asked[0])) == 1
    assert buckets_read(add(BLACK, asked[0])) == 1
    assert buckets_read([add(BLACK, asked[0]), add(OPTOUT, asked[1], asked[2])]) == 3
    assert buckets_read(add(WHITE, asked[0])) == 0
    assert buckets_read(freeze(OPTOUT)) == 0
    assert buckets_read(load(BLACK)) == 10
    assert buckets_read([add(BLACK, *asked[:3]), load(BLACK), add(OPTOUT, asked[0])]) == 11
    # A generation that no longer counts takes no room.
    assert buckets_read(after=None) == 0
    assert buckets_read(add(BLACK, *asked[:4])) == 20
    assert buckets_read([add(BLACK, *asked[:4]), add(BLACK, asked[0])]) == 20
    assert buckets_read([add(BLACK, number) for number in asked[:4]]) == 20
    assert buckets_read(add(BLACK, asked[0])) == 1
    assert buckets_read(forget_names()) == 20
    assert buckets_read(add(BLACK, asked[0])) == 1


def test_a_change_that_died_before_it_counted_is_read_once_it_is_made_again() -> None:
    table, clock = FakeTable(), FakeClock()
    writer, reader = (lists_on(table, clock, clock.tick) for _ in range(2))
    writer.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[0])])
    assert reader.listed(CLIENT, [BLACK], FEW) == {BLACK: {FEW[0]}}
    put_if = table.put_if

    def die(*_: object) -> None:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        # Of the two only the head is put by itself.
        patch.setattr(table, "put_each_if", lambda puts: [put_if(*put) for put in puts])
        patch.setattr(table, "put_if", die)
        with pytest.raises(Died):
            writer.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[1])])
    writer.change(CLIENT, WHITE, Act.ADDED, [entry(FEW[2])])
    assert reader.listed(CLIENT, [BLACK], FEW) == {BLACK: {FEW[0]}}

    writer.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[1])])

    assert reader.listed(CLIENT, [BLACK], FEW) == {BLACK: {*FEW[:2]}}


def test_however_often_its_lists_change_what_is_read_of_a_client_stays_small() -> None:
    table, clock = FakeTable(), FakeClock()
    lists = lists_on(table, clock, clock.tick)
    for name in (BLACK, WHITE, OPTOUT):
        lists.load(CLIENT, name, loading(LoadMode.ADD, [f"138{n:08d}" for n in range(251)]))

    for n in range(list_heads.NAMED_MAX):
        name = (BLACK, WHITE, OPTOUT)[n % 3]
        lists.change(CLIENT, name, Act.ADDED, [entry(f"139{n + k:08d}") for k in range(n % 11 + 1)])

    named = ListHeads(table, clock, clock.tick).read(CLIENT)  # type: ignore[arg-type]
    assert 20 < sum(len(head.changed) for head in named.lists.values()) <= list_heads.NAMED_MAX
    assert item_bytes(table.items[CLIENT, "clock"]) < 1_500


def told_of(lists: Lists, name: ListName) -> list[tuple[Any, ...]]:
    """Every record of the month, the newest first, however many pages they take."""
    found, before = [], None
    while True:
        page, before = lists.changes(CLIENT, name.kind, "202511", before, 100)
        found += [(each.id, each.act, each.numbers, each.grounds) for each in page]
        if before is None:
            return found


def test_a_file_writes_the_same_records_whatever_the_list_has_become_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(list_journal, "A_RECORD", 7)
    numbers = [f"138{n * 7_919 % 10_000:04d}{n * 31 % 10_000:04d}" for n in range(300)]
    told = []
    for there_before in ([], numbers[:1], [*numbers[::2], *(f"139{n:08d}" for n in range(300))]):
        lists = lists_on(FakeTable(), FakeClock(), lambda _: None)
        lists.change(CLIENT, WHITE, Act.ADDED, [entry(number) for number in there_before])
        at = sample.NOW + timedelta(seconds=1)

        lists.load(CLIENT, WHITE, loading(LoadMode.ADD, numbers, at, own=True))

        told.append([each for each in told_of(lists, WHITE) if each[3]])
        assert {
            each.number: each.why for each in lists.page(CLIENT, WHITE, None, 1_000)[0] if each.at == at
        } == {number: f"line {n + 1}" if n % 2 == 0 else "file" for n, number in enumerate(numbers)}
    assert len(told[0]) == -(-len(numbers) // 7)
    assert told[0] == told[1] == told[2]


def test_the_longest_grounds_fit_into_their_records() -> None:
    table, chance = FakeTable(), Random(7)
    long = ["".join(map(chr, chance.choices(range(0x4E00, 0x9FA5), k=200))) for _ in range(1_500)]
    packed, grounds = Numbers(), GroundsByLine()
    for n, text in enumerate(long):
        packed.add(f"138001{n:05d}", n)
        grounds.add(n, Grounds(text, Consent(ConsentBasis.ASKED, text[::-1])))
    packed.settle(0)
    lists = lists_on(table, FakeClock(), lambda _: None)

    lists.load(CLIENT, WHITE, Loading("f", LoadMode.ADD, entry(""), packed, grounds))

    assert max(item_bytes(item) for item in table.items.values()) < 300_000
    page, _ = lists.page(CLIENT, WHITE, None, 2_000)
    assert sorted(each.why for each in page) == sorted(long)
    found, before = lists.changes(CLIENT, WHITE.kind, "202511", None, 100)
    assert sum(2 * len(of.why) for each in found for of in each.grounds) < 600_000
    assert before is not None
    assert len(told_of(lists, WHITE)) > len(found)
    assert {number for _, _, numbers, _ in told_of(lists, WHITE) for number in numbers} == {
        each.number for each in page
    }


def test_a_list_without_room_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_change, "BUCKET_FULL", 1)
    monkeypatch.setattr(list_change, "DIGITS_MAX", 0)
    lists = lists_on(FakeTable(), FakeClock(), lambda _: None)
    lists.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[0])])

    with pytest.raises(LimitExceeded, match="list_too_long"):
        lists.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[1])])
    with pytest.raises(LimitExceeded, match="list_too_long"):
        lists.load(CLIENT, BLACK, loading(LoadMode.ADD, FEW[:2]))

    assert lists.listed(CLIENT, [BLACK], FEW) == {BLACK: {FEW[0]}}


def test_old_generations_are_removed_but_not_while_somebody_may_read_them() -> None:
    table, clock = FakeTable(), FakeClock()
    lists = lists_on(table, clock, clock.tick)

    def generations() -> int:
        return len({pk.split("#")[2] for pk, sk in table.items if sk == "bucket"})

    for mode in (LoadMode.ADD, LoadMode.REPLACE, LoadMode.REPLACE):
        lists.load(CLIENT, BLACK, loading(mode, FEW, clock.tick(minutes=1)))
    assert generations() == 3

    clock.tick(hours=2)
    lists.load(CLIENT, BLACK, loading(LoadMode.REPLACE, FEW, clock.now()))

    assert generations() == 2


def test_a_seal_whose_holder_died_is_broken_after_its_time() -> None:
    table, clock, waits = FakeTable(), FakeClock(), []
    lists = lists_on(table, clock, lambda s: waits.append(clock.tick(s)))
    lists.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[0])])
    heads = ListHeads(table, clock, clock.tick)  # type: ignore[arg-type]
    generation = heads.read(CLIENT).of("black").generation
    token = heads.seal(CLIENT, "black", generation)
    assert token

    began_at = clock.now()
    lists.change(CLIENT, BLACK, Act.ADDED, [entry(FEW[1])])

    assert waits
    assert clock.now() - began_at >= SEALED_FOR
    assert not heads.flip(CLIENT, "black", token, Generation("other", 0), {})
    assert lists.listed(CLIENT, [BLACK], FEW) == {BLACK: {*FEW[:2]}}


# --- many hands


class Died(Exception):
    """Whoever did something does it no further."""


class Lives(threading.local):
    """How many steps each hand has left, if not as many as it wants."""

    left: int | None = None

    def step(self, taken: Callable[[], None]) -> None:
        if self.left == 0:
            raise Died
        self.left = None if self.left is None else self.left - 1
        taken()


Stands = dict[Hashable, bool]


@dataclass(frozen=True)
class Done:
    """One act of one hand, from its first step to its last, and whether it leaves a number listed."""

    began: int
    ended: int
    effect: Stands
    certain: bool


@dataclass(frozen=True)
class Seen:
    """What was read, and when: which numbers stand on which lists."""

    began: int
    ended: int
    stands: Stands

    def unexplained(self, before: set[str], done: Sequence[Done]) -> list[object]:
        """What no order of the acts explains, of which those that had ended when the reading began count."""
        acts = [
            replace(act, certain=act.certain and act.ended < self.began)
            for act in done
            if act.began < self.ended
        ]
        return [
            (name, number)
            for name, number in JUDGED
            if (name, number) in self.stands
            and not explained((name, number), number in before, acts, self.stands[name, number])
        ]


def explained(number: Hashable, before: bool, acts: Sequence[Done], after: bool) -> bool:
    """Whether some order of the acts, none of which goes before one that had ended when it began, ends so."""
    mine = [act for act in acts if number in act.effect]
    sure = [act for act in mine if act.certain]
    doubtful = [act for act in mine if not act.certain]
    chosen = (
        [*sure, *some] for n in range(len(doubtful) + 1) for some in itertools.combinations(doubtful, n)
    )
    return any(
        (order[-1].effect[number] if order else before) is after
        for acts in chosen
        for order in itertools.permutations(acts)
        if all(first.began <= later.ended for first, later in itertools.combinations(order, 2))
    )


@dataclass(frozen=True)
class Hand:
    """What one hand does, perhaps up to some step only; without numbers it may freeze the whole list."""

    name: ListName
    what: Act | LoadMode
    numbers: set[str]
    dies_after: int | None = None

    @property
    def effect(self) -> Stands:
        if self.what is LoadMode.REPLACE:
            return {(self.name, number): number in self.numbers for number in FEW}
        added = self.what in (Act.ADDED, LoadMode.ADD)
        return {(self.name, number): added for number in self.numbers}

    def act(self, lists: Lists, at: datetime) -> None:
        change = Change("olga", at, "audit")
        if self.numbers or isinstance(self.what, LoadMode):
            act_on(lists, self.name, self.what, self.numbers, at, flag=False)
        elif self.what is Act.FROZEN:
            lists.freeze(CLIENT, self.name, change)
        else:
            lists.thaw(CLIENT, self.name, change)


SOME = st.sets(st.sampled_from(FEW))
# A white list counts otherwise while it is frozen; of it is asked only whether all read the same.
JUDGED = [(name, number) for name in (BLACK, OPTOUT) for number in FEW]
HANDS = st.lists(
    st.one_of(
        st.builds(
            Hand,
            st.sampled_from([BLACK, OPTOUT]),
            st.sampled_from([Act.ADDED, Act.STRUCK]),
            st.sets(st.sampled_from(FEW), min_size=1),
            st.none() | st.integers(0, 12),
        ),
        st.builds(
            Hand,
            st.sampled_from([BLACK, OPTOUT, WHITE]),
            st.sampled_from(LoadMode),
            SOME,
            st.none() | st.integers(0, 25),
        ),
        st.builds(Hand, st.just(WHITE), st.sampled_from([Act.FROZEN, Act.THAWED]), SOME),
    ),
    min_size=2,
    max_size=4,
)


def outcome(
    before: set[str],
    hands: Sequence[Hand],
    choose: Callable[[Sequence[int]], int],
    readings: int = 0,
) -> tuple[Sequence[object], Sequence[object]]:
    """What went wrong while the hands did their acts side by side, and what was read that no order explains.

    Shape: with `readings`, one more reads so often meanwhile, and must not go by what he remembers.
    """
    table, clock = FakeTable(), FakeClock()
    names = ALL if readings else (BLACK,)
    for name in names:
        at_first = loading(LoadMode.ADD, sorted(before), sample.NOW - timedelta(days=1))
        lists_on(table, clock, clock.tick).load(CLIENT, name, at_first)
    baton, lives = Baton(choose), Lives()
    done, seen = list[Done](), list[Seen]()
    table.step = partial(lives.step, baton.step)

    def pause(duration_s: float) -> None:
        # Whoever waits for a seal waits a few steps only, and so meets with its end, too.
        clock.tick(50 * duration_s)
        baton.step()

    def acting(n: int, hand: Hand) -> Callable[[], None]:
        lists, at = lists_on(table, clock, pause), sample.NOW + timedelta(milliseconds=n)

        def act() -> None:
            moved, began, certain = lists.clock(CLIENT), baton.steps, False
            lives.left = hand.dies_after
            with suppress(Died):
                try:
                    hand.act(lists, at)
                    certain, lives.left = True, None
                    assert lists.clock(CLIENT) > moved
                finally:
                    done.append(Done(began, baton.steps, hand.effect, certain))

        return act

    def read(lists: Lists) -> Stands:
        began, listed = baton.steps, lists.listed(CLIENT, names, FEW)
        stands: Stands = {(name, number): number in listed[name] for name in names for number in FEW}
        seen.append(Seen(began, baton.steps, stands))
        return stands

    reader = lists_on(table, clock, clock.tick)

    def read_often() -> None:
        for _ in range(readings):
            read(reader)

    acts = [acting(n, hand) for n, hand in enumerate(hands)]
    outcomes = baton.run([*acts, read_often] if readings else acts)
    # Whoever reads from here on reads after all of them.
    baton.steps, table.step = baton.steps + 1, lambda: None
    remembered, now = read(reader), read(lists_on(table, clock, clock.tick))
    # Of what died nobody was told.
    doubtful = {each for act in done if not act.certain for each in act.effect}
    forgotten = [each for each in now if each not in doubtful and remembered[each] != now[each]]
    unexplained = [each for reading in seen for each in reading.unexplained(before, done)]
    return [each for each in outcomes if each is not None], [*forgotten, *unexplained]


@settings(max_examples=100)
@given(
    SOME,
    HANDS,
    st.sampled_from([1, 2, 500]),
    st.sampled_from([0, 1, 2, list_heads.NAMED_MAX]),
    st.integers(0, 2**32).map(Random),
)
def test_whoever_comes_between_every_number_ends_as_some_order_of_the_changes_says(
    before: set[str], hands: list[Hand], bucket_max: int, named_max: int, chance: Random
) -> None:
    # Some runs change hands at every step, some seldom.
    patience, turn = chance.choice([1, 1, 3, 10, 40]), 0

    def choose(running: Sequence[int]) -> int:
        nonlocal turn
        if turn not in running or chance.randrange(patience) == 0:
            turn = chance.choice(running)
        return turn

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_change, "BUCKET_MAX", bucket_max)
        patch.setattr(list_heads, "NAMED_MAX", named_max)

        assert outcome(before, hands, choose, readings=4) == ([], [])


# Pairs that meet, what stood there before, and how many numbers a bucket takes: a file and a change, two
# files, and two changes for which a bucket must part.
Meeting = tuple[set[str], Hand, Hand, int]
MEETINGS: list[Meeting] = [
    ({FEW[0]}, Hand(BLACK, LoadMode.REPLACE, {FEW[1]}), Hand(BLACK, Act.ADDED, {FEW[2]}), 500),
    ({FEW[0], FEW[1]}, Hand(BLACK, LoadMode.ADD, {FEW[2]}), Hand(BLACK, Act.STRUCK, {FEW[0]}), 500),
    ({FEW[0]}, Hand(BLACK, LoadMode.ADD, {FEW[1]}), Hand(BLACK, LoadMode.ADD, {FEW[2]}), 500),
    (set(), Hand(BLACK, Act.ADDED, {FEW[0]}), Hand(BLACK, Act.ADDED, {FEW[1]}), 1),
]


@dataclass
class Plan:
    """One hand for some steps, then the other for some, then the first to its end, then the other.

    Shape: `idle` are hands that had ended before the plan was done with them.
    """

    first: int
    alone: int
    between: int
    idle: set[int] = field(default_factory=set)
    taken: int = 0

    @property
    def over(self) -> bool:
        """Whether a plan with more steps of the other hand would come to the same."""
        return bool(self.idle) or self.taken < self.alone + self.between

    def choose(self, running: Sequence[int]) -> int:
        self.taken += 1
        if self.taken > self.alone + self.between:
            return self.first if self.first in running else running[0]
        wanted = self.first if self.taken <= self.alone else 1 - self.first
        if wanted in running:
            return wanted
        self.idle.add(wanted)
        return running[0]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("meeting", MEETINGS)
def test_of_two_that_meet_none_is_lost_wherever_they_change_places(meeting: Meeting, first: int) -> None:
    before, one, other, bucket_max = meeting
    meetings = 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_change, "BUCKET_MAX", bucket_max)
        for alone in itertools.count():
            for between in itertools.count(1):
                plan = Plan(first, alone, between)
                assert outcome(before, [one, other], plan.choose) == ([], []), plan
                meetings += 1
                if plan.over:
                    break
            if plan.taken <= alone or first in plan.idle:
                break

    assert meetings > 100


def test_the_judge_of_orders_knows_a_lost_change_when_it_sees_one() -> None:
    first = Done(0, 5, {"a": True}, certain=True)
    later = Done(6, 9, {"a": False}, certain=True)

    assert explained("a", False, [first, later], False)
    assert not explained("a", False, [first, later], True)
    assert explained("a", False, [first, replace(later, began=3)], True)
    assert not explained("a", True, [], False)
    assert explained("a", False, [first, replace(later, certain=False)], True)


def test_buckets_part_before_they_are_too_large_for_a_cheap_write() -> None:
    assert [buckets.digits_for(n) for n in (0, 250, 251, 2_500, 25_001, 10**6)] == [0, 0, 1, 1, 3, 3]
