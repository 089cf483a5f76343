"""What operators send and get about content, as JSON: the words, the held batches, the verdicts on them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openmas.domain.content import Action, Hit, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.words import WordChange, WordEntry
from openmas.edge.wire import Text, Why, Wire, kind_document, plain

WORDS_MAX = 10_000

# A kind of content by its number in clause 11.3.
Kind = Annotated[int, Field(ge=1, le=len(ContentKind))]


class WordBody(Wire):
    word: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Kind
    action: Literal["hold", "refuse"]

    def meant(self) -> Word:
        return Word(self.word, ContentKind(self.kind), Action(self.action))


class WordsBody(Wire):
    """POST /v1/operator/words."""

    words: Annotated[list[WordBody], Field(min_length=1, max_length=WORDS_MAX)]
    why: Why


class StruckBody(Wire):
    """DELETE /v1/operator/words."""

    words: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=WORDS_MAX)]
    why: Why


class TextBody(Wire):
    """POST /v1/operator/words/check."""

    text: Text


class VerdictBody(Wire):
    """POST /v1/operator/cases/{client}/{case}/verdict."""

    outcome: Literal["passed", "refused"]
    why: Why
    kind: Kind | None = None

    @model_validator(mode="after")
    def _for_a_kind(self) -> Self:
        if self.kind is not None and self.outcome != "refused":
            raise ValueError("only what is refused is refused for a kind")
        return self

    def meant(self) -> ContentKind | None:
        """The kind for which it is refused, where that is said."""
        return ContentKind(self.kind) if self.kind else None


def kind_documents(kinds: Iterable[ContentKind]) -> Sequence[Mapping[str, object]]:
    return [kind_document(kind) for kind in kinds]


def word_document(entry: WordEntry) -> Mapping[str, object]:
    (told,) = _words_told([entry.word])
    return {**told, "by": entry.by, "at": plain(entry.at), "why": entry.why}


def change_document(change: WordChange) -> Mapping[str, object]:
    """A change of the words, and the version of the book that it made."""
    who = change.change
    told = {"version": change.version, "by": who.by, "at": plain(who.at), "why": who.why}
    return {**told, "added": _words_told(change.added), "struck": _words_told(change.struck)}


def _words_told(words: Iterable[Word]) -> Sequence[Mapping[str, object]]:
    return [{"word": word.text, "kind": word.kind.value, "action": word.action} for word in words]


def finding_documents(found: Iterable[Hit]) -> Sequence[Mapping[str, object]]:
    """Where something is in a text, and what it is; the places count characters."""
    return [
        {"begin": each.begin, "end": each.end, "action": each.action, **kind_document(each.kind)}
        for each in found
    ]
