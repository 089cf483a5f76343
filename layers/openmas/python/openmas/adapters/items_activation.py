"""The items of a client's documents, of activations, and of who holds an access code."""

from openmas.adapters.items_sender import owner_key
from openmas.adapters.packing import (
    Item,
    day,
    from_change,
    from_time,
    given,
    key,
    read_day,
    read_string,
    read_whole,
    string,
    to_change,
    to_time,
    whole,
)
from openmas.domain.activation import Activation, Holder
from openmas.domain.change import Change
from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import DocumentKind

# Every access code that was ever held, so that those which begin with another are found.
CODES = "#codes"


def activation_item(client: str, activation: Activation) -> Item:
    return {
        **key(client, f"activation#{activation.contract}#v{activation.version:04d}"),
        "contract": {"S": activation.contract},
        "version": {"N": str(activation.version)},
        "by": {"S": activation.by},
        "at": from_time(activation.at),
        **given(signature_passed_because=string(activation.signature_passed_because)),
    }


def activation_from(item: Item) -> Activation:
    return Activation(
        contract=item["contract"]["S"],
        version=int(item["version"]["N"]),
        by=item["by"]["S"],
        at=to_time(item["at"]),
        signature_passed_because=read_string(item, "signature_passed_because"),
    )


def activated_item(client: str, contract: str, versions: int) -> Item:
    """How many versions of a contract are activated, so that of two at once one is judged again."""
    return {**key(client, f"activated#{contract}"), "versions": {"N": str(versions)}}


def given_key() -> Item:
    return key(CODES, "given")


def given_item(versions: int) -> Item:
    """How many times a code was given out, so that of two that begin alike at once one is judged again."""
    return {**given_key(), "versions": {"N": str(versions)}}


def given_from(item: Item) -> int:
    return int(item["versions"]["N"])


def client_document_item(client: str, document: ClientDocument) -> Item:
    filed = document.filed
    return {
        **key(client, f"document#{document.kind}#{filed.at:%Y%m%dT%H%M%S.%f}"),
        "kind": {"S": document.kind},
        "reference": {"S": document.reference},
        "by": {"S": filed.by},
        "at": from_time(filed.at),
        "why": {"S": filed.why},
        **given(
            sha256=string(document.sha256),
            valid_until=day(document.valid_until),
            withdrawn=from_change(document.withdrawn) if document.withdrawn else None,
        ),
    }


def client_document_from(item: Item) -> ClientDocument:
    return ClientDocument(
        kind=DocumentKind(item["kind"]["S"]),
        reference=item["reference"]["S"],
        filed=Change(item["by"]["S"], to_time(item["at"]), item["why"]["S"]),
        sha256=read_string(item, "sha256"),
        valid_until=read_day(item, "valid_until"),
        withdrawn=to_change(item["withdrawn"]) if "withdrawn" in item else None,
    )


def holder_item(number: str, holder: Holder) -> Item:
    return {
        **owner_key(number),
        **given(
            client=string(holder.client),
            contract=string(holder.contract),
            version=whole(holder.version),
            free_on=day(holder.free_on),
        ),
    }


def holder_from(item: Item) -> Holder:
    return Holder(
        client=item["client"]["S"],
        contract=read_string(item, "contract"),
        version=read_whole(item, "version"),
        free_on=read_day(item, "free_on"),
    )
