"""The lines of a file as recipients of a batch: which of them become messages, and why the others do not.

It depends on the file, the batch and the pinned version of its template alone: read again, all is the same.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.content import Checked, Finding, WordList, held_for, refused_for
from openmas.domain.cutting import FILE_RECIPIENTS_MAX, Part, part_parcels
from openmas.domain.profile import Profile
from openmas.domain.reasons import rejected
from openmas.domain.sender import sender_of
from openmas.domain.sheet import Row, Table, number_in
from openmas.domain.submission import EachText
from openmas.domain.wording import gapped
from openmas.errors import InvalidInput, NotAllowed

FAULTS_A_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class LineFault:
    """Why a line of the file, as a person counts it, became no message."""

    line: int
    code: str


Faults = tuple[LineFault, ...]


class Filing:
    """Reads a table once.

    Shape: `rows`, `recipients` and `refused`, by reason, are what has been read so far.
    """

    def __init__(
        self, batch: Batch, each: EachText | None, recipients_max: int = FILE_RECIPIENTS_MAX
    ) -> None:
        self._batch = batch
        self._each = each
        self._recipients_max = recipients_max
        self._seen: set[int] = set()
        self.rows = 0
        self.recipients = 0
        self.refused: Counter[str] = Counter()

    def read(self, table: Table) -> Iterator[Part | Faults]:
        """The parts of the batch and the pages of faults, each as soon as it is full.

        Raises: InvalidInput if a variable has no column.
        """
        columns, full = self._columns(table), part_parcels(self._batch.parcel_size) * self._batch.parcel_size
        good: list[tuple[str, tuple[str, ...], int]] = []
        faults: list[LineFault] = []
        for row in table.rows:
            self.rows += 1
            fitted = self._fitted(row, table.numbers, columns)
            if isinstance(fitted, str):
                self.refused[fitted] += 1
                faults.append(LineFault(row.line, fitted))
            else:
                self.recipients += 1
                good.append(fitted)
            if len(good) == full:
                yield self._part(good)
                good = []
            if len(faults) == FAULTS_A_PAGE:
                yield tuple(faults)
                faults = []
        if good:
            yield self._part(good)
        if faults:
            yield tuple(faults)

    def _columns(self, table: Table) -> dict[str, int]:
        """Where each variable stands that is not the same for all."""
        if self._each is None or self._batch.file is None:
            return {}
        given = self._batch.file.parameters
        wanted = [name for name in gapped(self._batch.text).names if name not in given]
        found = {name: table.column(name) for name in wanted}
        columns = {name: column for name, column in found.items() if column is not None}
        if len(columns) != len(wanted):
            raise rejected(InvalidInput, reasons.VARIABLE_COLUMN_MISSING)
        return columns

    def _fitted(
        self, row: Row, numbers: int, columns: dict[str, int]
    ) -> tuple[str, tuple[str, ...], int] | str:
        """The recipient with the values and units of its message, or the reason why there is none."""
        number, code = number_in(row, numbers)
        if number is None:
            return code
        if int(number) in self._seen:
            return reasons.NUMBER_DUPLICATE
        if self.recipients == self._recipients_max:
            return reasons.RECIPIENTS_BEYOND
        fitted = self._own(row, columns)
        if not isinstance(fitted, str):
            # A line that is no message does not stand in the way of a better one below.
            self._seen.add(int(number))
        return fitted if isinstance(fitted, str) else (number, *fitted)

    def _own(self, row: Row, columns: dict[str, int]) -> tuple[tuple[str, ...], int] | str:
        if self._each is None or self._batch.file is None:
            return (), self._batch.units_each
        faulty = next((row.faults[column] for column in columns.values() if column in row.faults), None)
        if faulty is not None:
            return faulty
        # An empty cell is no value: hardly anybody means to send a text with a hole in it.
        own = {name: cell for name, column in columns.items() if (cell := row.cell(column))}
        return self._each.fit({**self._batch.file.parameters, **own})

    def _part(self, good: list[tuple[str, tuple[str, ...], int]]) -> Part:
        numbers, values, units = zip(*good, strict=True)
        return Part(numbers, values if self._each else (), units)


def each_text(batch: Batch, profile: Profile) -> EachText | None:
    """What makes each message's own text, if not all of the batch get the same.

    Raises: NotAllowed if the version of the template is not there any more.
    """
    if batch.own is None:
        return None
    versions = profile.templates.get(batch.template or "", ())
    template = next((each for each in versions if each.version == batch.template_version), None)
    if template is None:
        raise rejected(NotAllowed, reasons.TEMPLATE_UNKNOWN)
    return EachText(template, batch.text, sender_of(batch.port, batch.signature, profile), batch.own.counting)


def refused_by_content(batch: Batch, part: Part, words: WordList) -> dict[int, str]:
    """The places of a part whose own values hold what is forbidden, or a person would have to look at."""
    if not part.values:
        return {}
    checked = Checked.template(batch.text)
    look = cache(lambda values: _content_fault(checked.findings(values, words)))
    return {place: code for place, values in enumerate(part.values) if (code := look(values)) is not None}


def _content_fault(found: Sequence[Finding]) -> str | None:
    if (kind := refused_for(found)) is not None:
        return reasons.content_refused(kind)
    return reasons.CONTENT_NEEDS_REVIEW if held_for(found) else None
