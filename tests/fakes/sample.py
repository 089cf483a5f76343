"""The sample contract's client with what it needs to send, for tests to start from."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from openmas.domain.activation import Activation
from openmas.domain.batch import Batch, cut
from openmas.domain.calendar import day_start_at
from openmas.domain.case import Case
from openmas.domain.change import Change
from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import AccessCode, Category, Contract, DocumentKind, ServiceKind
from openmas.domain.contract_document import from_document
from openmas.domain.ids import batch_id
from openmas.domain.listing import Consent, ConsentBasis
from openmas.domain.parcel import Law, Parcel
from openmas.domain.port import Flow, FlowState, Port, Terms
from openmas.domain.profile import Client
from openmas.domain.refused_submission import RefusedSubmission
from openmas.domain.signing import Claim, Signature, SignatureStatus
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.domain.variables import Variable, VariableKind
from openmas.needs import Registry

CLIENT = "tacheng-cdc"
CARRIER = "loopback"
NOW = datetime(2025, 11, 24, 1, 30, tzinfo=UTC)
TODAY = date(2025, 11, 24)
CONSENT = Consent(ConsentBasis.REGISTERED, "form 7 of the clinic")
_CONTRACT = Path(__file__).parents[2] / "infra/local/sample/contract.json"


def at(on: date) -> datetime:
    """Half past nine in Shanghai."""
    return day_start_at(on) + timedelta(hours=9, minutes=30)


def client() -> Client:
    return Client(CLIENT, "塔城市疾病预防控制中心")


def contract(carrier: str = CARRIER, code: str | None = None) -> Contract:
    """The sample contract with another carrier, perhaps with another access code."""
    kept = replace(from_document(json.loads(_CONTRACT.read_text(encoding="utf-8"))), carrier=carrier)
    return replace(kept, access_code=AccessCode(code)) if code else kept


def put_in_force(registry: Registry, client: str, contract: Contract) -> None:
    """The version counts for the client, whatever documents it lacks."""
    registry.keep_contract(client, contract)
    code = contract.access_code.code
    activation = Activation(
        contract=contract.number,
        version=contract.version,
        by="sample-operator",
        at=NOW - timedelta(days=30),
        signature_passed_because="宣 is the department's usual ending",
    )
    profile = registry.profile(client, fresh=True)
    before = profile.activated(contract.number) if profile else 0
    registry.activate(client, activation, code, registry.holder_of(code), before)


def document(kind: DocumentKind, valid_until: date | None = None, *, days_ago: float = 30) -> ClientDocument:
    """A document of the sample client."""
    return ClientDocument(
        kind=kind,
        reference=f"{kind}-2024",
        filed=Change("sample-operator", NOW - timedelta(days=days_ago), "handed in with the contract"),
        valid_until=valid_until,
    )


def documents() -> tuple[ClientDocument, ...]:
    """All that the sample contract asks for."""
    return tuple(map(document, sorted(contract().documents)))


def template(name: str = "flu-notice", version: int = 1) -> Template:
    text = "流感疫苗接种通知：{place}，请携带身份证。"
    return Template(name, version, Category.NOTICE, text, variables_of(text), TemplateStatus.APPROVED)


CHANGE = Change("p-operator", NOW, "as agreed")
PORT = "106509733271401"


def port(category: Category = Category.NOTICE, number: str = PORT, **terms: Any) -> Port:
    """A port of the sample client, as it was registered."""
    return Port(
        number=number,
        access_code="1065097332714",
        terms=Terms(category, **terms),
        registered=CHANGE,
        flow=Flow(FlowState.OPEN, CHANGE),
        change=CHANGE,
    )


def signature(
    text: str = "塔城市疾控中心", status: SignatureStatus = SignatureStatus.APPROVED, **claim: Any
) -> Signature:
    return Signature(claim=Claim(text=text, **claim), status=status, found="in order", change=CHANGE)


def numbers(count: int, first: int = 0) -> tuple[str, ...]:
    return tuple(f"1380013{n:04d}" for n in range(first, first + count))


def batch(recipients: int = 3, *, n: int = 0, on: date = TODAY, accepted_at: datetime | None = None) -> Batch:
    """A batch of the sample client; another one for every `n`."""
    accepted = accepted_at or at(on)
    sample = contract()
    return Batch(
        client=CLIENT,
        id=batch_id(on, (n * 0x101).to_bytes(8, "big")),
        accepted_at=accepted,
        valid_until=accepted + timedelta(days=1),
        test=False,
        service=ServiceKind.TEMPLATE_BLACK,
        category=Category.NOTICE,
        template="flu-notice",
        template_version=1,
        text="【塔城市疾控中心宣】流感疫苗接种通知：塔城，请携带身份证。",
        units_each=1,
        port=sample.access_code.code,
        signature=sample.signature,
        carrier=CARRIER,
        contract=sample.number,
        contract_version=sample.version,
        lists_clock=0,
        recipients=recipients,
    )


def parcels(of: Batch) -> tuple[Parcel, ...]:
    return tuple(cut(of, numbers(of.accepted)))


def parcel(recipients: int = 3, *, n: int = 0, on: date = TODAY) -> Parcel:
    """The first parcel of a batch, as it waits to be sent."""
    return parcels(batch(recipients, n=n, on=on))[0]


def case(kind: str = "unknown", *, due_at: datetime = NOW + timedelta(hours=48)) -> Case:
    """An open case of the sample client."""
    return Case(f"{kind}#{TODAY:%Y%m%d}0aaaaaaaaaaaa-0000", CLIENT, kind, TODAY, due_at, "3 messages")


def refused_submission(at: datetime = NOW, key: str = "order-7") -> RefusedSubmission:
    """A submission of the sample client that named a signature which nobody passed."""
    law = Law(contract().number, 1)
    return RefusedSubmission(
        client=CLIENT,
        at=at,
        idempotency_key=key,
        test=False,
        recipients=5_000,
        reason="signature_unknown",
        law=law,
        category=Category.NOTICE,
        port=PORT,
        signature="塔城市疾控中心讯",
        template="flu-notice",
        reference="autumn",
    )


def verification() -> Template:
    text, code = "验证码{code}，请勿告知他人。", Variable("code", VariableKind.NUMBER, 8)
    return Template("login", 1, Category.VERIFICATION, text, (code,), TemplateStatus.APPROVED)


def stopped_template() -> Template:
    return replace(template(version=2), status=TemplateStatus.STOPPED)


def suspended() -> Client:
    """The next version of the sample client's record."""
    return replace(client(), suspended=True, change=CHANGE, version=2)


def ended_contract() -> Contract:
    """The next version of the contract, which ended two days ago."""
    first = contract()
    over = replace(first.term, end_on=TODAY - timedelta(days=2), renew_months=0)
    return replace(first, version=2, term=over)
