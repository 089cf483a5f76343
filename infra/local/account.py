"""The end of the day: the night, the day statement as a table, and whether it says what was really sent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, timedelta

from infra.local.api import Document
from infra.local.day import Day
from infra.local.expect import DayExpected, expected_days
from infra.local.night import Night
from infra.local.show import Screen

_HAO_PER_YUAN = 10_000
_LINES = {"bundle": "from the bundle", "overage": "beyond the bundle", "adjustment": "for a closed day"}


def settle_accounts(night: Night, day: Day, screen: Screen) -> date:
    """The night has passed, and what it states is checked; the last day that is stated."""
    expected = expected_days(day.sent)
    tomorrow = max(expected) + timedelta(days=1)
    with screen.step(f"The night of {tomorrow} reconciles and bills") as step:
        clients = night.come(tomorrow)
        statements = {on: night.statement(day.live, on) for on in expected}
        step.say(f"{clients} client, as at 02:30 in Shanghai")
    with screen.step("The same night once more, as after a crash") as step:
        night.come(tomorrow)
        time.sleep(1.5)
        for on, statement in statements.items():
            screen.claim(
                "A second night changes nothing", day.live.get(f"/v1/statements/{on}").document, statement
            )
        step.say("nothing new is written")
    for on, statement in statements.items():
        _check_statement(statement, expected[on], screen)
        screen.table(f"Statement of {on}, revision {statement['revision']}", _rows(statement))
    usage = day.live.get("/v1/usage").expect(200)
    units = sum(each.units for each in expected.values())
    screen.claim("The year's usage is the sum of its days", usage["units"], units)
    screen.claim("The bundle shrinks by it", usage["bundle_left"], usage["included_units"] - units)
    return max(expected)


def _check_statement(statement: Document, expected: DayExpected, screen: Screen) -> None:
    said = {state: count for state, count in statement["states"].items() if count}
    claims: Sequence[tuple[str, object, object]] = (
        ("Batches are stated", statement["batches"], expected.batches),
        ("Every message is stated in its state", said, dict(expected.states)),
        ("Refusals are stated by reason", statement["refused"], dict(expected.refused)),
        ("What the carrier took is billed", statement["billed_messages"], expected.billed),
        ("Units are billed", statement["units"], expected.units),
        ("All of them come from the bundle", statement["from_bundle"], expected.units),
        ("Nothing is owed beyond the bundle", statement["overage_hao"], 0),
        ("Test messages are counted, not billed", statement["test_messages"], expected.test_messages),
        ("Contradicting receipts are found", statement["breaks"], _breaks(expected)),
    )
    for sentence, found, wanted in claims:
        screen.claim(sentence, found, wanted)


def _breaks(expected: DayExpected) -> dict[str, int]:
    return {"receipts_contradict": expected.contradictions} if expected.contradictions else {}


def _rows(statement: Document) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [
        ("contract", f"{statement['contract']} v{statement['contract_version']}"),
        ("contract year", f"{statement['year_start_on']} to {statement['year_end_on']}"),
        ("batches accepted", statement["batches"]),
        ("messages", statement["messages"]),
    ]
    rows += [(f"  {state}", count) for state, count in statement["states"].items() if count]
    rows += [(f"refused at submission: {code}", count) for code, count in statement["refused"].items()]
    rows += [("test messages, never billed", statement["test_messages"])]
    rows += [("messages billed (taken by the carrier)", statement["billed_messages"])]
    for line in statement["lines"]:
        name = f"{_LINES[line['kind']]} (clauses {', '.join(line['clauses'])})"
        rows.append((f"units {name}", line["units"]))
        if line["kind"] != "bundle":
            rows.append((f"to pay {name}", _yuan(line["amount_hao"])))
    rows += [(f"to be looked into: {kind}", count) for kind, count in statement["breaks"].items()]
    return rows


def _yuan(hao: int) -> str:
    return f"{hao // _HAO_PER_YUAN:,}.{hao % _HAO_PER_YUAN:04d} yuan"
