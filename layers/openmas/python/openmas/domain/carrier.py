"""What is said to a carrier, and what its answer proves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The carrier inside the platform; test keys always lead there.
SANDBOX = "sandbox"

# Codes of a refusal that mean more than "no": an earlier copy was taken; nothing was taken, call again later.
REPEATED = "RepeatedContent"
TAKE_LATER = "NotTaken"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier declares of itself; the send protocol relies on nothing else.

    Shape: `echoes_reference`: its receipts carry our reference; `deduplicates_s`: for so long a call that
    repeats a reference is answered like the first and not sent twice (0: never, so an unknown call is not
    repeated).
    """

    echoes_reference: bool = False
    deduplicates_s: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a carrier: one text to all the numbers of one parcel, or a text for each.

    Shape: `text` is one for all, or a tuple that runs parallel to `numbers`.
    """

    reference: str
    attempt: int
    port: str
    text: str | tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took the call; `refused` holds the numbers that it did not take, with its raw codes."""

    group: str
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier took nothing and will not; `repeated` means that it holds an earlier copy of this call."""

    code: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Surely nothing was taken, and the same call may succeed later."""

    why: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody here knows whether the carrier took the call."""

    why: str


Answer = Accepted | Refused | NotTaken | Ambiguous
