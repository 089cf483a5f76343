"""Submissions that were refused as a whole, as items."""

from datetime import date
from hashlib import sha256

from openmas.adapters import packing
from openmas.adapters.items import client_of, expiry
from openmas.adapters.packing import Item, given, key, read_string, string, whole
from openmas.domain.calendar import shanghai_day
from openmas.domain.contract import Category
from openmas.domain.parcel import Law
from openmas.domain.refused_submission import RefusedSubmission


def refusals_partition(client: str, on: date) -> str:
    return f"{client}#refused#{on:%Y%m%d}"


def refusal_item(refused: RefusedSubmission) -> Item:
    """The same item for the same key at the same time, however often it is written."""
    mark = sha256(f"{refused.test}:{refused.idempotency_key}".encode()).hexdigest()[:12]
    at, law = packing.from_time(refused.at), refused.law
    return {
        **key(refusals_partition(refused.client, shanghai_day(refused.at)), f"{at['N']}#{mark}"),
        **given(
            at=at,
            idempotency_key=string(refused.idempotency_key),
            test={"BOOL": True} if refused.test else None,
            recipients=whole(refused.recipients),
            reason=string(refused.reason),
            contract=string(law.contract) if law else None,
            contract_version=whole(law.version) if law else None,
            category=string(refused.category),
            port=string(refused.port),
            signature=string(refused.signature),
            template=string(refused.template),
            file=string(refused.file),
            reference=string(refused.reference),
            expires_at=expiry(refused.at),
        ),
    }


def refusal_from(item: Item) -> RefusedSubmission:
    law = Law(item["contract"]["S"], int(item["contract_version"]["N"])) if "contract" in item else None
    return RefusedSubmission(
        client=client_of(item["pk"]["S"]),
        at=packing.to_time(item["at"]),
        idempotency_key=item["idempotency_key"]["S"],
        test="test" in item,
        recipients=int(item["recipients"]["N"]),
        reason=item["reason"]["S"],
        law=law,
        category=Category(item["category"]["S"]) if "category" in item else None,
        port=read_string(item, "port"),
        signature=read_string(item, "signature"),
        template=read_string(item, "template"),
        file=read_string(item, "file"),
        reference=read_string(item, "reference"),
    )
