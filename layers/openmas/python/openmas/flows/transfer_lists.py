"""Carry a list in or out as a file: all of it or nothing, and once, however often the record comes."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.filing import FAULTS_HEADER, LineFault, fault_row
from openmas.domain.listing import ListName
from openmas.domain.loading import Loading
from openmas.domain.reasons import rejected
from openmas.domain.sheet import FileForm, read_table
from openmas.domain.transfer import FileReading, Found, Transfer, too_faulty
from openmas.errors import InvalidInput, NotFound, Rejected
from openmas.flows.keep_lists import check_room
from openmas.needs import Exports, Lists, Transfers, Uploads

TELL_EVERY = 100_000
PAGE = 10_000
HEADER = ("number", "why", "by", "at", "consent", "evidence", "frozen")


class Needs(Protocol):
    @property
    def lists(self) -> Lists: ...
    @property
    def transfers(self) -> Transfers: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def exports(self) -> Exports: ...


def transfer_list(needs: Needs, client: str, transfer: str) -> Transfer:
    """The transfer as it ended.

    Raises: NotFound if there is none of this name; Unavailable when the record should be tried again.
    """
    ordered = needs.transfers.find(client, transfer)
    if ordered is None:
        raise NotFound("transfer_unknown", "There is no such import or export.")
    if ordered.over:
        return ordered
    try:
        ended = _load(needs, ordered) if ordered.mode else _write(needs, ordered)
    except Rejected as error:
        ended = ordered.refused(error)
    needs.transfers.save(ended)
    return ended


def _load(needs: Needs, transfer: Transfer) -> Transfer:
    assert transfer.mode is not None, "an import has a mode"
    check_room(needs.lists, transfer.client, transfer.name)
    reading = _read(needs, transfer)
    found = reading.end()
    if found.faults:
        needs.exports.keep(transfer.client, transfer.id, FileForm.CSV, _fault_rows(reading))
    if too_faulty(found, strict=transfer.strict):
        return transfer.refused(rejected(InvalidInput, reasons.FILE_TOO_FAULTY), found)
    if not len(reading.numbers):
        return transfer.refused(rejected(InvalidInput, reasons.FILE_EMPTY), found)
    loading = Loading(transfer.id, transfer.mode, transfer.entry, reading.numbers, reading.grounds)
    try:
        return transfer.done(found, needs.lists.load(transfer.client, transfer.name, loading))
    except Rejected as error:
        return transfer.refused(error, found)


def _fault_rows(reading: FileReading) -> Iterator[Sequence[str]]:
    yield FAULTS_HEADER
    for line, code in reading.faults():
        yield fault_row(LineFault(line, code))


def _read(needs: Needs, transfer: Transfer) -> FileReading:
    with needs.uploads.rows(transfer.client, transfer.upload or "") as rows:
        table = read_table(rows)
        reading = FileReading(table, transfer)
        for row in table.rows:
            reading.take(row)
            if reading.rows % TELL_EVERY == 0:
                needs.transfers.save(transfer.running(reading.rows))
    return reading


def _write(needs: Needs, transfer: Transfer) -> Transfer:
    assert transfer.form is not None, "an export has a form"
    needs.transfers.save(transfer.running(0))
    rows = _rows(needs, transfer.client, transfer.name)
    written = needs.exports.keep(transfer.client, transfer.id, transfer.form, rows)
    return transfer.done(Found(rows=written - 1))


def _rows(needs: Needs, client: str, name: ListName) -> Iterator[Sequence[str]]:
    yield HEADER
    after = None
    while True:
        page, after = needs.lists.page(client, name, after, PAGE)
        for entry in page:
            basis, evidence = (entry.consent.basis, entry.consent.evidence) if entry.consent else ("", "")
            frozen = "frozen" if entry.frozen else ""
            yield (
                entry.number,
                entry.why,
                entry.by,
                f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
                basis,
                evidence,
                frozen,
            )
        if after is None:
            return
