"""Sums what the functions' log lines say about their AWS calls."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from infra.local.emulator import Emulator

COUNTED = ("aws_calls", "read_units", "write_units")


def counted_since(emulator: Emulator, since_s: float) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """The sums over all functions, and by function with `invocations`. Units: seconds since 1970."""
    by_function: dict[str, Counter[str]] = {}
    for function, text in _events(emulator, int(since_s * 1000)):
        sums = by_function.setdefault(function, Counter())
        if text.startswith("REPORT"):
            sums["invocations"] += 1
        elif text.startswith("{"):
            line = json.loads(text)
            sums.update({name: line[name] for name in COUNTED if name in line})
    total: Counter[str] = Counter()
    for sums in by_function.values():
        total.update(sums)
    return total, by_function


def _events(emulator: Emulator, since_ms: int) -> Iterator[tuple[str, str]]:
    logs: Any = emulator.session.client("logs", endpoint_url=emulator.url)
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        name = group["logGroupName"]
        token: dict[str, str] = {}
        while True:
            page = logs.filter_log_events(logGroupName=name, startTime=since_ms, limit=10_000, **token)
            for event in page["events"]:
                yield name.rpartition("-")[2], event["message"]
            if "nextToken" not in page:
                break
            token = {"nextToken": page["nextToken"]}
