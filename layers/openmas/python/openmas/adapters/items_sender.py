"""The items of ports and signatures: the newest version beside the client, every version in its history."""

from datetime import date

from openmas.adapters.packing import (
    Item,
    Value,
    day,
    from_change,
    given,
    key,
    read_day,
    read_string,
    read_whole,
    string,
    to_change,
    whole,
)
from openmas.domain.contract import Category
from openmas.domain.port import Flow, FlowState, Port, Terms
from openmas.domain.signing import Basis, Claim, Renewal, Signature, SignatureKind, SignatureStatus


def history_partition(client: str) -> str:
    return f"{client}#history"


def versioned(client: str, item: Item) -> Item:
    """The same item as a version that is kept for good."""
    return {**item, **key(history_partition(client), f"{item['sk']['S']}#v{int(item['version']['N']):04d}")}


# --- ports


def port_item(client: str, port: Port) -> Item:
    return {
        **key(client, f"port#{port.number}"),
        **given(
            access_code=string(port.access_code),
            category=string(port.terms.category) if port.terms.category else None,
            registered=from_change(port.registered),
            flow=_from_flow(port.flow),
            change=from_change(port.change),
            valid_until=day(port.terms.valid_until),
            rate_per_s=whole(port.terms.rate_per_s),
            signatures=_texts(port.terms.signatures),
            reclaimed_on=day(port.reclaimed_on),
            free_on=day(port.free_on),
            version=whole(port.version),
        ),
    }


def port_from(item: Item) -> Port:
    return Port(
        number=item["sk"]["S"].split("#")[1],
        access_code=item["access_code"]["S"],
        terms=Terms(
            category=Category(item["category"]["S"]) if "category" in item else None,
            valid_until=read_day(item, "valid_until"),
            rate_per_s=read_whole(item, "rate_per_s"),
            signatures=tuple(each["S"] for each in item["signatures"]["L"]) if "signatures" in item else (),
        ),
        registered=to_change(item["registered"]),
        flow=_to_flow(item["flow"]),
        change=to_change(item["change"]),
        reclaimed_on=read_day(item, "reclaimed_on"),
        free_on=read_day(item, "free_on"),
        version=int(item["version"]["N"]),
    )


def owner_key(number: str) -> Item:
    return key(f"#port#{number}", "owner")


def owner_item(number: str, client: str, free_on: date | None = None) -> Item:
    """Whose number it is; in quarantine it says from when on it may be another's."""
    return {**owner_key(number), **given(client=string(client), free_on=day(free_on))}


# --- signatures


def signature_item(client: str, signature: Signature) -> Item:
    return {
        **key(client, f"signature#{signature.text}"),
        **_from_claim(signature.claim),
        **given(
            status=string(signature.status),
            found=string(signature.found),
            change=from_change(signature.change),
            case=string(signature.case),
            version=whole(signature.version),
            renewal=_from_renewal(signature.renewal),
        ),
    }


def signature_from(item: Item) -> Signature:
    text = item["sk"]["S"].split("#")[1]
    return Signature(
        claim=_to_claim(text, item),
        status=SignatureStatus(item["status"]["S"]),
        found=item["found"]["S"],
        change=to_change(item["change"]),
        case=read_string(item, "case"),
        version=int(item["version"]["N"]),
        renewal=_to_renewal(text, item.get("renewal")),
    )


def _from_claim(claim: Claim) -> Item:
    return given(
        kind=string(claim.kind),
        basis=string(claim.basis),
        evidence=string(claim.evidence),
        trade_mark=string(claim.trade_mark),
        product_kind=string(claim.product_kind),
        chinese=string(claim.chinese),
    )


def _to_claim(text: str, item: Item) -> Claim:
    return Claim(
        text=text,
        kind=SignatureKind(item["kind"]["S"]),
        basis=Basis(item["basis"]["S"]),
        evidence=read_string(item, "evidence"),
        trade_mark=read_string(item, "trade_mark"),
        product_kind=read_string(item, "product_kind"),
        chinese=read_string(item, "chinese"),
    )


def _from_renewal(renewal: Renewal | None) -> Value | None:
    return {"M": {**_from_claim(renewal.claim), "refused": {"BOOL": renewal.refused}}} if renewal else None


def _to_renewal(text: str, value: Value | None) -> Renewal | None:
    return Renewal(_to_claim(text, value["M"]), value["M"]["refused"]["BOOL"]) if value else None


def _from_flow(flow: Flow) -> Value:
    return {
        "M": given(
            state=string(flow.state), change=from_change(flow.change), rate_per_s=whole(flow.rate_per_s)
        )
    }


def _to_flow(value: Value) -> Flow:
    inner = value["M"]
    return Flow(FlowState(inner["state"]["S"]), to_change(inner["change"]), read_whole(inner, "rate_per_s"))


def _texts(texts: tuple[str, ...]) -> Value | None:
    return {"L": [{"S": text} for text in texts]} if texts else None
