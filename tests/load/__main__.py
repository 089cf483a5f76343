"""Measures the platform on this machine: `make load`. The last line is one JSON object.

Environment: RECIPIENTS (50000), LISTED (1000 numbers on the black list), ECHO=1 (the carrier's receipts carry
our reference), AUTH=0 (the emulator does not check roles), PORT (a free one).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.emulator import Emulator, free_port
from infra.local.fault import LocalFault
from infra.local.show import Screen
from tests.load.counters import counted_since
from tests.load.measure import PER_REQUEST, Run, run
from tests.load.platform import Platform, platform
from tests.load.processors import need_processors
from tests.load.singles import answered_ms, carried_ms, percentile

_SINGLE_EVERY_S = 0.2
_WARM_UP = 4_000
# Functions log after they have answered.
_LAST_LOGS_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured."""

    recipients: int
    listed: int
    echo: bool
    auth: bool
    port: int

    def __str__(self) -> str:
        return (
            f"{self.recipients:,} recipients in requests of {PER_REQUEST:,}, "
            f"a black list of {self.listed:,} numbers;\n"
            f" receipts {'with' if self.echo else 'without'} our reference, 100 at a time; "
            f"roles {'checked' if self.auth else 'NOT checked'} by the emulator"
        )


def main() -> int:
    """0 when every message was delivered once, 1 when not, 2 when the platform cannot run here."""
    wanted, screen = _wanted(os.environ), Screen()
    screen.line(f"\n OpenMAS under load: {wanted}\n\n … deploying")
    try:
        need_processors()
        with (
            Emulator(wanted.port, auth=wanted.auth) as emulator,
            platform(emulator, {"echo": wanted.echo}, wanted.listed) as ready,
        ):
            with screen.step("Warm-up, not measured") as step:
                run(ready, _WARM_UP, _SINGLE_EVERY_S, step)
            with screen.step("Measured") as step:
                measured = run(ready, wanted.recipients, _SINGLE_EVERY_S, step)
            return _report(ready, measured, screen)
    except LocalFault as fault:
        print(f"\n{fault}", file=sys.stderr)
        return 2


def _wanted(said: Mapping[str, str]) -> Wanted:
    return Wanted(
        recipients=int(said.get("RECIPIENTS", "50000")),
        listed=int(said.get("LISTED", "1000")),
        echo=said.get("ECHO") == "1",
        auth=said.get("AUTH") != "0",
        port=int(said.get("PORT", "0")) or free_port(),
    )


def _report(ready: Platform, measured: Run, screen: Screen) -> int:
    time.sleep(_LAST_LOGS_AFTER_S)
    counted, by_function = counted_since(ready.emulator, measured.begun_at_s)
    figures = _figures(ready, measured, counted)
    again = ready.carrier.summary()["messages_sent_again"]
    _show_functions(by_function, screen)
    screen.table("Measured", [*figures.items(), ("messages sent twice", again)])
    print(json.dumps(figures), flush=True)
    return 1 if again else 0


def _figures(ready: Platform, measured: Run, counted: Counter[str]) -> dict[str, float]:
    """Units: as the names say; a message is one recipient's, the single ones included. The time of a single
    one ends when the carrier has it, `single_accepted_…` when the client has its 202. Requests are AWS calls
    of functions; how often AWS looks into a queue is AWS's affair.
    """
    accepted_in_s = measured.accepted_at_s - measured.begun_at_s
    settled_in_s = measured.settled_at_s - measured.begun_at_s
    carried = carried_ms(measured.singles, ready.carrier.taken_at_s())
    answered = answered_ms(measured.singles)
    return {
        "accepted_per_s": round(measured.recipients / accepted_in_s),
        "delivered_per_s": round(measured.recipients / settled_in_s),
        "single_p50_ms": round(percentile(carried, 0.5)),
        "single_p99_ms": round(percentile(carried, 0.99)),
        "single_accepted_p50_ms": round(percentile(answered, 0.5)),
        "single_accepted_p99_ms": round(percentile(answered, 0.99)),
        "singles": len(measured.singles),
        "cpu_s_per_1000": round(measured.cpu_s / measured.messages * 1_000, 3),
        "write_units_per_message": round(counted["write_units"] / measured.messages, 4),
        "requests_per_message": round(counted["aws_calls"] / measured.messages, 4),
        "recipients": measured.recipients,
        "seconds": round(settled_in_s, 1),
    }


def _show_functions(by_function: Mapping[str, Counter[str]], screen: Screen) -> None:
    rows = [(name, _did(sums)) for name, sums in sorted(by_function.items()) if sums["invocations"]]
    if rows:
        screen.table("What the functions did", rows)


def _did(sums: Counter[str]) -> str:
    calls = f"{sums['invocations']:7,} invocations  {sums['aws_calls']:8,.0f} AWS calls"
    return f"{calls}  {sums['write_units']:8,.0f} write units"


if __name__ == "__main__":
    sys.exit(main())
