"""The items of the black list of addresses: one holds all that is blocked, and each change has its own.

pattern                                  table     key                                     operation
what is blocked                          registry  #addresses / list                       Query, Transaction
who changed that, when and why           registry  #addresses / change#{version}           Query, Transaction
"""

import json
import zlib
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from openmas.adapters.packing import Item, key
from openmas.domain.addresses import AddressBlock, AddressChange, AddressList, too_many
from openmas.domain.change import Change

PARTITION = "#addresses"
# An item holds 400 KB with its names.
PACKED_BYTES_MAX = 390_000


def list_key() -> Item:
    return key(PARTITION, "list")


def list_item(listed: AddressList) -> Item:
    """Raises: LimitExceeded if the reasons together are too long for one item."""
    told = [
        [str(each), *_who(block.change), block.until and block.until.isoformat()]
        for each, block in listed.blocks.items()
    ]
    packed = zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())
    if len(packed) > PACKED_BYTES_MAX:
        raise too_many()
    return {**list_key(), "version": {"N": str(listed.version)}, "blocks": {"B": packed}}


def list_from(item: Item) -> AddressList:
    blocks = [
        AddressBlock(ip_network(each), _change(who), until and datetime.fromisoformat(until))
        for each, *who, until in json.loads(zlib.decompress(item["blocks"]["B"]))
    ]
    return AddressList(int(item["version"]["N"]), {block.range: block for block in blocks})


def change_key(version: int) -> Item:
    return key(PARTITION, f"change#{version:08d}")


def change_item(change: AddressChange) -> Item:
    document = {
        "who": _who(change.change),
        "ranges": list(map(str, change.ranges)),
        "until": change.until and change.until.isoformat(),
        "lifted": change.lifted,
    }
    return {**change_key(change.version), "document": {"S": json.dumps(document, ensure_ascii=False)}}


def change_from(item: Item) -> AddressChange:
    document = json.loads(item["document"]["S"])
    until = document["until"]
    return AddressChange(
        version=int(item["sk"]["S"].removeprefix("change#")),
        change=_change(document["who"]),
        ranges=tuple(map(ip_network, document["ranges"])),
        until=until and datetime.fromisoformat(until),
        lifted=document["lifted"],
    )


def _who(change: Change) -> list[str]:
    return [change.by, change.at.isoformat(), change.why]


def _change(who: list[Any]) -> Change:
    by, at, why = who
    return Change(by, datetime.fromisoformat(at), why)
