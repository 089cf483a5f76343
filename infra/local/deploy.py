"""Deploys the unchanged CDK app to the emulator, with the pinned CDK CLI, and reads its outputs back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.emulator import REGION, Emulator
from infra.local.fault import LocalFault, tail
from infra.local.tools import BUILD, ROOT, cdk_command, environment

DEPLOY_WITHIN_S = 300
ACCOUNT = "000000000000"
# The name that the CDK gives to the bucket for code, wherever it was bootstrapped.
_ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the stacks say about themselves, by output name."""

    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        try:
            return self.values[name]
        except KeyError:
            raise LocalFault(
                f"The stacks give no output {name}; they give {', '.join(sorted(self.values))}."
            ) from None


def deploy(emulator: Emulator, **context: str) -> Outputs:
    """Every stack of the app is deployed; `context` is told to the app besides what it must know.

    Raises: LocalFault with the end of the log when that fails.
    """
    _make_room_for_code(emulator)
    log, outputs = emulator.home / "deploy.log", emulator.home / "outputs.json"
    command = [*cdk_command(), *_arguments(emulator, outputs, context)]
    with log.open("wb") as out:
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=_environment(emulator),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=DEPLOY_WITHIN_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise LocalFault(
                f"The deploy took longer than {DEPLOY_WITHIN_S} s; its log is {log}:\n{tail(log)}"
            ) from None
    if done.returncode:
        raise LocalFault(f"The deploy to the emulator failed; its log is {log}:\n{tail(log)}")
    return _read(outputs)


def _make_room_for_code(emulator: Emulator) -> None:
    """All that `cdk bootstrap` would be needed for; a bucket is made in a tenth of the time."""
    emulator.session.client("s3", endpoint_url=emulator.url).create_bucket(Bucket=_ASSETS)


def _arguments(emulator: Emulator, outputs: Path, context: Mapping[str, str]) -> list[str]:
    told = {"environment": "local", "port": str(emulator.port), **context}
    return [
        "deploy",
        "--all",
        "--app",
        f"{sys.executable} -m infra.app",
        "--output",
        str(emulator.home / "cdk.out"),
        "--outputs-file",
        str(outputs),
        "--require-approval=never",
        "--progress=events",
        "--method=direct",
        "--ci",
        "--no-notices",
        "--no-version-reporting",
        *(part for key, value in told.items() for part in ("-c", f"{key}={value}")),
    ]


def _environment(emulator: Emulator) -> dict[str, str]:
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    return environment(
        **emulator.aws,
        HOME=str(home),
        CDK_DEFAULT_ACCOUNT=ACCOUNT,
        CDK_DEFAULT_REGION=REGION,
        CDK_DISABLE_VERSION_CHECK="1",
        CDK_DISABLE_CLI_TELEMETRY="true",
    )


def _read(outputs: Path) -> Outputs:
    by_stack: dict[str, dict[str, str]] = json.loads(outputs.read_text())
    return Outputs({name: value for stack in by_stack.values() for name, value in stack.items()})
