"""What carriers tell, as items: their names for our calls, nobody's receipts, inbound messages."""

from datetime import date, datetime

from openmas.adapters import packing
from openmas.adapters.items import client_of, expiry
from openmas.adapters.packing import Item, given, key, read_string, string
from openmas.domain.calendar import day_start_at, shanghai_day
from openmas.domain.ids import day_of
from openmas.domain.inbound import Inbound, KeptInbound, Mo
from openmas.domain.receipts import Report


def reference_key(carrier: str, group: str) -> Item:
    return key(f"#ref#{carrier}#{group}", "parcel")


def reference_item(carrier: str, group: str, client: str, parcel: str) -> Item:
    return {
        **reference_key(carrier, group),
        "client": {"S": client},
        "parcel": {"S": parcel},
        "expires_at": expiry(day_start_at(day_of(parcel))),
    }


def reference_from(item: Item) -> tuple[str, str]:
    return item["client"]["S"], item["parcel"]["S"]


def orphan_partition(carrier: str, on: date) -> str:
    return f"#orphan#{carrier}#{on:%Y%m%d}"


def orphan_item(carrier: str, report: Report, at: datetime) -> Item:
    """The same item for the same receipt on the same day."""
    named = report.reference or report.group or ""
    reported = packing.from_time(report.at)
    return {
        **key(
            orphan_partition(carrier, shanghai_day(at)),
            f"{named}#{report.number}#{report.code}#{reported['N']}",
        ),
        **given(
            number=string(report.number),
            code=string(report.code),
            at=reported,
            group=string(report.group),
            reference=string(report.reference),
            expires_at=expiry(at),
        ),
    }


def orphan_from(item: Item) -> Report:
    return Report(
        item["number"]["S"],
        item["code"]["S"],
        packing.to_time(item["at"]),
        read_string(item, "group"),
        read_string(item, "reference"),
    )


def inbound_partition(client: str, on: date) -> str:
    return f"{client}#inbound#{on:%Y%m%d}"


def inbound_item(kept: KeptInbound) -> Item:
    """Carriers give one name to messages of several numbers, and of several days."""
    inbound, at = kept.inbound, packing.from_time(kept.inbound.at)
    place = f"{at['N']}#{inbound.id}#{inbound.number}"
    return {
        **key(inbound_partition(inbound.client, shanghai_day(inbound.at)), place),
        "id": {"S": inbound.id},
        "number": {"S": inbound.number},
        "port": {"S": inbound.port},
        "text": {"S": inbound.text},
        "at": at,
        "kept_at": packing.from_time(kept.kept_at),
        "expires_at": expiry(inbound.at),
        **given(done={"BOOL": True} if kept.done else None),
    }


def orphan_inbound_partition(on: date) -> str:
    return f"#orphan-inbound#{on:%Y%m%d}"


def orphan_inbound_item(carrier: str, mo: Mo, at: datetime) -> Item:
    """The same item for the same message on the same day."""
    sent_at = packing.from_time(mo.at)
    place = f"{carrier}#{sent_at['N']}#{mo.id}#{mo.number}"
    return {
        **key(orphan_inbound_partition(shanghai_day(at)), place),
        "id": {"S": mo.id},
        "number": {"S": mo.number},
        "port": {"S": mo.port},
        "text": {"S": mo.text},
        "at": sent_at,
        "expires_at": expiry(at),
    }


def orphan_inbound_from(item: Item) -> tuple[str, Mo]:
    """The carrier, and what it brought."""
    id_, number, port, text = (item[name]["S"] for name in ("id", "number", "port", "text"))
    return item["sk"]["S"].partition("#")[0], Mo(id_, number, port, text, packing.to_time(item["at"]))


def kept_inbound_from(item: Item) -> KeptInbound:
    return KeptInbound(inbound_from(item), packing.to_time(item["kept_at"]), "done" in item)


def inbound_from(item: Item) -> Inbound:
    return Inbound(
        id=item["id"]["S"],
        client=client_of(item["pk"]["S"]),
        number=item["number"]["S"],
        port=item["port"]["S"],
        text=item["text"]["S"],
        at=packing.to_time(item["at"]),
    )
