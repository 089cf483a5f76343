"""Measures a batch from a file: `python -m tests.load.files`. The last line is one JSON object.

Environment: RECIPIENTS (100000), each with parameters of its own; PORT (a free one).
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from typing import Any

from infra.local.emulator import Emulator, free_port
from infra.local.fault import LocalFault
from infra.local.operators import CLIENT
from infra.local.show import Screen, Step
from tests.load.counters import counted_since
from tests.load.platform import Platform, platform

_ENDS_WITHIN_S = 3_600
_LOOK_EVERY_S = 2.0
_LAST_LOGS_AFTER_S = 1.0


def main() -> int:
    """0 when every recipient of the file got its message, 1 when not."""
    recipients, screen = int(os.environ.get("RECIPIENTS", "100000")), Screen()
    port = int(os.environ.get("PORT", "0")) or free_port()
    with Emulator(port) as emulator, platform(emulator, {"echo": True}, 0) as ready:
        upload = _uploaded(emulator, CLIENT, recipients)
        with screen.step(f"A file of {recipients:,} recipients") as step:
            figures = _measured(ready, upload, recipients, step)
    print(json.dumps(figures), flush=True)
    return 0 if figures["sent"] == recipients else 1


def _uploaded(emulator: Emulator, client: str, recipients: int) -> str:
    """The name of a file that is there as if the client had uploaded it."""
    lines = [
        "手机号码,place,day",
        *(f"{13_000_000_000 + n},{_named(n)}社区,十一月二十八日" for n in range(recipients)),
    ]
    upload = secrets.token_hex(10)
    s3: Any = emulator.session.client("s3", endpoint_url=emulator.url)
    (bucket,) = [each["Name"] for each in s3.list_buckets()["Buckets"] if "-files-" in each["Name"]]
    s3.put_object(Bucket=bucket, Key=f"uploads/{client}/{upload}", Body="\n".join(lines).encode())
    return upload


def _named(n: int) -> str:
    """Another name for each n, in two characters that are no digits in any script."""
    return chr(0x5000 + n // 2_000) + chr(0x6000 + n % 2_000)


def _measured(ready: Platform, upload: str, recipients: int, step: Step) -> dict[str, float]:
    """Units: as the names say, from the submission on."""
    cpu_before_s, begun_s = ready.cpu_s(), time.time()
    body = {"template": "notice", "file": upload}
    batch = ready.client.post("/v1/batches", body, secrets.token_hex(8)).expect(202)["batch"]
    read_s, cut_s = _until_cut(ready, str(batch), begun_s, step)
    while (sent := ready.carrier.summary().get("messages_sent", 0)) < recipients:
        step.say(f"{sent:,} carried")
        if time.time() > begun_s + _ENDS_WITHIN_S:
            break
        time.sleep(_LOOK_EVERY_S)
    sent_s, cpu_s = time.time() - begun_s, ready.cpu_s() - cpu_before_s
    asked_s = time.time()
    ready.client.get(f"/v1/batches/{batch}").expect(200)
    asked_s = time.time() - asked_s
    time.sleep(_LAST_LOGS_AFTER_S)
    counted, by_function = counted_since(ready.emulator, begun_s)
    return {
        "recipients": recipients,
        "read_s": round(read_s, 1),
        "cut_s": round(cut_s, 1),
        "sent_s": round(sent_s, 1),
        "sent": sent,
        "sent_again": ready.carrier.summary().get("messages_sent_again", 0),
        "cpu_s_per_1000": round(cpu_s / recipients * 1_000, 3),
        "write_units_per_message": round(counted["write_units"] / recipients, 4),
        "requests_per_message": round(counted["aws_calls"] / recipients, 4),
        "cut_write_units_per_message": round(by_function["cut_files"]["write_units"] / recipients, 4),
        "progress_ms": round(asked_s * 1_000),
    }


def _until_cut(ready: Platform, batch: str, begun_s: float, step: Step) -> tuple[float, float]:
    """How long it took until the file was read, and until all of it was cut."""
    read_s = 0.0
    while time.time() < begun_s + _ENDS_WITHIN_S:
        file = ready.client.get(f"/v1/batches/{batch}").expect(200)["file"]
        step.say(f"{file['stage']}: {file['rows']:,} rows, {file['cut']:,} cut")
        if not read_s and file["stage"] != "reading":
            read_s = time.time() - begun_s
        if file["stage"] == "stopped":
            raise LocalFault(f"The file was stopped: {file['stopped']}")
        if file["stage"] == "done":
            return read_s, time.time() - begun_s
        time.sleep(_LOOK_EVERY_S)
    raise LocalFault(f"The file was not cut in {_ENDS_WITHIN_S} s.")


if __name__ == "__main__":
    sys.exit(main())
