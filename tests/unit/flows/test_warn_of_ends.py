"""Whatever messages depend on and ends soon has a case in time, once for each thing and end."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import day_start_at
from openmas.domain.case import KIND, Closing
from openmas.domain.change import Change
from openmas.domain.contract import Category, DocumentKind, ServiceKind
from openmas.domain.profile import Profile
from openmas.domain.rules import Sending, objection
from openmas.domain.signing import Basis, SignatureKind, SignatureStatus
from openmas.flows.keep_contracts import show_client
from openmas.flows.warn_of_ends import warn_of_ends
from tests.fakes import sample
from tests.fakes.world import FakeWorld

CLIENT, TODAY = sample.CLIENT, sample.TODAY
CODE = sample.contract().access_code.code
OWN = sha256(sample.contract().number.encode()).hexdigest()[:12]
DAYS = sample.contract().notices.change_days
ENDS = st.none() | st.integers(-5, 60).map(lambda days: TODAY + timedelta(days=days))


def world_with(
    *, code: date | None = None, port: date | None = None, document: date | None = None
) -> FakeWorld:
    world = FakeWorld().with_sample()
    contract = sample.contract()
    lasting = replace(contract.access_code, valid_until=code)
    sample.put_in_force(world.registry, CLIENT, replace(contract, version=2, access_code=lasting))
    world.registry.keep_port(CLIENT, sample.port(valid_until=port))
    if document:
        world.registry.keep_document(CLIENT, sample.document(DocumentKind.QUALIFICATION, document))
    return world


def profile(world: FakeWorld) -> Profile:
    return show_client(world, CLIENT)


def cases(world: FakeWorld, on: date = TODAY) -> dict[str, date]:
    """The cases there are after a night, each with the day from which it says that nothing is sent."""
    warn_of_ends(world, profile(world), on)
    found = {case.id: case for case in world.cases.cases.values()}
    for case in found.values():
        assert KIND.fullmatch(case.kind)
        assert case.id.startswith(f"{case.kind}#")
        stops_on = date.fromisoformat(case.detail[-10:])
        assert case.due_at == day_start_at(stops_on)
    return {name: date.fromisoformat(case.detail[-10:]) for name, case in found.items()}


@given(code=ENDS, port=ENDS, document=ENDS)
def test_what_ends_within_the_days_of_a_notice_has_a_case(
    code: date | None, port: date | None, document: date | None
) -> None:
    world = world_with(code=code, port=port, document=document)

    found = cases(world)

    meant = {
        f"{kind}#{name}#{ends_on:%Y%m%d}": ends_on + timedelta(days=days)
        for kind, name, ends_on, days in (
            ("code", CODE, code, 1),
            ("port", sample.PORT, port, 1),
            ("document", "qualification", document, 11),
        )
        if ends_on is not None and (ends_on - TODAY).days < DAYS
    }
    assert found == meant
    assert cases(world) == meant


@pytest.mark.parametrize(
    ("ending", "reason"),
    [("code", "access_code_expired"), ("port", "port_expired"), ("document", "document_expired")],
)
def test_the_day_that_a_case_names_is_the_first_on_which_nothing_is_sent(ending: str, reason: str) -> None:
    world = world_with(**{ending: TODAY + timedelta(days=3)})

    (stops_on,) = cases(world).values()

    sending = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE, port=sample.PORT)
    assert objection(sending, profile(world), stops_on - timedelta(days=1)) is None
    assert objection(sending, profile(world), stops_on) == reason


def test_what_was_renewed_has_a_case_for_its_new_end_and_none_before() -> None:
    soon, later = TODAY + timedelta(days=5), TODAY + timedelta(days=DAYS)
    world = world_with(port=soon)
    (first,) = cases(world)
    world.cases.close(CLIENT, first, Closing("olga", "renewed", sample.NOW, "settled"))
    renewed = profile(world).ports[sample.PORT]
    terms = replace(renewed.terms, valid_until=later)
    world.registry.keep_port(CLIENT, renewed.changed(terms, sample.CHANGE))

    assert set(cases(world)) == {first}
    assert set(cases(world, TODAY + timedelta(days=1))) == {first, f"port#{sample.PORT}#{later:%Y%m%d}"}


def test_a_port_that_was_reclaimed_warns_nobody() -> None:
    world = world_with(port=TODAY)
    port = profile(world).ports[sample.PORT]
    world.registry.keep_port(CLIENT, port.reclaimed(TODAY, 90, sample.CHANGE))

    assert cases(world) == {}


@given(st.dictionaries(st.sampled_from(["商标一", "商标二", "网站名"]), st.booleans()), ENDS)
def test_a_document_that_signatures_in_use_rest_on_has_one_case_that_names_them_all(
    entries: dict[str, bool], ends_on: date | None
) -> None:
    world = FakeWorld().with_sample()
    paper = sample.document(DocumentKind.TRADEMARK_CERTIFICATE, ends_on)
    world.registry.keep_document(CLIENT, paper)
    grounds: dict[str, Any] = {"basis": Basis.PRODUCT, "evidence": paper.reference}
    for name, in_use in entries.items():
        status = SignatureStatus.APPROVED if in_use else SignatureStatus.STOPPED
        english: dict[str, Any] = {"kind": SignatureKind.ENGLISH, "chinese": name}
        world.registry.keep_signature(CLIENT, sample.signature(name, status, **grounds))
        world.registry.keep_signature(CLIENT, sample.signature(f"As {name}", **english))

    found = cases(world)

    resting = {text for name, in_use in entries.items() if in_use for text in (name, f"As {name}")}
    soon = ends_on is not None and (ends_on - TODAY).days < DAYS
    assert len(found) == bool(resting and soon)
    for case, stops_on in found.items():
        detail = world.cases.cases[CLIENT, case].detail
        assert {name for name in profile(world).signatures if f"【{name}】" in detail} == resting
        for name in resting:
            sending = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE, signature=name)
            assert objection(sending, profile(world), stops_on - timedelta(days=1)) is None
            assert objection(sending, profile(world), stops_on) == "signature_unproved"


def test_the_proof_of_an_english_signature_warns_also_while_the_contracts_own_is_looked_at() -> None:
    world, own = FakeWorld().with_sample(), sample.contract().signature
    paper = sample.document(DocumentKind.TRADEMARK_CERTIFICATE, TODAY)
    world.registry.keep_document(CLIENT, paper)
    grounds: dict[str, Any] = {"basis": Basis.PRODUCT, "evidence": paper.reference}
    english = sample.signature("As ours", kind=SignatureKind.ENGLISH, chinese=own, **grounds)
    world.registry.keep_signature(CLIENT, english)
    world.registry.keep_signature(CLIENT, sample.signature(own, SignatureStatus.PENDING))

    (stops_on,) = cases(world).values()

    sending = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE, signature=english.text)
    days = [stops_on + timedelta(days=days) for days in (-1, 0)]
    assert [objection(sending, profile(world), on) for on in days] == [None, "signature_unproved"]


def test_a_withdrawn_document_has_a_case_until_another_is_filed() -> None:
    world = world_with()
    paper = sample.document(DocumentKind.QUALIFICATION)
    world.registry.keep_document(CLIENT, paper)
    world.registry.withdraw_document(
        CLIENT, replace(paper, withdrawn=Change("olga", sample.NOW, "another client's"))
    )

    assert cases(world) == {f"document#qualification-withdrawn#{TODAY:%Y%m%d}": TODAY + timedelta(days=11)}
    (case,) = world.cases.cases.values()
    assert "was withdrawn on" in case.detail
    again = world_with()
    again.registry.keep_document(CLIENT, sample.document(DocumentKind.QUALIFICATION, days_ago=0))
    assert cases(again) == {}


def test_a_withdrawn_document_has_a_case_of_its_own_though_another_ran_out_that_day() -> None:
    world, kind = world_with(), DocumentKind.QUALIFICATION
    world.registry.keep_document(CLIENT, sample.document(kind, TODAY, days_ago=300))
    assert set(cases(world)) == {f"document#qualification#{TODAY:%Y%m%d}"}
    renewed = sample.document(kind)
    world.registry.keep_document(CLIENT, renewed)
    world.registry.withdraw_document(CLIENT, replace(renewed, withdrawn=sample.CHANGE))

    assert f"document#qualification-withdrawn#{TODAY:%Y%m%d}" in cases(world)


def with_term(world: FakeWorld, **term: Any) -> FakeWorld:
    first = sample.contract()
    put = replace(first, version=2, term=replace(first.term, **term))
    sample.put_in_force(world.registry, CLIENT, put)
    return world


@pytest.mark.parametrize(
    ("days", "case"), [(-1, None), (0, "objection"), (DAYS - 1, "objection"), (DAYS, None)]
)
def test_the_last_day_to_object_before_a_renewal_has_a_case_in_time(days: int, case: str | None) -> None:
    last_on = TODAY + timedelta(days=days)
    world = with_term(FakeWorld().with_sample(), end_on=last_on + timedelta(days=30), notice_days=30)

    found = cases(world)

    assert found == ({f"contract#{case}-{OWN}#{last_on:%Y%m%d}": last_on + timedelta(days=1)} if case else {})


@pytest.mark.parametrize(("days", "case"), [(0, "end"), (DAYS - 1, "end"), (DAYS, None)])
def test_a_term_that_does_not_renew_has_a_case_unless_another_contract_follows_it(
    days: int, case: str | None
) -> None:
    ends_on = TODAY + timedelta(days=days)
    stops_on = ends_on + timedelta(days=1)
    world = with_term(FakeWorld().with_sample(), end_on=ends_on, renew_months=0)
    followed = with_term(FakeWorld().with_sample(), end_on=ends_on, renew_months=0)
    term = replace(sample.contract().term, start_on=stops_on, end_on=stops_on + timedelta(days=365))
    sample.put_in_force(followed.registry, CLIENT, replace(sample.contract(), number="C-2", term=term))

    assert cases(world) == ({f"contract#{case}-{OWN}#{ends_on:%Y%m%d}": stops_on} if case else {})
    assert cases(followed) == {}
    sending = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE)
    assert objection(sending, profile(world), ends_on) is None
    assert objection(sending, profile(world), stops_on) == "contract_ended"


@pytest.mark.parametrize("amended", [False, True])
def test_the_end_of_a_contract_is_told_though_an_older_one_runs_beside_it(amended: bool) -> None:
    world, older, ends_on = FakeWorld().with_sample(), sample.contract(), TODAY + timedelta(days=5)
    term = replace(older.term, start_on=TODAY - timedelta(days=9), end_on=ends_on, renew_months=0)
    newer = replace(
        older, number="newer", effective_on=term.start_on, term=term, categories=frozenset(Category)
    )
    sample.put_in_force(world.registry, CLIENT, newer)
    if amended:
        version = replace(older, version=2, effective_on=TODAY - timedelta(days=1))
        sample.put_in_force(world.registry, CLIENT, version)

    (case,) = cases(world)

    assert case == f"contract#end-{sha256(b'newer').hexdigest()[:12]}#{ends_on:%Y%m%d}"
    assert "newer is over after" in world.cases.cases[CLIENT, case].detail


def test_of_two_contracts_that_end_on_one_day_each_has_its_case() -> None:
    world = with_term(FakeWorld().with_sample(), end_on=TODAY, renew_months=0)
    sample.put_in_force(world.registry, CLIENT, replace(profile(world).contracts[-1], number="C-2"))

    assert len(cases(world)) == 2
