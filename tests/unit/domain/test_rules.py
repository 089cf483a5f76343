"""The rules, one by one and in their order."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from openmas.domain.contract import AccessCode, Category, CodeSource, Contract, DocumentKind, ServiceKind
from openmas.domain.parcel import Law
from openmas.domain.port import Flow, FlowState, Port, Terms
from openmas.domain.profile import Profile
from openmas.domain.reasons import REASONS
from openmas.domain.rules import PUT_OFF, Sending, objection
from openmas.domain.signing import Signature, SignatureStatus
from openmas.domain.template import Template
from tests.fakes import sample

NOTICE = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE)
IN_TERM = date(2025, 1, 1)
EARLY = replace(sample.contract(), effective_on=date(2024, 1, 1))


def profile(contract: Contract = EARLY, *templates: Template) -> Profile:
    return Profile(sample.client(), contracts=(contract,), templates={each.id: (each,) for each in templates})


@pytest.mark.parametrize(
    ("service", "category", "on", "refusal"),
    [
        (ServiceKind.TEMPLATE_BLACK, Category.NOTICE, date(2023, 12, 31), ("contract_missing", "2.1.1")),
        (ServiceKind.TEMPLATE_BLACK, Category.NOTICE, date(2024, 11, 19), ("contract_not_started", "9")),
        (ServiceKind.ORDINARY_BLACK, Category.NOTICE, IN_TERM, ("service_not_bought", "2.1.1")),
        (ServiceKind.ORDINARY_WHITE, Category.VERIFICATION, IN_TERM, ("service_not_bought", "2.1.1")),
        (ServiceKind.TEMPLATE_BLACK, Category.MARKETING, IN_TERM, ("category_not_allowed", "2.1.7")),
    ],
)
def test_what_the_contract_does_not_allow_is_refused_with_its_clause(
    service: ServiceKind, category: Category, on: date, refusal: tuple[str, str]
) -> None:
    code = objection(Sending(service, category), profile(), on)

    assert code is not None
    assert (code, REASONS[code].clause) == refusal


def test_a_contract_that_has_ended_allows_nothing() -> None:
    ended = replace(EARLY, term=replace(EARLY.term, renewals_max=0))

    assert objection(NOTICE, profile(ended), date(2025, 11, 19)) is None
    assert objection(NOTICE, profile(ended), date(2025, 11, 20)) == "contract_ended"


@pytest.mark.parametrize("category", [Category.NOTICE, Category.VERIFICATION])
@pytest.mark.parametrize("on", [date(2024, 11, 20), date(2025, 11, 19), date(2025, 11, 20), date(2031, 1, 1)])
def test_what_was_bought_may_be_sent_while_the_term_renews(category: Category, on: date) -> None:
    assert objection(Sending(ServiceKind.TEMPLATE_BLACK, category), profile(), on) is None


def test_a_client_whose_document_ran_out_has_the_days_of_a_breach_to_renew_it() -> None:
    ends_on = IN_TERM - timedelta(days=EARLY.notices.breach_days)
    old = sample.document(DocumentKind.QUALIFICATION, ends_on)
    known = replace(profile(), documents=(old,))
    renewed = replace(known, documents=(old, sample.document(DocumentKind.QUALIFICATION, days_ago=1)))

    assert objection(NOTICE, known, IN_TERM) is None
    assert objection(NOTICE, known, IN_TERM + timedelta(days=1)) == "document_expired"
    assert objection(NOTICE, renewed, IN_TERM + timedelta(days=1)) is None


def test_a_document_that_the_contract_does_not_ask_for_may_run_out() -> None:
    known = replace(profile(), documents=(sample.document(DocumentKind.DOMAIN_FILING, date(2024, 1, 1)),))

    assert objection(NOTICE, known, IN_TERM) is None


def test_with_an_access_code_that_ran_out_nothing_is_sent() -> None:
    code = AccessCode("10655", CodeSource.APPLIED, IN_TERM)
    known = profile(replace(EARLY, access_code=code))

    assert objection(NOTICE, known, IN_TERM) is None
    assert objection(NOTICE, known, IN_TERM + timedelta(days=1)) == "access_code_expired"


def test_what_was_accepted_under_a_code_that_has_been_prolonged_since_is_sent() -> None:
    first = replace(EARLY, access_code=AccessCode("10655", CodeSource.APPLIED, IN_TERM))
    longer = replace(first.access_code, valid_until=IN_TERM + timedelta(days=30))
    known = replace(profile(), contracts=(first, replace(first, version=2, access_code=longer)))
    accepted = replace(NOTICE, port="10655", law=Law(first.number, 1))

    assert objection(accepted, known, longer.valid_until or IN_TERM) is None
    assert objection(accepted, known, IN_TERM + timedelta(days=31)) == "access_code_expired"


def test_a_draft_is_no_contract() -> None:
    assert objection(NOTICE, Profile(sample.client(), drafts=(EARLY,)), IN_TERM) == "contract_missing"


def test_a_suspended_client_sends_nothing() -> None:
    assert objection(NOTICE, replace(profile(), client=sample.suspended()), IN_TERM) == "client_suspended"


def test_a_template_must_be_in_use() -> None:
    sending = replace(NOTICE, template="flu-notice", template_version=1)

    assert objection(sending, profile(EARLY, sample.template()), IN_TERM) is None
    assert objection(sending, profile(EARLY, sample.stopped_template()), IN_TERM) == "template_stopped"
    assert objection(sending, profile(EARLY), IN_TERM) == "template_stopped"


CLOSED = sample.port().with_flow(Flow(FlowState.CLOSED, sample.CHANGE))
FROM_PORT = replace(NOTICE, port=sample.PORT, signature=EARLY.signature)


def with_port(port: Port, *signatures: Signature, contract: Contract = EARLY) -> Profile:
    known = {each.text: each for each in signatures}
    return replace(profile(contract), ports={port.number: port}, signatures=known)


@pytest.mark.parametrize(
    ("port", "code", "clause"),
    [
        (sample.port(), None, None),
        (sample.port(Category.VERIFICATION), "port_for_other_purpose", "2.1.7"),
        (sample.port(valid_until=date(2024, 12, 31)), "port_expired", "2.1.8"),
        (sample.port(valid_until=IN_TERM), None, None),
        (CLOSED, "port_closed", "2.1.6"),
        (sample.port().reclaimed(sample.TODAY, 90, sample.CHANGE), "port_unknown", "2.1.7"),
        (sample.port(number="106509733271499"), "port_unknown", "2.1.7"),
        (replace(sample.port(), access_code="106509"), "port_unknown", "2.1.7"),
    ],
)
def test_a_port_sends_for_its_client_its_purpose_and_its_time(
    port: Port, code: str | None, clause: str | None
) -> None:
    assert objection(FROM_PORT, with_port(port), IN_TERM) == code
    assert code is None or REASONS[code].clause == clause


def test_the_bare_access_code_sends_until_it_is_another_contracts() -> None:
    bare = replace(NOTICE, port=EARLY.access_code.code)
    moved = replace(EARLY, version=2, access_code=AccessCode("10655000"))

    assert objection(bare, profile(), IN_TERM) is None
    assert objection(bare, profile(moved), IN_TERM) == "port_unknown"


@pytest.mark.parametrize(
    ("signature", "entry", "code"),
    [
        (EARLY.signature, None, None),
        (EARLY.signature, SignatureStatus.PENDING, None),
        (EARLY.signature, SignatureStatus.REFUSED, "signature_unknown"),
        (EARLY.signature, SignatureStatus.STOPPED, "signature_stopped"),
        ("塔城市疾控中心", None, "signature_unknown"),
        ("塔城市疾控中心", SignatureStatus.PENDING, "signature_unknown"),
        ("塔城市疾控中心", SignatureStatus.REFUSED, "signature_unknown"),
        ("塔城市疾控中心", SignatureStatus.STOPPED, "signature_stopped"),
        ("塔城市疾控中心", SignatureStatus.APPROVED, None),
    ],
)
def test_a_signature_must_be_in_use(signature: str, entry: SignatureStatus | None, code: str | None) -> None:
    entries = {signature: sample.signature(signature, entry)} if entry else {}
    sending = replace(NOTICE, port=EARLY.access_code.code, signature=signature)

    assert objection(sending, replace(profile(), signatures=entries), IN_TERM) == code


def test_the_contracts_own_that_was_refused_and_handed_in_again_is_not_in_use() -> None:
    waits = replace(sample.signature(EARLY.signature, SignatureStatus.PENDING), version=3)
    sending = replace(NOTICE, port=EARLY.access_code.code, signature=EARLY.signature)

    known = replace(profile(), signatures={EARLY.signature: waits})

    assert objection(sending, known, IN_TERM) == "signature_unknown"


@pytest.mark.parametrize(
    ("allowed", "signature", "code"),
    [
        ((), EARLY.signature, None),
        ((), "塔城市疾控中心", "signature_not_for_port"),
        (("塔城市疾控中心",), "塔城市疾控中心", None),
        (("塔城市疾控中心",), EARLY.signature, "signature_not_for_port"),
        (("塔城市疾控中心", EARLY.signature), EARLY.signature, None),
    ],
)
def test_a_port_carries_the_signatures_that_are_allowed_for_it(
    allowed: tuple[str, ...], signature: str, code: str | None
) -> None:
    known = with_port(sample.port(signatures=allowed), sample.signature())

    assert objection(replace(FROM_PORT, signature=signature), known, IN_TERM) == code


def test_only_a_closed_port_puts_off_and_it_is_asked_last() -> None:
    ended = replace(EARLY, term=replace(EARLY.term, renewals_max=0))
    broken = [
        replace(with_port(CLOSED), client=sample.suspended()),
        with_port(CLOSED, contract=ended),
        with_port(replace(CLOSED, terms=Terms(Category.VERIFICATION))),
        with_port(CLOSED, sample.signature(EARLY.signature, SignatureStatus.STOPPED)),
    ]

    codes = [objection(FROM_PORT, each, date(2025, 11, 20)) for each in broken]

    assert frozenset({"port_closed"}) == PUT_OFF
    assert all(codes)
    assert PUT_OFF.isdisjoint(filter(None, codes))
