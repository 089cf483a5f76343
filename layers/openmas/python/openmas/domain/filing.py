"""The lines of a file as recipients of a batch: which of them become messages, and why the others do not.

It depends on the file, the batch and the pinned version of its template alone: read again, all is the same.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.content import Checked, WordList, held_for, refused_for
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import FILE_RECIPIENTS_MAX, Lines, Part, part_messages
from openmas.domain.profile import Profile
from openmas.domain.reasons import reason_of, rejected
from openmas.domain.sender import sender_of
from openmas.domain.sheet import Row, Table, number_in
from openmas.domain.submission import EachText
from openmas.domain.template import Template
from openmas.domain.wording import gapped
from openmas.errors import InvalidInput, NotAllowed, Rejected

FAULTS_A_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class LineFault:
    """Why a line of the file, as a person counts it, became no message."""

    line: int
    code: str


Faults = tuple[LineFault, ...]
FAULTS_HEADER = ("line", "code", "clause", "detail", "detail_zh")


def fault_row(fault: LineFault) -> tuple[str, ...]:
    """A fault as a row under that header, for whoever corrects the file."""
    reason = reason_of(fault.code)
    return str(fault.line), reason.code, reason.clause or "", reason.en, reason.zh


class Filing:
    """Reads a table once.

    Shape: `lines` says what has been read so far.
    """

    def __init__(
        self, batch: Batch, each: EachText | None, recipients_max: int = FILE_RECIPIENTS_MAX
    ) -> None:
        self._batch = batch
        self._each = each
        self._recipients_max = recipients_max
        self._seen: set[int] = set()
        self._rows = 0
        self._recipients = 0
        self._refused: Counter[str] = Counter()
        self._units = 0

    @property
    def lines(self) -> Lines:
        return Lines(self._rows, self._recipients, dict(self._refused), self._units)

    def read(self, table: Table) -> Iterator[Part | Faults]:
        """The parts of the batch and the pages of faults, each as soon as it is full.

        Raises: InvalidInput if a variable has no column; Rejected where the table breaks off, once the faults
        above that place have been told.
        """
        columns, full = self._columns(table), part_messages(self._batch.parcel_size)
        good: list[tuple[str, tuple[str, ...], int]] = []
        faults: list[LineFault] = []
        try:
            for row in table.rows:
                self._rows += 1
                fitted = self._fitted(row, table.numbers, columns)
                if isinstance(fitted, str):
                    self._refused[fitted] += 1
                    faults.append(LineFault(row.line, fitted))
                else:
                    self._recipients += 1
                    self._units += fitted[2]
                    good.append(fitted)
                if len(good) == full:
                    yield self._part(good)
                    good = []
                if len(faults) == FAULTS_A_PAGE:
                    yield tuple(faults)
                    faults = []
        except Rejected:
            if faults:
                yield tuple(faults)
            raise
        if good:
            yield self._part(good)
        if faults:
            yield tuple(faults)

    def _columns(self, table: Table) -> Mapping[str, int]:
        """Where each variable stands that is not the same for all, or only where a cell says nothing else.

        Raises: InvalidInput if a variable has no column, or has one though all get the same text.
        """
        if self._each is None or self._batch.file is None:
            if table.variables:
                raise rejected(InvalidInput, reasons.VARIABLE_GIVEN_TWICE)
            return {}
        told = table.variables.keys() | self._batch.file.parameters.keys()
        if not told >= set(gapped(self._batch.text).names):
            raise rejected(InvalidInput, reasons.VARIABLE_COLUMN_MISSING)
        return table.variables

    def _fitted(
        self, row: Row, numbers: int, columns: Mapping[str, int]
    ) -> tuple[str, tuple[str, ...], int] | str:
        """The recipient with the values and units of its message, or the reason why there is none."""
        number, code = number_in(row, numbers)
        if number is None:
            return code
        if int(number) in self._seen:
            return reasons.NUMBER_DUPLICATE
        if self._recipients == self._recipients_max:
            return reasons.RECIPIENTS_BEYOND
        fitted = self._own(row, columns)
        if not isinstance(fitted, str):
            # A line that is no message does not stand in the way of a better one below.
            self._seen.add(int(number))
        return fitted if isinstance(fitted, str) else (number, *fitted)

    def _own(self, row: Row, columns: Mapping[str, int]) -> tuple[tuple[str, ...], int] | str:
        if self._each is None or self._batch.file is None:
            return (), self._batch.units_each
        faulty = next((row.faults[column] for column in columns.values() if column in row.faults), None)
        if faulty is not None:
            return faulty
        # An empty cell is no value: hardly anybody means to send a text with a hole in it.
        own = {name: cell for name, column in columns.items() if (cell := row.cell(column))}
        fitted = self._each.fit({**self._batch.file.parameters, **own})
        return fitted if isinstance(fitted, str) else (fitted.values, fitted.units)

    def _part(self, good: list[tuple[str, tuple[str, ...], int]]) -> Part:
        numbers, values, units = zip(*good, strict=True)
        return Part(numbers, values if self._each else (), units)


def each_text(batch: Batch, profile: Profile) -> EachText | None:
    """What makes each message's own text, if not all of the batch get the same.

    Raises: NotAllowed if the version of the template is not there any more.
    """
    if batch.own is None:
        return None
    template = _template(batch, profile)
    if template is None:
        raise rejected(NotAllowed, reasons.TEMPLATE_UNKNOWN)
    return EachText(template, batch.text, sender_of(batch.port, batch.signature, profile), batch.own.counting)


def variable_names(batch: Batch, profile: Profile) -> tuple[str, ...]:
    """The names by which a column is a variable's, also if all of the batch get the same text."""
    template = _template(batch, profile)
    return gapped(template.text).names if template else ()


def _template(batch: Batch, profile: Profile) -> Template | None:
    """The version that the batch is pinned to."""
    versions = profile.templates.get(batch.template or "", ())
    return next((each for each in versions if each.version == batch.template_version), None)


@dataclass(frozen=True, slots=True)
class Looked:
    """Where own values hold what is forbidden, and where a person must look, for which kinds."""

    refused: Mapping[int, ContentKind] = field(default_factory=dict)
    held: Mapping[int, tuple[ContentKind, ...]] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[ContentKind, ...]:
        """What a person must look for, each once."""
        return tuple(sorted({kind for kinds in self.held.values() for kind in kinds}))

    def refusals(self, passed: Collection[ContentKind]) -> dict[int, str]:
        """Who gets nothing, and why, once a person has let these kinds pass."""
        others = {place for place, kinds in self.held.items() if not set(kinds) <= set(passed)}
        unseen = dict.fromkeys(others, reasons.CONTENT_NEEDS_REVIEW)
        return {place: reasons.content_refused(kind) for place, kind in self.refused.items()} | unseen


def looked_through(batch: Batch, values: Sequence[tuple[str, ...]], words: WordList) -> Looked:
    """What the operator's words find in the values of each recipient's own."""
    if not values:
        return Looked()
    found = Checked.template(batch.text).hits_of_each(dict(enumerate(values)), words)
    refused = {place: kind for place, each in found.items() if (kind := refused_for(each)) is not None}
    return Looked(refused, {place: held_for(each) for place, each in found.items() if place not in refused})
