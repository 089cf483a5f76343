"""What a client hands in before, and while, it sends: undertakings, licences, certificates (2.1.5, A2, A3).

Of several of one kind the newest counts: a licence that was renewed is filed again. One that was filed in
error is withdrawn, and stays on record; then the one before it counts again, if there is one. Where that one
is over already, the days to mend the breach begin with the withdrawal.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from openmas.domain.calendar import shanghai_day
from openmas.domain.change import Change
from openmas.domain.contract import Contract, DocumentKind
from openmas.errors import Fault

CLAUSES: Mapping[DocumentKind, str] = MappingProxyType(
    {
        DocumentKind.SECURITY_UNDERTAKING: "2.1.5",
        DocumentKind.ACCESS_UNDERTAKING: "A2",
        DocumentKind.DECENCY_PLEDGE: "A3",
        DocumentKind.QUALIFICATION: "A2.2",
        DocumentKind.TELECOM_LICENCE: "A2.2",
        DocumentKind.SITE_FILING: "A2.2",
        DocumentKind.POLICE_FILING: "A2.9",
        DocumentKind.SECURITY_ASSESSMENT: "11.7",
        DocumentKind.MONITORING_ACCOUNT: "A2.4",
        DocumentKind.CODE_CERTIFICATE: "2.1.8",
        DocumentKind.TRADEMARK_CERTIFICATE: "2.1.9",
        DocumentKind.DOMAIN_FILING: "2.1.9",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDocument:
    """One document on file; the paper itself is where `reference` says, and `sha256` tells it from others.

    Shape: `valid_until` is its last day, None if it does not expire; `withdrawn` by whom, when and why, None
    while it stands.
    """

    kind: DocumentKind
    reference: str
    filed: Change
    sha256: str | None = None
    valid_until: date | None = None
    withdrawn: Change | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.filed.at:%Y%m%dT%H%M%S%f}"

    @property
    def ends_on(self) -> date | None:
        """The last day on which it stands, None if it has none."""
        ends = [self.valid_until, shanghai_day(self.withdrawn.at) if self.withdrawn else None]
        return min((each for each in ends if each is not None), default=None)

    def says_the_same(self, other: "ClientDocument") -> bool:
        """Whether both are one paper with one validity, whoever filed them, when and why."""
        return (self.kind, self.reference, self.sha256, self.valid_until) == (
            (other.kind, other.reference, other.sha256, other.valid_until)
        )


def on_file(filed: Iterable[ClientDocument]) -> Mapping[DocumentKind, ClientDocument]:
    """The document that counts of each kind: the one filed last that was not withdrawn."""
    standing = (each for each in filed if each.withdrawn is None)
    return {each.kind: each for each in sorted(standing, key=lambda each: each.filed.at)}


def lacking(contract: Contract, filed: Iterable[ClientDocument], on: date) -> Iterator[Fault]:
    """What the contract asks for that is not on file, or has expired, on a day, each with its clause."""
    counted = on_file(filed)
    for kind in sorted(contract.documents):
        document = counted.get(kind)
        if document is None:
            yield Fault("/documents", f"The {_name(kind)} is not on file.", CLAUSES[kind])
        elif document.valid_until is not None and document.valid_until < on:
            said = f"The {_name(kind)} was valid until {document.valid_until}."
            yield Fault("/documents", said, CLAUSES[kind])


def running_out(contract: Contract, filed: Iterable[ClientDocument], on: date) -> Iterator[ClientDocument]:
    """The documents that the contract asks for and that end so soon that the client has to be told (10)."""
    last, soon_on = last_standing(filed), on + timedelta(days=contract.notices.change_days)
    for kind in sorted(contract.documents):
        document = last.get(kind)
        if document is not None and document.ends_on is not None and document.ends_on < soon_on:
            yield document


def last_served_on(contract: Contract, filed: Iterable[ClientDocument]) -> date | None:
    """The last day on which a client is served whose documents run out; None if none of them does.

    Shape: an expired or withdrawn document is a breach, and the client has its days to mend one (6.2, A2.2).
    """
    last = last_standing(filed)
    ends = [each.ends_on for kind in contract.documents if (each := last.get(kind)) and each.ends_on]
    return min(ends) + timedelta(days=contract.notices.breach_days) if ends else None


def last_standing(filed: Iterable[ClientDocument]) -> Mapping[DocumentKind, ClientDocument]:
    """The document of each kind on which sending rests: the one that counts, or one of those that were filed
    after it and withdrawn, if it stood longer.
    """
    every = list(filed)
    counted, last = on_file(every), dict[DocumentKind, ClientDocument]()
    for each in sorted(every, key=lambda each: (_end(each), each.withdrawn is not None)):
        counts = counted.get(each.kind)
        withdrawn_after = each.withdrawn and (counts is None or each.filed.at > counts.filed.at)
        if each == counts or withdrawn_after:
            last[each.kind] = each
    return last


def _end(document: ClientDocument) -> date:
    return document.ends_on or date.max


def _name(kind: DocumentKind) -> str:
    return kind.replace("_", " ")
