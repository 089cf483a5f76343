"""Let a person look at a held batch, and pass or refuse it with a reason.

The verdict is written first, once; from then on whoever touches the batch, the sweep too, acts on it. So a
try that dies is made good by the next one, or within the hour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Protocol

from openmas.domain.batch import Batch, text_of
from openmas.domain.case import Case, Closing, Look
from openmas.domain.content import Hit, hits
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import part_messages
from openmas.domain.review import PASSED, batch_of_review, kinds_held
from openmas.domain.wording import gapped
from openmas.errors import NotFound
from openmas.flows.end_reviews import let_expire
from openmas.needs import Cases, Clock, Messages, Parts, ReleaseQueue, Words

TEXTS_MAX = 50
PARCELS_A_READ = 50


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def words(self) -> Words: ...
    @property
    def parts(self) -> Parts: ...
    @property
    def release_queue(self) -> ReleaseQueue: ...


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """What a person must judge: the texts with what was found in them, the doubtful ones first.

    Shape: at most TEXTS_MAX different texts; `kinds` are those for which it, or lines of its file, must be
    looked at; `looks` are all who were shown them, this time included.
    """

    case: Case
    batch: Batch
    kinds: Sequence[ContentKind]
    texts: Sequence[tuple[str, Sequence[Hit]]]
    looks: Sequence[Look]


def show_held(needs: Needs, client: str, case: str, by: str) -> HeldBatch:
    """The texts of a held batch; that he was shown them is on record first.

    Raises: NotFound for another case, or if the submission was never completed.
    """
    found, name = _review(needs, client, case)
    batch = needs.messages.batch(client, name)
    if batch is None:
        raise NotFound("batch_unknown", "This submission was not completed; nothing of it can be sent.")
    needs.cases.note_look(client, case, Look(needs.clock.now(), by))
    words = needs.words.current()
    read = [(text, hits(text, words)) for text in islice(dict.fromkeys(_texts(needs, batch)), 5_000)]
    doubtful = sorted(read, key=lambda each: not each[1])
    kinds = kinds_held(batch, needs.messages.cutting(client, name) if batch.file else None)
    return HeldBatch(found, batch, kinds, doubtful[:TEXTS_MAX], needs.cases.looks(client, case))


def give_verdict(
    needs: Needs, client: str, case: str, by: str, why: str, outcome: str, *, kind: ContentKind | None = None
) -> Closing:
    """The verdict stands on the batch, is carried out, and its case is closed.

    Shape: `kind` is what it is refused for, where that is said.
    Raises: NotFound for another case; Conflict if another outcome stands, also as its validity is over.
    """
    _, name = _review(needs, client, case)
    now, batch = needs.clock.now(), needs.messages.batch(client, name)
    if batch is not None and batch.valid_until <= now:
        # No sweep may have come by yet.
        let_expire(needs, client, name)
    verdict = needs.messages.keep_verdict(client, name, Closing(by, why, now, outcome, kind))
    # The case first: should we die now, the sweep carries out what was said.
    needs.cases.close(client, case, verdict)
    # Read again: whoever completed it in between asked for a verdict before there was one.
    batch = needs.messages.batch(client, name)
    # What is passed before its time is released by the schedule; what is incomplete, by whoever completes it.
    if batch is not None and not (verdict.outcome == PASSED and batch.waits(now)):
        needs.release_queue.put(client, name)
    return verdict


def _review(needs: Needs, client: str, case: str) -> tuple[Case, str]:
    found, batch = needs.cases.find(client, case), batch_of_review(case)
    if found is None or batch is None:
        raise NotFound("case_unknown", "There is no review of a held batch of this name.")
    return found, batch


def _texts(needs: Needs, batch: Batch) -> Iterator[str]:
    if batch.own is None:
        yield batch.text
        return
    if batch.file is not None:
        yield from _doubtful_texts(needs, batch)
        return
    after: str | None = None
    while True:
        parcels, after = needs.messages.parcels_of_batch(batch.client, batch.id, after, PARCELS_A_READ)
        for parcel in parcels:
            yield from (text_of(batch, parcel, place) for place in range(len(parcel.numbers)))
        if after is None:
            return


def _doubtful_texts(needs: Needs, batch: Batch) -> Iterator[str]:
    """The texts of those lines of a file at which a person must look, the first ones."""
    cutting, text = needs.messages.cutting(batch.client, batch.id), gapped(batch.text)
    size = part_messages(batch.parcel_size)
    for n, places in groupby(cutting.doubtful if cutting else (), lambda place: place // size):
        part = needs.parts.part(batch.client, batch.id, n)
        yield from (text.fill(part.values[place % size]) for place in places)
