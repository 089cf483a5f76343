"""What the lines of a file say of why each number is listed, and on what consent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain import grounds, reasons
from openmas.domain.grounds import GroundsByLine, GroundsColumns, grounds_columns
from openmas.domain.listing import Consent, ConsentBasis, Grounds, ListKind
from openmas.domain.sheet import Row, Table
from openmas.errors import LimitExceeded

TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
CONSENTS = st.builds(Consent, st.sampled_from(ConsentBasis), TEXTS)
GROUNDS = st.builds(Grounds, TEXTS, st.none() | CONSENTS)
USUAL = Grounds("the file's", Consent(ConsentBasis.CUSTOMER, "the file's"))
PLAIN = Grounds("the file's")
COLUMNS = GroundsColumns(ListKind.WHITE, why=1, basis=2, evidence=3)


@given(st.dictionaries(st.integers(0, 300), GROUNDS, max_size=40), st.integers(0, 5))
def test_every_line_keeps_its_own_grounds(told: dict[int, Grounds], repeated_max: int) -> None:
    kept = GroundsByLine()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grounds, "_REPEATED_MAX", repeated_max)
        for line in sorted(told):
            kept.add(line, told[line])

    assert {line: of for line in range(310) if (of := kept.of(line))} == told
    assert bool(kept) is bool(told)


def test_what_comes_again_takes_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounds, "BYTES_MAX", 40)
    kept = GroundsByLine()
    for line in range(1_000):
        kept.add(line, USUAL)

    with pytest.raises(LimitExceeded, match="file_too_large"):
        kept.add(1_000, Grounds("another one"))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (("number", "why", "by", "at", "consent", "evidence", "frozen"), (1, 4, 5)),
        (("手机号码", "同意依据", "凭证", "原因"), (3, 1, 2)),
        (("Phone", "Consent Basis", "Proof-of-Consent", "REASON"), (3, 1, 2)),
        (("号码", "姓名", "备注"), (None, None, None)),
        (("号 码", "同意方式：", "同意 凭证"), (None, 1, 2)),
    ],
)
def test_the_columns_are_found_in_either_language(
    header: tuple[str, ...], found: tuple[int | None, ...]
) -> None:
    columns = grounds_columns(Table(header, 0, iter(())), ListKind.WHITE)

    assert (columns.why, columns.basis, columns.evidence) == found
    assert columns.named is any(column is not None for column in found)


@pytest.mark.parametrize(
    ("written", "basis"),
    [
        *((str(basis), basis) for basis in ConsentBasis),
        ("员工", ConsentBasis.EMPLOYEE),
        ("客户", ConsentBasis.CUSTOMER),
        ("注册用户", ConsentBasis.REGISTERED),
        ("书面", ConsentBasis.WRITTEN),
        ("本人要求", ConsentBasis.ASKED),
        ("Ｗｒｉｔｔｅｎ", ConsentBasis.WRITTEN),
        (" 书面 同意", ConsentBasis.WRITTEN),
    ],
)
def test_a_basis_is_read_in_either_language(written: str, basis: ConsentBasis) -> None:
    said = COLUMNS.read(Row(2, ("", "", written, "form 7")), PLAIN)

    assert said == Grounds("the file's", Consent(basis, "form 7"))


@pytest.mark.parametrize(
    ("cells", "usual", "said"),
    [
        ((), USUAL, USUAL),
        (("own",), USUAL, Grounds("own", USUAL.consent)),
        (("own",), PLAIN, Grounds("own")),
        (("", "written"), USUAL, Grounds("the file's", Consent(ConsentBasis.WRITTEN, "the file's"))),
        (("", "", "form 7"), USUAL, Grounds("the file's", Consent(ConsentBasis.CUSTOMER, "form 7"))),
        (("own", "asked", "call 9"), USUAL, Grounds("own", Consent(ConsentBasis.ASKED, "call 9"))),
        (("", "written"), PLAIN, reasons.CONSENT_INCOMPLETE),
        (("", "", "form 7"), PLAIN, reasons.CONSENT_INCOMPLETE),
        (("", "orally", "call 9"), USUAL, reasons.BASIS_UNKNOWN),
        (("", "WRITTEN!", "call 9"), PLAIN, reasons.BASIS_UNKNOWN),
        (("x" * 200,), PLAIN, Grounds("x" * 200)),
        (("x" * 201,), PLAIN, reasons.CELL_UNFIT),
        (("", "asked", "x" * 201), PLAIN, reasons.CELL_UNFIT),
        (("one\ntwo",), PLAIN, reasons.CELL_UNFIT),
        (("", "asked", "form\t7"), PLAIN, reasons.CELL_UNFIT),
    ],
)
def test_a_lines_own_word_goes_over_the_files(
    cells: tuple[str, ...], usual: Grounds, said: Grounds | str
) -> None:
    assert COLUMNS.read(Row(2, ("13800130001", *cells)), usual) == said


@pytest.mark.parametrize("column", [1, 2, 3])
def test_a_cell_that_is_not_to_be_trusted_is_a_fault_of_its_line(column: int) -> None:
    row = Row(2, ("13800130001",), {column: reasons.CELL_FORMULA})

    assert COLUMNS.read(row, USUAL) == reasons.CELL_FORMULA
    assert GroundsColumns(ListKind.WHITE).read(row, USUAL) == USUAL


@pytest.mark.parametrize("kind", [ListKind.BLACK, ListKind.OPTOUT])
def test_only_a_white_list_carries_consent(kind: ListKind) -> None:
    columns = GroundsColumns(kind, why=1, basis=2, evidence=3)

    assert columns.read(Row(2, ("", "", "written", "form 7")), PLAIN) == reasons.CONSENT_MISPLACED
    assert columns.read(Row(2, ("", "", "", "form 7")), PLAIN) == reasons.CONSENT_MISPLACED
    assert columns.read(Row(2, ("", "own")), PLAIN) == Grounds("own")
