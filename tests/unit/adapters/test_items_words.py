"""A book of words is read as texts are today, whenever it was packed."""

import json
import zlib
from collections.abc import Sequence

import pytest

from openmas.adapters.items_words import Columns, pack_book, slice_items
from openmas.adapters.words import ready
from openmas.domain.content import Action, Word, hits
from openmas.domain.content_kinds import ContentKind
from openmas.domain.words import WordBook, WordEntry
from tests.fakes import sample

KIND = ContentKind.VIOLENCE_SEX_GAMBLING


def entry(text: str, action: Action = Action.REFUSE) -> WordEntry:
    return WordEntry(Word(text, KIND, action), "p-1", sample.NOW, "starter list")


def stored(entries: Sequence[WordEntry], **earlier: object) -> Columns:
    """A book as a platform packed it that read some of the words in another way than this one does."""
    book = WordBook(1, {f"read otherwise {n}": each for n, each in enumerate(entries)})
    packed = zlib.compress(json.dumps({**json.loads(zlib.decompress(pack_book(book))), **earlier}).encode())
    return Columns(slice_items("book", packed))


@pytest.mark.parametrize("earlier", [{}, {"read_as": 1, "folded": {"0": "賭 博", "1": "p0rn"}}])
def test_words_that_were_stored_long_ago_are_found_as_texts_are_read_now(earlier: dict[str, object]) -> None:
    columns = stored([entry("賭 博"), entry("Ｐ0ＲN"), entry("六合彩")], **earlier)

    for text in ("赌博", "p0rn", "6合彩"):
        assert [each.action for each in hits(text, ready(columns))] == [Action.REFUSE]
    assert set(columns.book().entries) == {"赌博", "p0rn", "六合彩"}


def test_of_two_words_that_have_come_to_read_alike_the_one_that_refuses_stays() -> None:
    columns = stored([entry("赌博"), entry("賭博", Action.HOLD)])

    assert {each.action for each in hits("赌博", ready(columns))} == {Action.HOLD, Action.REFUSE}
    assert columns.book().entries == {"赌博": entry("赌博")}


def test_a_word_of_which_too_little_is_read_any_more_is_found_nowhere() -> None:
    listed = ready(stored([entry("ーー"), entry("赌ー"), entry("冰毒")]))

    assert hits("赌 ー 彩", listed) == []
    assert len(hits("冰毒", listed)) == 1


def test_a_book_is_unpacked_as_it_was_packed() -> None:
    words = [entry("賭博"), entry("p0rn", Action.HOLD), entry("porn"), entry("64"), entry("六四")]
    book = WordBook().with_words(words)

    assert Columns(slice_items("book", pack_book(book))).book() == book
