"""The whole day of `make run`, as a user starts it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from infra.local.emulator import Emulator, free_port
from infra.local.tools import ROOT

DAY_WITHIN_S = 240


def run(port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.local.run"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "ONCE": "1"},
        capture_output=True,
        text=True,
        timeout=DAY_WITHIN_S,
        check=False,
    )


def test_a_day_adds_up_from_the_black_list_to_the_statement() -> None:
    port = free_port()

    day = run(port)

    assert day.returncode == 0, day.stdout + day.stderr
    assert re.search(r"Everything adds up: (\d+) of \1 checks hold", day.stdout)
    assert "units from the bundle" in day.stdout
    assert not _left_behind(port)
    assert not Emulator(port).room.exists()


def _left_behind(port: int) -> list[str]:
    """Processes of this day that still run, the workers of its functions included."""
    commands = [each / "environ" for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [str(each) for each in commands if f"GATEWAY_PORT={port}\0" in _read(each)]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
