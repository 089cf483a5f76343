"""How values lie in an item: times as numbers, phone numbers, places and receipts packed into bytes.

A parcel of 100 stays under 1 KB this way, which is what one write unit pays for.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from struct import Struct
from typing import Any

from openmas.domain.batch import OwnTexts
from openmas.domain.change import Change
from openmas.domain.listing import Consent, ConsentBasis, Grounds
from openmas.domain.message import Tally
from openmas.domain.parcel import Law, MessageState, Refusal
from openmas.domain.receipts import Receipt
from openmas.domain.units import Counting

Value = dict[str, Any]
Item = dict[str, Any]

NUMBER_BYTES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RECEIPT = Struct(">BI")
_PLACE = Struct(">H")
_TALLY = Struct(">BBH")
# Their places are stored: a new state goes behind the others.
_STATES = tuple(MessageState)


def key(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def from_time(at: datetime) -> Value:
    """The time as a number of seconds since 1970, to the microsecond, without needless zeros."""
    seconds, micros = divmod((at - _EPOCH) // _MICROSECOND, 1_000_000)
    return {"N": f"{seconds}.{micros:06d}".rstrip("0") if micros else str(seconds)}


def to_time(value: Value) -> datetime:
    seconds, _, fraction = value["N"].partition(".")
    return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(fraction.ljust(6, "0")))


def given(**values: Value | None) -> Item:
    """The attributes that have a value."""
    return {name: value for name, value in values.items() if value is not None}


def string(value: str | None) -> Value | None:
    return None if value is None else {"S": value}


def whole(value: int | None) -> Value | None:
    return None if value is None else {"N": str(value)}


def time(at: datetime | None) -> Value | None:
    return None if at is None else from_time(at)


def from_words(words: Iterable[str]) -> Value | None:
    """Words without spaces in their order, as one text."""
    text = " ".join(words)
    return {"S": text} if text else None


def to_words(item: Item, name: str) -> tuple[str, ...]:
    return tuple(item[name]["S"].split(" ")) if name in item else ()


def day(on: date | None) -> Value | None:
    return None if on is None else {"S": on.isoformat()}


def from_change(change: Change) -> Value:
    return {"M": {"by": {"S": change.by}, "at": from_time(change.at), "why": {"S": change.why}}}


def to_change(value: Value) -> Change:
    inner = value["M"]
    return Change(inner["by"]["S"], to_time(inner["at"]), inner["why"]["S"])


def read_string(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def read_whole(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None


def read_day(item: Item, name: str) -> date | None:
    return date.fromisoformat(item[name]["S"]) if name in item else None


def read_time(item: Item, name: str) -> datetime | None:
    return to_time(item[name]) if name in item else None


def words(by_name: Mapping[str, str]) -> Value:
    return {"M": {name: {"S": word} for name, word in by_name.items()}}


def read_words(value: Value) -> dict[str, str]:
    return {name: each["S"] for name, each in value["M"].items()}


def counts(by_name: Mapping[str, int]) -> Value:
    return {"M": {name: {"N": str(count)} for name, count in by_name.items()}}


def read_counts(value: Value) -> dict[str, int]:
    return {name: int(each["N"]) for name, each in value["M"].items()}


def from_numbers(numbers: Iterable[str]) -> Value:
    """Eleven digits each, five bytes each."""
    return {"B": b"".join([int(number).to_bytes(NUMBER_BYTES, "big") for number in numbers])}


def to_numbers(value: Value) -> tuple[str, ...]:
    packed = value["B"]
    starts = range(0, len(packed), NUMBER_BYTES)
    return tuple([str(int.from_bytes(packed[start : start + NUMBER_BYTES], "big")) for start in starts])


def from_consent(consent: Consent | None) -> Value | None:
    if consent is None:
        return None
    return {"M": {"basis": {"S": consent.basis}, "evidence": {"S": consent.evidence}}}


def to_consent(item: Item) -> Consent | None:
    if "consent" not in item:
        return None
    value = item["consent"]["M"]
    return Consent(ConsentBasis(value["basis"]["S"]), value["evidence"]["S"])


def from_grounds(grounds: Sequence[Grounds]) -> Value | None:
    """What is said of numbers in their order, each wording once, compressed."""
    if not grounds:
        return None
    wordings = {each: place for place, each in enumerate(dict.fromkeys(grounds))}
    told = [[each.why, *_members(each.consent)] for each in wordings]
    text = json.dumps([told, [wordings[each] for each in grounds]], ensure_ascii=False, separators=(",", ":"))
    return {"B": zlib.compress(text.encode(), 1)}


def to_grounds(value: Value) -> tuple[Grounds, ...]:
    told, places = json.loads(zlib.decompress(value["B"]))
    wordings = [
        Grounds(why, Consent(ConsentBasis(consent[0]), consent[1]) if consent else None)
        for why, *consent in told
    ]
    return tuple([wordings[place] for place in places])


def from_units(units: tuple[int, ...]) -> Value:
    """One number when all are equal, as they mostly are; else one byte each."""
    return {"N": str(units[0])} if len(set(units)) == 1 else {"B": bytes(units)}


def to_units(value: Value, count: int) -> tuple[int, ...]:
    return (int(value["N"]),) * count if "N" in value else tuple(value["B"])


def from_own(own: OwnTexts) -> Value:
    return {"M": {"counting": {"S": own.counting}, "units": {"N": str(own.units)}}}


def to_own(value: Value) -> OwnTexts:
    return OwnTexts(Counting(value["M"]["counting"]["S"]), int(value["M"]["units"]["N"]))


def from_values(values: tuple[tuple[str, ...], ...]) -> Value:
    """Each variable's values in one text, a line each; or, as often, the one value that they all are.

    Shape: no value holds a line break, or any other control character.
    """
    columns = zip(*values, strict=True)
    return {"L": [{"S": each[0] if len(set(each)) == 1 else "\n".join(each)} for each in columns]}


def to_values(value: Value, count: int) -> tuple[tuple[str, ...], ...]:
    columns = [each["S"].split("\n") for each in value["L"]]
    return tuple(zip(*[each if len(each) > 1 else each * count for each in columns], strict=True))


def from_tally(tally: Mapping[MessageState, Tally]) -> Value:
    """Four bytes for each state that any message is in."""
    packed = [
        _TALLY.pack(_STATES.index(state), each.messages, each.units) for state, each in sorted(tally.items())
    ]
    return {"B": b"".join(packed)}


def to_tally(value: Value) -> dict[MessageState, Tally]:
    return {_STATES[n]: Tally(messages, units) for n, messages, units in _TALLY.iter_unpack(value["B"])}


def from_refused(refused: Mapping[int, Refusal]) -> Value:
    """The places by reason, or by reason and the carrier's raw code."""
    places: dict[str, bytearray] = {}
    for index in sorted(refused):
        refusal = refused[index]
        name = refusal.reason if refusal.raw is None else f"{refusal.reason} {refusal.raw}"
        places.setdefault(name, bytearray()).append(index)
    return {"M": {name: {"B": bytes(packed)} for name, packed in places.items()}}


def to_refused(value: Value) -> dict[int, Refusal]:
    refused: dict[int, Refusal] = {}
    for name, packed in value["M"].items():
        reason, between, raw = name.partition(" ")
        refused |= dict.fromkeys(packed["B"], Refusal(reason, raw if between else None))
    return dict(sorted(refused.items()))


def law_text(law: Law) -> str:
    # A contract's number holds no #.
    return f"{law.contract}#{law.version}"


def to_law(written: str) -> Law:
    contract, _, version = written.rpartition("#")
    return Law(contract, int(version))


def from_laws(refused: Mapping[int, Refusal]) -> Value | None:
    """The law of all refusals, or the places by law; nothing where each rests on its batch's own."""
    places: dict[str, bytearray] = {}
    for index, refusal in sorted(refused.items()):
        if refusal.under is not None:
            places.setdefault(law_text(refusal.under), bytearray()).append(index)
    if len(places) == 1 and sum(map(len, places.values())) == len(refused):
        return {"S": next(iter(places))}
    return {"M": {law: {"B": bytes(packed)} for law, packed in places.items()}} if places else None


def with_laws(refused: Mapping[int, Refusal], value: Value) -> dict[int, Refusal]:
    """The refusals, each with the law that it was made under."""
    if "S" in value:
        return {index: replace(each, under=to_law(value["S"])) for index, each in refused.items()}
    laws = {index: to_law(law) for law, packed in value["M"].items() for index in packed["B"]}
    return {index: replace(each, under=laws.get(index)) for index, each in refused.items()}


def from_receipts(receipts: Iterable[Receipt]) -> Value:
    """Place and whole second of every receipt, by raw code."""
    packed: dict[str, bytearray] = {}
    for receipt in sorted(receipts):
        second = (receipt.at - _EPOCH) // timedelta(seconds=1)
        packed.setdefault(receipt.code, bytearray()).extend(_RECEIPT.pack(receipt.index, second))
    return {"M": {code: {"B": bytes(each)} for code, each in packed.items()}}


def to_receipts(value: Value) -> frozenset[Receipt]:
    return frozenset(
        Receipt(index, code, _EPOCH + timedelta(seconds=second))
        for code, packed in value["M"].items()
        for index, second in _RECEIPT.iter_unpack(packed["B"])
    )


def from_places(refused: Mapping[str, tuple[int, ...]]) -> Value:
    """The places of a request that were refused, by reason, two bytes each."""
    return {"M": {reason: {"B": b"".join(map(_PLACE.pack, places))} for reason, places in refused.items()}}


def to_places(value: Value) -> dict[str, tuple[int, ...]]:
    return {
        reason: tuple(chain.from_iterable(_PLACE.iter_unpack(packed["B"])))
        for reason, packed in value["M"].items()
    }


def _members(consent: Consent | None) -> tuple[str, ...]:
    return (consent.basis, consent.evidence) if consent else ()


def size_bytes(value: Value) -> int:
    """What a value weighs by DynamoDB's rule.

    Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats".
    """
    match value:
        case {"S": str(text)}:
            return len(text.encode())
        case {"N": str(number)}:
            return (len(number.lstrip("-").replace(".", "").strip("0")) + 1) // 2 + 1 + number.startswith("-")
        case {"B": bytes(packed)}:
            return len(packed)
        case {"M": dict(inner)}:
            return 3 + item_bytes(inner) + len(inner)
        case {"L": list(inner)}:
            return 3 + sum(size_bytes(each) + 1 for each in inner)
        case {"SS": list(texts)}:
            return sum(len(each.encode()) for each in texts)
    return 1


def item_bytes(item: Mapping[str, Value]) -> int:
    """What an item weighs: its names and its values."""
    return sum(len(name.encode()) + size_bytes(value) for name, value in item.items())
