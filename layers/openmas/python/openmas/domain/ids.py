"""Names of batches, parcels and messages, each of which contains the key it is stored under.

    batch    20251124 3 q7m2x0v9k4tb        day, shard, random
    parcel   20251124 3 q7m2x0v9k4tb-0007   the batch and the parcel's number in it
    message  20251124 3 q7m2x0v9k4tb-0007-42

(without the spaces). The day is the Shanghai day on which the batch was accepted or, if it waits for a time,
is to be sent; it is also the day that is billed. What is only rehearsed has the shard 8, which is in no day.
"""

import re
from base64 import b32encode
from collections.abc import Iterator
from datetime import date

from openmas.errors import NotFound

SHARDS = 8
_REHEARSED = str(SHARDS)
PARCEL_RECIPIENTS_MAX = 100
CLIENT = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]")
ENTROPY_BYTES = 8

_BATCH = re.compile(r"[0-9]{8}[0-8][a-z2-7]{12}")
_PARCEL = re.compile(r"([0-9]{8}[0-8][a-z2-7]{12})-([0-9]{4}|[a-z][0-9a-z]{3})")
_MESSAGE = re.compile(r"([0-9]{8}[0-8][a-z2-7]{12}-(?:[0-9]{4}|[a-z][0-9a-z]{3}))-([0-9]{2})")
# Behind 9999 comes a000, then all that four such signs can spell: names sort as their numbers do.
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
_DECIMAL = 10_000
PARCELS_MAX = _DECIMAL + 26 * 36**3


def batch_id(on: date, entropy: bytes) -> str:
    """The name of a new batch.

    Shape: `entropy` is 8 random bytes; its last byte also chooses the shard.
    """
    name = b32encode(entropy).decode().lower()[:12]
    return f"{on:%Y%m%d}{entropy[-1] % SHARDS}{name}"


def rehearsed(batch: str) -> str:
    """The name under which a batch is only rehearsed."""
    return f"{batch[:8]}{_REHEARSED}{batch[9:]}"


def is_rehearsal(batch: str) -> bool:
    """Whether nothing of a batch of this name is ever sent."""
    return batch[8] == _REHEARSED


def parcel_id(batch: str, n: int) -> str:
    """The name of a batch's nth parcel; most have ten thousand at most, and plain numbers."""
    return f"{batch}-{n:04d}" if n < _DECIMAL else f"{batch}-{_spelled(n - _DECIMAL + 10 * 36**3)}"


def _spelled(n: int) -> str:
    assert n < 36**4, "a batch has no more parcels than four signs can tell apart"
    return "".join(_SIGNS[n // 36**power % 36] for power in (3, 2, 1, 0))


def parcel_number(parcel: str) -> int:
    """The number of a parcel in its batch."""
    written = parcel[-4:]
    return int(written) if written[0] < "a" else int(written, 36) - 10 * 36**3 + _DECIMAL


def message_id(parcel: str, index: int) -> str:
    return f"{parcel}-{index:02d}"


def batch_of(parcel: str) -> str:
    """The batch that a parcel belongs to."""
    match = _PARCEL.fullmatch(parcel)
    if match is None:
        raise NotFound("parcel_unknown", "There is no parcel of this name.")
    return match[1]


def split_message(message: str) -> tuple[str, int]:
    """The parcel of a message and its place in it."""
    match = _MESSAGE.fullmatch(message)
    if match is None:
        raise NotFound("message_unknown", "There is no message of this name.")
    return match[1], int(match[2])


def check_batch(batch: str) -> str:
    """The same name, which is now known to have a batch's form."""
    if _BATCH.fullmatch(batch) is None:
        raise NotFound("batch_unknown", "There is no batch of this name.")
    return batch


def is_batch(name: str) -> bool:
    """Whether it is the name of a batch, and not of a parcel in one."""
    return _BATCH.fullmatch(name) is not None


def day_of(name: str) -> date:
    """The Shanghai day of a batch, a parcel or a message."""
    return date(int(name[:4]), int(name[4:6]), int(name[6:8]))


def partition(client: str, name: str) -> str:
    """The partition that holds a batch and all of its parcels."""
    return f"{client}#{name[:8]}#{name[8]}"


def partitions_of_day(client: str, on: date) -> Iterator[str]:
    """Every partition in which a client's day lies."""
    return (f"{client}#{on:%Y%m%d}#{shard}" for shard in range(SHARDS))
