"""Every failure that crosses a boundary, sorted by what the caller does next.

OpenMasError
├── Rejected              change the request
│   ├── InvalidInput      it cannot be read as a request
│   ├── NotFound          what it names is not there, or not the caller's
│   ├── Conflict          it contradicts what is stored
│   ├── NotAllowed        the contract, the key or the role says no
│   └── LimitExceeded     too many, too large or too fast
└── Unavailable           send the same request again later
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in a request that is wrong.

    Shape: `pointer` is an RFC 6901 JSON pointer into the body; `clause` is what asks for the right form.
    """

    pointer: str
    detail: str
    clause: str | None = None


class OpenMasError(Exception):
    """Something went wrong in a way that the caller can act on."""

    def __init__(
        self, code: str, detail: str, clause: str | None = None, faults: tuple[Fault, ...] = ()
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.clause = clause
        self.faults = faults
        # The contract and its version that were in force, where they are known.
        self.contract: tuple[str, int] | None = None
        # The day whose rules said no, where it is another one than that on which it is to be sent.
        self.decided_on: date | None = None


class Rejected(OpenMasError):
    """The same request will fail again: change it."""


class InvalidInput(Rejected):
    """The request cannot be read as one."""


class NotFound(Rejected):
    """What the request names does not exist for this caller."""


class Conflict(Rejected):
    """The request contradicts what is stored."""


class NotAllowed(Rejected):
    """The contract, the key or the role says no."""


class LimitExceeded(Rejected):
    """The request is too large, too much or too fast.

    Shape: `left` is how much would not be too much; after `retry_after_s` it is no longer too fast.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        clause: str | None = None,
        faults: tuple[Fault, ...] = (),
        *,
        left: int | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code, detail, clause, faults)
        self.left = left
        self.retry_after_s = retry_after_s


class Unavailable(OpenMasError):
    """Nothing is wrong with the request: send it again later."""
