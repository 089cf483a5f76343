"""A million numbers go onto a list as a file and out again, under every function's own role."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import urllib3

from openmas.adapters.files.written import write_table
from openmas.adapters.world import AwsWorld
from openmas.domain.listing import WHITE
from openmas.domain.profile import ApiKey, Client, Mode, Scope
from openmas.domain.sheet import FileForm
from openmas.settings import Settings
from tests.integration.conftest import Deployed

CLIENT, COUNT = "list-files", 1_000_000
# Long after which something is wrong; how long it takes is printed, and no matter of right or wrong.
ENDS_WITHIN_S = 900
MEMORY_MB_MAX = 300
KEY = f"{CLIENT}.live.{'k' * 43}"
Ask = Callable[..., Any]


def numbers() -> Iterator[str]:
    """A million numbers, in an order that is none."""
    return (f"1{3_000_000_000 + n * 5_999_993 % 6_999_999_999:010d}" for n in range(COUNT))


def lines() -> Iterator[tuple[str, str, str]]:
    """The numbers, each with a form that its holder signed."""
    yield "号码", "同意依据", "凭证"
    for n, number in enumerate(numbers()):
        yield number, "书面", f"门诊同意书第 {n} 号"


@pytest.fixture(scope="module")
def world(deployed: Deployed) -> AwsWorld:
    environ = {
        f"{name.upper()}_TABLE": deployed.outputs[f"{name}TableName"] for name in ("Registry", "Lists")
    }
    environ["AWS_ENDPOINT_URL"] = deployed.emulator.url
    world = AwsWorld(Settings(environ), deployed.emulator.session)
    world.registry.keep_client(Client(CLIENT, "一百万号码"))
    key = ApiKey(sha256(KEY.encode()).hexdigest(), Mode.LIVE, frozenset({Scope.LISTS}))
    world.registry.keep_key(CLIENT, key)
    return world


@pytest.fixture(scope="module")
def ask(deployed: Deployed) -> Ask:
    http = urllib3.PoolManager(retries=False, timeout=60)

    def asking(method: str, path: str, body: object = None) -> Any:
        answer = http.request(
            method,
            f"{deployed.outputs['ApiUrl']}{path}",
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {KEY}"},
        )
        assert answer.status < 300, answer.data
        return answer.json()

    return asking


def uploaded(ask: Ask, file: Path) -> str:
    form = ask("POST", "/v1/uploads", {"use": "lists"})
    fields = [*form["fields"].items(), ("file", (file.name, file.read_bytes()))]
    assert urllib3.PoolManager().request("POST", form["url"], fields=fields).status == 204
    return str(form["upload"])


def ended(ask: Ask, path: str) -> Any:
    deadline = time.monotonic() + ENDS_WITHIN_S
    while (told := ask("GET", path))["state"] in ("waiting", "running") and time.monotonic() < deadline:
        time.sleep(0.5)
    return told


def test_a_million_numbers_are_listed_with_their_evidence_and_written_out_again(
    deployed: Deployed, world: AwsWorld, ask: Ask, tmp_path: Path
) -> None:
    file, began = tmp_path / "list.csv", time.monotonic()
    with file.open("wb") as out:
        write_table(out, FileForm.CSV, lines())

    wanted = {"upload": uploaded(ask, file), "mode": "replace", "why": "a million"}
    ordered = ask("POST", "/v1/lists/white/imports", wanted)
    told = ended(ask, f"/v1/lists/white/imports/{ordered['id']}")
    took_s = time.monotonic() - began

    assert (told["state"], told["rows"], told["errors"]) == ("done", COUNT, 0)
    assert told["changed"] == {"added": COUNT, "struck": 0, "spared": 0}
    some = [number for n, number in enumerate(numbers()) if n % 200 == 0]
    assert world.lists.listed(CLIENT, [WHITE], [*some, "13800130001"])[WHITE] == set(some)
    began = time.monotonic()
    export = ask("POST", "/v1/lists/white/exports", {"form": "csv"})
    written = ended(ask, f"/v1/lists/white/exports/{export['id']}")
    assert (written["state"], written["rows"]) == ("done", COUNT)
    out_s = time.monotonic() - began
    got = urllib3.PoolManager().request("GET", written["url"]).data.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(got))
    place, evidence = header.index("number"), header.index("evidence")
    assert {(row[place], row[evidence]) for row in rows} == {(line[0], line[2]) for line in lines()} - {
        ("号码", "凭证")
    }
    print(f"in with evidence in {took_s:.1f} s, the file written and uploaded; out in {out_s:.1f} s")  # noqa: T201


READING = """
import re, sys
from pathlib import Path
from openmas.adapters.files.rows import rows_of
from openmas.domain.listing import WHITE
from openmas.domain.loading import LoadMode
from openmas.domain.sheet import FileForm, read_table
from openmas.domain.transfer import FileReading, Transfer
from datetime import datetime
transfer = Transfer(client="c", id="t", name=WHITE, by="k", at=datetime.now(), mode=LoadMode.REPLACE)
with open(sys.argv[1], "rb") as file:
    table = read_table(rows_of(file, FileForm(sys.argv[2])))
    reading = FileReading(table, transfer)
    for row in table.rows:
        reading.take(row)
    found = reading.end()
# The peak of this program alone: what getrusage tells, a child has from its parent.
peak_kb = re.search("VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1]
print(found.rows, found.errors, found.doubles, int(peak_kb) // 1024)
"""


def longest() -> Iterator[tuple[str, str, str]]:
    """As many lines as a sheet has, each with evidence of its own; every number twice."""
    yield "号码", "同意依据", "凭证"
    for n in range(1_048_575):
        yield f"1{3_000_000_000 + n // 2 * 97:010d}", "written", f"门诊同意书第 {n} 号"


@pytest.mark.parametrize("form", FileForm)
def test_the_longest_file_is_read_in_little_memory(form: FileForm, tmp_path: Path) -> None:
    file = tmp_path / f"list.{form}"
    with file.open("wb") as out:
        write_table(out, form, longest())

    done = subprocess.run(
        [sys.executable, "-c", READING, str(file), form],
        env={**os.environ, "PYTHONPATH": "layers/openmas/python"},
        capture_output=True,
        text=True,
        check=True,
    )

    rows, errors, doubles, memory_mb = map(int, done.stdout.split())
    assert (rows, errors, doubles) == (1_048_575, 0, 524_287)
    assert memory_mb < MEMORY_MB_MAX
