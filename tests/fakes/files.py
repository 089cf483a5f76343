"""Uploaded files, and what was read from them, in memory."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from openmas.adapters.files.rows import FILE_BYTES_MAX, rows_of
from openmas.adapters.files.written import write_table
from openmas.domain.cutting import Part
from openmas.domain.filing import Faults
from openmas.domain.sheet import FileForm, Row
from openmas.domain.transfer import UploadForm
from openmas.errors import NotFound

Key = tuple[str, str]


@dataclass
class FakeUploads:
    """Shape: form and content by client and name; the reader is the real one."""

    files: dict[Key, tuple[FileForm, bytes]] = field(default_factory=dict)

    def add(self, client: str, upload: str, content: str | bytes, form: FileForm = FileForm.CSV) -> None:
        self.files[client, upload] = (form, content.encode() if isinstance(content, str) else content)

    def form(self, client: str, upload: str) -> UploadForm:
        return UploadForm("https://files.example", {"key": f"uploads/{client}/{upload}"}, FILE_BYTES_MAX)

    def there(self, client: str, upload: str) -> bool:
        return (client, upload) in self.files

    @contextmanager
    def rows(self, client: str, upload: str) -> Iterator[Iterator[Row]]:
        if (client, upload) not in self.files:
            raise NotFound("upload_unknown", "There is no uploaded file of this name.")
        form, content = self.files[client, upload]
        yield rows_of(io.BytesIO(content), form)


@dataclass
class FakeParts:
    """Shape: parts and pages of faults by client, batch and number; the writer of files is the real one."""

    parts: dict[tuple[str, str, int], Part] = field(default_factory=dict)
    pages: dict[tuple[str, str, int], Faults] = field(default_factory=dict)
    fault_files: dict[Key, bytes] = field(default_factory=dict)

    def keep(self, client: str, batch: str, n: int, part: Part) -> None:
        self.parts[client, batch, n] = part

    def part(self, client: str, batch: str, n: int) -> Part:
        return self.parts[client, batch, n]

    def keep_faults(self, client: str, batch: str, page: int, faults: Faults) -> None:
        self.pages[client, batch, page] = faults

    def faults(self, client: str, batch: str, page: int) -> Faults | None:
        return self.pages.get((client, batch, page))

    def keep_fault_file(self, client: str, batch: str, rows: Iterable[Sequence[str]]) -> None:
        file = io.BytesIO()
        write_table(file, FileForm.CSV, rows)
        self.fault_files[client, batch] = file.getvalue()

    def fault_file(self, client: str, batch: str) -> str | None:
        there = (client, batch) in self.fault_files
        return f"https://files.example/faults/{client}/{batch}" if there else None
