"""Files that people hand in, read row by row in the same way whatever their form: the one place for it."""

from collections.abc import Iterator
from typing import BinaryIO

from openmas.adapters.files.text import text_rows
from openmas.adapters.files.workbook import workbook_rows
from openmas.domain.sheet import FileForm, Row

# What an upload may weigh.
FILE_BYTES_MAX = 128 << 20


def rows_of(file: BinaryIO, form: FileForm) -> Iterator[Row]:
    """The rows of a file that stands at its start, read as they are taken and in little room.

    Raises: InvalidInput and LimitExceeded, as soon as a fault is reached that makes the rest unreadable.
    """
    return workbook_rows(file) if form is FileForm.XLSX else text_rows(file)
