"""The rules together, whatever is broken at once, against the plain list of what each of them says."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from openmas.domain.contract import AccessCode, Category, CodeSource, Contract, DocumentKind, ServiceKind
from openmas.domain.measures import Cause, Measure
from openmas.domain.port import Flow, FlowState
from openmas.domain.profile import Profile
from openmas.domain.rules import Sending, objection
from openmas.domain.signing import Basis, SignatureStatus
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
