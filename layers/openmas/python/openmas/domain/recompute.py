"""A day's bill as a file: all that its statement rests on, so that anyone can make it again anywhere.

The file holds no texts and no numbers of recipients, since no bill depends on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from openmas.domain.batch import Batch
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.contract_document import from_document as contract_from_document
from openmas.domain.contract_document import to_document as contract_document
from openmas.domain.cutting import CutStage, Cutting, OfDay
from openmas.domain.parcel import Parcel, Refusal, State
from openmas.domain.receipts import Receipt
from openmas.domain.statement import (
    Adjustment,
    ContractYear,
    adjustment_document,
    adjustment_from_document,
    contract_year,
    day_statement,
    to_document,
)
from openmas.domain.tally import tally_day

Document = dict[str, Any]

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_BLANK_BATCH = Batch(
    client="",
    id="",
    accepted_at=_NO_TIME,
    valid_until=_NO_TIME,
    test=False,
    service=ServiceKind.TEMPLATE_BLACK,
    category=Category.NOTICE,
    template=None,
    template_version=None,
    text="",
    units_each=0,
    port="",
    signature="",
    carrier="",
    contract="",
    contract_version=0,
    lists_clock=0,
    recipients=0,
)


def export_day(
    client: str,
    on: date,
    day: Iterable[OfDay],
    *,
    year: ContractYear | None,
    used: int,
    adjustments: Sequence[Adjustment] = (),
) -> Document:
    """Everything that `recompute` needs, as plain JSON values.

    Shape: `used` are the units of the contract year before the day, those of the day's adjustments included.
    """
    batches: list[Document] = []
    cuttings: list[Document] = []
    parcels: list[Document] = []
    for each in day:
        if isinstance(each, Batch):
            batches.append(_batch_document(each))
        elif isinstance(each, Cutting):
            cuttings.append(_cutting_document(each))
        else:
            parcels.append(_parcel_document(each))
    return {
        "client": client,
        "on": on.isoformat(),
        "contract": contract_document(year.contract) if year else None,
        "used": used,
        "adjustments": [adjustment_document(each) for each in adjustments],
        "batches": batches,
        "cuttings": cuttings,
        "parcels": parcels,
    }


def recompute(export: Mapping[str, Any]) -> Document:
    """The document of the statement that the exported facts lead to; its revision is 0."""
    on = date.fromisoformat(export["on"])
    contract = export["contract"]
    year = contract_year(contract_from_document(contract), on) if contract else None
    tally = tally_day(
        chain(
            map(_batch, export["batches"]), map(_cutting, export["cuttings"]), map(_parcel, export["parcels"])
        ),
        year.contract.tariff.charged_on if year else None,
    )
    adjustments = [adjustment_from_document(each) for each in export["adjustments"]]
    return to_document(day_statement(export["client"], on, tally, year, export["used"], adjustments))


def _batch_document(batch: Batch) -> Document:
    refused = {reason: list(places) for reason, places in batch.refused.items()}
    return {
        "id": batch.id,
        "test": batch.test,
        "template": batch.template,
        "recipients": batch.recipients,
        "refused": refused,
    }


def _batch(document: Mapping[str, Any]) -> Batch:
    refused = {reason: tuple(places) for reason, places in document["refused"].items()}
    return replace(_BLANK_BATCH, **{**document, "refused": refused})


def _cutting_document(cutting: Cutting) -> Document:
    """How many recipients of a batch from a file have become messages, and why the others have not."""
    return {
        "batch": cutting.batch,
        "size": cutting.size,
        "stage": cutting.stage.value,
        "recipients": cutting.recipients,
        "refused": dict(cutting.refused),
        "parcels": cutting.parcels,
    }


def _cutting(document: Mapping[str, Any]) -> Cutting:
    return Cutting(client="", **{**document, "stage": CutStage(document["stage"])})


def _parcel_document(parcel: Parcel) -> Document:
    receipts = sorted(parcel.receipts)
    return {
        "id": parcel.id,
        "category": parcel.category.value,
        "test": parcel.test,
        "state": parcel.state.value,
        "attempt": parcel.attempt,
        "group": parcel.group,
        "units": list(parcel.units),
        "refused": {str(place): refusal.reason for place, refusal in parcel.refused.items()},
        "receipts": [[each.index, each.code, each.at.isoformat()] for each in receipts],
    }


def _parcel(document: Mapping[str, Any]) -> Parcel:
    return Parcel(
        client="",
        id=document["id"],
        numbers=("",) * len(document["units"]),
        units=tuple(document["units"]),
        category=Category(document["category"]),
        carrier="",
        accepted_at=_NO_TIME,
        valid_until=_NO_TIME,
        test=document["test"],
        state=State(document["state"]),
        attempt=document["attempt"],
        group=document["group"],
        refused={int(place): Refusal(reason) for place, reason in document["refused"].items()},
        receipts=frozenset(
            Receipt(place, code, datetime.fromisoformat(at)) for place, code, at in document["receipts"]
        ),
    )
