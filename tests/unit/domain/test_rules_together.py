"""The rules together, whatever is broken at once, against the plain list of what each of them says."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from openmas.domain.contract import AccessCode, Category, CodeSource, Contract, DocumentKind, ServiceKind
from openmas.domain.measures import Cause, Measure
from openmas.domain.parcel import Law
from openmas.domain.port import Flow, FlowState
from openmas.domain.profile import Profile
from openmas.domain.rules import Sending, objection
from openmas.domain.signing import Basis, SignatureStatus
from openmas.domain.submission import Submission, allow
from openmas.errors import NotAllowed
from tests.fakes import sample

STARTS, ENDS = date(2024, 11, 20), date(2025, 11, 19)
CONTRACT = replace(sample.contract(), effective_on=STARTS - timedelta(days=30))
CODE, OTHER = CONTRACT.access_code, "塔城市疾控中心"
MARK: dict[str, Any] = {"basis": Basis.PRODUCT, "evidence": "trademark_certificate-2024"}
DAYS = st.dates(STARTS - timedelta(days=40), ENDS + timedelta(days=400)) | st.dates(STARTS, ENDS)
BROKEN = (
    "suspended",
    "renewed_no_more",
    "document",
    "code",
    "service",
    "category",
    "measure",
    "template",
    "port_of_another",
    "purpose",
    "port_old",
    "signature_unknown",
    "signature_stopped",
    "proof",
    "signature_for_another_port",
    "port_closed",
)


# Few at a time, as the first one hides all others.
@settings(max_examples=300)
@given(st.sets(st.sampled_from(BROKEN), max_size=3), DAYS, st.integers(-1, 15))
def test_the_first_thing_that_is_broken_is_told_and_nothing_else_is(
    names: set[str], on: date, ago: int
) -> None:
    """Shape: whatever runs out did so `ago` days before."""
    until = on - timedelta(days=ago)
    broken = {each: each in names for each in BROKEN}

    told = objection(sending(broken), profile(broken, until), on)

    assert told == expected(broken, on, until)


def expected(broken: Mapping[str, bool], on: date, until: date) -> str | None:
    """The answer, spelled out: no rule of the platform is used for it."""
    answers = [
        (broken["suspended"], "client_suspended"),
        (on < STARTS - timedelta(days=30), "contract_missing"),
        (on < STARTS, "contract_not_started"),
        (on > ENDS and broken["renewed_no_more"], "contract_ended"),
        (broken["document"] and (on - until).days > CONTRACT.notices.breach_days, "document_expired"),
        (broken["code"] and on > until, "access_code_expired"),
        (broken["service"], "service_not_bought"),
        (broken["category"], "category_not_allowed"),
        (broken["measure"], "stopped_in_emergency"),
        (broken["template"], "template_stopped"),
        (broken["port_of_another"], "port_unknown"),
        (broken["purpose"], "port_for_other_purpose"),
        (broken["port_old"] and on > until, "port_expired"),
        (broken["signature_unknown"], "signature_unknown"),
        (broken["signature_stopped"], "signature_stopped"),
        # What is not entered rests on nothing.
        (
            broken["proof"] and not broken["signature_unknown"] and (on - until).days > 10,
            "signature_unproved",
        ),
        (broken["signature_for_another_port"], "signature_not_for_port"),
        (broken["port_closed"], "port_closed"),
    ]
    return next((code for wrong, code in answers if wrong), None)


CHANGED, RECLAIM = STARTS + timedelta(days=60), timedelta(days=5)
NEAR = st.dates(CHANGED - timedelta(days=9), CHANGED + timedelta(days=9))
CODES, SIGNED = (CODE.code, "1065097332799"), (CONTRACT.signature, OTHER)


@st.composite
def amendments(draw: st.DrawFn) -> tuple[Contract, Contract]:
    """A contract and its second version, of which code, signature and categories may be others."""
    code, signature, agreed = (draw(st.integers(0, 1)) for _ in range(3))
    first = replace(CONTRACT, access_code=AccessCode(CODES[0], reclaim_after_days=RECLAIM.days))
    second = replace(
        first,
        version=2,
        effective_on=CHANGED,
        access_code=AccessCode(CODES[code]),
        signature=SIGNED[signature],
        categories=frozenset({(Category.VERIFICATION, Category.NOTICE)[agreed]}),
    )
    return (first, second) if draw(st.booleans()) else (replace(first, categories=second.categories), second)


@given(amendments(), NEAR, st.integers(0, 1), st.integers(0, 1), st.none() | st.integers(0, 1))
def test_what_was_accepted_keeps_its_code_and_signature_and_nothing_else_over_an_amendment(
    versions: tuple[Contract, Contract], on: date, code: int, signature: int, under: int | None
) -> None:
    law = Law(CONTRACT.number, under + 1) if under is not None else None
    pinned = Sending(
        ServiceKind.TEMPLATE_BLACK, Category.NOTICE, port=CODES[code], signature=SIGNED[signature], law=law
    )

    told = objection(pinned, Profile(sample.client(), contracts=versions), on)

    ruling = versions[on >= CHANGED]
    accepted = versions[under] if under is not None else ruling
    moved = versions[0].access_code.code != versions[1].access_code.code
    returned = moved and under == 0 and on >= CHANGED + RECLAIM
    codes = {ruling.access_code.code} | (set() if returned else {accepted.access_code.code})
    answers = [
        (Category.NOTICE not in ruling.categories, "category_not_allowed"),
        (CODES[code] not in codes, "port_unknown"),
        (SIGNED[signature] not in {ruling.signature, accepted.signature}, "signature_unknown"),
    ]
    assert told == next((reason for wrong, reason in answers if wrong), None)


@given(amendments(), NEAR, st.integers(0, 9), st.none() | st.integers(0, 1), st.none() | st.integers(0, 1))
def test_what_is_to_be_sent_later_is_asked_of_the_version_that_will_rule_then(
    versions: tuple[Contract, Contract], today: date, ahead: int, code: int | None, signature: int | None
) -> None:
    send_on = today + timedelta(days=ahead)
    submission = Submission(
        recipients=sample.numbers(1),
        template="flu-notice",
        send_at=sample.at(send_on),
        port=CODES[code] if code is not None else None,
        signature=SIGNED[signature] if signature is not None else None,
    )
    known = Profile(sample.client(), contracts=versions, templates={"flu-notice": (sample.template(),)})

    told: tuple[str | None, int | None]
    try:
        told = (None, allow(submission, known, sample.at(today)).contract.version)
    except NotAllowed as refused:
        told = (refused.code, None)

    ruling = versions[send_on >= CHANGED]
    answers = [
        (Category.NOTICE not in ruling.categories, "category_not_allowed"),
        (submission.port not in (None, ruling.access_code.code), "port_unknown"),
        (submission.signature not in (None, ruling.signature), "signature_unknown"),
        (True, None),
    ]
    reason = next(reason for wrong, reason in answers if wrong)
    assert told == (reason, ruling.version if reason is None else None)


def sending(broken: Mapping[str, bool]) -> Sending:
    return Sending(
        ServiceKind.ORDINARY_WHITE if broken["service"] else ServiceKind.TEMPLATE_BLACK,
        Category.NOTICE,
        template="flu-notice",
        template_version=1,
        port=sample.PORT,
        signature=OTHER if broken["signature_unknown"] else CONTRACT.signature,
    )


def profile(broken: Mapping[str, bool], until: date) -> Profile:
    template = sample.stopped_template() if broken["template"] else sample.template()
    status = SignatureStatus.STOPPED if broken["signature_stopped"] else SignatureStatus.APPROVED
    entries = () if broken["signature_unknown"] else (sample.signature(CONTRACT.signature, status, **MARK),)
    allowed = (OTHER,) if broken["signature_for_another_port"] else ()
    port = sample.port(
        Category.VERIFICATION if broken["purpose"] else Category.NOTICE,
        valid_until=until if broken["port_old"] else None,
        signatures=(*allowed, OTHER) if broken["signature_unknown"] else allowed,
    )
    if broken["port_closed"]:
        port = port.with_flow(Flow(FlowState.CLOSED, sample.CHANGE))
    if broken["port_of_another"]:
        port = replace(port, access_code="106509")
    measure = Measure(id="m1", cause=Cause.EMERGENCY, taken=sample.CHANGE, stops=frozenset({Category.NOTICE}))
    return Profile(
        sample.suspended() if broken["suspended"] else sample.client(),
        contracts=(contract(broken, until),),
        documents=(
            sample.document(DocumentKind.QUALIFICATION, until if broken["document"] else None),
            sample.document(DocumentKind.TRADEMARK_CERTIFICATE, until if broken["proof"] else None),
        ),
        templates={template.id: (template,)},
        measures=(measure,) if broken["measure"] else (),
        ports={port.number: port},
        signatures={entry.text: entry for entry in entries},
    )


def contract(broken: Mapping[str, bool], until: date) -> Contract:
    return replace(
        CONTRACT,
        term=replace(CONTRACT.term, renewals_max=0) if broken["renewed_no_more"] else CONTRACT.term,
        access_code=AccessCode(CODE.code, CodeSource.APPLIED, until if broken["code"] else None),
        categories=CONTRACT.categories - {Category.NOTICE} if broken["category"] else CONTRACT.categories,
    )
