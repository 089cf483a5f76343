"""A version comes into force only when nothing is missing; all that is missing is told at once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import AccessCode, Amendment, CodeSource, Contract, DocumentKind
from openmas.domain.profile import Profile
from openmas.domain.readiness import obstacles
from openmas.domain.signing import Basis, Signature, SignatureStatus
from tests.fakes import sample

FIRST = sample.contract()
AGREED = Amendment(date(2025, 3, 1), date(2025, 1, 20), "补充协议")
SECOND = replace(FIRST, version=2, effective_on=date(2025, 4, 1), amendment=AGREED)


def told(
    contract: Contract,
    earlier: Iterable[Contract] = (),
    filed: Iterable[ClientDocument] = sample.documents(),
    because: str | None = "宣 is usual",
    name: str = FIRST.client_full_name,
    registered: Iterable[Signature] = (),
) -> list[tuple[str, str | None]]:
    profile = Profile(
        client=replace(sample.client(), full_name=name),
        contracts=tuple(earlier),
        documents=tuple(filed),
        signatures={each.text: each for each in registered},
    )
    found = obstacles(contract, profile, because, sample.TODAY)
    return [(fault.pointer, fault.clause) for fault in found]


def test_the_sample_contract_lacks_nothing_but_a_persons_word_for_its_signature() -> None:
    assert told(FIRST) == []
    assert told(FIRST, because=None) == [("/signature", "2.1.9")]


def test_a_signature_that_the_rules_pass_needs_nobody() -> None:
    assert told(replace(FIRST, signature="塔城市疾控中心"), because=None) == []


@pytest.mark.parametrize(
    ("text", "status", "because", "count"),
    [
        ("塔城市疾控中心宣", SignatureStatus.APPROVED, None, 0),
        ("塔城市疾控中心宣", SignatureStatus.PENDING, None, 1),
        ("塔城市疾控中心宣", SignatureStatus.PENDING, "宣 is usual", 0),
        ("塔城市疾控中心宣", SignatureStatus.REFUSED, "宣 is usual", 1),
        ("塔城市疾控中心宣", SignatureStatus.STOPPED, "宣 is usual", 1),
        ("塔城市疾控中心", SignatureStatus.STOPPED, None, 1),
        ("塔城市疾控中心", SignatureStatus.APPROVED, None, 0),
    ],
)
def test_a_verdict_in_the_register_of_signatures_counts_before_all_else(
    text: str, status: SignatureStatus, because: str | None, count: int
) -> None:
    registered = [sample.signature(text, status), sample.signature("别的签名", SignatureStatus.APPROVED)]

    found = told(replace(FIRST, signature=text), because=because, registered=registered)

    assert found == [("/signature", "2.1.9")] * count


def test_a_refused_signature_that_was_handed_in_again_waits_for_its_verdict() -> None:
    waits = replace(sample.signature(FIRST.signature, SignatureStatus.PENDING), version=3)

    assert told(FIRST, registered=[waits]) == [("/signature", "2.1.9")]


def test_everything_is_told_at_once() -> None:
    found = told(FIRST, filed=(), because=None, name="别的单位")

    assert found[0] == ("/client_full_name", "2.1.15")
    assert [pointer for pointer, _ in found].count("/documents") == 5
    assert found[-1] == ("/signature", "2.1.9")


def test_a_change_of_what_is_in_force_says_what_was_agreed() -> None:
    assert told(SECOND, [FIRST]) == []
    assert told(replace(SECOND, amendment=None), [FIRST]) == [("/amendment", "12.3")]
    assert told(replace(SECOND, amendment=None)) == []


@pytest.mark.parametrize(
    ("version", "effective_on", "found"),
    [
        (3, date(2025, 4, 1), []),
        (3, date(2025, 3, 31), [("/effective_on", "10")]),
        (1, date(2026, 1, 1), [("/version", "10")]),
    ],
)
def test_what_follows_is_newer_than_what_it_follows(
    version: int, effective_on: date, found: list[tuple[str, str | None]]
) -> None:
    following = replace(SECOND, version=version, effective_on=effective_on)

    assert told(following, [FIRST, SECOND]) == found


@pytest.mark.parametrize(("days", "found"), [(-1, [("/access_code/valid_until", "2.1.8")]), (0, [])])
def test_an_access_code_must_be_valid_still(days: int, found: list[tuple[str, str | None]]) -> None:
    code = AccessCode("10655", CodeSource.APPLIED, sample.TODAY + timedelta(days=days))

    assert told(replace(FIRST, access_code=code)) == found


@pytest.mark.parametrize(("days", "count"), [(-1, 1), (0, 0)])
def test_a_signature_whose_proof_has_lapsed_is_in_the_way(days: int, count: int) -> None:
    mark = sample.document(DocumentKind.TRADEMARK_CERTIFICATE, sample.TODAY + timedelta(days=days))
    entry = sample.signature("健康通", basis=Basis.PRODUCT, evidence=mark.reference)
    contract = replace(FIRST, signature=entry.text)

    found = told(contract, filed=(*sample.documents(), mark), because=None, registered=[entry])

    assert found == [("/signature", "2.1.9")] * count
