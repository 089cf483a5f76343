"""The operator's words are put into the book and struck, with who did it, when and why."""

import pytest

from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.words import WORDS_MAX, WordBook, WordChange, WordEntry
from openmas.errors import Conflict, InvalidInput, LimitExceeded
from openmas.flows.keep_words import TRIES, Kept, keep_words, strike_words, try_text
from tests.fakes import sample
from tests.fakes.words import FakeWords
from tests.fakes.world import FakeWorld

KIND = ContentKind.VIOLENCE_SEX_GAMBLING


def word(text: str, action: Action = Action.REFUSE) -> Word:
    return Word(text, KIND, action)


def test_words_are_kept_with_who_when_and_why_and_found_from_then_on() -> None:
    world = FakeWorld()

    kept = keep_words(world, [word("赌博"), word("六合彩")], "p-1", "starter list")

    assert kept == Kept(version=1, words=2, changed=2)
    assert world.words.book().entries["赌博"] == WordEntry(word("赌博"), "p-1", sample.NOW, "starter list")
    assert world.words.changes == [WordChange("added", ("赌博", "六合彩"), "p-1", sample.NOW, "starter list")]
    assert len(try_text(world, "賭 博")) == 1


def test_words_that_read_alike_are_one_and_the_last_one_counts() -> None:
    world = FakeWorld()

    keep_words(world, [word("賭博"), word("赌博"), word("赌·博", Action.HOLD)], "p-1", "slips")

    (entry,) = world.words.book().entries.values()
    assert entry.word == word("赌·博", Action.HOLD)


def test_a_word_is_struck_however_it_is_spelled() -> None:
    world = FakeWorld()
    keep_words(world, [word("赌博"), word("porn")], "p-1", "starter list")

    kept = strike_words(world, ["賭博", "P0RN", "没有"], "p-2", "too many findings")

    assert kept == Kept(version=2, words=0, changed=2)
    assert world.words.changes[-1].why == "too many findings"
    assert try_text(world, "赌博 porn") == []


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

    assert set(world.words.book().entries) == {"赌博", "别人的词o", "别人的词i"}


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
