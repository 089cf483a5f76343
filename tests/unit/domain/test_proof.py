"""A signature rests on a document on file, and for no longer than that and the days to mend a breach."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import shanghai_day
from openmas.domain.change import Change
from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import Category, DocumentKind, ServiceKind
from openmas.domain.profile import Profile
from openmas.domain.proof import lacking_proof, last_proved_on, proof_of
from openmas.domain.rules import Sending, objection
from openmas.domain.signing import PROOFS, Basis, Claim, SignatureStatus
from tests.fakes import sample

CONTRACT = replace(sample.contract(), documents=frozenset())
TODAY, BREACH = sample.TODAY, sample.contract().notices.breach_days
NAMED, OTHER = "certificate 1", "certificate 2"
FILED = st.lists(
    st.builds(
        lambda kind, reference, days, ago, gone: replace(
            sample.document(kind, TODAY + timedelta(days=days) if days is not None else None, days_ago=ago),
            reference=reference,
            withdrawn=Change("olga", sample.NOW + timedelta(days=gone), "in error") if gone else None,
        ),
        st.sampled_from([DocumentKind.TRADEMARK_CERTIFICATE, DocumentKind.DOMAIN_FILING]),
        st.sampled_from([NAMED, OTHER]),
        st.none() | st.integers(-20, 20),
        st.integers(0, 10_000),
        st.none() | st.integers(-20, 10),
    ),
    max_size=5,
    unique_by=lambda each: each.filed.at,
)
CLAIMS = st.builds(
    Claim, text=st.just("健康通"), basis=st.sampled_from(Basis), evidence=st.none() | st.just(NAMED)
)


def end(document: ClientDocument) -> date:
    """The last day on which the document stands, spelled out."""
    days = [document.valid_until] if document.valid_until else []
    return min([*days, *([shanghai_day(document.withdrawn.at)] if document.withdrawn else []), date.max])


def named(claim: Claim, filed: Sequence[ClientDocument]) -> list[ClientDocument]:
    kinds = {"product": "trademark_certificate", "trade_mark": "trademark_certificate"}
    kind = {**kinds, "website": "domain_filing"}.get(claim.basis)
    return [each for each in filed if each.kind == kind and each.reference == claim.evidence]


def counted(claim: Claim, filed: Sequence[ClientDocument]) -> ClientDocument | None:
    """The newest that stands; of those that were all withdrawn, the one that stood longest."""
    ours = named(claim, filed)
    standing = [each for each in ours if each.withdrawn is None]
    if standing:
        return max(standing, key=lambda each: each.filed.at)
    return max(ours, key=end, default=None)


def told(claim: Claim, filed: Sequence[ClientDocument], on: date) -> str | None:
    """What the rules say of a message under the claimed signature, which a person has passed."""
    entry = replace(sample.signature(claim.text, SignatureStatus.APPROVED), claim=claim)
    profile = Profile(
        sample.client(), contracts=(CONTRACT,), documents=tuple(filed), signatures={claim.text: entry}
    )
    return objection(Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE, signature=claim.text), profile, on)


@given(CLAIMS, FILED, st.integers(-20, 40))
def test_a_signature_is_used_until_the_days_after_its_proofs_end_are_over(
    claim: Claim, filed: list[ClientDocument], days: int
) -> None:
    on = TODAY + timedelta(days=days)

    proof = counted(claim, filed)

    lapsed = proof is not None and end(proof) != date.max and (on - end(proof)).days > BREACH
    assert told(claim, filed, on) == ("signature_unproved" if lapsed else None)


@given(CLAIMS, FILED)
def test_nothing_is_lacking_where_no_proof_is_needed_or_one_stands(
    claim: Claim, filed: list[ClientDocument]
) -> None:
    proof = counted(claim, filed)
    good = proof is not None and proof.withdrawn is None and end(proof) >= TODAY

    found = lacking_proof(claim, filed, TODAY)

    assert (found is None) == (good or claim.basis in ("full_name", "abbreviation"))


@pytest.mark.parametrize("basis", PROOFS)
def test_a_renewed_proof_is_filed_under_the_same_reference(basis: Basis) -> None:
    claim = Claim(text="健康通", basis=basis, evidence=NAMED)
    old, new, another = (
        replace(sample.document(PROOFS[basis], until, days_ago=ago), reference=reference)
        for until, ago, reference in [(TODAY, 9, NAMED), (None, 2, NAMED), (TODAY, 1, OTHER)]
    )

    assert last_proved_on(claim, [old, another], BREACH) == TODAY + timedelta(days=BREACH)
    assert proof_of(claim, [new, old, another]) == new
    assert last_proved_on(claim, [new, old, another], BREACH) is None
