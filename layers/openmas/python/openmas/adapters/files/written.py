"""Tables handed out as files, row by row; no cell of them can become a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO, TextIO
from xml.sax.saxutils import escape

from openmas.adapters.files.cells import ROWS_MAX, disarmed
from openmas.domain import reasons
from openmas.domain.reasons import rejected
from openmas.domain.sheet import FileForm
from openmas.errors import LimitExceeded

# Characters that XML cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What a reader would take for a character that is spelled out.
_SPELLED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="OpenMAS" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def write_table(file: BinaryIO, form: FileForm, rows: Iterable[Sequence[str]]) -> None:
    """The rows stand in the file, the first one being the header, if there is one.

    Raises: LimitExceeded if there are more than a sheet of XLSX has; CSV has no such limit.
    """
    if form is FileForm.XLSX:
        _write_workbook(file, rows)
    else:
        _write_text(file, rows)


def _write_text(file: BinaryIO, rows: Iterable[Sequence[str]]) -> None:
    # Excel takes a file without this mark for one in the machine's own encoding.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    try:
        # In quotes, so that a ; or a tab inside a cell is never taken for what parts the cells.
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows([disarmed(cell) for cell in row] for row in rows)
    finally:
        text.detach()


def _write_workbook(file: BinaryIO, rows: Iterable[Sequence[str]]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _HEAD + content)
        with (
            archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
            io.TextIOWrapper(part, encoding="utf-8", newline="") as text,
        ):
            _write_sheet(text, rows)


def _write_sheet(text: TextIO, rows: Iterable[Sequence[str]]) -> None:
    text.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>')
    for line, row in enumerate(rows, 1):
        if line > ROWS_MAX:
            raise rejected(LimitExceeded, reasons.LIST_BEYOND_SHEET)
        cells = "".join(
            f'<c t="inlineStr"><is><t xml:space="preserve">{_written(cell)}</t></is></c>' for cell in row
        )
        text.write(f"<row>{cells}</row>")
    text.write("</sheetData></worksheet>")


def _written(cell: str) -> str:
    text = _SPELLED.sub("_x005F_", disarmed(cell)) if "_x" in cell else disarmed(cell)
    return escape(_UNWRITABLE.sub("\ufffd", text)).replace("\r", "&#13;")
