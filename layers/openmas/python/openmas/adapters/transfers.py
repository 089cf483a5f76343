"""Imports and exports of lists: one item each, beside the lists."""

import json
from dataclasses import asdict

from openmas.adapters.packing import (
    Item,
    from_consent,
    from_time,
    given,
    key,
    read_string,
    string,
    to_consent,
    to_time,
)
from openmas.adapters.queues import AwsQueue
from openmas.adapters.table import Table
from openmas.domain.listing import list_named
from openmas.domain.loading import Loaded, LoadMode
from openmas.domain.records import transfer_body
from openmas.domain.sheet import FileForm
from openmas.domain.transfer import Found, Transfer, TransferState


class AwsTransfers:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, client: str, transfer: str) -> Transfer | None:
        item = self._table.get(_key(client, transfer))
        return transfer_from(item) if item else None

    def save(self, transfer: Transfer) -> None:
        self._table.put(transfer_item(transfer))


class AwsTransferQueue:
    def __init__(self, queue: AwsQueue) -> None:
        self._queue = queue

    def put(self, transfer: Transfer) -> None:
        self._queue.send(transfer.client, [transfer_body(transfer.client, transfer.id)])


def transfer_item(transfer: Transfer) -> Item:
    refusal = transfer.refusal
    return {
        **_key(transfer.client, transfer.id),
        **given(
            list=string(str(transfer.name)),
            by=string(transfer.by),
            at=from_time(transfer.at),
            why=string(transfer.why),
            consent=from_consent(transfer.consent),
            upload=string(transfer.upload),
            mode=string(transfer.mode),
            strict={"BOOL": transfer.strict},
            form=string(transfer.form),
            state=string(transfer.state),
            found=string(json.dumps(asdict(transfer.found), separators=(",", ":"))),
            loaded=string(json.dumps(asdict(transfer.loaded)) if transfer.loaded else None),
            refusal=string(json.dumps(refusal) if refusal else None),
        ),
    }


def transfer_from(item: Item) -> Transfer:
    found, loaded = json.loads(item["found"]["S"]), read_string(item, "loaded")
    refusal, mode, form = (read_string(item, name) for name in ("refusal", "mode", "form"))
    faults = tuple((line, code) for line, code in found.pop("faults"))
    return Transfer(
        client=item["pk"]["S"].partition("#")[0],
        id=item["sk"]["S"],
        name=list_named(item["list"]["S"]),
        by=item["by"]["S"],
        at=to_time(item["at"]),
        why=item["why"]["S"],
        consent=to_consent(item),
        upload=read_string(item, "upload"),
        mode=LoadMode(mode) if mode else None,
        strict=item["strict"]["BOOL"],
        form=FileForm(form) if form else None,
        state=TransferState(item["state"]["S"]),
        found=Found(**found, faults=faults),
        loaded=Loaded(**json.loads(loaded)) if loaded else None,
        refusal=_pair(refusal) if refusal else None,
    )


def _pair(written: str) -> tuple[str, str | None]:
    code, line = json.loads(written)
    return code, line


def _key(client: str, transfer: str) -> Item:
    return key(f"{client}#transfers", transfer)
