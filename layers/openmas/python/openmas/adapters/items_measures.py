"""The items of measures and complaints, each made and read by two inverse functions.

pattern                            table     key                                  operation
a client's measures                registry  client / measure#{id}                Query with the profile, Put
one complaint                      cases     client / complained#{time}#{id}      Get, Put
complaints from a time on          cases     the same                             Query

Both are documents that are changed as a whole, on the condition that they read as they did before.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openmas.adapters.packing import Item, key
from openmas.domain.change import Change
from openmas.domain.complaints import Complaint, Finding
from openmas.domain.contract import Category
from openmas.domain.measures import Cause, Measure, Rung

Document = Mapping[str, Any]


def measure_item(client: str, measure: Measure) -> Item:
    return {**key(client, f"measure#{measure.id}"), "document": {"S": _written(_measure_document(measure))}}


def measure_from(item: Item) -> Measure:
    document = json.loads(item["document"]["S"])
    return Measure(
        id=item["sk"]["S"].removeprefix("measure#"),
        cause=Cause(document["cause"]),
        taken=_change(document["taken"]),
        stops=frozenset(map(Category, document["stops"])),
        rate_per_s=document["rate_per_s"],
        rung=Rung(document["rung"]) if document["rung"] else None,
        template=document.get("template"),
        appeal=_change(document["appeal"]) if document["appeal"] else None,
        lifted=_change(document["lifted"]) if document["lifted"] else None,
    )


def complaint_key(client: str, complaint: str) -> Item:
    return key(client, f"complained#{complaint}")


def complaint_item(complaint: Complaint) -> Item:
    document = {
        "number": complaint.number,
        "at": complaint.at.isoformat(),
        "source": complaint.source,
        "text": complaint.text,
        "filed_by": complaint.filed_by,
        "filed_at": complaint.filed_at.isoformat(),
        "message": complaint.message,
        "template": complaint.template,
        "category": complaint.category,
        "finding": complaint.finding,
        # What was kept before there were these reads as it did then.
        **_said(template_version=complaint.template_version, starts_at=_text(complaint.starts_at)),
    }
    return {**complaint_key(complaint.client, complaint.id), "document": {"S": _written(document)}}


def complaint_from(item: Item) -> Complaint:
    document = json.loads(item["document"]["S"])
    return Complaint(
        id=item["sk"]["S"].removeprefix("complained#"),
        client=item["pk"]["S"],
        number=document["number"],
        at=datetime.fromisoformat(document["at"]),
        source=document["source"],
        text=document["text"],
        filed_by=document["filed_by"],
        filed_at=datetime.fromisoformat(document["filed_at"]),
        message=document["message"],
        template=document["template"],
        template_version=document.get("template_version"),
        category=Category(document["category"]) if document["category"] else None,
        starts_at=_moment(document.get("starts_at")),
        finding=Finding(document["finding"]) if document["finding"] else None,
    )


def _measure_document(measure: Measure) -> Document:
    return {
        "cause": measure.cause,
        "taken": _change_document(measure.taken),
        "stops": sorted(measure.stops),
        "rate_per_s": measure.rate_per_s,
        "rung": measure.rung,
        # Not said where there is none: measures from before are compared as they were written.
        **({"template": measure.template} if measure.template else {}),
        "appeal": _change_document(measure.appeal) if measure.appeal else None,
        "lifted": _change_document(measure.lifted) if measure.lifted else None,
    }


def _change_document(change: Change) -> Document:
    return {"by": change.by, "at": change.at.isoformat(), "why": change.why}


def _change(document: Document) -> Change:
    return Change(document["by"], datetime.fromisoformat(document["at"]), document["why"])


def _said(**values: object) -> Document:
    return {name: value for name, value in values.items() if value is not None}


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _written(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
