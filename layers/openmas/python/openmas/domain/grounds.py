"""What the lines of a file say of why each number is listed, and on what consent (2.1.10, 2.1.12)."""

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from openmas.domain import reasons
from openmas.domain.listing import Consent, ConsentBasis, Grounds, ListKind
from openmas.domain.reasons import rejected
from openmas.domain.sheet import Row, Table, plain
from openmas.errors import LimitExceeded

_NAMES = {
    "why": ("why", "reason", "原因", "理由", "列入原因", "列入理由"),
    "basis": (
        *("consent", "consentbasis", "basis", "basisofconsent"),
        *("同意", "同意依据", "同意方式", "授权方式", "授权依据", "用户同意依据"),
    ),
    "evidence": (
        *("evidence", "consentevidence", "proof", "proofofconsent"),
        *("证据", "凭证", "证明", "同意证据", "同意凭证", "同意证明", "授权凭证", "证明材料"),
    ),
}
_BASES: Mapping[str, ConsentBasis] = MappingProxyType(
    {
        **{str(basis): basis for basis in ConsentBasis},
        **dict.fromkeys(("员工", "职工", "本单位员工", "本单位职工", "内部员工"), ConsentBasis.EMPLOYEE),
        **dict.fromkeys(("客户", "顾客", "本单位客户"), ConsentBasis.CUSTOMER),
        **dict.fromkeys(("注册", "注册用户", "用户注册", "会员"), ConsentBasis.REGISTERED),
        **dict.fromkeys(("书面", "书面同意", "书面授权", "签字"), ConsentBasis.WRITTEN),
        **dict.fromkeys(("本人要求", "主动要求", "主动申请", "本人申请"), ConsentBasis.ASKED),
    }
)
WHY_LENGTH_MAX = 200
# What a request may write in the same place: one line, without control characters.
_TEXT = re.compile(rf"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{{1,{WHY_LENGTH_MAX}}}")
_MEMBER, _LINE = b"\t", b"\n"
# Far more than the evidence of a million lines needs.
BYTES_MAX = 64 << 20
# What comes again is kept once, as long as it can be recognised in little room.
_REPEATED_MAX = 10_000


class GroundsByLine:
    """The grounds of very many lines in little room."""

    def __init__(self) -> None:
        self._told = bytearray()
        # By line, where its grounds begin; one more than that, as 0 means that there are none.
        self._places = array("I")
        self._repeated: dict[bytes, int] = {}

    def __bool__(self) -> bool:
        return bool(self._told)

    def add(self, line: int, grounds: Grounds) -> None:
        """Shape: lines come in rising order.

        Raises: LimitExceeded if all lines together say far too much.
        """
        written = _written(grounds)
        place = self._repeated.get(written)
        if place is None:
            if len(self._told) + len(written) > BYTES_MAX:
                raise rejected(LimitExceeded, reasons.FILE_TOO_LARGE)
            self._told += written
            place = len(self._told) - len(written) + 1
            if len(self._repeated) < _REPEATED_MAX:
                self._repeated[written] = place
        self._places.extend([0] * (line - len(self._places)))
        self._places.append(place)

    def of(self, line: int) -> Grounds | None:
        """What the line says, if it says anything of its own."""
        place = self._places[line] if line < len(self._places) else 0
        return _read(self._told[place - 1 : self._told.index(_LINE, place - 1)]) if place else None


@dataclass(frozen=True, slots=True)
class GroundsColumns:
    """Where a table says why, on what basis and with what evidence; None where it does not."""

    kind: ListKind
    why: int | None = None
    basis: int | None = None
    evidence: int | None = None

    @property
    def named(self) -> bool:
        return any(column is not None for column in (self.why, self.basis, self.evidence))

    def read(self, row: Row, usual: Grounds) -> Grounds | str:
        """What the row says, each empty cell as usual; or the reason why it says nothing."""
        found = {
            column: row.faults[column]
            for column in (self.why, self.basis, self.evidence)
            if column is not None and column in row.faults
        }
        if found:
            return found[min(found)]
        why, basis, evidence = (
            "" if column is None else row.cell(column) for column in (self.why, self.basis, self.evidence)
        )
        if not all(_TEXT.fullmatch(cell) for cell in (why, evidence) if cell):
            return reasons.CELL_UNFIT
        if basis or evidence:
            consent = self._consent(basis, evidence, usual.consent)
            return consent if isinstance(consent, str) else Grounds(why or usual.why, consent)
        return Grounds(why, usual.consent) if why else usual

    def _consent(self, basis: str, evidence: str, usual: Consent | None) -> Consent | str:
        if self.kind is not ListKind.WHITE:
            return reasons.CONSENT_MISPLACED
        told = _BASES.get(plain(basis)) if basis else usual and usual.basis
        proof = evidence or (usual.evidence if usual else "")
        if basis and told is None:
            return reasons.BASIS_UNKNOWN
        return Consent(told, proof) if told and proof else reasons.CONSENT_INCOMPLETE


def grounds_columns(table: Table, kind: ListKind) -> GroundsColumns:
    """The columns of a table that say why its numbers are to be on a list of this kind."""
    return GroundsColumns(kind, **{name: table.column(*words) for name, words in _NAMES.items()})


def _written(grounds: Grounds) -> bytes:
    consent = grounds.consent
    members = [grounds.why, *((consent.basis, consent.evidence) if consent else ())]
    return _MEMBER.join(member.encode() for member in members) + _LINE


def _read(written: bytearray) -> Grounds:
    why, *consent = (member.decode() for member in written.split(_MEMBER))
    return Grounds(why, Consent(ConsentBasis(consent[0]), consent[1]) if consent else None)
