"""Files that clients upload, and files that they may fetch, by addresses that are good for a while."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from openmas.adapters.files.rows import FILE_BYTES_MAX, rows_of
from openmas.adapters.files.written import write_table
from openmas.adapters.store import Store
from openmas.domain import reasons
from openmas.domain.reasons import rejected
from openmas.domain.sheet import FileForm, Row
from openmas.domain.transfer import UploadForm
from openmas.errors import LimitExceeded, NotFound

_ZIP = b"PK\x03\x04"


class AwsUploads:
    def __init__(self, store: Store) -> None:
        self._store = store

    def form(self, client: str, upload: str) -> UploadForm:
        url, fields = self._store.form(_upload(client, upload), FILE_BYTES_MAX)
        return UploadForm(url, fields, FILE_BYTES_MAX)

    def there(self, client: str, upload: str) -> bool:
        return self._store.there(_upload(client, upload))

    @contextmanager
    def rows(self, client: str, upload: str) -> Iterator[Iterator[Row]]:
        """Shape: the file lies on the function's own disk meanwhile: a workbook is read in no fixed order."""
        with tempfile.TemporaryFile() as file:
            copied = self._store.copy_to(file, _upload(client, upload), FILE_BYTES_MAX)
            if copied is None:
                raise NotFound("upload_unknown", "There is no uploaded file of this name.")
            if not copied:
                raise rejected(LimitExceeded, reasons.FILE_TOO_LARGE)
            yield rows_of(file, _form(file))


class AwsExports:
    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, client: str, export: str, form: FileForm, rows: Iterable[Sequence[str]]) -> int:
        count = 0

        def counted() -> Iterator[Sequence[str]]:
            nonlocal count
            for row in rows:
                count += 1
                yield row

        with tempfile.TemporaryFile() as file:
            write_table(file, form, counted())
            file.seek(0)
            self._store.put_file(_export(client, export, form), file)
        return count

    def link(self, client: str, export: str, form: FileForm) -> str:
        return self._store.link(_export(client, export, form), f"{export}.{form}")


def _upload(client: str, upload: str) -> str:
    return f"uploads/{client}/{upload}"


def _export(client: str, export: str, form: FileForm) -> str:
    return f"exports/{client}/{export}.{form}"


def _form(file: BinaryIO) -> FileForm:
    """Told from its first bytes: a workbook is an archive, and no text begins like one."""
    file.seek(0)
    form = FileForm.XLSX if file.read(len(_ZIP)) == _ZIP else FileForm.CSV
    file.seek(0)
    return form
