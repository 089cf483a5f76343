"""Counts AWS calls and the capacity they consume, if asked to; otherwise nothing is hooked or paid."""

from collections import Counter
from threading import Lock
from typing import Any

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
_counted: Counter[str] = Counter()
_lock = Lock()


def count(client: Any) -> None:  # noqa: ANN401, any service's client
    """From now on every call of this client is counted."""
    events = client.meta.events
    events.register("after-call", _after)
    events.register("provide-client-params.dynamodb", _ask)


def take() -> dict[str, float]:
    """What was counted since the last time; nothing if nobody counts.

    Shape: `aws_calls`, repeated ones included; `write_units` and `read_units` of DynamoDB, indexes included.
    A write whose condition failed is a call without units, since its answer does not tell them.
    """
    with _lock:
        taken = dict(_counted)
        _counted.clear()
    return {name: round(amount, 1) for name, amount in sorted(taken.items())}


def _ask(params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401, botocore's hook
    if "ReturnConsumedCapacity" in model.input_shape.members:
        params.setdefault("ReturnConsumedCapacity", "INDEXES")


def _after(parsed: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401, botocore's hook
    capacity = parsed.get("ConsumedCapacity", [])
    consumed = capacity if isinstance(capacity, list) else [capacity]
    kind = "read_units" if model.name in _READS else "write_units"
    with _lock:
        _counted["aws_calls"] += 1 + parsed.get("ResponseMetadata", {}).get("RetryAttempts", 0)
        for each in consumed:
            _counted[kind] += each["CapacityUnits"]
