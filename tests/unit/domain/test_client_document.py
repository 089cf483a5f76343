"""What a client has to hand in: what is on file, what is lacking, and until when it is served."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import shanghai_day
from openmas.domain.change import Change
from openmas.domain.client_document import (
    CLAUSES,
    ClientDocument,
    lacking,
    last_served_on,
    on_file,
    running_out,
)
from openmas.domain.contract import DocumentKind
from tests.fakes import sample

CONTRACT = sample.contract()
TODAY = sample.TODAY
KINDS = st.sampled_from(DocumentKind)
filings = st.lists(
    st.builds(
        lambda kind, days, ago, gone: replace(
            sample.document(kind, TODAY + timedelta(days=days) if days else None, days_ago=ago),
            withdrawn=Change("olga", sample.NOW + timedelta(days=gone), "in error") if gone else None,
        ),
        KINDS,
        st.none() | st.integers(-20, 20),
        st.integers(0, 10_000),
        st.none() | st.integers(1, 40),
    ),
    max_size=8,
    unique_by=lambda each: each.filed.at,
)


def asking(*kinds: DocumentKind) -> object:
    return replace(CONTRACT, documents=frozenset(kinds))


def test_every_kind_of_document_has_the_clause_that_asks_for_it() -> None:
    assert CLAUSES.keys() == set(DocumentKind)


def test_with_all_documents_on_file_nothing_is_lacking() -> None:
    assert list(lacking(CONTRACT, sample.documents(), TODAY)) == []
    assert last_served_on(CONTRACT, sample.documents()) is None


def test_all_that_is_lacking_is_told_with_its_clause() -> None:
    faults = list(lacking(CONTRACT, (), TODAY))

    assert [(fault.pointer, fault.clause) for fault in faults] == [
        ("/documents", "A2"),
        ("/documents", "A3"),
        ("/documents", "A2.2"),
        ("/documents", "11.7"),
        ("/documents", "2.1.5"),
    ]


@pytest.mark.parametrize(("days", "count"), [(-1, 1), (0, 0), (1, 0)])
def test_a_document_is_good_on_its_last_day(days: int, count: int) -> None:
    contract = replace(CONTRACT, documents=frozenset({DocumentKind.QUALIFICATION}))
    filed = [sample.document(DocumentKind.QUALIFICATION, TODAY + timedelta(days=days))]

    assert len(list(lacking(contract, filed, TODAY))) == count


def test_a_renewed_document_takes_the_place_of_the_old_one_whatever_came_in_first() -> None:
    old = sample.document(DocumentKind.QUALIFICATION, TODAY - timedelta(days=1), days_ago=300)
    new = sample.document(DocumentKind.QUALIFICATION, TODAY + timedelta(days=365), days_ago=2)
    others = [each for each in sample.documents() if each.kind is not DocumentKind.QUALIFICATION]

    for filed in ([old, new, *others], [new, *others, old]):
        assert list(lacking(CONTRACT, filed, TODAY)) == []
        assert on_file(filed)[DocumentKind.QUALIFICATION] == new


def naive_last_served_on(kinds: set[DocumentKind], filed: list[ClientDocument], days: int) -> date | None:
    """Day by day: the first on which some document has been expired for more than its days."""
    for day in (TODAY + timedelta(days=n) for n in range(-60, 120)):
        for kind in kinds:
            of_kind = [each for each in filed if each.kind is kind]
            standing = sorted((each.filed.at, each.valid_until) for each in of_kind if not each.withdrawn)
            gone = [
                min(each.valid_until or date.max, shanghai_day(each.withdrawn.at))
                for each in of_kind
                if each.withdrawn and (not standing or each.filed.at > standing[-1][0])
            ]
            ends_on = max([*gone, standing[-1][1]] if standing and standing[-1][1] else gone, default=None)
            ends_on = None if standing and standing[-1][1] is None else ends_on
            if ends_on is not None and (day - ends_on).days > days:
                return day - timedelta(days=1)
    return None


@given(st.sets(KINDS), filings, st.integers(0, 30))
def test_a_client_is_served_until_the_days_to_mend_a_breach_are_over(
    kinds: set[DocumentKind], filed: list[ClientDocument], days: int
) -> None:
    notices = replace(CONTRACT.notices, breach_days=days)
    contract = replace(CONTRACT, documents=frozenset(kinds), notices=notices)

    assert last_served_on(contract, filed) == naive_last_served_on(kinds, filed, days)


@pytest.mark.parametrize(("days", "told"), [(-5, True), (0, True), (29, True), (30, False), (400, False)])
def test_a_document_that_runs_out_within_the_days_of_a_notice_is_told(days: int, told: bool) -> None:
    document = sample.document(DocumentKind.QUALIFICATION, TODAY + timedelta(days=days))
    unasked = sample.document(DocumentKind.DOMAIN_FILING, TODAY)

    assert list(running_out(CONTRACT, [document, unasked], TODAY)) == [document] * told


def test_a_renewed_document_runs_out_no_more() -> None:
    old = sample.document(DocumentKind.QUALIFICATION, TODAY, days_ago=300)

    assert list(running_out(CONTRACT, [sample.document(DocumentKind.QUALIFICATION), old], TODAY)) == []


def test_a_withdrawn_document_is_as_if_it_were_not_there() -> None:
    kind = DocumentKind.QUALIFICATION
    old, new = sample.document(kind, TODAY, days_ago=300), sample.document(kind, days_ago=2)
    gone = replace(new, withdrawn=Change("olga", sample.NOW, "another client's"))
    contract = replace(CONTRACT, documents=frozenset({kind}))

    assert on_file([old, gone]) == {kind: old}
    assert last_served_on(contract, [old, gone]) == TODAY + timedelta(days=10)
    assert on_file([gone]) == {}
    assert [fault.clause for fault in lacking(contract, [gone], TODAY)] == ["A2.2"]
    assert list(running_out(contract, [gone], TODAY)) == [gone]
    assert last_served_on(contract, [gone]) == TODAY + timedelta(days=10)
    assert last_served_on(contract, [gone, sample.document(kind, days_ago=0)]) is None


def test_the_days_to_mend_begin_with_the_withdrawal_though_an_older_paper_had_run_out_before() -> None:
    kind = DocumentKind.QUALIFICATION
    contract = replace(CONTRACT, documents=frozenset({kind}))
    old = sample.document(kind, TODAY - timedelta(days=200), days_ago=500)
    gone = replace(sample.document(kind), withdrawn=Change("olga", sample.NOW, "a slip"))
    before_it = replace(gone, filed=Change("olga", sample.NOW - timedelta(days=600), "handed in"))

    assert last_served_on(contract, [old, gone]) == TODAY + timedelta(days=10)
    assert list(running_out(contract, [old, gone], TODAY)) == [gone]
    assert list(running_out(contract, [old, before_it], TODAY)) == [old]


def test_who_files_the_same_paper_again_changes_nothing_about_it() -> None:
    one = sample.document(DocumentKind.QUALIFICATION, TODAY)

    assert one.says_the_same(replace(one, filed=Change("another", sample.NOW, "again")))
    assert not one.says_the_same(replace(one, valid_until=TODAY + timedelta(days=1)))
    assert not one.says_the_same(replace(one, reference="another paper"))
    assert not one.says_the_same(replace(one, sha256="0" * 64))
