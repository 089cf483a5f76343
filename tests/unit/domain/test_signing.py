"""The register of signatures: what the clause says of each basis, and what a person may say after it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.signature import Judged
from openmas.domain.signing import (
    Basis,
    Claim,
    Ruling,
    Signature,
    SignatureKind,
    SignatureStatus,
    entered,
    judge_claim,
    passed,
)
from openmas.errors import Conflict, InvalidInput
from tests.fakes import sample

FULL_NAME = "塔城市疾病预防控制中心"
OWN = "塔城市疾控中心"
MARK: dict[str, Any] = {
    "basis": Basis.TRADE_MARK, "trade_mark": "塔康", "product_kind": "疫苗", "evidence": "certificate 1"
}  # fmt: skip
TEXTS = st.text(alphabet=st.sampled_from("塔城市疾病预防控制中心宣 aC9【]\u200b"), max_size=12)
CLAIMS = st.builds(
    Claim,
    text=TEXTS,
    kind=st.sampled_from(SignatureKind),
    basis=st.sampled_from(Basis),
    evidence=st.none() | st.just("document 7"),
    trade_mark=st.none() | TEXTS,
    product_kind=st.none() | TEXTS,
    chinese=st.none() | st.just(OWN),
)


def english(text: str, chinese: str | None = OWN) -> Claim:
    return Claim(text=text, kind=SignatureKind.ENGLISH, chinese=chinese)


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        (Claim(text=OWN), Judged.PASS),
        (Claim(text="塔城市疾控中心宣"), Judged.REVIEW),
        (Claim(text="疾控"), Judged.REFUSE),
        (Claim(text=FULL_NAME, basis=Basis.FULL_NAME), Judged.REFUSE),
        (Claim(text=OWN, basis=Basis.FULL_NAME), Judged.REFUSE),
        (Claim(text="塔康疫苗", **MARK), Judged.REVIEW),
        (Claim(text="塔康", **MARK), Judged.REFUSE),
        (Claim(text="疫苗塔康", **MARK), Judged.REFUSE),
        (Claim(text="塔康疫苗网", **MARK), Judged.REFUSE),
        (Claim(text="塔康疫苗", **{**MARK, "evidence": None}), Judged.REFUSE),
        (Claim(text="塔康疫苗", **{**MARK, "product_kind": None}), Judged.REFUSE),
        (Claim(text="塔康疫苗", **{**MARK, "trade_mark": None}), Judged.REFUSE),
        (Claim(text="健康通", basis=Basis.PRODUCT, evidence="certificate 1"), Judged.REVIEW),
        (Claim(text="健康通", basis=Basis.PRODUCT), Judged.REFUSE),
        (Claim(text="健康", basis=Basis.PRODUCT, evidence="certificate 1"), Judged.REFUSE),
        (Claim(text="塔城疾控网", basis=Basis.WEBSITE, evidence="ICP 1"), Judged.REVIEW),
        (Claim(text="塔城疾控网", basis=Basis.WEBSITE), Judged.REFUSE),
        (english("Tacheng CDC"), Judged.REVIEW),
        (english("Tacheng CDC", chinese=None), Judged.REFUSE),
        (english("T" * 17), Judged.REFUSE),
        (english(OWN), Judged.REFUSE),
    ],
)
def test_each_basis_is_judged_as_the_clause_says(claim: Claim, outcome: Judged) -> None:
    assert judge_claim(FULL_NAME, claim).outcome is outcome


def test_a_full_name_of_8_han_at_most_is_the_signature() -> None:
    assert (
        judge_claim("塔城疾控中心", Claim(text="塔城疾控中心", basis=Basis.FULL_NAME)).outcome is Judged.PASS
    )


@given(CLAIMS)
def test_only_a_chinese_name_of_the_client_itself_is_good_without_a_person(claim: Claim) -> None:
    outcome = judge_claim(FULL_NAME, claim).outcome

    if outcome is Judged.PASS:
        assert claim.kind is SignatureKind.CHINESE
        assert claim.basis in (Basis.FULL_NAME, Basis.ABBREVIATION)
        assert 3 <= len(claim.text) <= 8
        assert set(claim.text) <= set(FULL_NAME)
    if outcome is not Judged.REFUSE and claim.basis in (Basis.PRODUCT, Basis.TRADE_MARK, Basis.WEBSITE):
        assert claim.evidence is not None


@given(CLAIMS)
def test_what_needs_a_person_names_its_case_and_what_nobody_may_pass_is_not_entered(claim: Claim) -> None:
    verdict = judge_claim(FULL_NAME, claim)
    if verdict.outcome is Judged.REFUSE:
        with pytest.raises(InvalidInput, match="signature_wrong"):
            entered(claim, verdict, sample.CHANGE, None)
        return

    signature = entered(claim, verdict, sample.CHANGE, None)

    assert signature.in_use is (verdict.outcome is Judged.PASS)
    assert (signature.case is None) is signature.in_use


@given(CLAIMS)
def test_what_a_person_refused_no_rule_passes_on_whatever_grounds(claim: Claim) -> None:
    verdict, refused = judge_claim(FULL_NAME, claim), sample.signature(status=SignatureStatus.REFUSED)
    if verdict.outcome is Judged.REFUSE:
        return

    again = entered(claim, verdict, sample.CHANGE, refused)

    assert (again.status, again.awaits_person, again.version) == (SignatureStatus.PENDING, True, 2)
    assert again.case is not None


@pytest.mark.parametrize(
    ("status", "ruling", "becomes"),
    [
        (SignatureStatus.PENDING, Ruling.PASS, SignatureStatus.APPROVED),
        (SignatureStatus.PENDING, Ruling.REFUSE, SignatureStatus.REFUSED),
        (SignatureStatus.PENDING, Ruling.STOP, SignatureStatus.STOPPED),
        (SignatureStatus.APPROVED, Ruling.STOP, SignatureStatus.STOPPED),
        (SignatureStatus.APPROVED, Ruling.REFUSE, None),
        (SignatureStatus.APPROVED, Ruling.PASS, None),
        (SignatureStatus.STOPPED, Ruling.PASS, SignatureStatus.APPROVED),
        (SignatureStatus.STOPPED, Ruling.REFUSE, None),
        (SignatureStatus.STOPPED, Ruling.STOP, None),
        (SignatureStatus.REFUSED, Ruling.PASS, None),
        (SignatureStatus.REFUSED, Ruling.STOP, None),
        (SignatureStatus.REFUSED, Ruling.REFUSE, None),
    ],
)
def test_a_person_says_what_becomes_of_a_signature(
    status: SignatureStatus, ruling: Ruling, becomes: SignatureStatus | None
) -> None:
    signature = sample.signature(status=status)
    if becomes is None:
        with pytest.raises(Conflict, match="signature_settled"):
            signature.judged(ruling, sample.CHANGE)
        return

    after = signature.judged(ruling, sample.CHANGE)

    assert (after.status, after.version, after.claim) == (becomes, 2, signature.claim)
    assert after.says(ruling)


@pytest.mark.parametrize(
    ("text", "entry", "good"),
    [
        (OWN, None, True),
        ("塔城市疾控中心宣", None, False),
        ("塔城市疾控中心宣", sample.signature("塔城市疾控中心宣"), True),
        (OWN, sample.signature(status=SignatureStatus.STOPPED), False),
        (OWN, sample.signature(status=SignatureStatus.PENDING), False),
    ],
)
def test_a_contracts_own_signature_is_passed_by_rule_or_by_a_person(
    text: str, entry: Signature | None, good: bool
) -> None:
    assert passed(FULL_NAME, text, entry) is good
