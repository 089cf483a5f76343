"""The items of the registry, each made and read by two inverse functions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from openmas.adapters.items_activation import activation_from, client_document_from
from openmas.adapters.items_measures import measure_from
from openmas.adapters.items_sender import port_from, signature_from
from openmas.adapters.packing import (
    Item,
    Value,
    day,
    from_change,
    from_time,
    given,
    key,
    read_day,
    read_time,
    read_whole,
    string,
    time,
    to_change,
    to_time,
    whole,
)
from openmas.domain.change import Change
from openmas.domain.contract import Category, Contract
from openmas.domain.contract_document import from_document, to_document
from openmas.domain.profile import ApiKey, Client, Mode, Profile, Scope
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.domain.variables import Variable, VariableKind
from openmas.errors import InvalidInput, Unavailable

DIRECTORY = "#clients"


def client_item(client: Client) -> Item:
    return {
        **key(client.id, "client"),
        "full_name": {"S": client.full_name},
        "suspended": {"BOOL": client.suspended},
        **given(
            effective_on=day(client.effective_on),
            notice_given_on=day(client.notice_given_on),
            change=from_change(client.change) if client.change else None,
            version=whole(client.version),
        ),
    }


def client_from(item: Item) -> Client:
    return Client(
        id=item["pk"]["S"].partition("#")[0],
        full_name=item["full_name"]["S"],
        suspended=item["suspended"]["BOOL"],
        effective_on=read_day(item, "effective_on"),
        notice_given_on=read_day(item, "notice_given_on"),
        change=to_change(item["change"]) if "change" in item else None,
        version=read_whole(item, "version") or 1,
    )


def api_key_key(client: str, sha256: str) -> Item:
    return key(client, f"key#{sha256}")


def api_key_item(client: str, api_key: ApiKey) -> Item:
    return {
        **api_key_key(client, api_key.sha256),
        **given(
            mode=string(api_key.mode),
            scopes={"L": [{"S": scope} for scope in sorted(api_key.scopes)]},
            addresses={"L": [{"S": address} for address in api_key.addresses]},
            expires_at=time(api_key.expires_at),
            label=string(api_key.label),
        ),
    }


def api_key_from(item: Item) -> ApiKey:
    return ApiKey(
        sha256=item["sk"]["S"].removeprefix("key#"),
        mode=Mode(item["mode"]["S"]),
        scopes=frozenset(Scope(each["S"]) for each in item["scopes"]["L"]),
        addresses=tuple(each["S"] for each in item["addresses"]["L"]),
        expires_at=read_time(item, "expires_at"),
        label=item["label"]["S"],
    )


def contract_item(client: str, contract: Contract) -> Item:
    document = json.dumps(to_document(contract), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {
        **key(client, f"contract#{contract.number}#v{contract.version:04d}"),
        "document": {"S": document},
    }


def contract_from(item: Item) -> Contract:
    """Raises: Unavailable if no contract of today's form is stored."""
    with _stored(item):
        return from_document(json.loads(item["document"]["S"]))


def template_item(client: str, template: Template) -> Item:
    return {
        **key(client, f"template#{template.id}#v{template.version:04d}"),
        "id": {"S": template.id},
        "version": {"N": str(template.version)},
        "category": {"S": template.category},
        "text": {"S": template.text},
        "variables": {"L": [_from_variable(each) for each in template.variables]},
        "status": {"S": template.status},
        **_from_change(template.change),
    }


def template_from(item: Item) -> Template:
    """Raises: Unavailable if no template of today's form is stored."""
    with _stored(item):
        return Template(
            id=item["id"]["S"],
            version=int(item["version"]["N"]),
            category=Category(item["category"]["S"]),
            text=item["text"]["S"],
            variables=variables_of(
                item["text"]["S"], [_to_variable(each) for each in item["variables"]["L"]]
            ),
            status=TemplateStatus(item["status"]["S"]),
            change=_to_change(item),
        )


def _from_change(change: Change | None) -> Item:
    if change is None:
        return {}
    return {
        "changed_by": {"S": change.by},
        "changed_at": from_time(change.at),
        "changed_why": {"S": change.why},
    }


def _to_change(item: Item) -> Change | None:
    """Shape: what was stored before changes were said has none."""
    if "changed_at" not in item:
        return None
    return Change(item["changed_by"]["S"], to_time(item["changed_at"]), item["changed_why"]["S"])


def _from_variable(variable: Variable) -> Value:
    return {
        "M": given(
            name=string(variable.name),
            kind=string(variable.kind),
            length_max=whole(variable.length_max),
            decimals=whole(variable.decimals) if variable.decimals else None,
            signed={"BOOL": True} if variable.signed else None,
        )
    }


def _to_variable(value: Value) -> Variable:
    """Shape: what was stored before variables had kinds is their names alone, and reads as short texts."""
    if "S" in value:
        return Variable(value["S"])
    stored = value["M"]
    return Variable(
        name=stored["name"]["S"],
        kind=VariableKind(stored["kind"]["S"]),
        length_max=int(stored["length_max"]["N"]),
        decimals=read_whole(stored, "decimals") or 0,
        signed="signed" in stored,
    )


@contextmanager
def _stored(item: Item) -> Iterator[None]:
    """What the rules for callers' input refuse here is our fault, not that of whoever is calling now."""
    try:
        yield
    except (InvalidInput, AttributeError, KeyError, TypeError, ValueError) as error:
        where = f"{item['pk']['S']} / {item['sk']['S']}"
        raise Unavailable("stored_unreadable", f"What is stored under {where} cannot be read.") from error


def profile_from(items: list[Item]) -> Profile | None:
    """The profile that a partition holds, its items in the order of their keys; None without a client."""
    kinds: dict[str, list[Item]] = {}
    for item in items:
        kinds.setdefault(item["sk"]["S"].partition("#")[0], []).append(item)
    if "client" not in kinds:
        return None
    keys = [api_key_from(item) for item in kinds.get("key", [])]
    templates: dict[str, tuple[Template, ...]] = {}
    for template in map(template_from, kinds.get("template", [])):
        templates[template.id] = (*templates.get(template.id, ()), template)
    versions = [contract_from(item) for item in kinds.get("contract", [])]
    activations = {
        (each.contract, each.version): each for each in map(activation_from, kinds.get("activation", []))
    }
    return Profile(
        client=client_from(kinds["client"][0]),
        keys={each.sha256: each for each in keys},
        contracts=tuple(each for each in versions if (each.number, each.version) in activations),
        drafts=tuple(each for each in versions if (each.number, each.version) not in activations),
        activations=activations,
        documents=tuple(client_document_from(item) for item in kinds.get("document", [])),
        templates=templates,
        measures=tuple(measure_from(item) for item in kinds.get("measure", [])),
        ports={each.number: each for each in map(port_from, kinds.get("port", []))},
        signatures={each.text: each for each in map(signature_from, kinds.get("signature", []))},
    )
