"""The platform on one machine: `make run` starts it, lives a day with it, and leaves it up.

Environment: PORT (4566), ONCE=1 (end after the day; the exit status says whether everything added up).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import date

from infra.local.account import settle_accounts
from infra.local.api import Api, Document
from infra.local.day import TEMPLATES, Day
from infra.local.deploy import deploy
from infra.local.desk import Desk
from infra.local.emulator import Emulator
from infra.local.expect import mobile
from infra.local.fault import LocalFault
from infra.local.night import Night
from infra.local.operators import CODE_PORT, Operator, sample_contract, sign_in
from infra.local.show import Screen
from infra.local.tools import cdk_command


def main() -> int:
    """0 when everything added up, 1 when something did not, 2 when the platform cannot run here."""
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, lambda *_: sys.exit(143))
    screen, once = Screen(), bool(os.environ.get("ONCE"))
    try:
        with Emulator(_port()) as emulator:
            status = _run(emulator, screen, stay=not once)
    except LocalFault as fault:
        print(f"\n{fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\n Ended.")
        return 130
    return status


def _port() -> int:
    asked = os.environ.get("PORT", "4566")
    if not (asked.isascii() and asked.isdecimal()) or not 1 <= int(asked) <= 65_535:
        raise LocalFault(f"PORT={asked} is no port; choose a number from 1 to 65535.")
    return int(asked)


def _run(emulator: Emulator, screen: Screen, *, stay: bool) -> int:
    begun = time.monotonic()
    screen.line("\n OpenMAS on this machine: a day of 塔城市疾病预防控制中心 under its sample contract\n")
    with screen.step("The tools of the deploy are here"):
        cdk_command()
    with screen.step("The CDK app is deployed, each function with its own role") as step:
        outputs = deploy(emulator)
        step.say(outputs["ApiUrl"])
    operator = Operator(Api(outputs["ApiUrl"], sign_in(emulator, outputs)))
    live, test = _prepare(operator, screen)
    day = Day(Api(outputs["ApiUrl"], live), Api(outputs["ApiUrl"], test), operator, screen)
    day.pass_by()
    Desk(operator, day.live, screen).work(max(day.sent, key=lambda sent: len(sent.numbers)))
    last = settle_accounts(Night(emulator), day, screen)
    screen.line(f"\n {_verdict(screen)}  ({time.monotonic() - begun:.0f} s)")
    if stay:
        _stay(_invitation(outputs["ApiUrl"], test, last), screen)
    return 1 if screen.failed else 0


def _prepare(operator: Operator, screen: Screen) -> tuple[str, str]:
    """The sample contract is in force; a live and a test key."""
    contract = sample_contract()
    with screen.step("The operator signs in and loads the contract, a draft") as step:
        operator.keep_client(contract["client_full_name"])
        warnings = operator.keep_contract(contract)
        step.say(f"{len(warnings)} warnings about clauses {_clauses(warnings)}")
    with screen.step("It files the documents, passes the signature, activates it") as step:
        missing = operator.missing(contract)
        operator.activate(contract)
        screen.claim("Nothing is missing any more", operator.missing(contract), [])
        step.say(f"{len(missing)} things were missing, by clauses {_clauses(missing)}")
    with screen.step("It keeps templates, a port for codes and words, and issues keys") as step:
        operator.keep_port(CODE_PORT, "verification", 50)
        step.say(f"{operator.keep_words()} words of the 21 kinds of clause 11.3")
        for name, (category, text) in TEMPLATES.items():
            operator.keep_template(name, category, text)
        return (
            operator.issue_key("live", "the day's own"),
            operator.issue_key("test", "for your own requests"),
        )


def _clauses(told: list[Document]) -> str:
    return ", ".join(each["clause"] for each in told)


def _verdict(screen: Screen) -> str:
    if not screen.failed:
        return f"Everything adds up: {screen.claims} of {screen.claims} checks hold."
    missed = "\n   ".join(screen.failed)
    return f"{len(screen.failed)} of {screen.claims} checks do not hold:\n   {missed}\n"


def _stay(invitation: str, screen: Screen) -> None:
    """Up until Ctrl-C."""
    screen.line(invitation)
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    stop.wait()
    screen.line("\n Ended.")


def _invitation(url: str, key: str, stated_on: date) -> str:
    body = (
        f'{{"template": "login-code", "parameters": {{"code": "135790"}}, '
        f'"recipients": ["{mobile(1)}", "13800139001"]}}'
    )
    return f"""
 The platform stays up until Ctrl-C. A test key; its messages go to the sandbox and are never billed:

   API='{url}'
   KEY='{key}'

   curl -s "$API/v1/batches" -H "Authorization: Bearer $KEY" -H "Idempotency-Key: first" \\
        -H 'Content-Type: application/json' -d '{body}'
   curl -s "$API/v1/batches/<batch>" -H "Authorization: Bearer $KEY"
   curl -s "$API/v1/batches/<batch>/messages" -H "Authorization: Bearer $KEY"
   curl -s "$API/v1/lists/black/numbers" -H "Authorization: Bearer $KEY"
   curl -s "$API/v1/usage" -H "Authorization: Bearer $KEY"
   curl -s "$API/v1/statements/{stated_on}" -H "Authorization: Bearer $KEY"
"""


if __name__ == "__main__":
    sys.exit(main())
