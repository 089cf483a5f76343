"""A list that goes in or out as a file (2.1.12): what was asked for, how far it is, and what became of it."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from openmas.domain import reasons
from openmas.domain.grounds import GroundsByLine, GroundsColumns, grounds_columns
from openmas.domain.listing import Consent, ListEntry, ListName
from openmas.domain.loading import Loaded, LoadMode
from openmas.domain.numbers import Numbers
from openmas.domain.sheet import FileForm, Row, Table, number_in
from openmas.errors import Rejected

# As many lines as a person may want to see; the counts are of all.
FAULTS_MAX = 1_000
# More wrong lines than one in so many, and it is the wrong file.
RIGHT_FOR_ONE_WRONG = 10

Faults = tuple[tuple[int, str], ...]


class TransferState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Found:
    """What stood in a file.

    Shape: `doubles` are lines whose number stands further up already, and are no errors; `faults` are the
    first wrong lines and doubles with their reasons.
    """

    rows: int = 0
    errors: int = 0
    doubles: int = 0
    faults: Faults = ()


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form that can be posted for a quarter of an hour: these fields, then a file of bounded size."""

    url: str
    fields: Mapping[str, str]
    bytes_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One import (which has an `upload` and a `mode`) or export (which has a `form`).

    Shape: `refusal` is why nothing was changed, with the line where one is to blame.
    """

    client: str
    id: str
    name: ListName
    by: str
    at: datetime
    why: str = ""
    consent: Consent | None = None
    upload: str | None = None
    mode: LoadMode | None = None
    strict: bool = False
    form: FileForm | None = None
    state: TransferState = TransferState.WAITING
    found: Found = Found()
    loaded: Loaded | None = None
    refusal: tuple[str, str | None] | None = None

    @property
    def over(self) -> bool:
        return self.state in (TransferState.DONE, TransferState.REFUSED)

    @property
    def entry(self) -> ListEntry:
        """Who, when and why, as it stands with every number that the file brings."""
        return ListEntry("", self.by, self.at, self.why, self.consent)

    def running(self, rows: int) -> "Transfer":
        return replace(self, state=TransferState.RUNNING, found=replace(self.found, rows=rows))

    def done(self, found: Found, loaded: Loaded | None = None) -> "Transfer":
        return replace(self, state=TransferState.DONE, found=found, loaded=loaded)

    def refused(self, error: Rejected, found: Found | None = None) -> "Transfer":
        line = error.faults[0].pointer if error.faults else None
        refusal = (error.code, line)
        return replace(self, state=TransferState.REFUSED, found=found or self.found, refusal=refusal)


class FileReading:
    """Takes the rows of a file; holds the numbers, what is said of each, and what is wrong."""

    def __init__(self, table: Table, transfer: Transfer) -> None:
        self.numbers = Numbers()
        self.grounds = GroundsByLine()
        self.rows = 0
        self._column = table.numbers
        self._usual = transfer.entry.grounds
        # Why a number is struck is not why it was listed, which is what such a column most likely says.
        struck = transfer.mode is LoadMode.REMOVE
        kind = transfer.name.kind
        self._columns = GroundsColumns(kind) if struck else grounds_columns(table, kind)
        self._consent_needed = transfer.name.stands_for_consent and not struck
        # By code, in little room: of a million lines all may be wrong.
        self._wrong: dict[str, array[int]] = {}

    def take(self, row: Row) -> None:
        self.rows += 1
        code = self._keep(row)
        if code is not None:
            self._wrong.setdefault(code, array("L")).append(row.line)

    def _keep(self, row: Row) -> str | None:
        """The row's number is kept with its grounds; or the reason why it cannot be."""
        number, code = number_in(row, self._column)
        if number is None:
            return code
        said = self._columns.read(row, self._usual) if self._columns.named else self._usual
        if isinstance(said, str):
            return said
        if self._consent_needed and said.consent is None:
            return reasons.CONSENT_MISSING
        if said != self._usual:
            self.grounds.add(row.line, said)
        self.numbers.add(number, row.line)
        return None

    def end(self) -> Found:
        """What was found; the numbers are settled."""
        errors = sum(map(len, self._wrong.values()))
        doubles, lines = self.numbers.settle(self.rows)
        if lines:
            self._wrong[reasons.LINE_DOUBLE] = array("L", lines)
        return Found(self.rows, errors, doubles, tuple(islice(self.faults(), FAULTS_MAX)))

    def faults(self) -> Iterator[tuple[int, str]]:
        """All wrong lines, in order, and doubles, once the numbers are settled."""
        codes = list(self._wrong)
        ordered = sorted(line * len(codes) + n for n, code in enumerate(codes) for line in self._wrong[code])
        return ((each // len(codes), codes[each % len(codes)]) for each in ordered)


def too_faulty(found: Found, *, strict: bool) -> bool:
    """Whether so many lines are wrong that nothing is to be changed."""
    return found.errors > 0 if strict else found.errors * RIGHT_FOR_ONE_WRONG > found.rows
