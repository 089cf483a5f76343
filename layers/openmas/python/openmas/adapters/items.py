"""The tables: every access pattern, and the items of batches, parcels and what belongs to them.

    pattern                             table     key                                            operation
    ──────────────────────────────────  ────────  ────────────────────────────────────────────  ─────────────
    what is known of a client           registry  {client} / *                                   Query
    every client                        registry  #clients / {client}                            Query
    keep a client                       registry  {client} / client; #clients / {client}         Transaction
    keep a key, a template              registry  {client} / key#…, template#…                   Put, Delete
    keep a contract, a document         registry  {client} / contract#…, document#…              Put
    activate a contract with its code   registry  {client} / activation#…, activated#…;          Transaction
                                                  #port#{code} / owner; #codes / {code}, given
    which codes begin with this         registry  #codes / {code}                                Query
    how often a code was given out      registry  #codes / given                                 Get
    keep a port with its number         registry  {client} / port#…; #port#{number} / owner      Transaction
    keep a signature                    registry  {client} / signature#…                         Transaction
    all versions of one of these        registry  {client}#history / client#v…, port#…#v…, …     Query
    whose port is this                  registry  #port#{code} / owner                           Get
    what counts of a client's lists     lists     {client} / clock                               Get, Put if …
    which numbers are listed            lists     {client}#{list}#{generation}#{digits} / …      BatchGet
    one entry, some, change some        lists     the same                                       Get, Put if …
    a new generation of a list          lists     the same                                       BatchWrite
    who changed a list, when and why    lists     {client}#journal#{month} / {kind}#{mark}#…     BatchWrite, …
    what was said of a held batch       messages  {client}#verdict#{batch} / verdict             Get, Put
    which addresses are blocked         registry  #addresses / list, change#…                    Query, …
    the operator's words                registry  #words / head, book#…, change#…                Query, Put, …
    accept once                         messages  {client}#intent#{2 hex} / {sha256 of the key}  Get, Put
    keep a batch, a parcel              messages  {client}#{day}#{shard} / {batch}, {batch}#{n}  Put if none
    read a batch, a parcel, some        messages  the same                                       Get, BatchGet
    move a parcel on                    messages  the same                                       Put if before
    a batch's parcels, a client's day   messages  the same                                       Query
    whose turn it is                    messages  {client}#pace#{port} / next                    Update if
    how far a file has been cut         messages  {client}#{day}#{shard} / {batch}!cut           Get, Put
    units that wait                     messages  {client}#waiting / batch#…, file#…             Put, Query
    what stands still                   messages  index `due`: d{0..7} / {due_at}                Query
    whose receipt is this               messages  #ref#{carrier}#{group} / parcel                Get, Put
    what was refused as a whole         messages  {client}#refused#{day} / {time}#{12 hex}       Put, Query
    nobody's receipt                    messages  #orphan#{carrier}#{day} / …                    Put, Query
    nobody's inbound message            messages  #orphan-inbound#{day} / {carrier}#{time}#…     Put, Query
    a client's inbound messages         messages  {client}#inbound#{day} / {time}#{id}#{number}  Put, Query
    a client's statements and entries   ledger    {client} / statement#…, entry#…, late#…        Get, Put, …
    a client's cases                    cases     {client} / {case}                              Get, Put, …
    a carrier's cases                   cases     #carrier#{carrier} / {case}                    the same
    open cases by time                  cases     index `open`: {state} / {due_at}               Query

An item is made and read by two inverse functions. Whatever the retention rule lets go carries `expires_at`. A
partition that is no client's own begins with #, as no client's id does, so nobody can be called into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from openmas.adapters import packing
from openmas.adapters.items_ledger import closing_fields
from openmas.adapters.packing import (
    Item,
    Value,
    given,
    key,
    read_string,
    read_time,
    read_whole,
    read_words,
    string,
    time,
    whole,
    words,
)
from openmas.domain.batch import IDEMPOTENT_FOR, Batch, FileSource, Intent
from openmas.domain.case import Closing
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.ids import PARCEL_RECIPIENTS_MAX, SHARDS, batch_of, check_batch, parcel_number, partition
from openmas.domain.message import tally_of
from openmas.domain.parcel import Parcel, Refusal, State

# The law asks for five months.
KEPT = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Index:
    """A sparse index that projects nothing but keys: the name and kind (`S` or `N`) of its two attributes."""

    name: str
    hash: str
    range: str
    range_kind: str


# What infra builds; a test compares the two. Every table has the key `pk`, `sk`, both strings.
INDEXES: Mapping[str, tuple[Index, ...]] = {
    "registry": (),
    "lists": (),
    "messages": (Index("due", "due_shard", "due_at", "N"),),
    "ledger": (),
    "cases": (Index("open", "state", "due_at", "N"),),
}
EXPIRING = frozenset({"messages"})


def expiry(at: datetime, kept: timedelta = KEPT) -> Value:
    """When an item may be forgotten, in whole seconds as the table's rule wants it."""
    return {"N": str(int((at + kept).timestamp()))}


def client_of(pk: str) -> str:
    return pk.partition("#")[0]


# --- batches


def batch_key(client: str, batch: str) -> Item:
    return key(partition(client, check_batch(batch)), batch)


def batch_item(batch: Batch) -> Item:
    return {
        **batch_key(batch.client, batch.id),
        **_batch_fields(batch),
        "expires_at": expiry(batch.send_at or batch.accepted_at),
    }


def batch_from(item: Item) -> Batch:
    return _batch(client_of(item["pk"]["S"]), item["sk"]["S"], item)


def _batch_fields(batch: Batch) -> Item:
    return given(
        accepted_at=packing.from_time(batch.accepted_at),
        valid_until=packing.from_time(batch.valid_until),
        test={"BOOL": True} if batch.test else None,
        service=string(batch.service),
        category=string(batch.category),
        template=string(batch.template),
        template_version=whole(batch.template_version),
        text=string(batch.text),
        units_each=whole(batch.units_each),
        port=string(batch.port),
        signature=string(batch.signature),
        carrier=string(batch.carrier),
        contract=string(batch.contract),
        contract_version=whole(batch.contract_version),
        lists_clock=whole(batch.lists_clock),
        recipients=whole(batch.recipients),
        reference=string(batch.reference),
        consent=packing.from_consent(batch.consent),
        own=packing.from_own(batch.own) if batch.own else None,
        refused=packing.from_places(batch.refused) if batch.refused else None,
        parcel_size=whole(batch.parcel_size) if batch.parcel_size < PARCEL_RECIPIENTS_MAX else None,
        send_at=time(batch.send_at),
        held={"B": bytes(batch.held)} if batch.held else None,
        holds=packing.from_words(batch.holds),
        warnings=packing.from_words(batch.warnings),
        file=_from_file(batch.file) if batch.file else None,
        noted={"B": batch.noted} if batch.noted is not None else None,
    )


def _batch(client: str, batch: str, item: Item) -> Batch:
    return Batch(
        client=client,
        id=batch,
        accepted_at=packing.to_time(item["accepted_at"]),
        valid_until=packing.to_time(item["valid_until"]),
        test="test" in item,
        service=ServiceKind(item["service"]["S"]),
        category=Category(item["category"]["S"]),
        template=read_string(item, "template"),
        template_version=read_whole(item, "template_version"),
        text=item["text"]["S"],
        units_each=int(item["units_each"]["N"]),
        port=item["port"]["S"],
        signature=item["signature"]["S"],
        carrier=item["carrier"]["S"],
        contract=item["contract"]["S"],
        contract_version=int(item["contract_version"]["N"]),
        lists_clock=int(item["lists_clock"]["N"]),
        recipients=int(item["recipients"]["N"]),
        reference=read_string(item, "reference"),
        consent=packing.to_consent(item),
        own=packing.to_own(item["own"]) if "own" in item else None,
        refused=packing.to_places(item["refused"]) if "refused" in item else {},
        parcel_size=read_whole(item, "parcel_size") or PARCEL_RECIPIENTS_MAX,
        send_at=read_time(item, "send_at"),
        held=tuple(map(ContentKind, item["held"]["B"])) if "held" in item else (),
        holds=packing.to_words(item, "holds"),
        warnings=packing.to_words(item, "warnings"),
        file=_to_file(item["file"]["M"]) if "file" in item else None,
        noted=bytes(item["noted"]["B"]) if "noted" in item else None,
    )


def _from_file(source: FileSource) -> Value:
    return {"M": {"upload": {"S": source.upload}, "parameters": words(source.parameters)}}


def _to_file(item: Item) -> FileSource:
    return FileSource(item["upload"]["S"], read_words(item["parameters"]))


# --- turns


def pace_key(client: str, name: str) -> Item:
    return key(f"{client}#pace#{name}", "next")


# --- verdicts on held batches


def verdict_key(client: str, batch: str) -> Item:
    return key(f"{client}#verdict#{batch}", "verdict")


def verdict_item(client: str, batch: str, verdict: Closing) -> Item:
    return {**verdict_key(client, batch), **closing_fields(verdict), "expires_at": expiry(verdict.at)}


# --- intents


def intent_key(client: str, key_sha256: str) -> Item:
    return key(f"{client}#intent#{key_sha256[:2]}", key_sha256)


def intent_item(key_sha256: str, intent: Intent) -> Item:
    return {
        **intent_key(intent.batch.client, key_sha256),
        "digest": {"S": intent.digest},
        "batch": {"M": {"id": {"S": intent.batch.id}, **_batch_fields(intent.batch)}},
        "expires_at": expiry(intent.batch.accepted_at, IDEMPOTENT_FOR),
    }


def intent_from(item: Item) -> Intent:
    batch = item["batch"]["M"]
    return Intent(item["digest"]["S"], _batch(client_of(item["pk"]["S"]), batch["id"]["S"], batch))


# --- parcels


def parcel_key(client: str, parcel: str) -> Item:
    batch = batch_of(parcel)
    return key(partition(client, batch), f"{batch}#{parcel[len(batch) + 1 :]}")


def parcel_item(parcel: Parcel) -> Item:
    return {
        **parcel_key(parcel.client, parcel.id),
        **given(
            numbers=packing.from_numbers(parcel.numbers),
            units=packing.from_units(parcel.units),
            values=packing.from_values(parcel.values) if parcel.values else None,
            category=string(parcel.category),
            carrier=string(parcel.carrier),
            holds=packing.from_words(parcel.holds),
            accepted_at=packing.from_time(parcel.accepted_at),
            valid_until=packing.from_time(parcel.valid_until),
            test={"BOOL": True} if parcel.test else None,
            state=string(parcel.state),
            tally=packing.from_tally(tally_of(parcel)),
            version=whole(parcel.version),
            attempt=whole(parcel.attempt) if parcel.attempt else None,
            repeats=whole(parcel.repeats) if parcel.repeats else None,
            ambiguous_since=time(parcel.ambiguous_since),
            called_at=time(parcel.called_at),
            submitted_at=time(parcel.submitted_at),
            group=string(parcel.group),
            refused=packing.from_refused(parcel.refused) if parcel.refused else None,
            refused_under=packing.from_laws(parcel.refused),
            receipts=packing.from_receipts(parcel.receipts) if parcel.receipts else None,
            due_shard=string(due_shard(parcel.id)) if parcel.due_at else None,
            due_at=time(parcel.due_at),
            send_at=time(parcel.send_at),
            lists_clock=whole(parcel.lists_clock) if parcel.lists_clock is not None else None,
            expires_at=expiry(parcel.starts_at),
        ),
    }


def parcel_from(item: Item) -> Parcel:
    numbers = packing.to_numbers(item["numbers"])
    return Parcel(
        client=client_of(item["pk"]["S"]),
        id=str(item["sk"]["S"]).replace("#", "-"),
        numbers=numbers,
        units=packing.to_units(item["units"], len(numbers)),
        values=packing.to_values(item["values"], len(numbers)) if "values" in item else (),
        category=Category(item["category"]["S"]),
        carrier=item["carrier"]["S"],
        accepted_at=packing.to_time(item["accepted_at"]),
        valid_until=packing.to_time(item["valid_until"]),
        holds=packing.to_words(item, "holds"),
        test="test" in item,
        state=State(item["state"]["S"]),
        version=int(item["version"]["N"]),
        attempt=read_whole(item, "attempt") or 0,
        repeats=read_whole(item, "repeats") or 0,
        ambiguous_since=read_time(item, "ambiguous_since"),
        called_at=read_time(item, "called_at"),
        submitted_at=read_time(item, "submitted_at"),
        group=read_string(item, "group"),
        refused=_refused_from(item),
        receipts=packing.to_receipts(item["receipts"]) if "receipts" in item else frozenset(),
        due_at=read_time(item, "due_at"),
        send_at=read_time(item, "send_at"),
        lists_clock=read_whole(item, "lists_clock"),
    )


def _refused_from(item: Item) -> dict[int, Refusal]:
    refused = packing.to_refused(item["refused"]) if "refused" in item else {}
    return packing.with_laws(refused, item["refused_under"]) if "refused_under" in item else refused


def due_shard(parcel: str) -> str:
    """The part of the index `due` that a parcel lies in; a large batch lies in all of them."""
    return f"d{(int(parcel[8]) + parcel_number(parcel)) % SHARDS}"
