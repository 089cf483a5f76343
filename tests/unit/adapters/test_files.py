"""Files that people hand in: every row is read as it was meant, or refused with its line."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openmas.adapters.files import archive, cells, markup
from openmas.adapters.files.cells import plain_number
from openmas.adapters.files.rows import rows_of
from openmas.adapters.files.written import write_table
from openmas.domain import reasons
from openmas.domain.sheet import FileForm, Row, number_in, read_table
from openmas.errors import Rejected

LETTERS = "ABCDEF"
ONE, TWO = "13800130001", "13800130002"
CSV, XLSX = FileForm.CSV, FileForm.XLSX
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# As a spreadsheet program would take it, were it not disarmed.
ARMED = ("=", "+", "-", "@", "\t", "\r")
SAFE = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12).filter(
    lambda cell: not cell.startswith(("'", "="))
)


def read(content: bytes, form: FileForm = CSV) -> list[Row]:
    return list(rows_of(io.BytesIO(content), form))


def refusal(content: bytes, form: FileForm = CSV) -> tuple[str, str | None]:
    """Code and line of what a file is refused for."""
    with pytest.raises(Rejected) as caught:
        read(content, form)
    faults = caught.value.faults
    return caught.value.code, faults[0].pointer if faults else None


def told(rows: list[Row]) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.line, row.cells) for row in rows]


def workbook(sheet: str, strings: str | None = None, styles: str | None = None, **parts: str) -> bytes:
    """A workbook in the way of Excel, of which each part can be another."""
    content = {
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="hidden" sheetId="1" state="hidden" r:id="rId1"/>'
        '<sheet name="名单" sheetId="2" r:id="rId2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData/></worksheet>",
        "xl/worksheets/sheet2.xml": f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>",
    }
    if strings is not None:
        content["xl/sharedStrings.xml"] = f"<sst {MAIN}>{strings}</sst>"
    if styles is not None:
        content["xl/styles.xml"] = f"<styleSheet {MAIN}>{styles}</styleSheet>"
    return zipped({**content, **{name.replace("__", "/"): text for name, text in parts.items()}})


def zipped(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def row(line: int, *found: str) -> str:
    return f'<row r="{line}">{"".join(found)}</row>'


def cell(place: str, value: str, kind: str = "", *, style: str = "", formula: str = "") -> str:
    marks = (f' t="{kind}"' if kind else "") + (f' s="{style}"' if style else "")
    return f'<c r="{place}"{marks}>{formula}<v>{value}</v></c>'


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("gbk", b""),
        ("gb18030", b""),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_is_read_in_whatever_encoding_line_end_and_separator(
    encoding: str, mark: bytes, end: str, separator: str
) -> None:
    lines = [
        separator.join(each) for each in (("手机号码", "姓名"), (ONE, "张三"), ("", ""), (TWO, "李,四;"))
    ]
    lines[3] = f'{TWO}{separator}"李,四;"'

    rows = read(mark + end.join([*lines, ""]).encode(encoding))

    assert told(rows) == [(1, ("手机号码", "姓名")), (2, (ONE, "张三")), (4, (TWO, "李,四;"))]


def test_a_quoted_cell_may_hold_everything_also_lines() -> None:
    rows = read(f'号码,备注\r\n{ONE},"他说""好""\r\n，再见"\r\n\r\n{TWO},\r\n'.encode())

    assert told(rows) == [
        (1, ("号码", "备注")),
        (2, (ONE, '他说"好"\r\n，再见')),
        (5, (TWO,)),
    ]


def test_a_line_that_names_the_separator_is_followed_and_no_row() -> None:
    assert told(read(b"sep=;\na,b;c\n")) == [(2, ("a,b", "c"))]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"PK\x03\x04" + b"x" * 50, "file_not_text", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_not_text", None),
        (b"number\n138\x00013\n", "file_not_text", "/lines/2"),
        (b"number\n\xff\xff\xff\n", "file_encoding_unknown", None),
        (b"\xef\xbb\xbfnumber\n\xb0\xa1\n", "file_encoding_unknown", None),
        (b"\xff\xfen\x00\x00\xd8", "file_encoding_unknown", None),
        (b"number\n" + b"1" * 70_000, "line_too_long", "/lines/2"),
        (b'number\n"13800130001\n13800130002\n', "quotes_wrong", "/lines/2"),
        (b'number\n"1380"0130001\n', "quotes_wrong", "/lines/2"),
        (b"a\n" + b"," * 100, None, None),
        (b"a\n" + b"," * 100 + b"b", "columns_too_many", "/lines/2"),
        (b'a\n"' + b"x\n" * 70_000, "quotes_wrong", "/lines/2"),
    ],
)  # fmt: skip
def test_text_that_is_no_table_is_refused_with_its_line(
    content: bytes, code: str | None, line: str | None
) -> None:
    if code is None:
        assert len(read(content)) == 1
    else:
        assert refusal(content) == (code, line)


def test_a_formula_in_text_is_a_fault_of_its_cell() -> None:
    rows = read(f'number,note\n="{ONE}", =1+1\n{TWO},+86\n'.encode())

    assert [(row.cells, dict(row.faults)) for row in rows[1:]] == [
        (("", ""), {0: "cell_formula", 1: "cell_formula"}),
        ((TWO, "+86"), {}),
    ]


def test_a_sheet_has_as_many_rows_as_excel_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cells.ROWS_MAX == 1_048_576
    monkeypatch.setattr("openmas.adapters.files.text.ROWS_MAX", 3)
    monkeypatch.setattr("openmas.adapters.files.sheet.ROWS_MAX", 3)

    assert len(read(b"a\nb\nc\n")) == 3
    assert refusal(b"a\nb\nc\nd\n") == ("rows_too_many", "/lines/4")
    assert refusal(workbook(row(4, cell("A4", "1"))), XLSX) == ("rows_too_many", "/lines/4")


def test_what_is_longer_than_a_sheet_is_written_as_text_and_not_as_a_workbook_that_nothing_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openmas.adapters.files.written.ROWS_MAX", 3)

    write_table(io.BytesIO(), XLSX, [["a"]] * 3)
    with pytest.raises(Rejected, match="list_beyond_sheet"):
        write_table(io.BytesIO(), XLSX, [["a"]] * 4)
    write_table(file := io.BytesIO(), FileForm.CSV, [["a"]] * 4)

    assert len(read(file.getvalue())) == 4


def test_a_workbook_of_excel_is_read_with_shared_texts_and_numbers() -> None:
    strings = "<si><t>手机号码</t></si><si><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></si>"
    sheet = row(1, cell("A1", "0", "s"), cell("C1", "备注", "str")) + row(
        3, cell("A3", ONE), cell("B3", "1", "s"), cell("C3", "1", "b")
    )

    rows = read(workbook(sheet, strings), XLSX)

    assert told(rows) == [(1, ("手机号码", "", "备注")), (3, (ONE, "张三", "TRUE"))]


def test_a_workbook_without_places_and_with_prefixes_is_read() -> None:
    sheet = (
        f'<x:worksheet xmlns:x="urn:x"><x:sheetData><x:row><x:c><x:v>{ONE}</x:v></x:c>'
        "<x:c t='inlineStr'><x:is><x:t>a_x000D_b &amp;</x:t></x:is></x:c></x:row>"
        f"<x:row><x:c/><x:c/></x:row><x:row><x:c><x:v>{TWO}.0</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )

    rows = read(workbook("", **{"xl__worksheets__sheet2.xml": sheet}), XLSX)

    assert told(rows) == [(1, (ONE, "a\rb &")), (3, (TWO,))]


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (cell("A1", ONE, formula="<f>B1</f>"), "cell_formula"),
        (cell("A1", ONE, formula='<f t="shared" si="0"/>'), "cell_formula"),
        ('<c r="A1"><f>B1</f></c>', "cell_formula"),
        (cell("A1", "#REF!", "e"), "cell_error"),
        (cell("A1", "2025-11-24", "d"), "cell_date"),
        (cell("A1", "45985", style="1"), "cell_date"),
        (cell("A1", "45985", style="2"), "cell_date"),
        (cell("A1", "45985", style="3"), None),
        (cell("A1", "45985", style="0"), None),
        (cell("A1", "45985", style="99"), None),
    ],
)
def test_a_cell_of_a_workbook_that_only_seems_a_value_is_a_fault(found: str, fault: str | None) -> None:
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="171" formatCode="[Red]0&quot;day&quot;"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs>'
    )

    (only,) = read(workbook(row(1, found), styles=styles), XLSX)

    assert only.faults.get(0) == fault
    assert only.cells == (("",) if fault else ("45985",))


def test_the_first_row_of_a_file_without_a_header_may_be_hidden() -> None:
    hidden = Row(1, ("", ""), {0: "row_hidden", 1: "row_hidden"})
    seen = [Row(2, ("13800130001", "张")), Row(3, ("13800130002", "李"))]

    table = read_table(iter([hidden, *seen]))

    assert (table.numbers, list(table.rows)) == (0, [hidden, *seen])


def test_a_row_that_is_hidden_is_told_as_such_and_not_read() -> None:
    hidden = f'<row r="2" hidden="1">{cell("A2", ONE)}{cell("B2", "x", "str")}</row>'
    sheet = row(1, cell("A1", "号码", "str")) + hidden + row(3, cell("A3", TWO))

    _, second, third = read(workbook(sheet), XLSX)

    assert (second.cells, dict(second.faults)) == (("", ""), {0: "row_hidden", 1: "row_hidden"})
    assert third == Row(3, (TWO,), {})


AREA = st.tuples(st.integers(1, 6), st.integers(0, 5), st.integers(1, 6), st.integers(0, 5))


@given(st.dictionaries(st.tuples(st.integers(1, 6), st.integers(0, 4)), AREA, max_size=6))
def test_exactly_the_cells_that_some_formula_fills_are_faults(formulas: dict[tuple[int, int], Any]) -> None:
    def written(line: int, column: int) -> str:
        top, left, bottom, right = formulas.get((line, column), (0, 0, 0, 0))
        area = f"{LETTERS[left]}{top}:{LETTERS[right]}{bottom}"
        formula = f'<f t="array" ref="{area}">1</f>' if top else ""
        return cell(f"{LETTERS[column]}{line}", "7", formula=formula)

    found = read(workbook("".join(row(y, *(written(y, x) for x in range(5))) for y in range(1, 7))), XLSX)

    # What an area fills above or before its formula was read already.
    seen: list[Any] = []
    for y in range(1, 7):
        for x in range(5):
            seen += [formulas[y, x]] if (y, x) in formulas else []
            filled = any(top <= y <= bottom and left <= x <= right for top, left, bottom, right in seen)
            assert (x in found[y - 1].faults) == (filled or (y, x) in formulas)


def test_a_value_typed_over_a_shared_formula_is_a_value() -> None:
    shared = cell("A1", "7", formula='<f t="shared" si="0" ref="A1:A2">1</f>')

    rows = read(workbook(row(1, shared) + row(2, cell("A2", ONE))), XLSX)

    assert [dict(each.faults) for each in rows] == [{0: "cell_formula"}, {}]


def test_what_a_formula_of_another_cell_has_filled_in_is_no_value_either() -> None:
    spill = cell("A1", ONE, formula='<f t="array" ref="A1:A2">B1:B2</f>')

    rows = read(workbook(row(1, spill) + row(2, cell("A2", TWO)) + row(3, cell("A3", ONE))), XLSX)

    assert [(row.cells, dict(row.faults)) for row in rows] == [
        (("",), {0: "cell_formula"}),
        (("",), {0: "cell_formula"}),
        ((ONE,), {}),
    ]


@pytest.mark.parametrize(
    ("stored", "means"),
    [
        (ONE, ONE),
        (f"{ONE}.0", ONE),
        (f"{ONE}.", ONE),
        ("1.3800130001E10", ONE),
        ("1.380013001E+10", "13800130010"),
        ("1.38E+10", "1.38E+10"),
        ("1.38001E10", "1.38001E10"),
        ("13800130001.5", "13800130001.5"),
        ("16.399999999999999", "16.4"),
        ("99.989999999999995", "99.99"),
        ("7.0000000000000007E-2", "0.07"),
        ("1E-2", "0.01"),
        ("1.5E+2", "150"),
        ("-5.0000000000000002E-5", "-0.00005"),
        ("128.50", "128.5"),
        ("-1", "-1"),
        ("1E300", "1E300"),
        ("1.2345678E-300", "1.2345678E-300"),
        ("1E9999999", "1E9999999"),
        ("0", "0"),
        ("٣", "٣"),
        ("", ""),
    ],
)
def test_a_stored_number_is_read_as_it_was_typed_or_left_as_it_is(stored: str, means: str) -> None:
    assert plain_number(stored) == means


@given(st.integers(0, 10**15 - 1))
def test_every_double_that_is_whole_reads_as_its_digits(number: int) -> None:
    short = len(str(number).rstrip("0")) <= 6

    assert plain_number(str(number)) == str(number)
    assert plain_number(f"{number}.0") == str(number)
    assert short or plain_number(f"{number:.15E}") == str(number)


@given(st.integers(0, 10**15 - 1), st.integers(0, 15))
def test_every_decimal_that_a_person_typed_reads_as_it_was_typed(digits: int, decimals: int) -> None:
    padded = str(digits).zfill(decimals + 1)
    whole, fraction = padded[: len(padded) - decimals], padded[len(padded) - decimals :].rstrip("0")
    typed = f"{whole}.{fraction}" if fraction else whole

    assert plain_number(f"{float(typed):.17g}") == typed


XML_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_not_xlsx"),
        (b"number\n1\n", "file_not_xlsx"),
        (b"\xd0\xcf\x11\xe0" + bytes(2_000), "file_not_xlsx"),
        (b"PK\x03\x04", "file_damaged"),
        (b"PK\x03\x04" + bytes(3_000), "file_damaged"),
        (zipped({"a.txt": "x"}), "file_not_xlsx"),
        (workbook("")[:-30], "file_damaged"),
        (workbook("").replace(b"PK\x01\x02", b"PK\x01\x07"), "file_damaged"),
        (workbook("", **{"xl__worksheets__sheet2.xml": XML_BOMB}), "file_damaged"),
        (workbook("", **{"xl__workbook.xml": "<!DOCTYPE x><workbook/>"}), "file_damaged"),
        (workbook("", **{"xl__workbook.xml": "<workbook/>"}), "file_damaged"),
        (workbook("", **{"xl__worksheets__sheet2.xml": "<worksheet><row>"}), "file_damaged"),
        (workbook("<a>" * 70 + "</a>" * 70), "file_damaged"),
        (workbook(row(1, cell("A1", "5", "s"))), "file_damaged"),
        (workbook(row(1, cell("A1", "-1", "s"))), "file_damaged"),
        (workbook(row(1, cell("A2", "1"))), "file_damaged"),
        (workbook(row(1, cell("B1", "1"), cell("A1", "1"))), "file_damaged"),
        (workbook(row(2, cell("A2", "1")) + row(2, cell("A2", "1"))), "file_damaged"),
        (workbook('<row r="٣"/>'), "file_damaged"),
        (workbook(row(1, cell("CW1", "1"))), "columns_too_many"),
        (workbook(row(1, cell("A1", "x" * 32_768, "str"))), "line_too_long"),
        (workbook("", "<si><t>" + "x" * 32_768 + "</t></si>"), "file_damaged"),
        (zipped({"xl/workbook.xml": bytes(20_000_000)}), "file_too_large"),
    ],
)
def test_a_workbook_that_is_none_or_means_harm_is_refused(content: bytes, code: str) -> None:
    assert refusal(content, XLSX)[0] == code


def test_a_locked_part_is_refused() -> None:
    content = bytearray(workbook(""))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)

    assert refusal(bytes(content), XLSX)[0] == "file_not_xlsx"


def test_a_part_that_unpacks_to_more_than_it_said_is_not_read_to_its_end() -> None:
    content = bytearray(workbook(row(1, cell("A1", ONE)) * 1 + row(2, cell("A2", TWO))))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (20).to_bytes(4, "little")

    assert refusal(bytes(content), XLSX)[0] == "file_damaged"


def test_a_list_of_contents_without_end_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped({f"{n:0200}": "" for n in range(5_000)}, zipfile.ZIP_STORED)
    monkeypatch.setattr(zipfile, "ZipFile", None)

    assert refusal(content, XLSX)[0] == "file_too_large"


def test_all_parts_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook("", strings="<si><t>a</t></si>" * 10_000)
    assert read(content, XLSX) == []

    monkeypatch.setattr(archive, "UNPACKED_BYTES_MAX", 100_000)

    assert refusal(content, XLSX)[0] == "file_too_large"


def test_shared_texts_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openmas.adapters.files.workbook.STRINGS_BYTES_MAX", 10)

    assert refusal(workbook("", strings="<si><t>abcdef</t></si>" * 2), XLSX)[0] == "file_too_large"


@pytest.mark.parametrize("form", FileForm)
@pytest.mark.parametrize("count", [1, 19, 20, 21, 22, 100])
def test_no_row_is_lost_however_many_there_are(form: FileForm, count: int) -> None:
    file = io.BytesIO()
    write_table(file, form, [(f"13800130{n:03d}", "甲") for n in range(count)])

    rows = read(file.getvalue(), form)

    assert [(row.line, row.cell(0)) for row in rows] == [(n + 1, f"13800130{n:03d}") for n in range(count)]


def test_a_token_without_end_is_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "TOKEN_BYTES_MAX", 200_000)
    endless = f'<worksheet x="{"y" * 500_000}"/>'

    assert refusal(zipped_stored(endless), XLSX)[0] == "file_damaged"


def zipped_stored(sheet: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook("", **{"xl__worksheets__sheet2.xml": sheet}))) as made:
        return zipped({name: made.read(name) for name in made.namelist()}, zipfile.ZIP_STORED)


@pytest.mark.parametrize("form", FileForm)
@given(table=st.lists(st.lists(SAFE, min_size=1, max_size=4), min_size=1, max_size=6))
def test_what_we_write_reads_back(form: FileForm, table: list[list[str]]) -> None:
    file = io.BytesIO()
    write_table(file, form, table)

    rows = read(file.getvalue(), form)

    meant = [(n, tuple(each)) for n, each in enumerate(table, 1) if any(each)]
    assert [tuple(row.cell(n) for n in range(4)) for row in rows] == [
        (*each, *[""] * 4)[:4] for _, each in meant
    ]
    assert [row.line for row in rows] == [line for line, _ in meant]


@given(st.sampled_from(ARMED), st.text(st.characters(codec="utf-8"), max_size=8))
def test_no_cell_that_we_write_begins_a_formula(start: str, rest: str) -> None:
    for form in FileForm:
        file = io.BytesIO()
        write_table(file, form, [[start + rest]])
        raw = file.getvalue()
        if form is XLSX:
            with zipfile.ZipFile(io.BytesIO(raw)) as made:
                raw = made.read("xl/worksheets/sheet1.xml")
            assert b"<f" not in raw
            assert b"'" in raw.partition(b'preserve">')[2][:1]
        else:
            assert raw.removeprefix(b"\xef\xbb\xbf").removeprefix(b'"').startswith(b"'")


@pytest.mark.parametrize("form", FileForm)
@given(written=st.text(st.sampled_from("=+-@＝＠' _xX0041F5é\u3000a"), min_size=1, max_size=9))
@example(written="'=1+1")
@example(written="a _x0041_ _x005F_ b")
def test_a_cell_that_deceives_is_read_as_it_was_meant(form: FileForm, written: str) -> None:
    file = io.BytesIO()
    write_table(file, form, [["a", written, "z"]])

    assert read(file.getvalue(), form)[0].cells == ("a", written.strip(), "z")


@pytest.mark.parametrize(
    ("first", "header", "numbers"),
    [
        (("手机号码", "姓名"), True, 0),
        (("姓名", "手 机 号："), True, 1),
        (("Name", "Mobile Number"), True, 1),
        (("Ｐｈｏｎｅ",), True, 0),
        (("名单",), True, 0),
        (("", "名单"), True, 1),
        ((ONE, "张三"), False, 0),
        (("张三", ONE), False, 1),
        (("+86 138-0013-0001",), False, 0),
        (("1380013",), False, 0),
        (("654201199001011234", ONE), False, 1),
        (("1380013000１",), False, 0),
    ],
)
def test_a_first_row_without_numbers_is_a_header(first: tuple[str, ...], header: bool, numbers: int) -> None:
    table = read_table(iter([Row(1, first), Row(2, (TWO,))]))

    assert table.header == (first if header else ())
    assert table.numbers == numbers
    assert [row.line for row in table.rows] == ([2] if header else [1, 2])


@pytest.mark.parametrize(
    ("header", "numbers"),
    [
        (("手机号码（如13800130000）", "姓名"), 0),
        (("姓名", "手机号码(必填)"), 1),
        (("姓名", "*联系电话（11位）"), 1),
        (("电话", "号码（必填）", "Mobile"), 1),
        (("手机号", "Number"), 1),
    ],
)
def test_the_column_of_numbers_is_known_whatever_is_remarked_beside_it(
    header: tuple[str, ...], numbers: int
) -> None:
    table = read_table(iter([Row(1, header), Row(2, (TWO, TWO, TWO))]))

    assert (table.header, table.numbers) == (header, numbers)
    assert [row.line for row in table.rows] == [2]


@pytest.mark.parametrize(
    "titles",
    [
        ("客户名单",),
        ("客户名单20251124",),
        ("塔城市疾控中心", "制表：2025-11-24 张三 13800130009"),
        ("一", "二", "三", "四"),
    ],
)
def test_titles_above_the_header_are_skipped(titles: tuple[str, ...]) -> None:
    rows = [Row(n, (title, "", "")) for n, title in enumerate(titles, 1)]
    first = len(titles) + 1

    table = read_table(iter([*rows, Row(first, ("姓名", "手机号码")), Row(first + 1, ("张", ONE))]))

    assert (table.header, table.numbers) == (("姓名", "手机号码"), 1)
    assert [row.line for row in table.rows] == [first + 1]


def test_a_word_below_the_first_number_is_no_header() -> None:
    table = read_table(iter([Row(1, (ONE, "x")), Row(2, ("号码", "x")), Row(3, (TWO, "x"))]))

    assert (table.header, table.numbers) == ((), 0)
    assert [row.line for row in table.rows] == [1, 2, 3]


@given(st.lists(st.sampled_from([ONE, "1380013", "客户名单20251124", "名单", "13800130001x"]), min_size=1))
def test_no_row_of_a_file_without_a_known_header_is_lost(cells: list[str]) -> None:
    table = read_table(iter([Row(n, (cell,)) for n, cell in enumerate(cells, 1)]))

    lines = [row.line for row in table.rows]
    assert lines == list(range(2 if table.header else 1, len(cells) + 1))


@pytest.mark.parametrize(
    ("header", "variables", "numbers", "columns"),
    [
        (("number", "name", "mobile"), ("name", "mobile"), 0, {"name": 1, "mobile": 2}),
        (("mobile", "name", "手机号"), ("mobile", "name"), 2, {"mobile": 0, "name": 1}),
        (("phone", "number"), ("phone",), 1, {"phone": 0}),
        (("联系电话", "号码"), ("联系电话",), 1, {"联系电话": 0}),
        (("手机号", "号码"), ("号码",), 0, {"号码": 1}),
        (("number", "Mobile"), ("mobile",), 0, {"mobile": 1}),
        (("号码", "item1", "item_1"), ("item1", "item_1"), 0, {"item1": 1, "item_1": 2}),
        (("号码", "item1"), ("item1", "item_1"), 0, {"item1": 1}),
        (("号码", "Place", "place"), ("place",), 0, {"place": 2}),
        (("号码", "", "x"), ("_",), 0, {}),
    ],
)
def test_a_column_headed_as_a_variable_is_the_variables_and_never_the_recipients(
    header: tuple[str, ...], variables: tuple[str, ...], numbers: int, columns: dict[str, int]
) -> None:
    table = read_table(iter([Row(1, header), Row(2, (ONE, TWO, "x"))]), variables)

    assert (table.numbers, table.variables) == (numbers, columns)


@pytest.mark.parametrize(
    ("rows", "variables", "code"),
    [
        ([("联系电话", "手机号码")], (), "column_ambiguous"),
        ([("号码", "手机", "number")], (), "column_ambiguous"),
        ([(ONE, TWO)], (), "column_ambiguous"),
        ([("名单",), (ONE, TWO)], (), "column_ambiguous"),
        ([("号码", "place", "place")], ("place",), "column_ambiguous"),
        ([("号码", "Place", "PLACE")], ("place",), "column_ambiguous"),
        ([("号码", "Item 1")], ("item1", "item_1"), "column_ambiguous"),
        ([("mobile", "name")], ("name", "mobile"), "column_missing"),
        ([("名单",)], ("名单",), "column_missing"),
    ],
)
def test_a_file_in_which_more_than_one_column_may_be_meant_is_refused(
    rows: list[tuple[str, ...]], variables: tuple[str, ...], code: str
) -> None:
    with pytest.raises(Rejected, match=code):
        read_table(iter([Row(n, cells) for n, cells in enumerate(rows, 1)]), variables)


def test_columns_are_found_by_their_names_and_none_of_two() -> None:
    table = read_table(iter([Row(1, ("号码", "Due Date", "金额"))]))

    assert [table.column(name) for name in ("due_date", "金额", "x")] == [1, 2, None]
    with pytest.raises(Rejected, match="column_ambiguous"):
        table.column("due date", "金额")


@pytest.mark.parametrize(
    ("rows", "code"), [([], "file_empty"), ([Row(1, ("姓名", "地址"))], "column_missing")]
)
def test_a_file_without_a_column_of_numbers_is_refused(rows: list[Row], code: str) -> None:
    with pytest.raises(Rejected, match=code):
        read_table(iter(rows))


@pytest.mark.parametrize(
    ("found", "number", "code"),
    [
        (Row(1, (ONE,)), ONE, ""),
        (Row(1, ("+86 138 0013 0001",)), ONE, ""),
        (Row(1, ("1.38E+10",)), None, reasons.NUMBER_SCIENTIFIC),
        (Row(1, ("1.3800130001e10",)), None, reasons.NUMBER_SCIENTIFIC),
        (Row(1, ("02112345678",)), None, reasons.NUMBER_NOT_MOBILE),
        (Row(1, ("",)), None, reasons.NUMBER_MALFORMED),
        (Row(1, ()), None, reasons.NUMBER_MALFORMED),
        (Row(1, ("",), {0: reasons.CELL_FORMULA}), None, reasons.CELL_FORMULA),
    ],
)
def test_a_cell_is_a_number_or_says_why_not(found: Row, number: str | None, code: str) -> None:
    assert number_in(found, 0) == (number, code)


MANGLERS: tuple[Callable[[bytes, int], bytes], ...] = (
    lambda content, n: content[:n],
    lambda content, n: content[:n] + bytes([content[n] ^ 0x55]) + content[n + 1 :],
    lambda content, n: content[:n] + b"\x00" * 9 + content[n:],
)
GOOD = workbook(row(1, cell("A1", ONE), cell("B1", "0", "s")), "<si><t>x</t></si>", "<cellXfs/>")


@given(st.sampled_from(MANGLERS), st.integers(0, len(GOOD) - 1), st.sampled_from(FileForm))
def test_a_mangled_file_is_read_or_refused_but_never_breaks_us(
    mangle: Callable[[bytes, int], bytes], at: int, form: FileForm
) -> None:
    try:
        rows = read(mangle(GOOD, at), form)
    except Rejected:
        return
    assert all(isinstance(row.line, int) for row in rows)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_but_never_break_us(content: bytes) -> None:
    for form in FileForm:
        try:
            read(content, form)
        except Rejected:
            continue
