"""The operator's words are put into the book and struck, with who did it, when and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.change import Change
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.words import WORDS_MAX, WordBook, WordChange, WordEntry
from openmas.errors import Conflict, InvalidInput, LimitExceeded
from openmas.flows.keep_words import TRIES, KeptWords, keep_words, strike_words, try_text
from tests.fakes import sample
from tests.fakes.words import FakeWords
from tests.fakes.world import FakeWorld

KIND = ContentKind.VIOLENCE_SEX_GAMBLING


def word(text: str, action: Action = Action.REFUSE) -> Word:
    return Word(text, KIND, action)


def test_words_are_kept_with_who_when_and_why_and_found_from_then_on() -> None:
    world = FakeWorld()

    kept = keep_words(world, [word("赌博"), word("六合彩")], "p-1", "starter list")

    assert kept == KeptWords(version=1, words=2, changed=2)
    assert world.words.book().entries["赌博"] == WordEntry(word("赌博"), "p-1", sample.NOW, "starter list")
    assert len(try_text(world, "賭 博")) == 1


def test_words_that_read_alike_are_one_and_the_last_one_counts() -> None:
    world = FakeWorld()

    keep_words(world, [word("賭博"), word("赌博"), word("赌·博", Action.HOLD)], "p-1", "slips")

    (entry,) = world.words.book().entries.values()
    assert entry.word == word("赌·博", Action.HOLD)


def test_a_word_is_struck_however_it_is_spelled() -> None:
    world = FakeWorld()
    keep_words(world, [word("赌博"), word("porn")], "p-1", "starter list")

    kept = strike_words(world, ["賭博", "ＰＯＲＮ", "没有"], "p-2", "too many findings")

    assert kept == KeptWords(version=2, words=0, changed=2)
    assert try_text(world, "赌博 porn") == []


def test_every_change_is_on_record_with_what_came_in_and_went_out() -> None:
    world = FakeWorld()
    keep_words(world, [word("赌博"), word("六合彩")], "p-1", "starter list")
    keep_words(world, [word("賭博", Action.HOLD), word("冰毒")], "p-2", "hold it rather")
    strike_words(world, ["六合彩", "没有"], "p-3", "too many findings")

    changes, end = world.words.changes(None, 10)

    assert end is None
    assert list(changes) == [
        WordChange(3, Change("p-3", sample.NOW, "too many findings"), (), (word("六合彩"),)),
        WordChange(2, Change("p-2", sample.NOW, "hold it rather"), (word("賭博", Action.HOLD), word("冰毒"))),
        WordChange(1, Change("p-1", sample.NOW, "starter list"), (word("赌博"), word("六合彩"))),
    ]


@given(st.lists(st.tuples(st.booleans(), st.sets(st.sampled_from("甲乙丙丁戊"), min_size=1)), min_size=1))
def test_the_changes_told_make_the_book_from_nothing(acts: list[tuple[bool, set[str]]]) -> None:
    world = FakeWorld()
    for n, (adds, signs) in enumerate(acts):
        texts = [f"词语{sign}" for sign in sorted(signs)]
        if adds:
            action = Action.HOLD if n % 2 else Action.REFUSE
            keep_words(world, [word(text, action) for text in texts], f"p-{n}", "why not")
        else:
            strike_words(world, texts, f"p-{n}", "why not")

    there: dict[str, Word] = {}
    for change in reversed(world.words.changes(None, 1_000)[0]):
        assert set(change.struck) <= set(there.values())
        there = {text: each for text, each in there.items() if each not in change.struck}
        there |= {each.text: each for each in change.added}

    assert there == {entry.word.text: entry.word for entry in world.words.book().entries.values()}


@pytest.mark.parametrize("text", ["毒", "x", "。。", "长" * 33])
def test_what_cannot_be_looked_for_is_refused_in_its_place(text: str) -> None:
    world = FakeWorld()

    with pytest.raises(InvalidInput, match="word_unfit") as refused:
        keep_words(world, [word("赌博"), word(text)], "p-1", "a slip")

    assert [fault.pointer for fault in refused.value.faults] == ["/words/1"]
    assert world.words.book() == WordBook()


def test_the_book_holds_a_hundred_thousand_words_and_no_more() -> None:
    world = FakeWorld()
    entry = WordEntry(word("赌博"), "p-1", sample.NOW, "many")
    world.words.stands = WordBook(1, {f"w{n}": entry for n in range(WORDS_MAX)})

    with pytest.raises(LimitExceeded, match="words_too_many"):
        keep_words(world, [word("冰毒")], "p-1", "one more")

    assert world.words.book().version == 1


class Contended(FakeWords):
    """Others are faster, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def keep(self, book: WordBook, change: WordChange) -> None:
        if self.times:
            self.times -= 1
            self.put(word(f"别人的词{self.times}"))
        super().keep(book, change)


def test_a_change_is_made_on_top_of_what_another_left() -> None:
    world = FakeWorld()
    world.words = Contended(2)

    keep_words(world, [word("赌博")], "p-1", "starter list")

    assert set(world.words.book().entries) == {"赌博", "别人的词0", "别人的词1"}


def test_whoever_is_always_overtaken_gives_up() -> None:
    world = FakeWorld()
    world.words = Contended(TRIES)

    with pytest.raises(Conflict, match="words_overtaken"):
        keep_words(world, [word("赌博")], "p-1", "starter list")


def test_the_book_is_gone_through_in_pages() -> None:
    book = WordBook().with_words(
        WordEntry(word(f"词语{n:03d}"), "p-1", sample.NOW, "many") for n in range(25)
    )

    pages, after = [], None
    while True:
        page, after = book.page(after, 10)
        pages.append([entry.word.text for entry in page])
        if after is None:
            break

    assert [len(page) for page in pages] == [10, 10, 5]
    assert sorted(text for page in pages for text in page) == [f"词语{n:03d}" for n in range(25)]
