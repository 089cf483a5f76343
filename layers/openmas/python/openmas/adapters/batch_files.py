"""Files of batches: the uploaded file, the parts that were read from it, and what is wrong with its lines."""

import json
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from openmas.adapters.files.written import write_table
from openmas.adapters.store import Store
from openmas.domain.cutting import Part
from openmas.domain.filing import Faults, LineFault
from openmas.domain.sheet import FileForm
from openmas.errors import Unavailable


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

    def keep_fault_file(self, client: str, batch: str, rows: Iterable[Sequence[str]]) -> None:
        with tempfile.TemporaryFile() as file:
            write_table(file, FileForm.CSV, rows)
            file.seek(0)
            self._store.put_file(_fault_file(client, batch), file)

    def fault_file(self, client: str, batch: str) -> str | None:
        stored = _fault_file(client, batch)
        return self._store.link(stored, f"{batch}-faults.csv") if self._store.there(stored) else None


def _part(client: str, batch: str, n: int) -> str:
    return f"parts/{client}/{batch}/{n:04d}"


def _faults(client: str, batch: str, page: int) -> str:
    return f"faults/{client}/{batch}/{page:04d}"


def _fault_file(client: str, batch: str) -> str:
    return f"faults/{client}/{batch}/all.csv"


def _packed(content: object) -> bytes:
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 3)


def _unpacked(packed: bytes) -> Any:  # noqa: ANN401, it is as it was packed
    return json.loads(zlib.decompress(packed))
