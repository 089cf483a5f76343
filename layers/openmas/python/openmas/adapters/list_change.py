"""What a change and a file make of one bucket: pure functions of what it holds."""

from collections.abc import Collection, Mapping

from openmas.adapters.buckets import BUCKET_MAX, DIGITS_MAX, Bucket, Generation, place_of
from openmas.adapters.list_journal import Parts
from openmas.domain import reasons
from openmas.domain.listing import Act
from openmas.domain.loading import Loaded, Loading, LoadMode
from openmas.domain.numbers import Numbers
from openmas.domain.reasons import rejected
from openmas.errors import LimitExceeded

# A list of five million, in items of far less than DynamoDB's 400 KB.
BUCKET_FULL = 5_000


class BucketOverfull(Exception):
    """A bucket would hold `count` numbers, and the list's buckets can be parted further."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def changed(
    bucket: Bucket, act: Act, marks: Mapping[str, bytes], *, guarded: bool
) -> tuple[Bucket, Collection[str]]:
    """The bucket after the change, and the numbers that stay because they are frozen."""
    after = bucket.copy()
    after.version += 1
    left: Collection[str] = ()
    match act:
        case Act.ADDED:
            after.entries |= marks
        case Act.STRUCK:
            left = bucket.frozen.keys() & marks.keys() if guarded else ()
            for number in marks.keys() - left:
                after.entries.pop(number, None)
        case Act.FROZEN:
            after.frozen |= marks
        case Act.THAWED:
            for number in marks:
                after.frozen.pop(number, None)
    return after, left


def check_size(generation: Generation, before: Bucket, after: Bucket) -> None:
    """Raises: BucketOverfull; LimitExceeded if the list is as long as a list may be."""
    count = len(after.entries)
    if count <= len(before.entries):
        return
    if count > BUCKET_FULL:
        raise rejected(LimitExceeded, reasons.LIST_TOO_LONG)
    if count > BUCKET_MAX and generation.digits < DIGITS_MAX:
        raise BucketOverfull(count)


class Merge:
    """Asked bucket by bucket, what the loading makes of each; tells the journal and counts what is spared."""

    def __init__(self, loading: Loading, digits: int, mark: bytes, parts: Parts, *, guarded: bool) -> None:
        self._id = loading.id
        self._mode = loading.mode
        self._numbers = loading.numbers.by_ending(digits)
        self._grounds = loading.grounds
        self._usual = loading.entry.grounds
        self._mark = mark
        self._parts = parts
        self._guarded = guarded
        self._added = self._struck = self._spared = 0

    def __call__(self, label: str, bucket: Bucket) -> Bucket:
        named = self._named(label)
        spared = self._kept_frozen(bucket, named)
        kept = {number: bucket.entries[number] for number in spared}
        match self._mode:
            case LoadMode.REPLACE:
                entries = {**kept, **named}
            case LoadMode.ADD:
                entries = {**bucket.entries, **named}
            case LoadMode.REMOVE:
                entries = {n: mark for n, mark in bucket.entries.items() if n not in named} | kept
        if len(entries) > BUCKET_FULL:
            raise rejected(LimitExceeded, reasons.LIST_TOO_LONG)
        added, struck = entries.keys() - bucket.entries.keys(), bucket.entries.keys() - entries.keys()
        if not self._grounds:
            self._parts.tell(Act.ADDED, sorted(added))
        self._parts.tell(Act.STRUCK, sorted(struck))
        self._added += len(added)
        self._struck += len(struck)
        self._spared += len(spared)
        return Bucket(entries, bucket.frozen)

    def end(self, act: Act) -> Mapping[str, Loaded]:
        """All is on record; what the loading has come to, by its id."""
        self._parts.end(act)
        return {self._id: Loaded(self._added, self._struck, self._spared)}

    def _named(self, label: str) -> dict[str, bytes]:
        """The file's numbers of this bucket with their marks.

        Shape: where lines have grounds of their own, each number is told, in an order that depends on nothing
        but the file: whoever puts it in again writes the same records.
        """
        numbers = self._numbers.get(int(label[::-1] or 0), Numbers())
        if not self._grounds:
            return dict.fromkeys((number for number, _ in numbers.lines()), self._mark)
        ordered = sorted(numbers.lines(), key=lambda each: place_of(each[0]))
        return self._parts.tell_each(
            (number, self._grounds.of(line) or self._usual) for number, line in ordered
        )

    def _kept_frozen(self, bucket: Bucket, named: Collection[str]) -> set[str]:
        """What would be struck, were it not frozen."""
        if not self._guarded or self._mode is LoadMode.ADD:
            return set()
        frozen = bucket.entries.keys() & bucket.frozen.keys()
        return {number for number in frozen if (number in named) is (self._mode is LoadMode.REMOVE)}
