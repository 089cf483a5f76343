"""The words, what was said of held batches, who looked: one set of promises, real and in memory."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from openmas.adapters import items_words
from openmas.adapters.table import Item, Table
from openmas.adapters.words import AwsWords
from openmas.domain.case import Closing, Look
from openmas.domain.change import Change
from openmas.domain.content import Action, Word, hits
from openmas.domain.content_kinds import ContentKind
from openmas.domain.words import PAGE_WORDS, WordBook, WordChange, WordEntry
from openmas.errors import Conflict, Unavailable
from openmas.needs import Cases, Messages, Words
from tests.fakes import sample
from tests.fakes.words import word_list
from tests.fakes.world import FakeClock, FakeWorld
from tests.integration.conftest import Platform

CHANGE = WordChange(
    1,
    Change("p-1", sample.NOW, "asked for"),
    (Word("赌博", ContentKind(12), Action.REFUSE), Word("內部消息", ContentKind(13), Action.HOLD)),
    (Word("冰毒", ContentKind(15), Action.REFUSE),),
)


class World(Protocol):
    @property
    def words(self) -> Words: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def messages(self) -> Messages: ...


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    platform: Platform = request.getfixturevalue("platform")
    return platform.world_without(items_words.PARTITION)


def entry(text: str, kind: int = 12, action: Action = Action.REFUSE, by: str = "p-1") -> WordEntry:
    return WordEntry(Word(text, ContentKind(kind), action), by, sample.NOW, "starter list")


def test_there_are_no_words_at_first(world: World) -> None:
    assert world.words.book() == WordBook()
    assert hits("赌博", world.words.current()) == []


def test_words_are_found_by_kind_and_action_and_keep_who_put_them_there(world: World) -> None:
    entries = [entry("赌博"), entry("內部消息", 13, Action.HOLD, "p-2"), entry("Sex")]
    book = WordBook().with_words(entries)

    world.words.keep(book, CHANGE)

    assert world.words.book() == book
    found = hits("内部消息：s.e.x 与賭博", world.words.current())
    assert [(each.kind.value, each.action) for each in found] == [
        (13, Action.HOLD),
        (12, Action.REFUSE),
        (12, Action.REFUSE),
    ]


def test_a_change_is_there_whole_and_only_on_top_of_the_newest(world: World) -> None:
    first = WordBook().with_words([entry("赌博"), entry("冰毒")])
    world.words.keep(first, CHANGE)
    second = first.with_words([entry("赌博", 21)]).without(["冰毒"])
    second = replace(second, version=first.version + 1)

    world.words.keep(second, replace(CHANGE, version=2))

    assert world.words.book() == second
    with pytest.raises(Conflict, match="words_overtaken"):
        world.words.keep(replace(first, version=2), CHANGE)
    assert world.words.book() == second


def changes_in_pages(world: World, limit: int) -> list[list[WordChange]]:
    pages, after = [], None
    while True:
        page, after = world.words.changes(after, limit)
        pages.append(list(page))
        if after is None:
            return pages


def kept(world: World, changes: list[WordChange]) -> None:
    book = WordBook()
    for change in changes:
        book = book.with_words([entry(f"赌博{change.version}")])
        world.words.keep(book, change)


def test_changes_are_told_newest_first_page_by_page(world: World) -> None:
    assert changes_in_pages(world, 10) == [[]]
    changes = [replace(CHANGE, version=n, change=replace(CHANGE.change, by=f"p-{n}")) for n in range(1, 6)]

    kept(world, changes)

    newest = changes[::-1]
    assert changes_in_pages(world, 2) == [newest[:2], newest[2:4], newest[4:]]
    assert changes_in_pages(world, 5) == [newest]


def test_a_page_of_changes_ends_once_it_holds_many_words_but_parts_no_change(world: World) -> None:
    words = tuple(each.word for each in many(PAGE_WORDS - 1))
    sizes = (1, PAGE_WORDS - 1, 1, 1, PAGE_WORDS - 1)
    changes = [
        replace(CHANGE, version=n, added=words[:size], struck=()) for n, size in enumerate(sizes, start=1)
    ]

    kept(world, changes)

    assert [[each.version for each in page] for page in changes_in_pages(world, 100)] == [[5, 4], [3, 2], [1]]
    assert changes_in_pages(world, 100)[0][0] == changes[4]


def test_a_change_that_was_overtaken_is_not_told(platform: Platform) -> None:
    world, other = platform.world_without(items_words.PARTITION), platform.world()
    first = WordBook().with_words([entry("赌博")])
    world.words.keep(first, CHANGE)
    table = world._table(platform.environ["REGISTRY_TABLE"])
    faster, slower = (replace(CHANGE, version=2, change=Change(by, sample.NOW, "")) for by in ("a", "b"))

    class Overtaking(Table):
        """Somebody else is faster, just before the head is moved."""

        def put_if(self, condition: str, item: Item, values: Item | None = None) -> Item | None:
            other.words.keep(first.with_words([entry("冰毒")]), faster)
            return super().put_if(condition, item, values)

    overtaken = AwsWords(Overtaking(table._client, table._name), FakeClock())
    with pytest.raises(Conflict, match="words_overtaken"):
        overtaken.keep(first.with_words([entry("枪支")]), slower)

    names = [item["sk"]["S"] for item in table.query("pk = :pk", {":pk": {"S": items_words.PARTITION}})]
    assert len([name for name in names if name.startswith("change#00000002#")]) == 2
    assert changes_in_pages(world, 10) == [[faster, CHANGE]]


def test_what_was_said_of_a_held_batch_stands(world: World) -> None:
    batch, client = sample.batch().id, "held-client"
    verdict = Closing("p-1", "It spreads rumours.", sample.NOW, "refused", ContentKind.RUMOURS)
    assert world.messages.verdict(client, batch) is None

    assert world.messages.keep_verdict(client, batch, verdict) == verdict
    later = replace(verdict, by="p-2", at=sample.NOW + timedelta(hours=1), kind=None)
    assert world.messages.keep_verdict(client, batch, later) == verdict
    with pytest.raises(Conflict, match="case_closed"):
        world.messages.keep_verdict(client, batch, replace(later, outcome="passed"))

    assert world.messages.verdict(client, batch) == verdict
    assert world.messages.verdict("another", batch) is None


def test_who_looked_is_told_in_the_order_of_time(world: World) -> None:
    client, case = "looked-at", "review#batch#1"
    looks = [Look(sample.NOW + timedelta(seconds=n), f"p-{n}") for n in (1, 0, 1)]

    for look in looks:
        world.cases.note_look(client, case, look)
    world.cases.note_look(client, "review#batch#11", looks[0])

    assert world.cases.looks(client, case) == [looks[1], looks[0]]


def many(count: int) -> list[WordEntry]:
    """So many words that share nothing: what is hardest to keep and to look for."""
    chance = random.Random(1)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 6_000)]
    texts = {"".join(chance.choices(signs, k=chance.randint(2, 8))) for _ in range(count + count // 50)}
    return [entry(text, n % 21 + 1) for n, text in enumerate(sorted(texts)[:count])]


def test_a_large_book_lies_in_slices_that_fit_and_is_read_back_whole(platform: Platform) -> None:
    world = platform.world_without(items_words.PARTITION)
    book = WordBook().with_words(many(40_000))

    world.words.keep(book, CHANGE)

    table = world._table(platform.environ["REGISTRY_TABLE"])
    kept = list(table.query("pk = :pk", {":pk": {"S": items_words.PARTITION}}))
    sizes = [len(item["slice"]["B"]) for item in kept if item["sk"]["S"].startswith("book#")]
    assert len(sizes) > 1
    assert max(sizes) <= items_words.SLICE_BYTES_MAX
    assert world.words.book() == book


def test_the_machine_finds_what_the_simplest_way_finds(platform: Platform) -> None:
    world, chance = platform.world_without(items_words.PARTITION), random.Random(2)
    words = ["赌博", "赌博网站", "博网", "s0x", "sex", "冰毒", "a.b.c"]
    book = WordBook().with_words([entry(word) for word in words])
    world.words.keep(book, CHANGE)
    naive = word_list([each.word for each in book.entries.values()])

    for _ in range(300):
        text = "".join(chance.choices("赌博网站冰毒sexSEXabc0. ，好1", k=chance.randint(0, 30)))
        assert hits(text, world.words.current()) == hits(text, naive)


def test_a_newer_book_is_noticed_within_five_seconds_and_not_asked_for_earlier(platform: Platform) -> None:
    world, clock = platform.world_without(items_words.PARTITION), FakeClock()
    looking = AwsWords(world._table(platform.environ["REGISTRY_TABLE"]), clock)
    assert hits("赌博", looking.current()) == []

    world.words.keep(WordBook().with_words([entry("赌博")]), CHANGE)

    clock.tick(4.9)
    assert hits("赌博", looking.current()) == []
    clock.tick(0.1)
    assert len(hits("赌博", looking.current())) == 1


def test_earlier_books_go_but_for_the_last_one(platform: Platform) -> None:
    world = platform.world_without(items_words.PARTITION)
    book = WordBook()
    for n in range(4):
        book = book.with_words([entry(f"赌博{n}")])
        world.words.keep(book, CHANGE)

    table = world._table(platform.environ["REGISTRY_TABLE"])
    kept = [item["sk"]["S"] for item in table.query("pk = :pk", {":pk": {"S": items_words.PARTITION}})]

    assert sorted(name[5:13] for name in kept if name.startswith("book#")) == ["00000003", "00000004"]
    assert len([name for name in kept if name.startswith("change#")]) == 4


def test_a_book_that_is_taken_away_while_it_is_read_is_read_again(platform: Platform) -> None:
    world = platform.world_without(items_words.PARTITION)
    world.words.keep(WordBook().with_words([entry("赌博")]), CHANGE)
    table = world._table(platform.environ["REGISTRY_TABLE"])
    (slice_of,) = [
        item["sk"]["S"]
        for item in table.query("pk = :pk", {":pk": {"S": items_words.PARTITION}})
        if item["sk"]["S"].startswith("book#")
    ]

    table.delete({"pk": {"S": items_words.PARTITION}, "sk": {"S": slice_of}})

    with pytest.raises(Unavailable, match="stored_unreadable"):
        world.words.book()
