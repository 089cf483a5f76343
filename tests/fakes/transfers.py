"""Imports and exports of lists, in memory."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from openmas.adapters.files.written import write_table
from openmas.domain.records import transfer_body
from openmas.domain.sheet import FileForm
from openmas.domain.transfer import Transfer
from tests.fakes.queues import FakeQueue


@dataclass
class FakeTransfers:
    """Shape: `saved` holds every state that was saved, in order."""

    transfers: dict[tuple[str, str], Transfer] = field(default_factory=dict)
    saved: list[Transfer] = field(default_factory=list)

    def find(self, client: str, transfer: str) -> Transfer | None:
        return self.transfers.get((client, transfer))

    def save(self, transfer: Transfer) -> None:
        self.saved.append(transfer)
        self.transfers[transfer.client, transfer.id] = transfer


@dataclass
class FakeTransferQueue:
    queue: FakeQueue

    def put(self, transfer: Transfer) -> None:
        self.queue.send(transfer.client, [transfer_body(transfer.client, transfer.id)])


@dataclass
class FakeExports:
    """Shape: the bytes of every file by client, name and form; the writer is the real one."""

    files: dict[tuple[str, str, FileForm], bytes] = field(default_factory=dict)

    def keep(self, client: str, export: str, form: FileForm, rows: Iterable[Sequence[str]]) -> int:
        file, count = io.BytesIO(), 0

        def counted() -> Iterable[Sequence[str]]:
            nonlocal count
            for row in rows:
                count += 1
                yield row

        write_table(file, form, counted())
        self.files[client, export, form] = file.getvalue()
        return count

    def link(self, client: str, export: str, form: FileForm) -> str:
        return f"https://files.example/{client}/{export}.{form}"
