"""The AWS emulator as a child process on loopback, with a state of its own that ends with it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import boto3
import urllib3

from infra.local.fault import LocalFault, tail
from infra.local.tools import BUILD, environment

HOST = "127.0.0.1"
REGION = "us-east-1"
READY_WITHIN_S = 30
STOP_WITHIN_S = 30
# Each function worker unpacks some 25 MB in a thousand files; in memory that is quick to make and to remove.
_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own in it)
_MEMORY_FREE_BYTES = 4 * 2**30
_NO_AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass
class Emulator:
    """One emulator: started on entering, gone on leaving, with every process it made."""

    port: int = 4566
    auth: bool = True
    more: Mapping[str, str] = field(default_factory=dict)
    _child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def home(self) -> Path:
        return BUILD / "local" / str(self.port)

    @cached_property
    def room(self) -> Path:
        """Where workers unpack their code; gone with the emulator."""
        if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_FREE_BYTES:
            return _MEMORY / f"openmas-{os.getuid()}-{self.port}"
        return self.home / "tmp"

    @property
    def log(self) -> Path:
        return self.home / "emulator.log"

    @property
    def pid(self) -> int:
        assert self._child is not None, "the emulator is started"
        return self._child.pid

    @property
    def aws(self) -> dict[str, str]:
        """The environment in which AWS tools speak to this emulator and to nothing else."""
        return {**_NO_AWS, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    @property
    def session(self) -> boto3.Session:
        """The account's owner, for boto3 clients; each is made with `endpoint_url=emulator.url`."""
        return boto3.Session(
            _NO_AWS["AWS_ACCESS_KEY_ID"], _NO_AWS["AWS_SECRET_ACCESS_KEY"], region_name=REGION
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Answers on its port when this returns.

        Raises: LocalFault when the port is taken or it does not come up.
        """
        self._need_the_port()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.room, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.room.mkdir(mode=0o700, parents=True)
        with self.log.open("wb") as out:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "infra.local.leash", "ministack"],
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Neither the emulator nor a worker of it runs any more; of its home only the logs are left."""
        if self._child is None:
            return
        child, self._child = self._child, None
        child.terminate()
        try:
            child.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(STOP_WITHIN_S)
        # On a busy machine a worker may not have ended yet; all are of the session that the child began.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        shutil.rmtree(self.room, ignore_errors=True)
        for each in self.home.iterdir():
            if each.is_dir():
                shutil.rmtree(each, ignore_errors=True)

    def _need_the_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except OSError:
                raise LocalFault(
                    f"Port {self.port} on {HOST} is already in use; "
                    "end what holds it, or choose another: PORT=4700 make run"
                ) from None

    def _environment(self) -> dict[str, str]:
        return environment(
            **self.aws,
            HOME=str(self.home),
            TMPDIR=str(self.room),
            LEASH_ROOM=str(self.room),
            STATE_DIR=str(self.home / "state"),
            BIND_HOST=HOST,
            GATEWAY_PORT=str(self.port),
            AUTH=str(self.auth).lower(),
            MINISTACK_REGION=REGION,
            IOT_MTLS_ENABLED="0",
            SFTP_ENABLED="0",
            LOG_LEVEL=os.environ.get("EMULATOR_LOG_LEVEL", "WARNING"),
            # Functions inherit that level, and Powertools takes it for theirs; but whoever writes no log line
            # is waited for 50 ms at every call.
            POWERTOOLS_LOG_LEVEL="INFO",
            **self.more,
        )

    def _wait_until_ready(self) -> None:
        http = urllib3.PoolManager(retries=False, timeout=1)
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self._child is None or self._child.poll() is not None:
                break
            try:
                if http.request("GET", f"{self.url}/_ministack/ready").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.1)
        raise LocalFault(f"The AWS emulator did not come up; its log is {self.log}:\n{tail(self.log)}")
