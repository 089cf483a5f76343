"""Files of batches: the uploaded file, the parts that were read from it, and what is wrong with its lines."""

import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from openmas.adapters.files.rows import FILE_BYTES_MAX, rows_of
from openmas.adapters.store import Store
from openmas.domain import reasons
from openmas.domain.cutting import Part
from openmas.domain.filing import Faults, LineFault
from openmas.domain.reasons import rejected
from openmas.domain.sheet import FileForm, Row
from openmas.errors import LimitExceeded, NotFound, Unavailable

_ZIP = b"PK\x03\x04"


class AwsUploads:
    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def rows(self, client: str, upload: str) -> Iterator[Iterator[Row]]:
        """Shape: the file lies on the function's own disk meanwhile: a workbook is read in no fixed order."""
        with tempfile.TemporaryFile() as file:
            copied = self._store.copy_to(file, f"uploads/{client}/{upload}", FILE_BYTES_MAX)
            if copied is None:
                raise NotFound("upload_unknown", "There is no uploaded file of this name.")
            if not copied:
                raise rejected(LimitExceeded, reasons.FILE_TOO_LARGE)
            yield rows_of(file, _form(file))


class AwsParts:
    """Shape: compressed JSON, a few kilobytes for each thousand recipients."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, client: str, batch: str, n: int, part: Part) -> None:
        content = {"numbers": part.numbers, "values": part.values, "units": part.units}
        self._store.put(_part(client, batch, n), _packed(content))

    def part(self, client: str, batch: str, n: int) -> Part:
        packed = self._store.get(_part(client, batch, n))
        if packed is None:
            raise Unavailable("stored_unreadable", "A part of the batch's file is not there.")
        content = _unpacked(packed)
        values = tuple(tuple(each) for each in content["values"])
        return Part(tuple(content["numbers"]), values, tuple(content["units"]))

    def keep_faults(self, client: str, batch: str, page: int, faults: Faults) -> None:
        content = [[fault.line, fault.code] for fault in faults]
        self._store.put(_faults(client, batch, page), _packed(content))

    def faults(self, client: str, batch: str, page: int) -> Faults | None:
        packed = self._store.get(_faults(client, batch, page))
        return None if packed is None else tuple(LineFault(line, code) for line, code in _unpacked(packed))


def _part(client: str, batch: str, n: int) -> str:
    return f"parts/{client}/{batch}/{n:04d}"


def _faults(client: str, batch: str, page: int) -> str:
    return f"faults/{client}/{batch}/{page:04d}"


def _packed(content: object) -> bytes:
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 3)


def _unpacked(packed: bytes) -> Any:  # noqa: ANN401, it is as it was packed
    return json.loads(zlib.decompress(packed))


def _form(file: BinaryIO) -> FileForm:
    """Told from its first bytes: a workbook is an archive, and no text begins like one."""
    file.seek(0)
    form = FileForm.XLSX if file.read(len(_ZIP)) == _ZIP else FileForm.CSV
    file.seek(0)
    return form
