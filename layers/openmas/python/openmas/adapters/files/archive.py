"""ZIP archives of strangers: nothing is unpacked before its size is known, nor beyond what it said."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from openmas.adapters.files.cells import damaged
from openmas.domain import reasons
from openmas.domain.reasons import rejected
from openmas.errors import InvalidInput, LimitExceeded

UNPACKED_BYTES_MAX = 1 << 30
# Sheets shrink to a tenth; deflate itself ends at a thousandth.
RATIO_MAX = 200
_SMALL_BYTES = 1 << 20
# The list of what is in the archive is read whole, hence must be small before it is read.
_DIRECTORY_BYTES_MAX = 1 << 20
_CHUNK_BYTES = 1 << 16
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_COMMENT_BYTES_MAX = 1 << 16


class Archive:
    """An archive whose parts are read as streams.

    Raises: InvalidInput for what is no such archive or is locked; LimitExceeded for a bomb.
    """

    def __init__(self, file: BinaryIO) -> None:
        _check_directory(file)
        with _unzipping():
            self._zip = zipfile.ZipFile(file)
        self._parts = {each.filename: each for each in self._zip.infolist()}
        if sum(each.file_size for each in self._parts.values()) > UNPACKED_BYTES_MAX:
            raise rejected(LimitExceeded, reasons.FILE_TOO_LARGE)
        for each in self._parts.values():
            if each.file_size > max(_SMALL_BYTES, RATIO_MAX * each.compress_size):
                raise rejected(LimitExceeded, reasons.FILE_TOO_LARGE)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part's bytes as they are unpacked."""
        part = self._parts.get(name)
        if part is None or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        if part.flag_bits & 1:
            raise rejected(InvalidInput, reasons.FILE_NOT_XLSX)
        left = part.file_size
        with _unzipping(), self._zip.open(part) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                left -= len(chunk)
                if left < 0:
                    raise damaged()
                yield chunk


def _check_directory(file: BinaryIO) -> None:
    """The list of contents is small by the same record that the library will go by."""
    size = file.seek(0, 2)
    start = file.seek(max(0, size - _COMMENT_BYTES_MAX - _END.size - _LOCATOR.size))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise damaged()
    directory_bytes = _END.unpack_from(tail, at)[5]
    if at >= _LOCATOR.size:
        mark, _, where, _ = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
        if mark == b"PK\x06\x07":
            directory_bytes = _size_64(file, min(where, start + at))
    if directory_bytes > _DIRECTORY_BYTES_MAX:
        raise rejected(LimitExceeded, reasons.FILE_TOO_LARGE)
    file.seek(0)


def _size_64(file: BinaryIO, where: int) -> int:
    file.seek(where)
    record = file.read(_END_64.size)
    if len(record) < _END_64.size or not record.startswith(b"PK\x06\x06"):
        raise damaged()
    return int(_END_64.unpack(record)[8])


@contextmanager
def _unzipping() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError, OSError):
        raise damaged() from None
