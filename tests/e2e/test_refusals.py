"""What `make run` says when the machine does not let it."""

import os
import socket
import subprocess
import sys

import pytest

from infra.local.emulator import HOST
from infra.local.tools import ROOT


def said(port: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "infra.local.run"],
        cwd=ROOT,
        env={**os.environ, "PORT": port, "ONCE": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr.strip()


def test_a_busy_port_is_one_sentence() -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()

        status, sentence = said(str(holder.getsockname()[1]))

    assert status == 2
    assert sentence.startswith("Port ")
    assert "already in use" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("port", ["", "x", "0", "70000", "-1", "４５６６"])
def test_a_port_that_is_none_is_one_sentence(port: str) -> None:
    status, sentence = said(port)

    assert status == 2
    assert sentence == f"PORT={port} is no port; choose a number from 1 to 65535."
